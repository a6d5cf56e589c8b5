"""Exercise on sentence order prediction: two segments of a document, in order or swapped, and their label."""

from random import Random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _

SENTENCES = ("It rained.", "We left.", "The road was wet.", "Nobody spoke.", "Then it stopped.", "We came home.")


def order_pair(sentences: list[str], cut: int, swapped: bool) -> tuple[str, str, int]:
    """A pair for sentence order prediction: two consecutive segments of a document, and a label.

    One segment has the first `cut` sentences, the other the rest, each joined by spaces. Where
    `swapped` is true, the segment that came second is shown first. Inside a segment the sentences
    keep their order. The label is 0 for a pair in its order and 1 for a swapped one.

    >>> order_pair(["It rained.", "We left.", "It stopped."], 2, False)
    ('It rained. We left.', 'It stopped.', 0)
    >>> order_pair(["It rained.", "We left.", "It stopped."], 2, True)
    ('It stopped.', 'It rained. We left.', 1)
    """
    first, second = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    return (second, first, 1) if swapped else (first, second, 0)


def _order_pair_cases() -> list[tuple]:
    rng = Random(13)
    cases: list[tuple] = [
        (["It rained.", "We left.", "It stopped."], 2, False),
        (["It rained.", "We left.", "It stopped."], 2, True),
        (["It rained.", "We left."], 1, True),
        (["It rained.", "We left."], 1, False),
        (["We left.", "It rained.", "Nobody spoke.", "We came home."], 1, True),
    ]
    for number in range(8):
        sentences = rng.sample(SENTENCES, rng.randint(3, 6))
        cases.append((sentences, rng.randint(1, len(sentences) - 1), number % 2 == 0))
    return cases


def _label_turned_round(sentences, cut, swapped):
    first, second, label = order_pair(sentences, cut, swapped)
    return first, second, 1 - label


def _never_swapped(sentences, cut, swapped):
    return *order_pair(sentences, cut, False)[:2], int(swapped)


def _always_swapped(sentences, cut, swapped):
    return *order_pair(sentences, cut, True)[:2], int(swapped)


def _other_way(sentences, cut, swapped):
    return *order_pair(sentences, cut, not swapped)[:2], int(swapped)


def _all_turned_round(sentences, cut, swapped):
    return order_pair(sentences, cut, not swapped)


def _nothing_swapped(sentences, cut, swapped):
    return order_pair(sentences, cut, False)


def _swapped_in_all(sentences, cut, swapped):
    return order_pair(sentences, cut, True)


def _label_always(label):
    def wrong(sentences, cut, swapped):
        return *order_pair(sentences, cut, swapped)[:2], label

    return wrong


def _document_reversed(sentences, cut, swapped):
    shown = sentences[::-1] if swapped else sentences
    return " ".join(shown[:cut]), " ".join(shown[cut:]), int(swapped)


def _each_reversed(sentences, cut, swapped):
    first, second = " ".join(sentences[:cut][::-1]), " ".join(sentences[cut:][::-1])
    return (second, first, 1) if swapped else (first, second, 0)


def _halves_by_count(sentences, cut, swapped):
    """The document turned round its cut, and then cut at the same number again."""
    shown = sentences[cut:] + sentences[:cut] if swapped else sentences
    return " ".join(shown[:cut]), " ".join(shown[cut:]), int(swapped)


def _cut_earlier(sentences, cut, swapped):
    return order_pair(sentences, cut - 1, swapped)


def _cut_later(sentences, cut, swapped):
    return order_pair(sentences, cut + 1, swapped)


def _sentence_left_out(sentences, cut, swapped):
    return order_pair([*sentences[:cut], *sentences[cut + 1 :]], cut, swapped)


def _two_sentences(sentences, cut, swapped):
    return order_pair([sentences[cut - 1], sentences[cut]], 1, swapped)


def _joined(by):
    def wrong(sentences, cut, swapped):
        first, second = by.join(sentences[:cut]), by.join(sentences[cut:])
        return (second, first, 1) if swapped else (first, second, 0)

    return wrong


def _space_at_the_end(sentences, cut, swapped):
    first, second, label = order_pair(sentences, cut, swapped)
    return f"{first} ", f"{second} ", label


def _space_in_front(sentences, cut, swapped):
    first, second, label = order_pair(sentences, cut, swapped)
    return f" {first}", f" {second}", label


def _lists(sentences, cut, swapped):
    first, second = sentences[:cut], sentences[cut:]
    return (second, first, 1) if swapped else (first, second, 0)


def _without_label(sentences, cut, swapped):
    return order_pair(sentences, cut, swapped)[:2]


def _label_first(sentences, cut, swapped):
    first, second, label = order_pair(sentences, cut, swapped)
    return label, first, second


ORDER_PAIR = Exercise(
    name="bert.order_pair",
    title=_("In order, or swapped"),
    solution=order_pair,
    cases=_order_pair_cases,
    hints=(
        _("Make both segments first, `sentences[:cut]` and `sentences[cut:]`, and only then decide about the order."),
        _('`" ".join(part)` makes a text of a segment. A swapped pair is `second, first, 1`.'),
    ),
    mistakes=(
        Mistake(_label_turned_round, _("Your labels are turned round: 0 is in order, 1 is swapped.")),
        Mistake(_never_swapped, _("The label says swapped, but your segments stay in their order. Exchange them.")),
        Mistake(_always_swapped, _("You exchange the segments every time. Do so only where `swapped` is true.")),
        Mistake(_other_way, _("You exchange the segments where `swapped` is false. Do so where it is true.")),
        Mistake(_all_turned_round, _("You exchange the segments, and give the label 1, where `swapped` is **false**.")),
        Mistake(
            _nothing_swapped, _("You never exchange the segments. Where `swapped` is true, show the second first.")
        ),
        Mistake(_swapped_in_all, _("You exchange the segments every time, even where `swapped` is **false**.")),
        Mistake(_label_always(0), _("Your label is always 0. A swapped pair has the label 1.")),
        Mistake(_label_always(1), _("Your label is always 1. A pair in its order has the label 0.")),
        Mistake(
            _document_reversed,
            _("You turn all **sentences** round. Exchange the two segments; inside, the sentences keep their order."),
        ),
        Mistake(_each_reversed, _("Inside your segments the sentences are in reverse. They keep their order.")),
        Mistake(
            _halves_by_count,
            _("Your swapped pair is cut at another place: cut the document first, and exchange the segments then."),
        ),
        Mistake(_cut_earlier, _("You cut one sentence too early: the one segment has the first `cut` sentences.")),
        Mistake(_cut_later, _("You cut one sentence too late: the one segment has the first `cut` sentences.")),
        Mistake(_sentence_left_out, _("The sentence at the cut is missing: the rest begins with `sentences[cut]`.")),
        Mistake(
            _two_sentences,
            _("You take the two sentences at the cut alone. A segment has **all** sentences on its side."),
        ),
        Mistake(_joined(""), _("There is no space between your sentences: join them by one.")),
        Mistake(_joined("\n"), _("You join the sentences by line ends. Join them by spaces.")),
        Mistake(
            _space_at_the_end, _("Your segments end in a space. Put one **between** sentences, none after the last.")
        ),
        Mistake(_space_in_front, _("Your segments begin with a space. Put one **between** sentences alone.")),
        Mistake(_lists, _("Your segments are lists of sentences. Join the sentences of each to one text.")),
        Mistake(_without_label, _("The label is missing: return both segments and the label.")),
        Mistake(_label_first, _("The label comes last: return the two segments, then the label.")),
    ),
    explanation=_(
        "The wrong pair has the very sentences of the right one. So neither the words nor the topic can tell them "
        "apart: only the order is left to learn from."
    ),
    results=(_("the segment shown first"), _("the segment shown second"), _("label")),
)
