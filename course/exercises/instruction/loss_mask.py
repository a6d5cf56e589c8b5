"""Exercise on the loss mask: which tokens of a conversation are trained."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def trained_tokens(ids: list[int], assistant: int, end: int) -> list[bool]:
    """For each token of a conversation, whether the loss counts it.

    A turn of the assistant begins with the special token `assistant`, a turn of the user with
    another one; each turn ends with the special token `end`. What counts are the assistant's
    tokens after `assistant`, up to and including `end`, in each of its turns. The last turn may
    have been cut off before its end: then it counts up to the last token.

    >>> trained_tokens([1, 7, 3, 2, 8, 9, 3], assistant=2, end=3)
    [False, False, False, False, True, True, True]
    """
    counts, answering = [], False
    for token in ids:
        counts.append(answering)
        if token in (assistant, end):
            answering = token == assistant
    return counts


def _trained_tokens_cases() -> list[tuple]:
    return [
        ([1, 7, 3, 2, 8, 9, 3], 2, 3),
        ([1, 7, 6, 8, 3, 2, 5, 3], 2, 3),
        ([1, 7, 3, 2, 8, 9, 3, 1, 6, 3, 2, 4, 3], 2, 3),
        ([1, 4, 4, 3, 2, 5, 3, 1, 7, 3, 2, 8, 8, 8, 3], 2, 3),
        ([0, 9, 3, 1, 7, 3, 2, 8, 3], 2, 3),
        ([5, 7, 7, 0, 9, 8, 2, 0, 5, 7, 0, 9, 6, 0], 9, 0),
        ([0, 6, 6, 3, 1, 7, 3, 2, 8, 5, 3], 2, 3),
        ([4, 9, 3, 1, 5, 3, 2, 6, 3, 1, 8, 8, 3, 2, 7, 3], 2, 3),
        ([1, 7, 3, 2, 8, 9], 2, 3),
        ([1, 7, 3, 2, 8, 3, 1, 6, 6, 3, 2, 4, 5], 2, 3),
        ([1, 7, 3, 2, 8, 3, 1, 6, 3], 2, 3),
        ([1, 7, 5, 3], 2, 3),
        ([1, 6, 3, 2], 2, 3),
        ([1, 7, 3, 2, 3], 2, 3),
        ([4, 7, 6, 1, 2, 9, 9, 6, 1, 4, 8, 1, 2, 7, 1], 2, 1),
        ([1, 7, 3, 2, 8, 3, 1, 7, 3, 2, 8, 5, 3, 1, 7, 3, 2, 9, 3], 2, 3),
        ([3, 12, 13, 14, 11, 10, 15, 15, 11, 3, 12, 11, 10, 16], 10, 11),
    ]


def _turns(ids, end):
    """The turns of a conversation, each with its end."""
    turns = [[]]
    for token in ids:
        turns[-1].append(token)
        if token == end:
            turns.append([])
    return [turn for turn in turns if turn]


def _of_turns(ids, assistant, end, count):
    """The mask by `count(number, turn, is_answer)`, which gives a bool for each token of a turn."""
    turns = _turns(ids, end)
    return [counts for n, turn in enumerate(turns) for counts in count(n, turn, turn[0] == assistant)]


def _from_the_first_end(ids, assistant, end):
    first = ids.index(assistant) if assistant in ids else len(ids)
    last = ids.index(end) if end in ids else len(ids) - 1
    return [first < place <= last for place in range(len(ids))]


def _without_the_end(ids, assistant, end):
    found = trained_tokens(ids, assistant, end)
    return [counts and token != end for counts, token in zip(found, ids, strict=True)]


def _with_the_opening(ids, assistant, end):
    found = trained_tokens(ids, assistant, end)
    return [counts or token == assistant for counts, token in zip(found, ids, strict=True)]


def _with_the_opening_without_the_end(ids, assistant, end):
    return _of_turns(ids, assistant, end, lambda n, turn, answer: [answer and token != end for token in turn])


def _every_end(ids, assistant, end):
    found = trained_tokens(ids, assistant, end)
    return [counts or token == end for counts, token in zip(found, ids, strict=True)]


def _all_after_the_first_opening(ids, assistant, end):
    first = ids.index(assistant) if assistant in ids else len(ids)
    return [place > first for place in range(len(ids))]


def _until_the_next_turn_began(ids, assistant, end):
    found = trained_tokens(ids, assistant, end)
    return [counts or (i > 0 and found[i - 1]) for i, counts in enumerate(found)]


def _of_the_user(ids, assistant, end):
    return _of_turns(ids, assistant, end, lambda n, turn, answer: [not answer and i > 0 for i in range(len(turn))])


def _of_both(ids, assistant, end):
    return _of_turns(ids, assistant, end, lambda n, turn, answer: [i > 0 for i in range(len(turn))])


def _last_answer_alone(ids, assistant, end):
    last = max((i for i, token in enumerate(ids) if token == assistant), default=len(ids))
    return [counts and i > last for i, counts in enumerate(trained_tokens(ids, assistant, end))]


def _first_answer_alone(ids, assistant, end):
    found, done, answering = [], False, False
    for token in ids:
        found.append(answering)
        if token == assistant and not done:
            answering = True
        elif token == end and answering:
            answering, done = False, True
    return found


def _one_too_early(ids, assistant, end):
    return [*trained_tokens(ids, assistant, end)[1:], False]


def _one_too_late(ids, assistant, end):
    return [False, *trained_tokens(ids, assistant, end)[:-1]]


def _only_the_end(ids, assistant, end):
    found = trained_tokens(ids, assistant, end)
    return [counts and token == end for counts, token in zip(found, ids, strict=True)]


def _only_the_first_of_each(ids, assistant, end):
    return _of_turns(ids, assistant, end, lambda n, turn, answer: [answer and i == 1 for i in range(len(turn))])


def _everything(ids, assistant, end):
    return [True] * len(ids)


def _no_special_token(ids, assistant, end):
    return [token not in (assistant, end) for token in ids]


def _every_second_turn(ids, assistant, end):
    return _of_turns(ids, assistant, end, lambda n, turn, answer: [n % 2 == 1 and i > 0 for i in range(len(turn))])


def _the_tokens(ids, assistant, end):
    return [token for token, counts in zip(ids, trained_tokens(ids, assistant, end), strict=True) if counts]


def _the_places(ids, assistant, end):
    return [i for i, counts in enumerate(trained_tokens(ids, assistant, end)) if counts]


def _as_targets(ids, assistant, end):
    return [t if counts else -100 for t, counts in zip(ids, trained_tokens(ids, assistant, end), strict=True)]


def _cut_answers_left_out(ids, assistant, end):
    return _of_turns(
        ids, assistant, end, lambda n, turn, answer: [answer and turn[-1] == end and i > 0 for i in range(len(turn))]
    )


TRAINED_TOKENS = Exercise(
    name="instruction.trained_tokens",
    title=_("What the loss counts"),
    solution=trained_tokens,
    cases=_trained_tokens_cases,
    hints=(
        _(
            "Go through the tokens and remember whether the assistant is answering. A token counts if it was so "
            "*before* this token; then look whether the token begins an answer or ends one."
        ),
        _(
            "`counts.append(answering)` comes first; after it, `answering` becomes True at `assistant` and False at "
            "`end`. So `assistant` itself does not count, and the `end` of an answer does."
        ),
    ),
    mistakes=(
        Mistake(
            _from_the_first_end,
            _("You stop at the **first** `end` of all, which may be the user's: look for it after `assistant`."),
        ),
        Mistake(
            _without_the_end,
            _("The **end** of the answers does not count in yours: then the model never learns to stop."),
        ),
        Mistake(
            _with_the_opening,
            _("The token **assistant** counts in yours: it is given with the prompt, the model need not generate it."),
        ),
        Mistake(
            _with_the_opening_without_the_end,
            _("You are **one token too early** at both ends: `assistant` does not count, the `end` of its turn does."),
        ),
        Mistake(_every_end, _("The ends of the **user's** turns count in yours: only those of the answers do.")),
        Mistake(
            _all_after_the_first_opening,
            _("After the first answer **everything** counts in yours: its end ends it, and the user's turn follows."),
        ),
        Mistake(
            _until_the_next_turn_began,
            _("You go on **one token after** the end: the end itself is the last that counts."),
        ),
        Mistake(_of_the_user, _("Your mask has the **user's** tokens: wanted are the assistant's.")),
        Mistake(_of_both, _("The turns of **all** roles count in yours: wanted are the assistant's alone.")),
        Mistake(_last_answer_alone, _("Only the **last** answer counts in yours: each of them does.")),
        Mistake(_first_answer_alone, _("Only the **first** answer counts in yours: each of them does.")),
        Mistake(
            _one_too_early,
            _(
                "Your mask is **one place too early**: it says where the next token counts. Here, each token is asked "
                "whether it counts itself."
            ),
        ),
        Mistake(_one_too_late, _("Your mask is **one place too late**: the first token after `assistant` counts.")),
        Mistake(_only_the_end, _("Only the **end** tokens count in yours: the tokens of the answers do as well.")),
        Mistake(
            _only_the_first_of_each, _("Only the **first** token of each answer counts in yours: go on to its end.")
        ),
        Mistake(_everything, _("**All** tokens count in yours: the model would learn to write the user's part.")),
        Mistake(
            _no_special_token,
            _("You leave out the **special** tokens and nothing else: the user's tokens do not count either."),
        ),
        Mistake(
            _every_second_turn,
            _("You count **every second** turn: a system message may come first. Look at the token that opens a turn."),
        ),
        Mistake(_the_tokens, _("You return the **tokens** that count: wanted is True or False for each token.")),
        Mistake(_the_places, _("You return the **places** that count: wanted is True or False for each token.")),
        Mistake(_as_targets, _("You return **targets** with -100: wanted is True or False for each token.")),
        Mistake(
            _cut_answers_left_out,
            _("An answer **without its end** does not count in yours: it counts as far as it goes."),
        ),
    ),
    corners=(
        Corner(
            lambda ids, assistant, end: assistant not in ids,
            _("Only a conversation **without an answer** goes wrong: nothing in it counts."),
        ),
        Corner(
            lambda ids, assistant, end: ids[-1] != end,
            _("Only an answer that was **cut off** goes wrong: it counts up to the last token."),
        ),
    ),
    explanation=_(
        "The prompt's tokens are read and not learned: when the model is used, somebody else writes them. The end "
        "token belongs to the answer, since it is the model that has to generate it. The token that opens the answer "
        "does not, since it is the last one of the prompt."
    ),
)
