"""Exercise on detection: what the body reads after a generator's draws, and the label of each token."""

from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _

SENTENCE = ("the", "cat", "sat", "on", "the", "mat", "and", "slept")
OTHERS = ("the", "dog", "on", "sat", "river", "a")


def replace_tokens(
    tokens: list[str],
    chosen: list[int],
    drawn: list[str],
) -> tuple[list[str], list[int]]:
    """What ELECTRA's discriminator reads, and a label for **every** token: 1 changed, 0 not.

    `drawn` has a token of the generator for each place in `chosen`. A drawn token may be the one
    that was there: the text is then as it was, and the label is 0. `tokens` must not change.

    >>> replace_tokens(["the", "cat", "sat"], [1, 2], ["dog", "sat"])
    (['the', 'dog', 'sat'], [0, 1, 0])
    """
    read = list(tokens)
    for place, token in zip(chosen, drawn, strict=True):
        read[place] = token
    return read, [int(new != old) for new, old in zip(read, tokens, strict=True)]


def _replace_tokens_cases() -> list[tuple]:
    rng = Random(9)
    cases: list[tuple] = [
        (["the", "cat", "sat"], [1, 2], ["dog", "sat"]),
        (["the", "cat", "sat"], [0], ["a"]),
        (["the", "cat", "sat"], [2], ["sat"]),
        (["the", "cat", "sat"], [], []),
        (["on"], [0], ["dog"]),
        (["the", "cat", "sat", "on"], [0, 3], ["a", "on"]),
        (["the", "cat", "sat"], [0, 2], ["the", "slept"]),
        (["a", "dog", "sat"], [1, 2], ["cat", "lay"]),
        (["the", "cat", "the", "mat"], [2], ["cat"]),
        (["us", "and", "them"], [0, 2], ["US", "them"]),  # another token, though only in its letters' case
        (["polish", "the", "shoes"], [0], ["Polish"]),
        (["in", "March", "we", "march"], [1, 3], ["march", "walk"]),
    ]
    for _case in range(12):
        n = rng.randint(1, 5)
        chosen = sorted(rng.sample(range(len(SENTENCE)), n))
        cases.append((list(SENTENCE), chosen, [rng.choice([*OTHERS, SENTENCE[place]]) for place in chosen]))
    return cases


def _with_labels(label):
    """The right tokens with labels of another rule, from the tokens and the chosen places."""

    def wrong(tokens, chosen, drawn):
        read, right = replace_tokens(tokens, chosen, drawn)
        return read, label(tokens, chosen, drawn, read, right)

    return wrong


def _by_number(tokens, chosen, drawn):
    return replace_tokens(tokens, list(range(len(chosen))), drawn)


def _labels_first(tokens, chosen, drawn):
    return tuple(reversed(replace_tokens(tokens, chosen, drawn)))


def _read_alone(tokens, chosen, drawn):
    return replace_tokens(tokens, chosen, drawn)[0]


def _labels_alone(tokens, chosen, drawn):
    return replace_tokens(tokens, chosen, drawn)[1]


def _masked(tokens, chosen, drawn):
    read, labels = replace_tokens(tokens, chosen, drawn)
    return ["[MASK]" if place in chosen else token for place, token in enumerate(read)], labels


def _not_replaced(tokens, chosen, drawn):
    return list(tokens), replace_tokens(tokens, chosen, drawn)[1]


def _not_replaced_no_label(tokens, chosen, drawn):
    return list(tokens), [0] * len(tokens)


def _first_alone(tokens, chosen, drawn):
    return replace_tokens(tokens, chosen[:1], drawn[:1])


def _one_drawn_token(tokens, chosen, drawn):
    return replace_tokens(tokens, chosen, drawn[:1] * len(drawn))


REPLACE_TOKENS = Exercise(
    name="bert.replace_tokens",
    title=_("Which token is the text's own?"),
    solution=replace_tokens,
    cases=_replace_tokens_cases,
    hints=(
        _("Build what is read first. The labels then compare it with `tokens`, place by place."),
        _("`[0 if new == old else 1 for new, old in zip(read, tokens)]` has 0 where the generator guessed right."),
    ),
    mistakes=(
        Mistake(
            _with_labels(lambda tokens, chosen, *_rest: [int(place in chosen) for place in range(len(tokens))]),
            _(
                "You label every **chosen** place 1. Where the generator draws the token that was there, the text is "
                "as it was: the label is 0."
            ),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: [right[place] for place in chosen]),
            _("You label the chosen places alone. The loss is over **all** positions: a label for each token."),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: [1 - label for label in right]),
            _("Your labels are turned round: 1 is **changed**, 0 the text's own."),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: list(tokens)),
            _("Your labels are the original tokens, as in masked language modeling. Here a label is 0 or 1."),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: [0] * len(tokens)),
            _("Your labels are all 0. Compare with the tokens **before** the change, or keep a copy of them."),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: [1] * len(tokens)),
            _("Your labels are all 1. A token that is what it was has the label 0."),
        ),
        Mistake(
            _with_labels(
                lambda tokens, chosen, drawn, read, right: [
                    label if place in chosen else -100 for place, label in enumerate(right)
                ]
            ),
            _("You leave out the places that were not chosen. Here they have a label, too: 0, the text's own."),
        ),
        Mistake(
            _with_labels(lambda tokens, chosen, drawn, read, right: [int(token not in tokens) for token in read]),
            _("You ask whether the new token is **anywhere** in the text. Compare it with the token at its own place."),
        ),
        Mistake(
            _with_labels(
                lambda tokens, chosen, drawn, read, right: [
                    int(new.lower() != old.lower()) for new, old in zip(read, tokens, strict=True)
                ]
            ),
            _("You compare without regard to capital letters. `us` and `US` are two tokens."),
        ),
        Mistake(_by_number, _("You replace the tokens at 0, 1, 2, …. The places are in `chosen`.")),
        Mistake(_labels_first, _("The two results are exchanged: first what is read, then the labels.")),
        Mistake(_read_alone, _("The labels are missing: return what is read **and** the label of each token.")),
        Mistake(_labels_alone, _("What is read is missing: return it **and** the label of each token.")),
        Mistake(
            _masked,
            _("Your text has [MASK] in it. Only the generator sees masks; the discriminator reads what it drew."),
        ),
        Mistake(
            _not_replaced,
            _("What you return as read is the text as it was. Put each drawn token at its chosen place."),
        ),
        Mistake(_not_replaced_no_label, _("Nothing is replaced: put each drawn token at its place in `chosen`.")),
        Mistake(_first_alone, _("You stop after the first chosen place. Each place in `chosen` has a drawn token.")),
        Mistake(_one_drawn_token, _("You put the same drawn token at all places. Each place has its own: `drawn[i]`.")),
    ),
    explanation=_(
        "A good generator draws the right token often, and to call that 'changed' would teach the discriminator that "
        "right words are wrong. The label is about the text, not about what was done to it."
    ),
    corners=(
        Corner(
            lambda tokens, chosen, drawn: any(tokens[place] == new for place, new in zip(chosen, drawn, strict=True)),
            _("Where the generator draws the token that was there, the label is 0: the text is as it was."),
        ),
    ),
    results=(_("what is read"), _("labels")),
)
