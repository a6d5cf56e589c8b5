"""The widget of lesson 03, operated as a learner would; the kernel answers within 100 ms."""

import statistics

LIMIT_MS = 100


def use_widgets(lab):
    cell = lab.cell("stepper = DecoderStepper(")
    strip, latencies = cell.locator(".lm-strip"), []
    lines, states = (cell.locator(f".widget-html:has({inside})").first for inside in (".lm-prose", ".lm-strips"))

    def note_latency():
        latencies.append(lab.evaluate("stepper.latency_ms"))

    box = cell.locator("input[type=text]").first
    with lab.changes(lines):
        lab.type(box, "Through")
    lab.wait_until(lambda: lab.evaluate("stepper.text") == "Through", "the word is in the kernel")
    lab.wait_until(lambda: lab.evaluate("stepper.output[:2]") == ["TH", "R"], "the model has written")
    note_latency()
    with lab.changes(strip):
        cell.get_by_role("button", name="Forward").click()
    note_latency()
    with lab.changes(states):
        cell.get_by_role("button", name="Forward").click()
    note_latency()
    assert lab.evaluate("stepper.step") == 2
    with lab.changes(strip):
        cell.get_by_role("button", name="Back").click()
    lab.screenshot("stepper", cell)

    second = lab.evaluate("stepper.candidates[1][0]")
    with lab.changes(strip):
        lab.press(cell.get_by_role("button", name=second, exact=True), "Enter")
    lab.wait_until(lambda: lab.evaluate("stepper.choices") == {1: second}, "a candidate is chosen by keyboard")
    note_latency()
    lab.screenshot("chosen", cell)

    written, force = cell.locator(".noUi-handle").first, cell.locator(".noUi-handle").nth(1)
    with lab.changes(strip):
        lab.press(written, "ArrowLeft")
    with lab.changes(lines):
        lab.type(box, "colonel")
    with lab.changes(lines):
        lab.press(force, "ArrowRight", times=4)
    lab.wait_until(lambda: lab.evaluate("stepper.teacher_forcing") == 1.0, "the arrow keys force the right symbols")
    lab.wait_until(lambda: lab.evaluate("stepper.output") == ["K", "ER", "N", "AH", "L"], "the right output is forced")
    note_latency()
    lab.type(box, "#")
    lab.wait_until(lambda: "not known here" in cell.locator(".lm-alert").inner_text(), "an unknown letter is named")
    lab.type(box, "blorfing")
    lab.wait_until(lambda: cell.locator(".lm-alert").count() == 0, "the error goes away")
    note_latency()
    assert statistics.median(latencies) < LIMIT_MS, f"{latencies} ms"
