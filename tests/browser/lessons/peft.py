"""The widgets of lesson 11, operated as a learner would."""


def use_widgets(lab):
    use_wiring(lab)
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
    cell = lab.cell("switch = MethodSwitch(")
    answers = cell.locator(".widget-html:has(.lm-switch)")
    before = lab.evaluate("switch.answers[0].probabilities")
    with lab.changes(answers):
        lab.type(cell.locator("textarea"), "A long and tiresome film")
    lab.wait_until(lambda: lab.evaluate("switch.text") == "A long and tiresome film", "the text has arrived")
    lab.wait_until(lambda: lab.evaluate("switch.answers[0].probabilities") != before, "all rows are asked again")
    second = lab.evaluate("[answer.name for answer in switch.answers][1]")
    with lab.changes(answers):
        cell.get_by_label("Compare with").select_option(second)
    lab.wait_until(lambda: f"difference from {second}" in cell.inner_text(), "compared with another row")
    lab.screenshot("switch", cell)
    cell.locator("textarea").fill("")
    lab.wait_until(lambda: "no text" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "A quiet triumph")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
