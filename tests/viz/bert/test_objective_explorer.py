"""One text through every objective: the labels that are shown are those of the loss."""

import pytest

from course.viz.bert.objective_explorer import DETECTED, KINDS, NAMES
from tests.support.widgets import objective_explorer


@pytest.mark.parametrize("name", NAMES)
def test_a_label_is_below_each_position_that_carries_loss_and_no_other(name):
    widget = objective_explorer(objective=name)
    assert not widget.error
    noted = [token for token in widget.tokens if token.note]
    assert noted and all((token.strength or 0) > 0 for token in noted)
    assert all(token.strength == 0 for token in widget.tokens if not token.note)
    assert f"{len(noted)} of {len(widget.tokens)} positions" in widget.summary()
    kind = KINDS[name]
    if kind.labels in DETECTED:
        assert len(noted) == len(widget.tokens)
        assert not any(token.text == "[MASK]" for token in widget.tokens)
    elif kind.labels:
        assert [token.text for token in noted] == ["[CLS]"]
    else:
        assert 0 < len(noted) < len(widget.tokens)


@pytest.mark.parametrize("name", [name for name in NAMES if KINDS[name].labels in DETECTED])
def test_a_changed_token_stands_out_among_the_others(name):
    widget = objective_explorer(objective=name, text="The people of the states. The union of the people.")
    labels = KINDS[name].labels
    for draw in range(8):
        widget.draw = draw
        strengths = {label: {token.strength for token in widget.tokens if token.note == label} for label in labels}
        own, changed = (strengths[label] for label in labels)
        assert len(own) == 1 and len(changed) <= 1 and all(max(own) < one for one in changed)
        if changed:
            return
    raise AssertionError("no draw changes a token")


@pytest.mark.parametrize("name", NAMES)
def test_another_draw_is_another_corruption_and_the_same_is_the_same(name):
    widget = objective_explorer(objective=name, text="The people of the states. The union of the people.")
    seen = []
    for draw in range(8):
        widget.draw = draw
        seen.append(widget.summary())
    assert len(set(seen)) > 1
    widget.draw = 0
    assert widget.summary() == seen[0]


def test_a_text_of_one_sentence_is_cut_in_the_middle():
    widget = objective_explorer(text="the people of the states", objective=NAMES[2])
    assert [token.text for token in widget.tokens].count("[SEP]") == 2
    widget.text = ""
    assert widget.error


def test_the_choice_is_one_of_the_names():
    with pytest.raises(ValueError, match="objective is 'x'"):
        objective_explorer(objective="x")
