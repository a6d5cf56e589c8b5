"""The widgets of lesson 11, operated as a learner would."""


def use_widgets(lab):
    use_update(lab)
    use_fusion(lab)


def use_update(lab):
    cell = lab.cell("update = UpdateExplorer(")
    values = cell.locator(".widget-html:has(.lm-bars)").filter(has_text="Singular values")
    rank, scale = cell.locator(".noUi-handle").first, cell.locator(".noUi-handle").last
    largest = lab.evaluate("update.rank")
    with lab.changes(values):
        lab.press(rank, "ArrowLeft", times=largest - 1)
    lab.wait_until(lambda: lab.evaluate("update.rank") == 1, "the arrow key lowers the rank")
    lab.wait_until(lambda: "1 of" in cell.locator(".lm-heading").first.inner_text(), "and the heading says so")
    lab.wait_until(lambda: values.inner_text().count("cut") >= largest - 1, "the other singular values are cut")
    with lab.changes(values):
        lab.press(scale, "ArrowRight", times=4)
    lab.wait_until(lambda: "α × 1.20" in values.inner_text(), "four steps of the arrow key make α larger by 0.2")
    with lab.changes(values):
        cell.get_by_label("Matrix").select_option(index=0)
    lab.wait_until(lambda: lab.evaluate("update.place == next(iter(update.parts))"), "another matrix is shown")
    lab.screenshot("update", cell)
    answer = cell.locator(".widget-html:has(.lm-bars)").filter(has_text="as trained").first
    with lab.changes(answer):
        lab.type(cell.locator("textarea"), "not a dull minute")
    lab.wait_until(lambda: "not a dull minute" in lab.evaluate("update.in_words()"), "the text is read")
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "is empty" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "a quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")


def use_fusion(lab):
    cell = lab.cell("fusion = FusionExplorer(")
    table = cell.locator(".widget-html:has(.lm-fusion)")
    with lab.changes(table):
        lab.type(cell.locator("textarea"), "not a dull minute")
    lab.wait_until(lambda: table.locator("tbody tr").count() == 7, "the mean, four words, [CLS] and [SEP]")
    lab.wait_until(lambda: "◆ [CLS]" in table.inner_text(), "special tokens are marked")
    with lab.changes(table):
        cell.get_by_label("Block", exact=True).select_option("block 0")
    lab.wait_until(lambda: lab.evaluate("fusion.layer") == "block 0", "another block is shown")
    lab.screenshot("fusion", cell)
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "is empty" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "a quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
