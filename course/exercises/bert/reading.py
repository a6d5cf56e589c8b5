"""Exercise on what BERT reads: one text or two as tokens, with the type and the position of each."""

from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _

WORDS = ("who", "is", "he", "the", "king", "of", "france", "?", "paris", "was", "born")


def pair_input(first: list[str], second: list[str]) -> tuple[list[str], list[int], list[int]]:
    """What BERT reads: the tokens of one text or of two, the type of each, and its position.

    [CLS] comes first, and a [SEP] after each text. The type is 0 for the first text, with the [CLS]
    before and the [SEP] after it, and 1 for the second text with its own [SEP]. Positions count
    from 0 to the end. Where `second` is empty there is one text, with one [SEP].

    >>> pair_input(["who", "?"], ["me"])
    (['[CLS]', 'who', '?', '[SEP]', 'me', '[SEP]'], [0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 4, 5])
    >>> pair_input(["me"], [])
    (['[CLS]', 'me', '[SEP]'], [0, 0, 0], [0, 1, 2])
    """
    one = ["[CLS]", *first, "[SEP]"]
    other = [*second, "[SEP]"] if second else []
    return one + other, [0] * len(one) + [1] * len(other), list(range(len(one) + len(other)))


def _pair_input_cases() -> list[tuple]:
    rng = Random(11)
    cases: list[tuple] = [
        (["who", "?"], ["me"]),
        (["me"], []),
        (["paris"], ["the", "king", "of", "france"]),
        (["who", "is", "he", "?"], []),
        (["he"], ["was"]),
        (["born", "?"], []),
    ]
    for _case in range(8):
        cases.append(tuple([rng.choice(WORDS) for _token in range(rng.randint(1, 6))] for _text in range(2)))
    return cases


def _with(tokens=None, types=None, positions=None):
    """The right answer with one of its results made in another way, from both texts."""

    def wrong(first, second):
        right = pair_input(first, second)
        made = (tokens, types, positions)
        return tuple(make(first, second) if make else one for make, one in zip(made, right, strict=True))

    return wrong


def _of_tokens(make):
    """Other tokens, and types and positions that fit them: `make` gives the tokens of both types."""

    def wrong(first, second):
        one, other = make(first, second)
        return one + other, [0] * len(one) + [1] * len(other), list(range(len(one) + len(other)))

    return wrong


def _types_alone(first, second):
    return pair_input(first, second)[1]


def _tokens_alone(first, second):
    return pair_input(first, second)[0]


def _without_positions(first, second):
    return pair_input(first, second)[:2]


def _types_and_positions_exchanged(first, second):
    tokens, types, positions = pair_input(first, second)
    return tokens, positions, types


def _second_first(first, second):
    return pair_input(second, first) if second else pair_input(first, second)


PAIR_INPUT = Exercise(
    name="bert.pair_input",
    title=_("One text or two"),
    solution=pair_input,
    cases=_pair_input_cases,
    hints=(
        _("Make the two parts first: `[CLS]`, the first text, `[SEP]`; then the second text with its `[SEP]`."),
        _("Types: as many zeros as the first part is long, then ones. `[0] * n` is a list of n zeros."),
    ),
    mistakes=(
        Mistake(
            _of_tokens(lambda first, second: (["[CLS]", *first, "[SEP]"], [*second, "[SEP]"])),
            _("Where the second text is empty you still add its [SEP]. One text has **one** [SEP]."),
        ),
        Mistake(
            _of_tokens(lambda first, second: (["[CLS]", *first], ["[SEP]", *second, "[SEP]"] if second else ["[SEP]"])),
            _("The first [SEP] has the type 1 in your answer. It closes the **first** text, so its type is 0."),
        ),
        Mistake(
            _of_tokens(lambda first, second: (["[CLS]", *first, "[SEP]"], list(second))),
            _("The [SEP] after the second text is missing. Each text is closed by one."),
        ),
        Mistake(
            _of_tokens(lambda first, second: (["[CLS]", *first], [*second, "[SEP]"])),
            _("There is no [SEP] between your two texts: the first text needs one, too."),
        ),
        Mistake(
            _of_tokens(lambda first, second: ([*first, "[SEP]"], [*second, "[SEP]"] if second else [])),
            _("[CLS] is missing: it comes before the first text."),
        ),
        Mistake(
            _of_tokens(
                lambda first, second: (["[CLS]", *first, "[SEP]"], ["[CLS]", *second, "[SEP]"] if second else [])
            ),
            _("You put a [CLS] before each text. There is one, at the very beginning."),
        ),
        Mistake(
            _of_tokens(lambda first, second: (first, second)), _("The special tokens are missing: [CLS] and [SEP].")
        ),
        Mistake(
            _with(types=lambda first, second: [0] * (len(first) + 2) + [1] * len(second) + ([0] if second else [])),
            _("The last [SEP] has the type 0 in your answer. It belongs to the second text: type 1."),
        ),
        Mistake(
            _with(types=lambda first, second: [1] * (len(first) + 2) + [2] * (len(second) + bool(second))),
            _("Your types are 1 and 2. They count from 0: 0 for the first text, 1 for the second."),
        ),
        Mistake(
            _with(types=lambda first, second: [1] * (len(first) + 2) + [0] * (len(second) + bool(second))),
            _("Your types are exchanged: 0 is the first text, 1 the second."),
        ),
        Mistake(
            _with(types=lambda first, second: [0] * len(pair_input(first, second)[0])),
            _("All your types are 0. Those of the second text are 1: nothing else tells it from the first."),
        ),
        Mistake(
            _with(types=lambda first, second: [0] * len(first) + [1] * len(second)),
            _("Your types have no entry for the special tokens. Each of them has a type, too."),
        ),
        Mistake(
            _with(positions=lambda first, second: [*range(len(first) + 2), *range(len(second) + bool(second))]),
            _("Your positions start again at the second text. In BERT they count on to the end."),
        ),
        Mistake(
            _with(positions=lambda first, second: list(range(1, len(pair_input(first, second)[0]) + 1))),
            _("Your positions count from 1. The position of [CLS] is 0."),
        ),
        Mistake(
            _with(positions=lambda first, second: list(range(len(first) + len(second)))),
            _("Your positions have no entry for the special tokens. Each of them has a position, too."),
        ),
        Mistake(_second_first, _("Your texts are exchanged: the first one comes first.")),
        Mistake(_tokens_alone, _("The types and the positions are missing: return three lists.")),
        Mistake(_types_alone, _("You return the types alone: return the tokens, the types, and the positions.")),
        Mistake(_without_positions, _("The positions are missing: return the tokens, the types, and the positions.")),
        Mistake(_types_and_positions_exchanged, _("Types and positions are exchanged: the types come before them.")),
    ),
    explanation=_(
        "The first [SEP] ends the first text and has its type; the positions run through both. The two texts are told "
        "apart by their type, and each of the three lists gets an embedding of its own."
    ),
    corners=(Corner(lambda first, second: not second, _("A single text has one [SEP], and all its types are 0.")),),
    results=(_("tokens"), _("types"), _("positions")),
)
