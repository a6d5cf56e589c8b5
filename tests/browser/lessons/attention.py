"""The widgets of lesson 04, operated as a learner would; the kernel answers within 100 ms."""

import statistics

LIMIT_MS = 100


def use_widgets(lab):
    take_the_four_steps(lab)
    explore_alignments(lab)


def take_the_four_steps(lab):
    cell = lab.cell("calculator = AttentionSteps(")
    position, sharpness = cell.locator(".noUi-handle").all()
    scores, weights = (cell.locator(".widget-html:has(.lm-bars)").nth(part) for part in (0, 1))
    latencies = []
    before = lab.evaluate("calculator.position")
    for _move in range(3):
        with lab.changes(scores):
            lab.press(position, "ArrowRight")
        latencies.append(lab.evaluate("calculator.latency_ms"))
    assert lab.evaluate("calculator.position") == before + 3
    with lab.changes(weights):
        lab.drag(sharpness, cell.locator(".noUi-base").nth(1), 0.0)
    lab.wait_until(lambda: lab.evaluate("calculator.sharpness") == 0.0, "the scores are multiplied by 0")
    assert len(set(lab.evaluate("calculator._row('weights').tolist()"))) == 1
    latencies.append(lab.evaluate("calculator.latency_ms"))
    with lab.changes(weights):
        lab.drag(sharpness, cell.locator(".noUi-base").nth(1), 1.0)
    lab.screenshot("four-steps", cell)
    with lab.changes(weights):
        lab.type(cell.locator("textarea"), "Rhythm")
    lab.wait_until(lambda: lab.evaluate("calculator.inputs") == tuple("rhythm"), "the word is in the kernel")
    latencies.append(lab.evaluate("calculator.latency_ms"))
    assert statistics.median(latencies) < LIMIT_MS, f"{latencies} ms"


def explore_alignments(lab):
    cell = lab.cell("explorer = AlignmentExplorer(")
    rows, bars = cell.locator(".lm-alignment tr[role=option]"), cell.locator(".lm-alignment-row")
    with lab.changes(bars):
        lab.press(rows.nth(0), "ArrowDown", times=2)
    lab.wait_until(lambda: lab.evaluate("explorer.selected") == 2, "the arrow keys select the third symbol")
    with lab.changes(bars):
        rows.nth(4).hover()
    assert lab.evaluate("explorer.selected") == 2  # pointing shows, a click selects
    rows.nth(4).click()
    lab.wait_until(lambda: lab.evaluate("explorer.selected") == 4, "a click selects the fifth symbol")
    latencies = []
    table = cell.locator(".lm-alignment")
    for model in ("dates, additive", "dates, scaled dot", "dates, dot"):
        with lab.changes(table):
            cell.locator("select").select_option(model)
        lab.wait_until(lambda model=model: lab.evaluate("explorer.model") == model, "another model")
        latencies.append(lab.evaluate("explorer.latency_ms"))
    with lab.changes(table):
        lab.type(cell.locator("textarea"), "Friday, 3 May 2024")
    lab.wait_until(lambda: lab.evaluate("explorer.text") == "Friday, 3 May 2024", "the date is in the kernel")
    latencies.append(lab.evaluate("explorer.latency_ms"))
    assert "년" in table.inner_text()
    assert statistics.median(latencies) < LIMIT_MS, f"{latencies} ms"
    lab.screenshot("alignment", cell)
    lab.type(cell.locator("textarea"), "5월 3일")
    lab.wait_until(
        lambda: "'월', at position 2" in cell.locator("[role=alert]").inner_text(), "an unknown sign is named"
    )
    lab.type(cell.locator("textarea"), "May 3, 2024")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
