"""The widgets of lesson 07, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("tree = NextTokenTree(")
    bars, strips = cell.locator(".lm-bars"), cell.locator(".lm-strip li.lm-token")
    lab.type(cell.locator("textarea"), "Berlin is the capital of")
    lab.wait_until(lambda: "Germany" in bars.inner_text(), "the bars are those of the new text", limit=30)
    strips.nth(0).click()
    lab.wait_until(lambda: lab.evaluate("len(tree.nodes)") == 2, "a click takes the token")
    cell.get_by_role("button", name="Back").click()
    lab.press(strips.nth(0), "ArrowRight")
    assert lab.evaluate("len(tree.nodes)") == 2, "the arrow keys pass tokens and take none"
    lab.page.keyboard.press("Enter")
    lab.wait_until(lambda: lab.evaluate("len(tree.nodes)") == 3, "Enter takes the token with the focus")
    cell.get_by_role("button", name="Draw a token").click()
    lab.wait_until(lambda: lab.evaluate("len(tree.nodes)") == 4, "a token is drawn")
    before = cell.inner_text()
    lab.press(cell.get_by_role("slider").nth(1), "ArrowLeft", times=lab.evaluate("tree.top_k") - 3)  # section 5 set it
    lab.wait_until(lambda: lab.evaluate("tree.top_k") == 3, "the slider cuts")
    lab.wait_until(
        lambda: "top-k removes it" in cell.inner_text() and cell.inner_text() != before, "and the bars say so"
    )
    lab.screenshot("tree", cell)
    cell.get_by_label("Model").select_option("base model")
    lab.wait_until(lambda: lab.evaluate("len(tree.nodes)") == 1, "another model begins another tree")
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "empty" in cell.locator("[role=alert]").inner_text(), "an empty text is named")

    cell = lab.cell("cache = CacheExplorer(")
    cell.get_by_label("Model").select_option("base model")
    lab.wait_until(lambda: "earlier prompt" in cell.inner_text(), "old times say so")
    cell.get_by_role("button", name="Generate both ways").click()
    lab.wait_until(lambda: len(lab.evaluate("cache.tokens")[False]) == 12, "both ways are timed", limit=30)
    lab.wait_until(lambda: cell.locator("svg polyline").count() == 2, "two lines")
    lab.screenshot("cache", cell)

    cell = lab.cell("masks = MaskExplorer(")
    grids = cell.locator(".lm-panels")
    with lab.changes(cell.locator(".widget-html:has(.lm-panels)")):
        cell.get_by_label("Layers", exact=True).select_option("all banded")
    lab.press(cell.get_by_role("slider").nth(1), "ArrowRight", times=2)
    lab.wait_until(lambda: lab.evaluate("masks.n_layers") == 4, "the slider adds layers")
    assert grids.locator("svg").count() == 3
    lab.type(cell.locator("textarea"), "The animal was tired.")
    lab.wait_until(lambda: lab.evaluate("len(masks.tokens)") < 10, "the masks are those of the new text")
    lab.screenshot("masks", cell)

    cell = lab.cell("view = ModelView(")
    lab.type(cell.locator("textarea"), "Berlin is the capital of")
    lab.wait_until(lambda: lab.evaluate("view.text") == "Berlin is the capital of", "the view reads the text", limit=30)
