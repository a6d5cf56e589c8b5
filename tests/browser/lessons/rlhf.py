"""The widgets of lesson 14, operated as a learner would."""


def use_widgets(lab):
    use_clip(lab)
    use_rewards(lab)
    use_scatter(lab)


def use_clip(lab):
    cell = lab.cell("clip = ClipExplorer(")
    drawing, heading = cell.locator(".widget-html:has(.lm-plot)"), cell.locator(".lm-heading")
    advantage, ratio = cell.locator(".noUi-handle").nth(0), cell.locator(".noUi-handle").nth(1)
    assert lab.evaluate("clip.reading.is_flat") == ("Flat" in heading.inner_text())
    lab.screenshot("clip", cell)
    with lab.changes(drawing):
        lab.press(ratio, "End")
    lab.wait_until(lambda: lab.evaluate("clip.ratio") == 2, "the ratio is at its end")
    with lab.changes(drawing):
        lab.press(advantage, "End")
    lab.wait_until(lambda: heading.inner_text().startswith("Flat: the gradient is 0"), "a good token: flat above")
    with lab.changes(drawing):
        lab.press(advantage, "Home")
    lab.wait_until(lambda: "Not flat: the gradient is A = −2.0" in heading.inner_text(), "a bad token: not there")
    with lab.changes(drawing):
        lab.press(ratio, "Home")
    lab.wait_until(lambda: heading.inner_text().startswith("Flat: the gradient is 0"), "but below")
    assert lab.evaluate("clip.reading.gradient") == 0


def use_rewards(lab):
    cell = lab.cell("rewards = AnswerRewards(")
    text, answer = cell.locator("textarea").all()
    table = cell.locator(".widget-html:has(.lm-rewards)")
    lab.screenshot("rewards", cell)
    tokens = lab.evaluate("rewards.reading.tokens")
    assert table.locator("tbody tr").count() == len(tokens)
    with lab.changes(table):
        lab.press(cell.locator(".noUi-handle").nth(0), "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("rewards.seed") == 1, "another seed draws another answer")
    with lab.changes(table):
        lab.press(cell.locator(".noUi-handle").nth(1), "Home")
    lab.wait_until(lambda: lab.evaluate("rewards.beta") == 0, "without β")
    lab.wait_until(lambda: lab.evaluate("sum(map(abs, rewards.reading.penalties))") == 0, "there is no penalty")
    with lab.changes(table):
        lab.type(answer, "is a quiet triumph.")
    lab.wait_until(lambda: lab.evaluate("rewards.reading.text") == "is a quiet triumph.", "the own answer is read")
    lab.wait_until(lambda: "Your answer gets the score" in cell.inner_text(), "and scored")
    with lab.changes(table):
        lab.type(text, "The second half")
    lab.wait_until(lambda: "The second half" in lab.evaluate("rewards.in_words()"), "another beginning is read")
    assert lab.broken_words(table.locator("thead"), 700) == []
    text.fill("")
    lab.wait_until(lambda: "Type one" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(text, "The film")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")


def use_scatter(lab):
    cell = lab.cell("scatter = RewardScatter(")
    points, samples = cell.locator(".lm-point"), cell.locator(".lm-samples")
    count = lab.evaluate("len(scatter.points)")
    assert points.count() == count > 1
    points.first.click(force=True)
    lab.wait_until(lambda: lab.evaluate("scatter.selected") is not None, "a click chooses a point")
    lab.evaluate("setattr(scatter, 'selected', 0)")
    lab.wait_until(lambda: cell.locator(".lm-point[aria-selected=true]").count() == 1, "which is marked")
    shown = cell.locator(".lm-point[aria-selected=true]")
    lab.press(shown, "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("scatter.selected") == 1, "the arrow key chooses the next one")
    lab.wait_until(lambda: lab.evaluate("scatter.points[1].samples[0].answer") in samples.inner_text(), "to be read")
    lab.page.keyboard.press("End")
    lab.wait_until(lambda: lab.evaluate("scatter.selected") == count - 1, "End chooses the last one")
    lab.screenshot("scatter", cell)
