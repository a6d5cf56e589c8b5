"""The widget of lesson 01, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("five_tasks = FiveTasks(")
    box, error = cell.locator("textarea").first, cell.locator("[role=alert]")
    lab.screenshot("five-tasks", cell)
    fold = cell.locator("input[type=checkbox]").first
    if not fold.is_checked():
        fold.click()
    right = cell.locator("input[type=text]").first
    right.fill("negative")
    right.blur()
    lab.wait_until(lambda: lab.evaluate("five_tasks.right_classification") == "negative", "a right answer is typed")
    lab.screenshot("five-tasks-judged", cell)
    box.fill(" ")
    box.blur()
    lab.wait_until(lambda: "empty" in error.inner_text(), "an empty text is named")
    box.fill("Seoul is the capital of South Korea.")
    box.blur()
    lab.wait_until(lambda: "Seoul" in lab.evaluate("five_tasks._shown[1]"), "another text is answered", limit=60)
    lab.wait_until(lambda: error.count() == 0 or not error.is_visible(), "and the error is gone")
    lab.screenshot("five-tasks-own", cell)
