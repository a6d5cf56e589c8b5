"""Each data set matches its docstring, on the real files."""

import re
import unicodedata
from collections import Counter
from functools import partial

import pytest

from course import data
from course.data import choices as choice_files


@pytest.fixture(scope="module")
def speeches():
    return data.presidential_messages()


@pytest.fixture(scope="module")
def korean():
    return data.korean_speeches()


@pytest.fixture(scope="module")
def pairs():
    return data.english_korean_pairs()


@pytest.fixture(scope="module")
def pronunciations():
    return data.pronunciations()


@pytest.fixture(scope="module")
def articles():
    return data.encyclopedia()


@pytest.fixture(scope="module")
def reviews():
    return data.movie_reviews()


@pytest.fixture(scope="module")
def questions():
    return data.yes_no_questions()


def test_presidential_messages_come_in_order_of_date(speeches):
    assert len(speeches) == 249
    assert [speech.date for speech in speeches] == sorted(speech.date for speech in speeches)
    assert (speeches[0].president, speeches[0].date) == ("George Washington", "1790-01-08")
    assert (speeches[-1].president, speeches[-1].year) == ("Donald J. Trump", 2026)
    assert speeches[0].text.startswith("Fellow-Citizens of the Senate and House of Representatives:\n\n")
    assert sum(len(speech.text) for speech in speeches) == 12_181_093
    nixon = [speech for speech in speeches if speech.year == 1973]
    assert [speech.ordinal for speech in nixon] == list(range(1, 12))


def test_sotu_text_is_cut_in_bytes_and_never_inside_a_character(speeches):
    text = data.sotu_text()
    assert text.split("\n\n", 1)[0] == speeches[0].text.split("\n\n", 1)[0]
    assert len(text) == sum(len(speech.text) for speech in speeches) + 2 * (len(speeches) - 1)
    assert len(data.sotu_text(300_000).encode()) == 300_000
    assert text.startswith(data.sotu_text(300_000))
    before = len(text[: re.search(r"[^\x00-\x7f]", text).start()].encode())
    assert len(data.sotu_text(before + 1).encode()) == before


@pytest.mark.slow
def test_korean_speeches_come_newest_first(korean):
    assert len(korean) == 8771
    dates = [speech.date for speech in korean]
    assert dates == sorted(dates, reverse=True)
    assert dates.count("") == 208
    assert dates[0] == "2022-03-30"
    assert all(re.fullmatch(r"(\d{4}(-\d\d){0,2})?", date) for date in dates)
    assert Counter(speech.president for speech in korean)["이승만"] == 998
    assert data.korean_speeches(limit=5) == korean[:5]


@pytest.mark.slow
def test_korean_speeches_are_clean_korean(korean):
    letters = Counter(unicodedata.name(letter, "?").split()[0] for letter in "".join(s.text for s in korean[::10]))
    assert letters["HANGUL"] > 0.7 * letters.total()
    for speech in korean:
        assert speech.text == speech.text.strip()
        assert not re.search(r"[\r\t\xa0]|  |\n\n| \n|\n |다\.[가-힣]", speech.text)


@pytest.mark.slow
def test_pairs_are_translations(pairs):
    assert len(pairs) == len(set(pairs)) == 12_213
    assert data.Pair("Create event", "일정 만들기") in pairs
    for pair in pairs:
        assert re.search("[가-힣]", pair.korean)
        assert set(re.findall(r"\{\w+\}", pair.english)) == set(re.findall(r"\{\w+\}", pair.korean))
        assert "[%key" not in pair.english + pair.korean
        assert pair.english == pair.english.strip() != ""


@pytest.mark.slow
def test_pronunciations(pronunciations):
    assert len(pronunciations) == 135_166
    assert len({entry.word for entry in pronunciations}) == 126_052
    ways = [entry.sounds for entry in pronunciations if entry.word == "read"]
    assert ways == [("R", "EH1", "D"), ("R", "IY1", "D")]
    assert all(re.fullmatch(r"[a-z'.-]+", entry.word) for entry in pronunciations)
    phonemes = {sound.rstrip("012") for entry in pronunciations for sound in entry.sounds}
    assert len(phonemes) == 39
    assert all(entry.sounds for entry in pronunciations)


@pytest.mark.slow
def test_encyclopedia(articles):
    assert len(articles) == len({article.title for article in articles}) == 10_033
    assert sum(not article.description for article in articles) == 171
    assert len({article.topic for article in articles}) == 12
    coyote = next(article for article in articles if article.title == "Coyote")
    assert coyote.text.startswith("The coyote is a species of canine")
    assert coyote.description == "Species of canine native to North America"
    assert all(article.text == article.text.strip() != "" for article in articles)


@pytest.mark.slow
def test_movie_reviews(reviews):
    assert len(reviews) == len({(review.movie, review.text) for review in reviews}) == 12_752
    assert len({review.movie for review in reviews}) == 504
    assert sum(review.positive for review in reviews) / len(reviews) == pytest.approx(0.578, abs=5e-4)
    assert "el_crimen_del_padre_amaro" in (names := {review.movie for review in reviews})
    assert "the_crime_of_padre_amaro" not in names


@pytest.mark.slow
def test_yes_no_questions(questions):
    assert len(questions) == len({one.question for one in questions}) == 15_942
    assert len({(one.title, one.passage) for one in questions}) == 12_271
    assert len({one.title for one in questions}) == 9_713
    answers = Counter(one.answer for one in questions)
    assert answers[None] == 3_245
    assert answers[True] / (answers[True] + answers[False]) == pytest.approx(0.623, abs=5e-4)
    assert all(one.passage == one.passage.strip() != "" and one.title for one in questions)


def test_tagged_sentences():
    sentences = data.tagged_sentences()
    assert len(sentences) == 226 and sum(len(one.words) for one in sentences) == 3140
    assert [one.document for one in sentences] == sorted(one.document for one in sentences)
    assert {one.document for one in sentences} == set(range(15))
    assert all(len(one.words) == len(one.labels) for one in sentences)
    labels = Counter(label for one in sentences for label in one.labels)
    assert set(labels) == {"O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in ("PER", "LOC", "ORG", "MISC"))}
    assert sum(n for label, n in labels.items() if label.startswith("B-")) == 554


def test_news_articles():
    articles = data.news_articles()
    assert len(articles) == len({article.number for article in articles}) == 1_000
    assert articles[0].summary.startswith("Former Premier League footballer Sam Sodje has appeared in court")
    assert articles[0].summary not in articles[0].text


CHOICES = {  # the choices, what they are about, the numbers of wrong answers, and a right answer of the first choice
    "piqa": (1_500, 1_465, {1: 1_500}, "finish, woodgrain with  bobby pin"),
    "siqa": (1_954, 1_930, {2: 1_949, 1: 5}, "Find somewhere to go"),
    "openbookqa": (500, 498, {3: 500}, "quit eating lunch out"),
    "commonsenseqa": (1_221, 1_221, {4: 1_196, 3: 24, 2: 1}, "bank"),
    "summary-pairs": (
        368,
        209,
        {1: 368},
        "those who receive centrelink payments made up half of radio rental's income last year.",
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_answer_choices(name):
    n, n_about, n_wrong, right = CHOICES[name]
    choices = data.answer_choices(name)
    assert len(choices) == n and {one.data_set for one in choices} == {name}
    assert len({one.about.casefold() for one in choices}) == n_about
    assert Counter(len(one.wrong) for one in choices) == n_wrong
    assert choices[0].right == right
    for one in choices:
        answers = (one.right, *one.wrong)
        assert len(set(answers)) == len(answers) and all(text == text.strip() != "" for text in answers)
        assert not any(re.match(r"[A-E]\. ", text) for text in answers) and one.about
        assert one.answers[one.place] == one.right and sorted(one.answers) == sorted(answers)


def test_the_answers_are_in_the_files_order():
    first = {name: data.answer_choices(name)[0] for name in ("openbookqa", "commonsenseqa", "siqa")}
    assert first["openbookqa"].answers[1:3] == ("quit eating lunch out", "buy less with monopoly money")
    assert first["commonsenseqa"].answers == ("bank", "library", "department store", "mall", "new york")
    assert [one.place for one in first.values()] == [1, 0, 2]


def test_an_answer_that_is_there_twice_has_one_place():
    row = {"question": "q", "options": "A. red\nB. red\nC. tall\nD. late", "answer": "D. late"}
    found = choice_files._choice("openbookqa", *choice_files._of_options(row))
    assert found.answers == ("red", "tall", "late") and found.place == 2


def test_there_are_choices_of_every_name_and_of_no_other():
    assert list(data.CHOICES) == list(CHOICES)
    with pytest.raises(ValueError, match=r"'hellaswag'.*piqa, siqa, openbookqa, commonsenseqa, summary-pairs"):
        data.answer_choices("hellaswag")


def test_a_question_mark_that_the_last_option_took_is_no_part_of_the_answer():
    (one,) = (one for one in data.answer_choices("commonsenseqa") if one.right == "sail boat")
    assert one.wrong == ("coming home", "row boat", "board ship", "inflatable raft")


def test_gpt2_ranks():
    ranks = data.gpt2_ranks()
    assert sorted(ranks.values()) == list(range(50_256))
    assert {token for token, rank in ranks.items() if rank < 256} == {bytes([byte]) for byte in range(256)}
    assert ranks[b" the"] == 262


def test_every_token_of_gpt2_is_a_merge_of_two_earlier_ones():
    ranks = data.gpt2_ranks()
    for token, rank in ranks.items():
        if len(token) > 1:
            cuts = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
            assert any(max(ranks.get(left, rank), ranks.get(right, rank)) < rank for left, right in cuts), token


def test_the_korean_font_is_truetype_and_draws_hangul_and_latin():
    from matplotlib.ft2font import FT2Font

    characters = FT2Font(str(data.korean_font())).get_charmap()
    assert {ord(letter) for letter in "Aa1가힣한글"} <= characters.keys()


def test_every_asset_is_cached_and_valid_after_fetch_all():
    data.fetch_all()
    assert [asset.name for asset, cached in data.status() if not cached] == []


SPLITS = {  # the loader, the split, what is on one side only, and how much is left out
    "reviews": (data.movie_reviews, data.split_by_movie, lambda one: one.movie, 0),
    "articles": (data.encyclopedia, data.split_by_title, lambda one: one.title, 0),
    "questions": (data.yes_no_questions, data.split_by_passage, lambda one: one.title, 2),
    "messages": (data.presidential_messages, data.split_by_speech, lambda one: (one.date, one.ordinal), 0),
    "news": (data.news_articles, data.split_by_article, lambda one: one.number, 0),
} | {
    name: (partial(data.answer_choices, name), data.split_by_question, lambda one: one.about.casefold(), 0)
    for name in CHOICES
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPLITS)
def test_a_split_keeps_groups_together_and_loses_nothing(name):
    load, split, group, left_out = SPLITS[name]
    items = load()
    sets = split(items)
    train, (validation, test) = sets
    parts = (train, validation, test)
    groups = [{group(one) for one in part} for part in parts]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert len(items) - sum(map(len, parts)) == left_out
    assert all(parts)
    near = [0, 1] if name == "piqa" else [0, 0]  # reported in the model card; "a knife" and ",A knife"
    assert [copies.count for copies in sets.near_copies] == near


@pytest.mark.slow
def test_a_title_is_on_the_same_side_of_encyclopedia_and_questions(articles, questions):
    sides = [{}, {}]
    for side, sets in zip(sides, (data.split_by_title(articles), data.split_by_passage(questions)), strict=True):
        train, (validation, test) = sets
        for number, part in enumerate((train, validation, test)):
            side |= dict.fromkeys((one.title.casefold() for one in part), number)
    both = sides[0].keys() & sides[1].keys()
    assert len(both) > 700 and all(sides[0][title] == sides[1][title] for title in both)
