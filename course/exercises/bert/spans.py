"""Exercises on spans: how long they are, and from where the boundary objective looks at each hidden token."""

from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _

# --- How long a span is ---


def span_probabilities(p: float, longest: int) -> list[float]:
    """How probable a span of 1, 2, …, `longest` words is.

    By the geometric distribution n words have the chance p * (1 - p) ** (n - 1): after each word
    the span ends with the chance p. Spans that are longer than `longest` are not drawn. The chances
    of the others are divided by their sum, so that they sum to 1 again.

    >>> span_probabilities(0.5, 2)
    [0.6666666666666666, 0.3333333333333333]
    """
    chances = [p * (1 - p) ** (n - 1) for n in range(1, longest + 1)]
    return [chance / sum(chances) for chance in chances]


def _span_probabilities_cases() -> list[tuple]:
    return [
        (0.5, 2),
        (0.5, 3),
        (0.2, 10),
        (0.25, 4),
        (0.9, 5),
        (0.1, 7),
        (0.3, 1),
        (0.2, 5),
        (0.75, 6),
    ]


def _geometric(p, longest, first=1):
    return [p * (1 - p) ** (n - first) for n in range(first, longest + first)]


def _normal(chances):
    return [chance / sum(chances) for chance in chances]


def _piled_up(p, longest):
    chances = _geometric(p, longest)
    return [*chances[:-1], 1 - sum(chances[:-1])]


def _ends_exchanged(p, longest):
    return _normal([(1 - p) * p ** (n - 1) for n in range(1, longest + 1)])


def _linear(p, longest):
    return _normal([p * (1 - p) * n for n in range(1, longest + 1)])


def _from_0(p, longest):
    return _normal([p * (1 - p) ** n for n in range(longest + 1)])


def _one_fewer(p, longest):
    return _normal(_geometric(p, max(1, longest - 1)))


def _uniform(p, longest):
    return [1 / longest] * longest


def _by_the_largest(p, longest):
    chances = _geometric(p, longest)
    return [chance / chances[0] for chance in chances]


def _longest_first(p, longest):
    return _normal(_geometric(p, longest))[::-1]


def _sums(p, longest):
    chances, found = _normal(_geometric(p, longest)), []
    for chance in chances:
        found.append(chance + (found[-1] if found else 0.0))
    return found


def _mean_length(p, longest):
    return sum(n * chance for n, chance in enumerate(_normal(_geometric(p, longest)), 1))


def _softmax(p, longest):
    return _normal([2.718281828459045**chance for chance in _geometric(p, longest)])


SPAN_PROBABILITIES = Exercise(
    name="bert.span_probabilities",
    title=_("How long is a span?"),
    solution=span_probabilities,
    cases=_span_probabilities_cases,
    hints=(
        _("Make the list of p * (1 - p) ** (n - 1) first, with n from 1 to `longest`."),
        _("Their sum is below 1: what is missing belonged to longer spans. Divide each by `sum(chances)`."),
    ),
    mistakes=(
        Mistake(
            _geometric,
            _("Your chances do not sum to 1: those of the longer spans are missing. Divide by what is left."),
        ),
        Mistake(
            _piled_up,
            _("You give the longest span the chance of all longer ones, too. They are **not drawn**: share it out."),
        ),
        Mistake(_ends_exchanged, _("p and 1 - p are exchanged: p is the chance that the span **ends** after a word.")),
        Mistake(_linear, _("You multiply by n - 1 where it is an exponent: (1 - p) ** (n - 1).")),
        Mistake(_from_0, _("Your list begins with a span of 0 words. The shortest has one.")),
        Mistake(_one_fewer, _("Your list ends one too early: a span of `longest` words can be drawn.")),
        Mistake(_uniform, _("All your lengths have the same chance. Each further word makes a span less probable.")),
        Mistake(
            _by_the_largest,
            _("Your first chance is 1. Divide by the sum of all of them, not by the largest, nor leave out p alone."),
        ),
        Mistake(_longest_first, _("Your list is reversed: the chance of a single word comes first.")),
        Mistake(_sums, _("You return running sums, the chance of **at most** n words. Wanted is that of exactly n.")),
        Mistake(_mean_length, _("You return the mean length. Wanted is the chance of each length.")),
        Mistake(_softmax, _("You apply softmax. The chances are positive already: divide each by their sum.")),
    ),
    explanation=_(
        "All lengths keep their proportions: each is 1 - p times as probable as the one before, and a division by a "
        "common number changes no ratio."
    ),
    corners=(Corner(lambda p, longest: longest == 1, _("Where one word is the most, its chance is 1.")),),
)


# --- From where the boundary objective looks ---


def boundary_positions(spans: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """From where the span boundary objective predicts each hidden token: left, right, and place.

    A span is (first, last): the positions of its first and of its last hidden token. For each
    hidden token, span after span: the position just before its span, the position just after its
    span, and its place in the span, counted from 0.

    >>> boundary_positions([(3, 4), (8, 8)])
    [(2, 5, 0), (2, 5, 1), (7, 9, 0)]
    """
    return [(first - 1, last + 1, number - first) for first, last in spans for number in range(first, last + 1)]


def _boundary_positions_cases() -> list[tuple]:
    rng = Random(14)
    cases: list[tuple] = [
        ([(3, 4), (8, 8)],),
        ([(1, 3)],),
        ([(5, 5)],),
        ([],),
        ([(2, 6), (9, 10), (14, 14)],),
    ]
    for _case in range(8):
        spans, end = [], 0
        for _span in range(rng.randint(1, 4)):
            first = end + rng.randint(2, 5)
            end = first + rng.randint(0, 4)
            spans.append((first, end))
        cases.append((spans,))
    return cases


def _for_each(make):
    """What `make` gives of each hidden token, from its span's ends and its own position."""

    def wrong(spans):
        return [make(first, last, number) for first, last in spans for number in range(first, last + 1)]

    return wrong


def _last_left_out(spans):
    return [row for first, last in spans for row in boundary_positions([(first, last)])[:-1]]


def _once_a_span(spans):
    return [(first - 1, last + 1, 0) for first, last in spans]


def _running_place(spans):
    return [(left, right, number) for number, (left, right, _place) in enumerate(boundary_positions(spans))]


def _by_span(spans):
    return [boundary_positions([span]) for span in spans]


def _first_span_alone(spans):
    return boundary_positions(spans[:1])


BOUNDARY_POSITIONS = Exercise(
    name="bert.boundary_positions",
    title=_("From the borders of a span"),
    solution=boundary_positions,
    cases=_boundary_positions_cases,
    hints=(
        _("Two loops: over the spans, and in each over the positions from its first to its last."),
        _("`range(first, last + 1)` has the last one, too. Left is `first - 1` for all of them, right `last + 1`."),
    ),
    mistakes=(
        Mistake(
            _for_each(lambda first, last, number: (first, last, number - first)),
            _("Your borders are the first and the last **hidden** token. The borders are just outside of the span."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first - 1, last + 1, number)),
            _("Your place is the position in the text. Count it from the beginning of the **span**."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first - 1, last + 1, number - first + 1)),
            _("Your place counts from 1: the first token of a span is at 0."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first - 1, last + 1, last - number)),
            _("Your place counts from the end of the span. Count from its beginning."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (number - 1, number + 1, number - first)),
            _("You look at the neighbors of each **token**; inside a span these are hidden. Take the span's borders."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (last + 1, first - 1, number - first)),
            _("Left and right are exchanged: first the position before the span, then the one after it."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first - 1, last, number - first)),
            _("Your right border is the last hidden token. The border is the position after it."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first, last + 1, number - first)),
            _("Your left border is the first hidden token. The border is the position before it."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (first - 1, last + 1)),
            _("The place is missing: it is all that tells the tokens of one span apart."),
        ),
        Mistake(
            _for_each(lambda first, last, number: (number - first, first - 1, last + 1)),
            _("The place comes last: left, right, place."),
        ),
        Mistake(_last_left_out, _("The last token of each span is missing: it is hidden, too.")),
        Mistake(_once_a_span, _("You have one entry a span. Each hidden **token** is predicted, so each has its own.")),
        Mistake(_running_place, _("Your place counts on through all spans. It begins at 0 in each.")),
        Mistake(_by_span, _("You have a list for each span. Put all hidden tokens in one list.")),
        Mistake(_first_span_alone, _("You stop after the first span. Go through all of them.")),
    ),
    explanation=_(
        "All tokens of a span share their two borders. Their places differ, and without them the objective would have "
        "to give all of them the same guess."
    ),
    corners=(
        Corner(lambda spans: not spans, _("Without spans there is nothing to predict: an empty list.")),
        Corner(
            lambda spans: any(first == last for first, last in spans),
            _("A span of one token has `first` equal to `last`; its borders are the two neighbors."),
        ),
    ),
)
