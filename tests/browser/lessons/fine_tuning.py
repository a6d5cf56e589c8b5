"""The widgets of lesson 10, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("explorer = ThresholdExplorer(")
    texts = cell.locator(".widget-html:has(.lm-sides)")
    curve = cell.locator(".widget-html:has(svg)")
    handle = cell.locator(".noUi-handle").first
    before = lab.evaluate("explorer.counts.right_positive")
    with lab.changes(curve):
        lab.press(handle, "ArrowRight", times=5)
    lab.wait_until(lambda: lab.evaluate("explorer.threshold") > 0.6, "the arrow key moves the threshold")
    lab.wait_until(lambda: lab.evaluate("explorer.counts.right_positive") <= before, "fewer are found")
    with lab.changes(texts):
        lab.press(cell.locator(".noUi-handle").last, "ArrowLeft", times=10)
    lab.wait_until(lambda: "on another side than at 0.40" in cell.inner_text(), "and compared with another one")
    assert lab.evaluate("len(explorer.changed)") > 0
    lab.screenshot("threshold", cell)

    cell = lab.cell("contributions = ContributionExplorer(")
    bars = cell.locator(".widget-html:has(.lm-bars)").first
    with lab.changes(bars):
        lab.type(cell.locator("textarea"), "not a dull minute")
    lab.wait_until(
        lambda: lab.evaluate("contributions.gradients.words") == ["not", "a", "dull", "minute"], "it is read"
    )
    lab.wait_until(lambda: "add up to" in cell.inner_text(), "the sum is printed")
    with lab.changes(bars):
        cell.get_by_label("Class").select_option("negative")
    lab.screenshot("contributions", cell)
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "no words" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "a quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
