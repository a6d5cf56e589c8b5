"""The widgets of lesson 13, operated as a learner would."""


def use_widgets(lab):
    use_side_by_side(lab)
    use_conversation_view(lab)
    use_filter_bench(lab)


def use_side_by_side(lab):
    cell = lab.cell("side_by_side = SideBySide(")
    instruction, text = cell.locator("textarea").all()
    names = lab.evaluate("list(side_by_side.answers)")
    assert len(names) == 3
    lab.screenshot("side-by-side", cell)

    def answers():
        return lab.evaluate("[answer.text for answer in side_by_side.answers.values()]")

    before = answers()
    lab.type(instruction, "Repeat this word.")
    lab.type(text, "lighthouse")
    cell.get_by_role("button", name="Answer", exact=True).click()
    # Three models answer twice: each box asks when it is left.
    lab.wait_until(lambda: "lighthouse" in cell.inner_text(), "the input is in the prompts", limit=40)
    lab.wait_until(lambda: answers() != before, "and is answered", limit=40)
    assert lab.evaluate("side_by_side.step") == 1
    slider = cell.locator(".noUi-handle").first
    lab.press(slider, "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("side_by_side.step") == 2, "the slider is a step further")
    lab.wait_until(lambda: "Most probable at token 2" in cell.inner_text(), "which is shown")
    tokens = cell.locator(".lm-token")
    tokens.first.click()
    lab.wait_until(lambda: lab.evaluate("side_by_side.step") == 1, "a token that is clicked is the step")
    instruction.fill("")
    text.fill("")
    cell.get_by_role("button", name="Answer", exact=True).click()
    lab.wait_until(lambda: "Type an instruction" in cell.locator("[role=alert]").inner_text(), "nothing is an error")
    lab.type(instruction, "What is a lighthouse?")
    cell.get_by_role("button", name="Answer", exact=True).click()
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes", limit=40)


def use_conversation_view(lab):
    cell = lab.cell("conversation_view = ConversationView(")
    user, answer = cell.locator("textarea").all()

    def counted():
        return cell.locator(".lm-counted").count()

    few = counted()
    lab.screenshot("conversation", cell)
    cell.get_by_role("button", name="everything", exact=True).click()
    lab.wait_until(lambda: counted() > few, "all tokens carry loss")
    cell.get_by_role("button", name="the answer", exact=True).click()
    lab.wait_until(lambda: counted() == few, "the answer alone does")
    lab.type(answer, "The first letter is w.")
    lab.wait_until(lambda: counted() > few, "a longer answer has more tokens")
    lab.type(user, "<|end_of_turn|>")
    lab.wait_until(lambda: lab.evaluate("conversation_view.user") == "<|end_of_turn|>", "the mark is read")
    lab.wait_until(lambda: lab.evaluate("conversation_view.error") == "", "as plain text")
    user.fill("x" * 2_001)
    lab.wait_until(lambda: "2,000" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(user, "Hello")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")


def use_filter_bench(lab):
    cell = lab.cell("bench = FilterBench(")
    box = cell.locator("textarea").first
    size = lab.evaluate("len(bench.pool)")
    lab.screenshot("bench", cell)
    lab.type(box, "Explain to a child how a lighthouse works.")
    lab.wait_until(lambda: lab.evaluate("bench.verdict.kept"), "a new instruction passes")
    box.press("Enter")
    lab.wait_until(lambda: lab.evaluate("len(bench.pool)") == size + 1, "Enter adds it")
    lab.wait_until(lambda: lab.evaluate("bench.verdict.rule") == "similarity", "and now it is in the pool")
    box.press("Enter")
    lab.wait_until(lambda: "Not added" in cell.inner_text(), "it is not added twice")
    cell.get_by_role("button", name="Take the last back").click()
    lab.wait_until(lambda: lab.evaluate("len(bench.pool)") == size, "it is taken back")
    lab.type(box, "Draw a map of the island.")
    lab.wait_until(lambda: lab.evaluate("bench.verdict.rule") == "words", "a rule drops what asks for more than text")
