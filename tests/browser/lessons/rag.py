"""The widgets of lesson 16, operated as a learner would."""

QUESTION = "Why does a passage have a number?"


def use_widgets(lab):
    use_map(lab)
    use_word_scores(lab)
    use_passage_order(lab)
    use_passage_search(lab)


def use_map(lab):
    cell = lab.cell("figures.embedding_map(")
    lab.screenshot("map", cell)
    cell.locator(".jp-RenderedPlotly").hover()
    cell.locator(".js-plotly-plot .scatterlayer").wait_for(timeout=60_000)
    lab.screenshot("map-live", cell)
    cell.locator("summary").click()
    lab.wait_until(lambda: "rank on the map" in cell.inner_text(), "the ranking is there in numbers")


def use_word_scores(lab):
    cell = lab.cell("word_scores = WordScores(")
    box, tokens = cell.locator("textarea"), cell.locator(".lm-token")
    place, k1, b = (cell.locator(".noUi-handle").nth(number) for number in range(3))
    lab.screenshot("word-scores", cell)
    before = lab.evaluate("word_scores.hits[0].score")
    with lab.changes(cell.locator(".lm-strip")):
        lab.press(place, "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("word_scores.place") == 2, "the passage at the next place is shown")
    lab.press(k1, "Home")
    lab.wait_until(lambda: lab.evaluate("word_scores.hits[0].score") != before, "k₁ changes the scores")
    lab.press(b, "Home")
    lab.wait_until(lambda: lab.evaluate("word_scores.b") == 0, "b is at its end")
    box.fill("")
    lab.wait_until(lambda: cell.locator("[role=alert]").is_visible(), "a question without words is an error")
    lab.press(place, "Home")
    lab.type(box, "the union of the states")
    lab.wait_until(lambda: "Place 1, score" in cell.inner_text(), "another question has another ranking")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
    assert "union" in lab.evaluate("word_scores.contributions") and tokens.count() > 2


def use_passage_order(lab):
    cell = lab.cell("passage_order = PassageOrder(")
    box, place = cell.locator("textarea"), cell.locator(".noUi-handle")
    n, outlined = lab.evaluate("len(passage_order.passages)"), cell.locator(".lm-outlined")
    lab.screenshot("passage-order", cell)
    first = lab.evaluate("passage_order.place")
    lab.press(place, "End")
    lab.wait_until(lambda: lab.evaluate("passage_order.place") == n, "the passage is at the last place")
    lab.wait_until(lambda: outlined.inner_text().startswith(f"[{n}]"), "where it is outlined", limit=40)
    assert cell.locator(".lm-passage").count() == n and first <= n
    lab.type(box, "Where is the passage?")
    lab.press(place, "Home")
    lab.wait_until(lambda: lab.evaluate("passage_order.question") == "Where is the passage?", "a question of one's own")
    lab.wait_until(lambda: outlined.inner_text().startswith("[1]"), "is answered", limit=40)
    box.fill("")
    lab.press(place, "ArrowRight")
    lab.wait_until(lambda: "empty" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(box, "Where is it?")
    lab.press(place, "ArrowRight")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes", limit=40)


def use_passage_search(lab):
    cell = lab.cell("passage_search = PassageSearch(")
    question, own = cell.locator("textarea").all()
    words, k = (cell.locator(".noUi-handle").nth(number) for number in range(2))
    passages, error = cell.locator(".lm-passage"), cell.locator("[role=alert]")
    lab.screenshot("passage-search", cell)
    assert all(link.get_attribute("href").partition("#")[0].endswith(".ipynb") for link in passages.locator("a").all())
    lab.press(k, "Home")
    lab.wait_until(lambda: passages.count() == 1, "one passage")
    lab.type(own, "The zebrafish of this test is called Dorothea.")
    lab.type(question, "What is the zebrafish called?")
    question.press("Tab")
    cell.get_by_role("combobox").select_option("words (BM25)")
    lab.wait_until(lambda: "Your text" in passages.first.inner_text(), "one's own text is found", limit=40)
    lab.wait_until(lambda: "by BM25" in cell.inner_text(), "by its words")
    lab.press(k, "End")
    cell.get_by_role("combobox").select_option("both, by rank")
    lab.wait_until(lambda: "1 / (60 + rank)" in cell.inner_text(), "both searches together", limit=40)
    lab.wait_until(lambda: passages.count() > 1, "find more passages")
    if lab.evaluate("passage_search._ask is not None"):
        cell.get_by_role("button", name="Answer", exact=True).click()
        lab.wait_until(lambda: "Answer:" in cell.inner_text(), "the model answers", limit=60)
        lab.wait_until(lambda: "passage" in cell.inner_text().partition("Answer:")[2], "with what it owes")
        lab.screenshot("passage-search-answer", cell)
    question.fill("")
    lab.press(k, "Home")
    lab.wait_until(lambda: "empty" in error.inner_text(), "an error is named")
    lab.type(question, QUESTION)
    lab.press(words, "Home")
    lab.wait_until(lambda: error.count() == 0, "and the error goes", limit=60)
