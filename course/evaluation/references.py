"""What measures of texts against references share: their checks, and the signature that names how one was computed."""

from collections.abc import Sequence

from course.evaluation.summed import Items
from course.messages import _


def signature(references: Sequence[Sequence[str]], **choices: object) -> str:
    """The choices behind a number, in sacrebleu's form: "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp".

    "nrefs" is "var" where sentences have different numbers of references. It lacks sacrebleu's version, since that
    package did not compute the number.

    Source: Post 2018, "A Call for Clarity in Reporting BLEU Scores".
    """
    sizes = {len(each) for each in references}
    n_references = sizes.pop() if len(sizes) == 1 else "var"
    parts = {"nrefs": n_references, "case": "mixed"} | choices
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def require_references(predictions: Items, references: Items) -> None:
    """Raises `ValueError` for no predictions, not as many lists of references, and a sentence without a reference.

    Raises `TypeError` for a prediction or a reference that is no text, and for one text in place of a list.
    """
    if isinstance(predictions, str):
        raise TypeError(_("The predictions are one text; give a list with one text for each item."))
    if len(predictions) != len(references):
        raise ValueError(
            _(
                "There are {predictions} predictions and {references} lists of references; each prediction needs one. "
                "references[i] are those of prediction i, unlike the streams of sacrebleu."
            ).format(predictions=len(predictions), references=len(references))
        )
    if not len(predictions):
        raise ValueError(_("There are no items to measure. Give one or more."))
    for number, (prediction, each) in enumerate(zip(predictions, references, strict=True)):
        if isinstance(each, str):
            raise TypeError(
                _("The reference {reference!r} of item {number} is one text; put it into a list.").format(
                    reference=each, number=number
                )
            )
        if not len(each):
            raise ValueError(_("Item {number} has no reference; give it one, or leave it out.").format(number=number))
        for text in (prediction, *each):
            if not isinstance(text, str):
                raise TypeError(_("Item {number} has {value!r}, which is no text.").format(number=number, value=text))
