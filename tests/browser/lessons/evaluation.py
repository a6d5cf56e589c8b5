"""The widgets of lesson 19, operated as a learner would."""


def use_widgets(lab):
    use_leaderboard(lab)
    use_judge_yourself(lab)
    use_threshold_bench(lab)


def use_leaderboard(lab):
    cell = lab.cell("leaderboard = Leaderboard(")
    rows, menus = cell.get_by_role("option").and_(cell.locator(".lm-rank-row")), cell.get_by_role("combobox")
    lab.screenshot("leaderboard", cell)
    assert rows.count() == lab.evaluate("len(leaderboard.ranked.names)")
    second = lab.evaluate("leaderboard.second")
    rows.nth(5).click()
    lab.wait_until(lambda: lab.evaluate("leaderboard.second == leaderboard.ranked.names[5]"), "a click compares a row")
    assert lab.evaluate("leaderboard.first") == second
    lab.wait_until(lambda: rows.nth(5).get_attribute("data-mark") == "B", "the row is marked")
    rows.nth(5).press("ArrowDown")
    rows.nth(6).press("Enter")
    lab.wait_until(lambda: lab.evaluate("leaderboard.second == leaderboard.ranked.names[6]"), "so does the keyboard")
    lab.press(cell.get_by_role("button", name="Draw again"), "Enter")
    lab.wait_until(lambda: "Resample 1," in cell.inner_text(), "a resample is shown")
    menus.nth(1).select_option(index=2)
    lab.wait_until(lambda: lab.evaluate("leaderboard.score") != "accuracy", "another score")
    lab.press(cell.get_by_role("button", name="More items"), "Enter")
    lab.wait_until(lambda: lab.evaluate("leaderboard.page") == 1, "the next items")
    lab.screenshot("leaderboard-resampled", cell)


def use_judge_yourself(lab):
    cell = lab.cell("judge = JudgeYourself(")
    box, error = cell.locator("textarea"), cell.locator("[role=alert]")
    for place in range(lab.evaluate("len(judge.items)")):
        lab.press(cell.get_by_role("button", name=("negative", "positive")[place % 2], exact=True), "Enter")
        lab.wait_until(lambda place=place: lab.evaluate("len(judge.labels)") == place + 1, "a label is given")
    lab.wait_until(lambda: "Cohen's kappa" in cell.inner_text(), "the result is told at the end")
    lab.screenshot("judge-yourself", cell)
    lab.press(cell.get_by_role("button", name="Back", exact=True), "Enter")
    lab.wait_until(lambda: "Cohen's kappa" not in cell.inner_text(), "the last label is taken back")
    box.fill("no bar")
    box.blur()
    lab.wait_until(lambda: "label | text" in error.inner_text(), "an error is named")
    box.fill("")
    box.blur()
    lab.wait_until(lambda: error.count() == 0, "and gone")


def use_threshold_bench(lab):
    cell = lab.cell("thresholds = ThresholdBench(")
    box, error = cell.locator("textarea"), cell.locator("[role=alert]")
    lab.screenshot("threshold-bench", cell)
    lab.evaluate("setattr(thresholds, 'threshold', 0.8)")
    lab.wait_until(lambda: "positive from 0.80 on" in cell.inner_text(), "another threshold")
    cell.get_by_role("combobox").nth(1).select_option(index=1)
    lab.wait_until(lambda: "of equal mass" in cell.locator(".lm-heading").last.inner_text(), "other bins")
    box.fill("0.9 1\n0.5")
    box.blur()
    lab.wait_until(lambda: "Line 2" in error.inner_text(), "an error is named")
    box.fill("0.9 1\n0.5 0")
    box.blur()
    lab.wait_until(lambda: "n = 2" in cell.inner_text() and error.count() == 0, "own scores")
    lab.screenshot("threshold-bench-own", cell)
