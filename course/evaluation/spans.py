"""Named entities: from one label a word to spans, and how many spans were found exactly.

The labels are those of the CoNLL-2003 shared task: B-PER begins a person, I-PER continues it, O is outside any name.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course.evaluation.summed import Items, SummedMeasure, ratio
from course.messages import _

OUTSIDE = "O"


class Span(NamedTuple):
    """An entity: its type, its first word, and the word after its last."""

    type: str
    start: int
    end: int


class SpanScores(NamedTuple):
    """Precision, recall and F1 of spans, from 0 to 1, with what they were counted from."""

    precision: float
    recall: float
    f1: float
    right: int
    predicted: int
    true: int


def named_spans(labels: Sequence[str], *, repair: bool = True) -> list[Span]:
    """The entities of a sentence with one label for each word.

    An I- that continues nothing of its type follows no rule, and every evaluation has to read it somehow. With
    `repair` it begins an entity, as the shared task's script `conlleval` reads it; without, it is outside.
    Raises `ValueError` for a label that is not O and does not begin with B- or I-.

    Source: Tjong Kim Sang and De Meulder 2003, section 2.
    """
    spans: list[Span] = []
    is_open = False
    for place, label in enumerate(labels):
        prefix, _dash, kind = label.partition("-")
        if label != OUTSIDE and not (prefix in ("B", "I") and kind):
            raise ValueError(
                _("{label!r} is no label of an entity: give 'O', or 'B-' or 'I-' and a type.").format(label=label)
            )
        continues = prefix == "I" and is_open and spans[-1].type == kind
        if continues:
            spans[-1] = spans[-1]._replace(end=place + 1)
        elif prefix == "B" or (prefix == "I" and repair):
            spans.append(Span(kind, place, place + 1))
            is_open = True
        else:
            is_open = False
    return spans


def span_scores(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], *, repair: bool = True
) -> dict[str, SpanScores]:
    """How many entities were found: by type, and of all types together (micro) under the name "all".

    An entity counts as found when type, first and last word are the same; a half counts as nothing, once as missed and
    once as invented. Both sides are read with the same `repair`. Undefined ratios are 0, as in conlleval. Raises
    `ValueError` when there are not as many sentences, or words of a sentence, on both sides.

    Source: Tjong Kim Sang and De Meulder 2003, section 2.
    """
    if len(true) != len(predicted):
        raise ValueError(
            _("There are {true} sentences and {predicted} predictions; each needs one.").format(
                true=len(true), predicted=len(predicted)
            )
        )
    counts: dict[str, Counter[str]] = {"right": Counter(), "predicted": Counter(), "true": Counter()}
    for number, (right, found) in enumerate(zip(true, predicted, strict=True)):
        if len(right) != len(found):
            raise ValueError(
                _("Sentence {number} has {words} words and {labels} predicted labels; each word needs one.").format(
                    number=number, words=len(right), labels=len(found)
                )
            )
        of_truth, of_model = (set(named_spans(labels, repair=repair)) for labels in (right, found))
        for name, spans in (("right", of_truth & of_model), ("predicted", of_model), ("true", of_truth)):
            counts[name].update(span.type for span in spans)
    kinds = sorted(counts["true"] | counts["predicted"])
    by_type = {kind: _scores(*(counts[name][kind] for name in counts)) for kind in kinds}
    return {"all": _scores(*(counts[name].total() for name in counts)), **by_type}


def span_f1_measure() -> SummedMeasure:
    """The F1 of all types together, for resampling: an item is a sentence, its labels in the order of its words.

    Undefined, and 0, where nothing is an entity and none was predicted.
    """

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        found = [span_scores([right], [one])["all"] for right, one in zip(true, predicted, strict=True)]
        return np.array([(2 * one.right, one.predicted + one.true) for one in found], dtype=np.float64)

    return SummedMeasure("F1", of_items, ratio)


def _scores(right: int, predicted: int, true: int) -> SpanScores:
    both = predicted + true
    return SpanScores(
        right / predicted if predicted else 0.0,
        right / true if true else 0.0,
        2 * right / both if both else 0.0,
        right,
        predicted,
        true,
    )
