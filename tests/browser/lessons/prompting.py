"""The widget of lesson 12, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("builder = PromptBuilder(")
    cards = cell.locator(".lm-block")
    instruction, text = cell.locator("textarea").all()

    def order():
        return lab.evaluate("list(builder.order)")

    first = order()
    assert first[0] == 0 and len(first) > 2
    cell.get_by_role("button", name="Move down, Instruction", exact=True).click()
    lab.wait_until(lambda: order()[:2] == [first[1], 0], "a button moves the instruction")
    lab.press(cell.get_by_role("button", name="Move down, Instruction", exact=True), "Alt+ArrowUp")
    lab.wait_until(lambda: order() == first, "a key moves it back")
    told = cell.locator(".lm-told")
    lab.wait_until(lambda: told.inner_text().startswith("Instruction is block 1 of"), "which is told")
    label = cell.get_by_role("button", name="Label").first
    before = lab.evaluate("builder.labels")
    label.click()
    lab.wait_until(lambda: lab.evaluate("builder.labels") != before, "the label is another word")
    cell.get_by_role("checkbox", name="in the prompt, Shot 2").click()
    lab.wait_until(lambda: lab.evaluate("builder.left_out") == (2,), "the shot is left out")
    assert cell.locator(".lm-left-out").count() == 1
    counted = "and what was read anew is counted"
    lab.wait_until(lambda: lab.evaluate("builder._counted()") in cell.inner_text(), counted)
    lab.screenshot("builder", cell)

    grip, last = cards.first.locator(".lm-grip").bounding_box(), cards.last.bounding_box()
    lab.page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    lab.page.mouse.down()
    lab.page.mouse.move(grip["x"] + 5, last["y"], steps=8)
    lab.page.mouse.up()
    lab.wait_until(lambda: order()[-1] == 0, "the instruction is dragged below the shots")
    lab.type(text, "A quiet triumph")
    lab.wait_until(lambda: lab.evaluate("builder.prompt.text").count("A quiet triumph") == 1, "the input is read")
    lab.wait_until(lambda: "A quiet triumph" in cards.last.inner_text(), "and is on its card")
    lab.type(instruction, "Good or bad?")
    lab.wait_until(lambda: "Good or bad?" in lab.evaluate("builder.prompt.text"), "the instruction is read")
    text.fill("x" * 2_001)
    lab.wait_until(lambda: "the limit here is 2,000" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(text, "A bore")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
