"""The widgets of lesson 02, operated as a learner would; the kernel answers within 100 ms."""

LIMIT_MS = 100


def use_widgets(lab):
    type_a_text(lab)
    step_through_merges(lab)


def type_a_text(lab):
    cell = lab.cell("explorer = TokenExplorer(")
    tokens = cell.locator(".lm-strip li.lm-token")
    with lab.changes(cell.locator(".lm-strip").first):
        lab.type(cell.locator("textarea"), "<b>토큰</b> tokeniser 🙂")
    lab.wait_until(lambda: lab.evaluate("explorer.text") == "<b>토큰</b> tokeniser 🙂", "the text is in the kernel")
    lab.wait_until(lambda: "b" in tokens.nth(1).inner_text(), "markup is shown as text")
    latency = lab.evaluate("explorer.latency_ms")
    assert latency < LIMIT_MS, f"{latency} ms"
    tokens.nth(1).hover()
    lab.wait_until(lambda: cell.locator(".lm-tip:popover-open").count() == 1, "hovering shows id, bytes and reason")
    assert "bytes" in cell.locator(".lm-tip:popover-open").inner_text()
    lab.screenshot("tooltip", cell)


def step_through_merges(lab):
    cell = lab.cell("stepper = MergeStepper(")
    strip, step = cell.locator(".lm-strip"), lab.evaluate("stepper.step")
    with lab.changes(strip):
        cell.get_by_role("button", name="Forward").click()
    assert lab.evaluate("stepper.step") == step + 1
    with lab.changes(strip):
        cell.get_by_role("button", name="Back").click()
    assert lab.evaluate("stepper.step") == step
    handle, track = cell.locator(".noUi-handle"), cell.locator(".noUi-base")
    with lab.changes(strip):
        lab.press(handle, "ArrowRight", times=3)
    lab.wait_until(lambda: lab.evaluate("stepper.step") == step + 3, "the arrow keys move the slider")
    with lab.changes(strip):
        lab.drag(handle, track, 1.0)
    lab.wait_until(lambda: lab.evaluate("stepper.step == stepper.last_step"), "the slider is at its end")
    latency = lab.evaluate("stepper.latency_ms")
    assert latency < LIMIT_MS, f"{latency} ms"
    with lab.changes(strip):
        lab.type(cell.locator("textarea"), "아 가나가나가나")
    lab.screenshot("merges", cell)
