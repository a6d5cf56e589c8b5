"""The widgets of lesson 11, operated as a learner would."""


def use_widgets(lab):
    use_wiring(lab)
    use_update(lab)
    use_fusion(lab)
    use_switch(lab)


def use_wiring(lab):
    cell = lab.cell("wiring = WiringExplorer(")
    drawing = cell.locator(".widget-html:has(.lm-wiring)")
    methods = lab.evaluate("list(wiring.methods)")
    assert methods[0] == "nothing" and len(methods) > 2
    with lab.changes(drawing):
        cell.get_by_label("Put on it").select_option("nothing")
    lab.wait_until(lambda: cell.locator(".lm-put").count() == 0, "nothing is put on the model")
    for method in methods[1:]:
        cell.get_by_label("Put on it").select_option(method)
        lab.wait_until(
            lambda: cell.locator(".lm-put").count() > 0 or cell.locator("[role=alert]").count() > 0,
            "the method is drawn, or the reason why it is not",
        )
    cell.get_by_label("Put on it").select_option(methods[1])
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "the first method fits")
    with lab.changes(drawing):
        lab.press(cell.locator(".noUi-handle").first, "ArrowRight")
    lab.wait_until(lambda: "blocks.1" in cell.inner_text(), "the next block is drawn")
    lab.screenshot("wiring", cell)
    models = lab.evaluate("list(wiring.models)")
    if len(models) > 1:
        with lab.changes(drawing):
            cell.get_by_label("Model").select_option(models[1])
        lab.screenshot("wiring-of-another", cell)
    put = "hasattr(module, 'own') for model in wiring.models.values() for module in model.modules()"
    assert not lab.evaluate(f"any({put})"), "no method stays on a model"


def use_switch(lab):
    cell = lab.cell("answers_of = MethodSwitch(")
    answers = cell.locator(".widget-html:has(.lm-switch)")
    before = lab.evaluate("answers_of.answers[0].probabilities")
    with lab.changes(answers):
        lab.type(cell.locator("textarea"), "A long and tiresome film")
    lab.wait_until(lambda: lab.evaluate("answers_of.text") == "A long and tiresome film", "the text has arrived")
    lab.wait_until(lambda: lab.evaluate("answers_of.answers[0].probabilities") != before, "all rows are asked again")
    second = lab.evaluate("[answer.name for answer in answers_of.answers][1]")
    with lab.changes(answers):
        cell.get_by_label("Compare with").select_option(second)
    lab.wait_until(lambda: f"difference from {second}" in cell.inner_text(), "compared with another row")
    lab.screenshot("switch", cell)
    for width in (700, 467):  # 467: 700 at 150 %
        assert lab.broken_words(answers, width) == []
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "no text" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "A quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")


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
    cell = lab.cell("fusion_view = FusionExplorer(")
    table = cell.locator(".widget-html:has(.lm-fusion)")
    with lab.changes(table):
        lab.type(cell.locator("textarea"), "not a dull minute")
    lab.wait_until(lambda: table.locator("tbody tr").count() == 7, "the mean, four words, [CLS] and [SEP]")
    lab.wait_until(lambda: "◆ [CLS]" in table.inner_text(), "special tokens are marked")
    with lab.changes(table):
        cell.get_by_label("Block", exact=True).select_option("block 0")
    lab.wait_until(lambda: lab.evaluate("fusion_view.layer") == "block 0", "another block is shown")
    lab.screenshot("fusion", cell)
    for width in (853, 700):  # 853: 1,280 at 150 %
        with lab.as_wide_as(width):
            cut = "names => names.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
            assert table.locator("thead th").evaluate_all(cut) == []
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "is empty" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "a quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
