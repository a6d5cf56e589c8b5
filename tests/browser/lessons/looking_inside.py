"""The widget of lesson 20, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("explorer = LensExplorer(")
    table = cell.locator(".widget-html:has(.lm-lens)")
    with lab.changes(table):
        lab.type(cell.locator("textarea"), "Berlin is the capital of")
    lab.wait_until(lambda: lab.evaluate("explorer.reading.likeliest[-1][-1]") == "␣Germany", "the model has read it")
    with lab.changes(table):
        cell.get_by_label("Remove").select_option("the layer's heads")
    lab.wait_until(lambda: "Without all heads" in cell.inner_text(), "heads are removed")
    with lab.changes(table):
        cell.get_by_label("Model").select_option("Transformer, pronunciation")
    lab.wait_until(lambda: lab.evaluate("explorer.layer < 6"), "the slider fits the model")
    lab.type(cell.locator("textarea"), "knowledge")
    lab.wait_until(lambda: lab.evaluate("len(explorer.reading.rows)") == 7, "embedding and six sublayers")
    lab.screenshot("lens", cell)
    lab.type(cell.locator("textarea"), "")
    lab.wait_until(lambda: "empty" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "attention")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
