"""The widgets of lesson 15, operated as a learner would."""


def use_widgets(lab):
    use_log_ratios(lab)
    use_ranking(lab)


def use_log_ratios(lab):
    cell = lab.cell("log_ratios = LogRatioExplorer(")
    drawing, heading = cell.locator(".widget-html:has(.lm-plot)"), cell.locator(".lm-heading")
    chosen, rejected, beta = (cell.locator(".noUi-handle").nth(place) for place in range(3))
    assert drawing.locator("svg").count() == 3
    lab.screenshot("log-ratios", cell)
    with lab.changes(drawing):
        lab.press(chosen, "End")
    lab.wait_until(lambda: lab.evaluate("log_ratios.chosen") == 20, "the chosen answer's log-ratio is at its end")
    with lab.changes(drawing):
        lab.press(rejected, "Home")
    lab.wait_until(lambda: "Margin +40.0 nats" in heading.inner_text(), "the margin is as large as it can be")
    weight = lab.evaluate("log_ratios.reading.weight")
    with lab.changes(drawing):
        lab.press(beta, "End")
    lab.wait_until(lambda: lab.evaluate("log_ratios.reading.weight") < weight, "a larger β: the pair weighs less")
    lab.wait_until(lambda: "Lowest at the margin 1 / (2β) = 0.5." in cell.inner_text(), "IPO's goal is near")


def use_ranking(lab):
    cell = lab.cell("ranking = PairRanking(")
    radios, box = cell.locator("input[type=radio]"), cell.locator("textarea")
    count = lab.evaluate("len(ranking.pairs)")
    assert radios.count() == 2 * count
    lab.screenshot("ranking", cell)
    before = lab.evaluate("[pair.texts for pair in ranking.pairs]")
    lab.press(cell.locator(".noUi-handle").first, "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("[pair.texts for pair in ranking.pairs]") != before, "other answers are drawn")
    lab.wait_until(lambda: cell.locator("input:checked").count() == 0, "and nothing is chosen")
    for place in range(count):
        radios.nth(2 * place).check()
    lab.wait_until(lambda: lab.evaluate("ranking.choices") == ("A",) * count, "every A is chosen")
    lab.wait_until(lambda: f"All {count} pairs are ranked" in cell.inner_text(), "which is told")
    lab.press(radios.nth(0), "ArrowDown")
    lab.wait_until(lambda: lab.evaluate("ranking.choices[0]") == "B", "the arrow key chooses the other one")
    assert lab.evaluate("ranking.preferences()[0].chosen == ranking.pairs[0].answers[1]")
    lab.type(box, "The second half")
    lab.wait_until(lambda: cell.locator("legend").first.inner_text().endswith("The second half …"), "own beginnings")
    lab.wait_until(lambda: lab.evaluate("set(ranking.choices)") == {""}, "begin without a choice", limit=40)
    box.fill("")
    lab.wait_until(lambda: "Type one" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(box, "The film")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes", limit=40)
