"""Whatever is typed into a widget or set from Python, it can be shown: its state, or an error over the last picture."""

import functools
import logging
import math
import re

import pytest

from course.syllabus.lessons import LESSONS
from course.viz.kit import static_view
from course.viz.kit.alt_text import LONGEST
from course.viz.kit.layout import blank
from course.viz.kit.question_card import QuestionCard
from course.viz.kit.static_view import WIDGET_VIEW
from course.viz.kit.style import png_base64
from course.viz.kit.traits import Choice, Flag, Number, StateError, Text, Whole
from tests.support.pictures import picture, said
from tests.support.widgets import VIDEOS, WIDGETS

# One text with everything that could be taken for something else, and short ones that one widget or another refuses.
HOSTILE = (
    "$$x^2$$ $a$ $_$ <script>alert(1)</script> &amp; {x} %s `b` \\frac{ | 한국어 🎉 👍🏽 שלום "
    "e\u0301 \u200b \u2028 \x00 \t\r\n \ud83d \udc4d\ud83d"
)
TEXTS = {
    "everything": HOSTILE,
    "dollars": "$a$_$^",
    "half an emoji": "ab\ud83d",
    "empty": "",
    "spaces": " \n ",
    "3,000 letters": "a" * 3_000,
    "25,000 signs": "$\n" * 12_500,
}
OTHERS = {
    "wave_explorer": {"129 words": "a " * 129},
    "video_search, videos": {
        "half a line": "Sourdough |",
        "two bars": f"$$ $$ | $a$ $_$\n{HOSTILE.replace(chr(10), '')} | <b>",
    },
}
# The text of each widget: the trait, and a good value for it that is not the first.
TEXT_OF = {
    "token_explorer": ("text", "the union"),
    "merge_stepper": ("text", "union of unions"),
    "prompt_explorer": ("prompt", "the union"),
    "decoder_stepper": ("text", "dab"),
    "attention_steps": ("text", "dab"),
    "alignment_explorer": ("text", "dab"),
    "video_search": ("query", "the union"),
    "video_search, videos": ("videos", VIDEOS + "\nAnother | one"),
    "attention_explorer": ("text", "the union"),
    "lens_explorer": ("text", "the union"),
    "next_token_tree": ("text", "the union"),
    "cache_explorer": ("text", "the union"),
    "mask_explorer": ("text", "the union"),
    "model_view": ("text", "the union"),
    "masked_word_explorer": ("text", "the union"),
    "objective_explorer": ("text", "the union"),
    "contribution_explorer": ("text", "the union"),
    "update_explorer": ("text", "the union"),
    "fusion_explorer": ("text", "the union"),
    "method_switch": ("text", "the union"),
    "prompt_builder": ("text", "the union"),
    "prompt_builder, instruction": ("instruction", "Say which."),
    "filter_bench": ("text", "Count the people of the union."),
    "conversation_view": ("user", "the union"),
    "conversation_view, answer": ("answer", "the union"),
    "conversation_view, system": ("system", "the union"),
    "side_by_side": ("instruction", "the union"),
    "side_by_side, input": ("input", "the union"),
    "answer_rewards": ("text", "the union"),
    "answer_rewards, answer": ("answer", "of"),
    "pair_ranking": ("prompts", "the union"),
    "passage_search": ("question", "the union"),
    "passage_search, own text": ("own_text", "A text of the people."),
    "word_scores": ("question", "the union"),
    "passage_order": ("question", "the union"),
    "call_tree": ("call", "price.scale(amount='10.5', place={'x': 2})"),
    "call_tree, request": ("request", "the union"),
    "tool_bench": ("call", "weekday(day='2024-02-29')"),
    "tool_bench, request": ("request", "the union"),
    "tool_bench, catalog": ("catalog", "weekday(day: str)  # the day"),
    "judge_yourself": ("own", "positive | the union"),
    "threshold_bench": ("own", "0.9 1\n0.2 0"),
    "teacher_targets": ("text", "the union"),
    "quantization_stairs": ("texts", "the union\nof people"),
    "scaling_frontier": ("own", "3e18"),
    "five_tasks": ("text", "the union"),
    "five_tasks, question": ("question", "the union"),
    "five_tasks, names": ("right_names", "the: person"),
    "five_tasks, translation": ("right_translation", "the union"),
    "wave_explorer": ("text", "the union"),
}
OWED = {lesson.slug for lesson in LESSONS if not lesson.available}  # topics whose lessons are not written yet
BAD_VALUES = (math.nan, math.inf, -math.inf, -1, -0.5, 10**400, "x", None, True, [], b"x", "\ud83d")


CASES = [
    pytest.param(name, text, id=f"{name}: {kind}")
    for name in TEXT_OF
    for kind, text in (TEXTS | OTHERS.get(name, {})).items()
]


def make(name, **state):
    return WIDGETS[name.partition(",")[0]](**state)


def require_sentence(text):
    """One line that a person can read to its end."""
    assert text and "\n" not in text and len(text) <= 500, text
    assert text.rstrip(".").strip() and not text.startswith(("TraitError", "IndexError", "TypeError", "KeyError")), text


def require_shown(widget):
    """It can be shown, with text and picture."""
    first = widget._repr_mimebundle_()
    if not isinstance(widget, QuestionCard):
        assert picture(first).startswith(b"\x89PNG") and 30 <= len(said(first)) <= LONGEST
    assert first["text/html"] and first[WIDGET_VIEW]
    first["text/plain"].encode()  # no half characters, which a notebook's file cannot hold
    return first


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch):
    """Half as sharp as on a page: the same is drawn, and a quarter of the pixels is quicker to save."""
    monkeypatch.setattr(static_view, "png_base64", functools.partial(png_base64, sharpness=1))


@pytest.fixture
def nothing_unforeseen(caplog):
    """At the end: no picture was left out because of an exception that nobody had foreseen."""
    caplog.set_level(logging.DEBUG, logger="course.viz.kit.widget")
    yield
    for record in caplog.records:
        assert issubclass(record.exc_info[0], ValueError | RuntimeError), record.exc_text


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), CASES)
def test_it_begins_with_any_text(name, text, nothing_unforeseen):
    trait, good = TEXT_OF[name]
    try:
        widget = make(name, **{trait: text})
    except ValueError as error:
        assert type(error) is ValueError
        return require_sentence(str(error))
    bundle = require_shown(widget)
    if widget.error:
        require_sentence(widget.error)
        assert widget.error in bundle["text/plain"]
    setattr(widget, trait, good)
    assert widget.error == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXT_OF)
def test_any_text_may_follow_and_the_next_good_one_clears_it(name, nothing_unforeseen):
    trait, good = TEXT_OF[name]
    widget = make(name)
    last, errors = repr(widget), 0
    for text in (TEXTS | OTHERS.get(name, {})).values():
        setattr(widget, trait, text)
        if not widget.error:
            last = repr(widget)
            continue
        errors += 1
        require_sentence(widget.error)
        assert repr(widget) == f"{widget.error}\n{last}", "the error, and the last good state"
        if errors == 1:
            require_shown(widget)
        assert png_base64(blank(widget.error), sharpness=1)  # what stands over the picture
    setattr(widget, trait, good)
    assert widget.error == "" and not widget._message.stale


@pytest.mark.parametrize("name", WIDGETS)
def test_it_is_in_a_lesson_whose_browser_test_presses_its_keys(name):
    call = "ask" if name == "question_card" else "".join(map(str.capitalize, name.split("_")))
    topic = type(make(name)).__module__.split(".")[2]
    if topic in OWED:
        pytest.skip(f"the lesson on {topic} is not written yet")
    sources = [lesson.source.read_text(encoding="utf-8") for lesson in LESSONS if lesson.available]
    assert any(re.search(rf"\b{call}\(", source) for source in sources)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_value_that_a_trait_does_not_take_is_one_sentence_and_changes_nothing(name):
    widget = make(name)
    before, tried = repr(widget), 0
    for trait_name, trait in widget.traits().items():
        if not isinstance(trait, Number | Choice | Flag | Text):
            continue
        value = getattr(widget, trait_name)
        for bad in BAD_VALUES:
            fits_text = isinstance(trait, Text) and isinstance(bad, str)
            is_number = isinstance(trait, Number) and not isinstance(trait, Whole)
            fits_number = is_number and bad in (-1, -0.5) and (trait.min is None or trait.min <= bad)
            if fits_text or fits_number or (isinstance(trait, Flag) and bad is True):
                continue
            if bad is None and trait.allow_none:
                continue
            with pytest.raises(StateError) as refused:
                setattr(widget, trait_name, bad)
            require_sentence(str(refused.value))
            assert getattr(widget, trait_name) == value
            tried += 1
    assert tried >= 10 or name in ("attention_explorer", "fusion_explorer")
    assert repr(widget) == before


OUTSIDE = {
    "merge_stepper": ("step", 9),
    "prompt_explorer": ("selected", 0),
    "decoder_stepper": ("step", 10),
    "attention_steps": ("position", 11),
    "alignment_explorer": ("selected", 10),
    "model_view": ("block", 2),
    "wiring_explorer": ("block", 2),
    "model_view, token": ("token", 7),
    "wave_explorer": ("position", 32),
    "wave_explorer, across": ("dimension", 32),
    "similarity_explorer": ("head", 8),
    "rotating_pair": ("pair", 8),
    "next_token_tree": ("at", 1),
    "question_card": ("chosen", 4),
    "update_explorer": ("rank", 5),
    "side_by_side": ("step", 6),
    "reward_scatter": ("selected", 3),
    "passage_search": ("k", 6),
    "word_scores": ("place", 11),
    "passage_order": ("place", 4),
    "call_tree": ("task", 3),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_index_out_of_range_is_one_sentence_and_changes_nothing(name):
    trait, place = OUTSIDE[name]
    widget = make(name)
    before, value = repr(widget), getattr(widget, trait)
    for outside in (place, 10**6, -1):
        with pytest.raises(StateError) as refused:
            setattr(widget, trait, outside)
        require_sentence(str(refused.value))
        assert getattr(widget, trait) == value and repr(widget) == before
        if name != "alignment_explorer":
            with pytest.raises(ValueError) as refused:
                make(name, **{trait: outside})
            assert type(refused.value) is ValueError
            require_sentence(str(refused.value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1, 1e9])
@pytest.mark.parametrize(
    ("name", "trait"),
    [
        ("prompt_explorer", "temperature"),
        ("decoder_stepper", "teacher_forcing"),
        ("video_search", "sharpness"),
        ("update_explorer", "scale"),
        ("answer_rewards", "beta"),
    ],
)
def test_a_constructor_refuses_a_number_in_one_sentence(name, trait, value):
    with pytest.raises(ValueError, match=rf"{trait} is .*; it must be a number from 0 to \d+\.") as refused:
        make(name, **{trait: value})
    assert type(refused.value) is ValueError


def test_numbers_of_numpy_are_numbers():
    import numpy as np

    widget = make("merge_stepper")
    widget.step = np.int64(3)
    assert widget.step == 3 and type(widget.step) is int
