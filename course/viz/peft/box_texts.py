"""What is written on a module's box, in the page and in the picture of it."""

from collections.abc import Sequence

from course.messages import _
from course.viz.peft.wiring import AGAIN, Box, Wiring

PUT = "+"  # the sign of what the method put there, beside its color and its edge


def legend(wiring: Wiring) -> list[str]:
    """What colors, signs and directions mean, a sentence each."""
    said = [
        _("A box reads what the arrow to it comes from; where there is none between two, neither reads the other."),
        _("Orange with a thick edge and {sign}: put there by the method.").format(sign=PUT),
        _("Blue with a thick edge: the head, which is trained, too."),
    ]
    shown = (True, bool(wiring.places), bool(wiring.head))
    return [sentence for sentence, is_shown in zip(said, shown, strict=True) if is_shown]


def steps_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """The boxes in the order of computation, those together that are beside one another."""
    steps: list[list[Box]] = []
    for box in boxes:
        if box.beside and steps:
            steps[-1].append(box)
        else:
            steps.append([box])
    return steps


def is_again(box: Box) -> bool:
    """Whether the box only refers to a module that is drawn elsewhere."""
    return box.note == AGAIN


def is_head(box: Box) -> bool:
    """Whether the box has trained numbers without the method: those of a head."""
    return bool(box.trained) and not any(each.own or each.part for each in box.all())


def numbers_in(box: Box) -> str:
    """How many numbers a box has that are frozen, and how many that are trained, where no line of its own says it."""
    if box.note and not (box.frozen or box.trained):
        return ""
    frozen = _("{n} frozen").format(n=f"{box.frozen:,}") if box.frozen else ""
    trained = "" if _is_one_part(box) else _trained(box)
    return ", ".join(filter(None, (frozen, trained))) or _("no weights")


def lines_of(box: Box) -> list[str]:
    """What is below a box's name, a line each, without what the method put there."""
    return [line for line in (box.size, numbers_in(box), box.note) if line]


def put_there(box: Box) -> list[str]:
    """The lines on what the method put in the place of this module: a class, its own tensors, and their numbers."""
    if not box.part:
        return []
    trained = [_trained(box)] if _is_one_part(box) and box.trained else []
    return [f"{PUT} {box.part}", *box.added, *trained]


def _is_one_part(box: Box) -> bool:
    """Whether all that the method trains in a box is named by its lines."""
    return bool(box.part) and not box.inside


def _trained(box: Box) -> str:
    return _("{n} trained").format(n=f"{box.trained:,}") if box.trained else ""


def put_in_words(box: Box) -> str:
    """What the method put in this place, in one line, with all tensors that it trains there."""
    tensors = ", ".join([*box.added, *(f"{own.name} {own.size}" for own in _own_in(box))])
    told = f"{box.part} ({tensors})" if tensors else box.part
    return _("{place}: {what}").format(place=box.place, what=told)


def _own_in(box: Box) -> list[Box]:
    """The method's own trained modules in a part, without those of another part in it."""
    found = []
    for inside in box.inside:
        if not inside.part:
            found += [inside] if inside.own and inside.size and inside.trained else []
            found += _own_in(inside)
    return found


def ranges(numbers: Sequence[int]) -> str:
    """Rising whole numbers with runs of three or more shortened: 0–3, 5, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
