"""The bars of an `UpdateReading`: singular values, norms, and the answers of the model in its three states."""

from course.evaluation import three_digits
from course.messages import _, ngettext
from course.viz.kit.html import Bar
from course.viz.kit.text import number, percent
from course.viz.peft.update_reading import CHANGED, TRAINED, WITHOUT, UpdateReading

MOST_VALUES, MOST_CLASSES = 16, 4
KEPT, CUT = _("kept"), _("cut")


def value_rows(reading: UpdateReading) -> list[Bar]:
    """The largest singular values of ΔW, scaled; those that are kept are marked, and all say which they are."""
    form = three_digits(reading.values[0])
    return [
        Bar(str(place), reading.factor * value, format(reading.factor * value, form), place <= reading.rank, note)
        for place, value in enumerate(reading.values[:MOST_VALUES], start=1)
        for note in [KEPT if place <= reading.rank else CUT]
    ]


def unshown_values(reading: UpdateReading) -> str:
    """A sentence on the singular values that have no bar; empty where all have one."""
    hidden = len(reading.values) - MOST_VALUES
    if hidden <= 0:
        return ""
    return ngettext("{n} smaller one is not shown.", "{n} smaller ones are not shown.", hidden).format(n=hidden)


def share_rows(reading: UpdateReading) -> list[Bar]:
    """What the rank keeps of ‖ΔW‖²: in this matrix, and in all of them together."""
    of_all = ngettext("the one matrix", "all {n} matrices", reading.n_places).format(n=reading.n_places)
    shares = {_("this matrix"): reading.place_share, of_all: reading.share}
    return [Bar(name, share, percent(share, 1)) for name, share in shares.items() if share is not None]


def norm_rows(reading: UpdateReading) -> list[Bar]:
    """‖ΔW‖ beside ‖W‖, in numbers of three digits and as a share."""

    def row(name: str, norm: float, marked: bool = False) -> Bar:
        share = _("{share} of ‖W‖").format(share=percent(norm / reading.frozen_norm, 1)) if reading.frozen_norm else ""
        return Bar(name, norm, format(norm, three_digits(norm)), marked, share)

    return [
        Bar(_("W, frozen"), reading.frozen_norm, format(reading.frozen_norm, three_digits(reading.frozen_norm))),
        row(_("ΔW as trained"), reading.trained_norm),
        row(_("ΔW cut and scaled"), reading.changed_norm, marked=True),
    ]


def answer_rows(reading: UpdateReading) -> dict[str, list[Bar]]:
    """By class, its probability and its logit in the three states; of many classes, those that are ever the highest."""
    probabilities = reading.probabilities
    highest = [max(probabilities[state][place] for state in probabilities) for place in range(len(reading.classes))]
    shown = sorted(sorted(range(len(highest)), key=lambda place: -highest[place])[:MOST_CLASSES])
    return {
        reading.classes[place]: [
            Bar(
                state,
                probabilities[state][place],
                percent(probabilities[state][place], 1),
                state == CHANGED,
                _("logit {logit}").format(logit=number(reading.logits[state][place].item(), sign=True)),
            )
            for state in (WITHOUT, CHANGED, TRAINED)
        ]
        for place in shown
    }
