"""Exercise on masked language modeling: what becomes of the chosen tokens."""

from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _

SENTENCE = ("the", "cat", "sat", "on", "the", "mat", "and", "slept")
OTHERS = ("river", "green", "seven", "walks", "under", "paper")


def mask_tokens(
    tokens: list[str],
    chosen: list[int],
    first: list[float],
    second: list[float],
    random: list[str],
) -> list[str]:
    """What BERT reads: of the chosen tokens 80 in 100 are hidden, 10 replaced, and 10 stay.

    `chosen` holds their places. The others have one entry for each chosen place: two numbers drawn
    from 0 to 1, and a random token. The first draw decides whether the token becomes [MASK]. Only
    where it does not, the second draw decides whether the random token takes its place.
    A draw below p happens with the chance p: find the two p. `tokens` itself must not change.

    >>> mask_tokens(["a", "b", "c"], [0, 2], [0.1, 0.9], [0.9, 0.3], ["x", "y"])
    ['[MASK]', 'b', 'y']
    >>> mask_tokens(["a", "b", "c"], [0, 2], [0.85, 0.9], [0.9, 0.7], ["x", "y"])
    ['a', 'b', 'c']
    """
    read = list(tokens)
    for number, place in enumerate(chosen):
        if first[number] < 0.8:
            read[place] = "[MASK]"
        elif second[number] < 0.5:
            read[place] = random[number]
    return read


def _mask_tokens_cases() -> list[tuple]:
    rng = Random(8)
    firsts = (0.05, 0.3, 0.45, 0.6, 0.77, 0.83, 0.86, 0.88, 0.93, 0.97)
    seconds = (0.03, 0.07, 0.15, 0.3, 0.45, 0.55, 0.7, 0.77, 0.85, 0.93, 0.97)
    cases: list[tuple] = [
        (["a", "b", "c"], [0, 2], [0.1, 0.9], [0.9, 0.3], ["x", "y"]),
        (["a", "b", "c"], [0, 2], [0.85, 0.9], [0.9, 0.7], ["x", "y"]),
        (["a", "b", "c"], [1], [0.5], [0.2], ["x"]),
        (["a", "b", "c"], [], [], [], []),
        (["a"], [0], [0.95], [0.4], ["x"]),
        (["a", "b"], [0, 1], [0.9, 0.85], [0.3, 0.2], ["x", "y"]),
        (["a", "b", "c", "d"], [1, 3], [0.9, 0.2], [0.3, 0.6], ["y", "z"]),
        (["a", "b"], [0, 1], [0.9, 0.85], [0.7, 0.8], ["x", "y"]),  # all chosen, all stay
        (["a", "b"], [1], [0.9], [0.2], ["x"]),
    ]
    for _case in range(14):
        n = rng.randint(2, 5)
        chosen = sorted(rng.sample(range(len(SENTENCE)), n))
        draws = [[rng.choice(values) for _place in chosen] for values in (firsts, seconds)]
        cases.append((list(SENTENCE), chosen, *draws, rng.sample(OTHERS, n)))
    return cases


def _by(tokens, chosen, first, second, random, become):
    """`become` says what is at a chosen place, from both draws, the token and the random one."""
    read = list(tokens)
    for place, one, other, token in zip(chosen, first, second, random, strict=True):
        read[place] = become(one, other, tokens[place], token)
    return read


def _threshold(low, high):
    """The draws compared with other chances than these."""

    def wrong(tokens, chosen, first, second, random):
        return _by(
            tokens,
            chosen,
            first,
            second,
            random,
            lambda one, other, token, new: "[MASK]" if one < low else new if other < high else token,
        )

    return wrong


def _one_draw(tokens, chosen, first, second, random):
    return _by(
        tokens,
        chosen,
        first,
        second,
        random,
        lambda one, other, token, new: "[MASK]" if one < 0.8 else new if one < 0.9 else token,
    )


def _random_over_masks(tokens, chosen, first, second, random):
    return _by(
        tokens,
        chosen,
        first,
        second,
        random,
        lambda one, other, token, new: new if other < 0.5 else "[MASK]" if one < 0.8 else token,
    )


def _tenth_over_masks(tokens, chosen, first, second, random):
    return _by(
        tokens,
        chosen,
        first,
        second,
        random,
        lambda one, other, token, new: new if other < 0.1 else "[MASK]" if one < 0.8 else token,
    )


def _first_turned_round(tokens, chosen, first, second, random):
    return _by(
        tokens,
        chosen,
        first,
        second,
        random,
        lambda one, other, token, new: "[MASK]" if one >= 0.8 else new if other < 0.5 else token,
    )


def _second_turned_round(tokens, chosen, first, second, random):
    return _by(
        tokens,
        chosen,
        first,
        second,
        random,
        lambda one, other, token, new: "[MASK]" if one < 0.8 else new if other >= 0.5 else token,
    )


def _draws_exchanged(tokens, chosen, first, second, random):
    return mask_tokens(tokens, chosen, second, first, random)


def _by_number(tokens, chosen, first, second, random):
    """The number of the chosen token taken for its place."""
    return mask_tokens(tokens, list(range(len(chosen))), first, second, random)


def _chosen_alone(tokens, chosen, first, second, random):
    read = mask_tokens(tokens, chosen, first, second, random)
    return [read[place] for place in chosen]


def _not_chosen_hidden(tokens, chosen, first, second, random):
    return [token if place in chosen else "[MASK]" for place, token in enumerate(tokens)]


def _first_random_token(tokens, chosen, first, second, random):
    return mask_tokens(tokens, chosen, first, second, random[:1] * len(random))


def _other_name(tokens, chosen, first, second, random):
    read = mask_tokens(tokens, chosen, first, second, random)
    return ["MASK" if token == "[MASK]" else token for token in read]


def _first_alone(tokens, chosen, first, second, random):
    return mask_tokens(tokens, chosen[:1], first, second, random)


def _unchanged(tokens, chosen, first, second, random):
    return list(tokens)


CONDITIONAL = _(
    "Your second draw has the chance of a tenth, but it is made only for the 20 in 100 that the first left: a tenth "
    "of those is **2** in 100. For 10 in 100 it must be a **half**."
)

MASK_TOKENS = Exercise(
    name="bert.mask_tokens",
    title=_("Hide, replace, keep"),
    solution=mask_tokens,
    cases=_mask_tokens_cases,
    hints=(
        _("The first draw leaves 20 in 100. Which share of these is 10 in 100?"),
        _("`if first[i] < 0.8` hide, `elif second[i] < 0.5` replace; all else stays. `i` numbers the chosen places."),
    ),
    mistakes=(
        Mistake(_threshold(0.8, 0.1), CONDITIONAL),
        Mistake(
            _threshold(0.8, 0.2),
            _("Your second draw replaces 20 in 100 of what the first left, which is **4** in 100. It must be a half."),
        ),
        Mistake(
            _threshold(0.8, 0.9),
            _("Your second draw replaces nine in ten of what the first left. Half of it must **stay**."),
        ),
        Mistake(
            _threshold(0.8, 0.8),
            _("Your second draw replaces eight in ten of what the first left. Half of it must **stay**."),
        ),
        Mistake(
            _threshold(0.8, 2.0),
            _("Each chosen token that you don't hide is replaced. Half of these must **stay**: see the second draw."),
        ),
        Mistake(
            _threshold(0.8, -1.0),
            _("No chosen token is replaced by its random token. Of those that you don't hide, half must be."),
        ),
        Mistake(
            _threshold(2.0, 0.5),
            _("You hide every chosen token. Of 100, only 80 are hidden: those whose first draw is below 0.8."),
        ),
        Mistake(
            _threshold(0.15, 0.5),
            _(
                "You hide too few. (0.15 would be the share of tokens that are **chosen**, which is done already.) Of "
                "the chosen, hide 0.8."
            ),
        ),
        Mistake(_threshold(0.5, 0.5), _("You hide half of the chosen tokens. It must be 80 in 100.")),
        Mistake(_threshold(0.9, 0.5), _("You hide 90 in 100 of the chosen tokens. It must be 80.")),
        Mistake(_threshold(-1.0, 0.5), _("You hide no token. A first draw below 0.8 makes it [MASK].")),
        Mistake(
            _one_draw,
            _("You decide all by the first draw. The shares would be right, but `second` is for the second decision."),
        ),
        Mistake(
            _random_over_masks,
            _("Your random tokens overwrite the masks: the second draw counts only where the first did **not** hide."),
        ),
        Mistake(
            _tenth_over_masks,
            _("Your random tokens overwrite masks, and with a tenth of all. The second draw is only for what is left."),
        ),
        Mistake(_first_turned_round, _("Your first comparison is turned round: a draw **below** 0.8 hides the token.")),
        Mistake(_second_turned_round, _("Your second comparison is turned round: a draw **below** a half replaces.")),
        Mistake(_draws_exchanged, _("The two draws are exchanged: `first` decides about [MASK], `second` the rest.")),
        Mistake(
            _by_number,
            _("You change the tokens at 0, 1, 2, …. The places are in `chosen`: `tokens[chosen[i]]` goes with draw i."),
        ),
        Mistake(
            _chosen_alone, _("You return the chosen tokens alone. BERT reads **all** tokens: return the whole row.")
        ),
        Mistake(
            _not_chosen_hidden,
            _("You hide the tokens that were **not** chosen. They are what the model reads: leave them as they are."),
        ),
        Mistake(_first_random_token, _("Each place has a random token of its own: take `random[i]`.")),
        Mistake(_other_name, _("The token that hides is called `[MASK]`, with its brackets.")),
        Mistake(_first_alone, _("You stop after the first chosen place. All places in `chosen` have their draws.")),
        Mistake(_unchanged, _("Nothing has changed. Return a copy of `tokens` with changes at the chosen places.")),
    ),
    explanation=_(
        "0.8 of all, then half of the remaining 0.2: that is 0.8, 0.1 and 0.1. The chosen tokens that stay are in the "
        "loss, too: the model cannot tell them from those that were not chosen, so it must have an opinion on all."
    ),
    corners=(
        Corner(
            lambda tokens, chosen, first, second, random: not chosen,
            _("Where nothing was chosen, the tokens come back as they are."),
        ),
    ),
)
