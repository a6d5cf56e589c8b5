"""The widgets of lesson 00, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("PromptExplorer(model, tokenizer")
    strips = cell.locator(".lm-strip li.lm-token")
    bars = cell.locator(".lm-bars")
    before = bars.inner_text()
    lab.press(strips.nth(0), "ArrowRight", times=2)
    lab.wait_until(lambda: lab.evaluate("explorer.selected") == 2, "the arrow keys select the third token")
    lab.wait_until(lambda: bars.inner_text() != before, "the bars are those of the third token")

    with lab.changes(cell.locator(".lm-strip")):
        strips.nth(4).click()
    lab.wait_until(lambda: lab.evaluate("explorer.selected") == 4, "a click selects the fifth token")
    lab.screenshot("alternatives", cell)

    lab.type(cell.locator("textarea"), "Say hello in Korean: 안녕")
    cell.get_by_role("button", name="Generate").click()
    lab.wait_until(lambda: lab.evaluate("explorer.running"), "the model begins to write")
    cell.get_by_role("button", name="Stop").click()
    lab.wait_until(lambda: not lab.evaluate("explorer.running"), "Stop ends it", limit=30)
    assert lab.evaluate("explorer.prompt") == "Say hello in Korean: 안녕"

    lab.type(cell.locator("textarea"), " ")
    cell.get_by_role("button", name="Generate").click()
    lab.wait_until(lambda: "prompt is empty" in cell.locator("[role=alert]").inner_text(), "an empty prompt is named")
    lab.screenshot("empty-prompt", cell)
