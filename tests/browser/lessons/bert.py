"""The widgets of lesson 08, operated as a learner would."""


def use_widgets(lab):
    _hide_words(lab)
    _compare_sides(lab)
    _choose_objectives(lab)


def _hide_words(lab):
    cell = lab.cell('MaskedWordExplorer(\n    {"MiniLM"')
    charts = cell.locator(".widget-html:has(.lm-bars)")
    words = cell.locator(".lm-strip li")
    words.nth(4).click()
    lab.wait_until(lambda: "Nothing" in cell.locator(".lm-heading").inner_text(), "a click shows the hidden word")
    words.nth(1).click()
    lab.wait_until(lambda: "doctor" in cell.locator(".lm-heading").inner_text(), "the clicked word is hidden")
    words.nth(1).click()
    lab.press(words.nth(0), "ArrowRight", times=2)
    lab.page.keyboard.press("Enter")
    lab.wait_until(lambda: "told" in cell.locator(".lm-heading").inner_text(), "Enter hides the word with the focus")
    assert cell.locator(".lm-strip").inner_text().count("[MASK]") == 1, "the arrow keys pass words and hide none"
    with lab.changes(charts):
        lab.type(cell.locator("textarea"), "The farmer milked the cow before breakfast.")
    lab.screenshot("hidden words", cell)
    cell.locator("textarea").fill("a " * 300)
    lab.wait_until(lambda: "characters" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "The farmer milked the cow.")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")


def _compare_sides(lab):
    """What only the right side sees does not change with the words on the left."""
    cell = lab.cell("MaskedWordExplorer(\n    one_sided_models")
    charts = cell.locator(".widget-html:has(.lm-bars)")
    right = charts.nth(2)
    lab.wait_until(lambda: charts.count() == 3 and right.inner_text() != "", "three models guess")
    guesses = right.inner_text()
    text = cell.locator("textarea")
    with lab.changes(charts.nth(1)):
        text.fill(text.input_value().replace("film", "book"))
    assert right.inner_text() == guesses
    lab.screenshot("sides", cell)


def _choose_objectives(lab):
    cell = lab.cell("ObjectiveExplorer(")
    heading = cell.locator(".widget-html:has(.lm-heading)")
    with lab.changes(heading):
        cell.get_by_label("Objective").select_option("sentence order prediction")
    lab.wait_until(lambda: "order" in cell.locator(".lm-heading").inner_text(), "the question is shown")
    with lab.changes(heading):
        cell.get_by_label("Objective").select_option("replaced token detection")
    lab.screenshot("objectives", cell)
