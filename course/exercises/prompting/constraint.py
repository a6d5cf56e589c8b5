"""Exercise on constrained decoding: the tokens that can still lead to one of the answers."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def allowed_next(answers: list[list[int]], begun: list[int]) -> set[int]:
    """The tokens that may come next, so that what is written can become one of the answers.

    Each answer is a list of token ids, and `begun` is what was written so far. An answer can
    still be reached when it begins with all of `begun`; if it also goes on, its next token is
    allowed. An answer that ends here allows nothing. When nothing is allowed, the set is empty.

    >>> sorted(allowed_next([[5, 8], [5, 9, 2], [7]], begun=[5]))
    [8, 9]
    """
    length = len(begun)
    return {a[length] for a in answers if a[:length] == begun and len(a) > length}


def _allowed_next_cases() -> list[tuple]:
    several = [[5, 8], [5, 9, 2], [7]]
    alike = [[1, 2, 3], [1, 2, 4], [2, 2, 5], [1, 3, 6], [3]]
    inside = [[4], [4, 1], [4, 1, 7], [6, 1, 8]]
    return [
        (several, [5]),
        (several, []),
        (alike, [1, 2]),
        (alike, [1]),
        (alike, []),
        (alike, [2, 2]),
        (inside, [4]),
        (inside, [4, 1]),
        (inside, []),
        (several, [7]),
        (inside, [4, 1, 7]),
        (several, [5, 8, 2]),
        (several, [9]),
        ([[1, 2, 9], [2, 1, 8], [1, 1, 7], [2, 2, 6]], [1, 2]),
        ([[3, 3, 3], [3, 3, 4], [3, 4, 4]], [3, 3]),
        ([[6, 2, 2, 9], [2, 2, 5], [1, 2, 2, 4]], [2, 2]),
        ([[6, 5], [7, 4], [8, 3]], [7]),
        ([[1, 0], [0, 1], [0, 0]], [0]),
        ([[9, 1, 4], [8, 1, 5], [8, 2, 6]], [8, 1]),
        ([[2, 7], [2, 7], [2, 1]], [2]),
        ([[3, 1, 2, 5], [1, 2, 3, 6], [2, 3, 1, 7]], [1, 2, 3]),
        ([[0, 8, 1], [8, 0, 2], [8, 0, 0]], [8, 0]),
        ([[1], [1, 0], [1, 2]], [1]),
        ([[4, 4], [4, 5], [5, 4]], [4]),
        ([[1, 2, 7], [12, 40, 8], [1, 20, 9]], [1, 2]),
        ([[3, 6], [31, 5], [4, 2]], [3]),
        ([[11, 7], [1, 8], [110, 9]], [11]),
        ([[5, 1, 3, 9], [5, 2, 3, 8], [5, 1, 3, 6]], [5, 1, 3]),
        ([[0, 4, 0, 1], [0, 5, 0, 2]], [0, 5, 0]),
        ([[2, 9, 8, 7, 1], [2, 8, 9, 7, 3], [2, 8, 8, 7, 4]], [2, 9, 8, 7]),
    ]


def _after(answers, length, fits):
    return {answer[length] for answer in answers if len(answer) > length and fits(answer)}


def _all_at_this_place(answers, begun):
    return _after(answers, len(begun), lambda answer: True)


def _same_last_token(answers, begun):
    return _after(answers, len(begun), lambda answer: answer[: len(begun)][-1:] == begun[-1:])


def _same_first_token(answers, begun):
    return _after(answers, len(begun), lambda answer: answer[: min(1, len(begun))] == begun[:1])


def _same_tokens_in_any_order(answers, begun):
    return _after(answers, len(begun), lambda answer: sorted(answer[: len(begun)]) == sorted(begun))


def _same_digits(answers, begun):
    return _after(answers, len(begun), lambda answer: "".join(map(str, answer)).startswith("".join(map(str, begun))))


def _same_first_and_last_token(answers, begun):
    ends = slice(None, None, max(len(begun) - 1, 1))
    return _after(answers, len(begun), lambda answer: answer[: len(begun)][ends] == begun[ends])


def _any_token_of_begun(answers, begun):
    return _after(answers, len(begun), lambda answer: set(begun) <= set(answer))


def _first_tokens(answers, begun):
    return {answer[0] for answer in answers}


def _first_tokens_that_fit(answers, begun):
    return {answer[0] for answer in answers if answer[: len(begun)] == begun}


def _first_answer_alone(answers, begun):
    return set(_in_order(answers, begun)[:1])


def _last_answer_alone(answers, begun):
    return set(_in_order(answers, begun)[-1:])


def _in_order(answers, begun):
    n = len(begun)
    return [answer[n] for answer in answers if answer[:n] == begun and len(answer) > n]


def _all_that_follow(answers, begun):
    n = len(begun)
    return {token for answer in answers if answer[:n] == begun for token in answer[n:]}


def _all_tokens_of_fitting(answers, begun):
    return {token for answer in answers if answer[: len(begun)] == begun for token in answer}


def _all_tokens(answers, begun):
    return {token for answer in answers for token in answer}


def _tokens_written(answers, begun):
    n = len(begun)
    return {answer[n - 1] for answer in answers if answer[:n] == begun}


def _last_tokens(answers, begun):
    return {answer[-1] for answer in answers if answer[: len(begun)] == begun}


def _one_too_far(answers, begun):
    n = len(begun)
    return {answer[n + 1] for answer in answers if answer[:n] == begun and len(answer) > n + 1}


def _one_token_less_compared(answers, begun):
    n = len(begun)
    return _after(answers, n, lambda answer: answer[: max(n - 1, 0)] == begun[: max(n - 1, 0)])


def _anywhere(answers, begun):
    n = len(begun)
    return {
        answer[start + n]
        for answer in answers
        for start in range(len(answer) - n)
        if answer[start : start + n] == begun
    }


def _only_complete(answers, begun):
    n = len(begun)
    return {answer[n] for answer in answers if answer[:n] == begun and len(answer) == n + 1}


def _not_complete(answers, begun):
    n = len(begun)
    return {answer[n] for answer in answers if answer[:n] == begun and len(answer) > n + 1}


def _stops_when_one_is_complete(answers, begun):
    return set() if begun in answers else allowed_next(answers, begun)


def _starts_again(answers, begun):
    return allowed_next(answers, begun) or {answer[0] for answer in answers}


def _forbidden(answers, begun):
    n = len(begun)
    return {answer[n] for answer in answers if answer[:n] != begun and len(answer) > n}


def _repeated_removed(answers, begun):
    return allowed_next(answers, begun) - set(begun)


def _whole_answers(answers, begun):
    return [answer for answer in answers if answer[: len(begun)] == begun]


def _rests(answers, begun):
    n = len(begun)
    return [answer[n:] for answer in answers if answer[:n] == begun and len(answer) > n]


def _as_list(answers, begun):
    return _in_order(answers, begun)


def _none_at_the_end(answers, begun):
    n = len(begun)
    return {answer[n] if len(answer) > n else None for answer in answers if answer[:n] == begun}


def _fitting_numbers(answers, begun):
    return {i for i, answer in enumerate(answers) if answer[: len(begun)] == begun}


def _how_many(answers, begun):
    return len(allowed_next(answers, begun))


def _begin_ignored_at_the_end(answers, begun):
    return allowed_next(answers, begun[:-1])


ALLOWED_NEXT = Exercise(
    name="prompting.allowed_next",
    title=_("The tokens that are allowed"),
    solution=allowed_next,
    cases=_allowed_next_cases,
    hints=(
        _(
            "Go through the answers. Compare the first `len(begun)` tokens of each with `begun`: all of them, in this "
            "order. Where they are equal and the answer is longer, its next token is allowed."
        ),
        _("The first n tokens of an answer are `answer[:n]`, and with `n = len(begun)` the next one is `answer[n]`."),
    ),
    mistakes=(
        Mistake(
            _all_at_this_place,
            _("You do not look at **what was written**, only at how much: an answer has to begin with all of `begun`."),
        ),
        Mistake(_same_last_token, _("You compare the **last** token of `begun` alone: compare all of them.")),
        Mistake(_same_first_token, _("You compare the **first** token of `begun` alone: compare all of them.")),
        Mistake(_same_tokens_in_any_order, _("You compare tokens in **any order**: theirs must be the same, too.")),
        Mistake(
            _any_token_of_begun,
            _("You ask whether an answer **has** the tokens of `begun`: it has to begin with them, in their order."),
        ),
        Mistake(_first_tokens, _("Your tokens are the **first** of all answers: wanted is what follows `begun`.")),
        Mistake(
            _first_tokens_that_fit, _("You return the **first** token of the answers that fit: wanted is the next one.")
        ),
        Mistake(_first_answer_alone, _("You stop at the **first** answer that fits: collect the next token of each.")),
        Mistake(_last_answer_alone, _("Only the **last** answer that fits is left: collect the next token of each.")),
        Mistake(_all_that_follow, _("You return **all** tokens that follow: wanted is the next one of each answer.")),
        Mistake(
            _all_tokens_of_fitting, _("You return **all** tokens of the answers that fit: wanted is the next one.")
        ),
        Mistake(_all_tokens, _("You return **all** tokens of all answers: wanted is the next one, of those that fit.")),
        Mistake(
            _tokens_written, _("Your tokens are **one too early**: after n tokens the next one is `answer[n]`, from 0.")
        ),
        Mistake(_last_tokens, _("You return the **last** tokens of the answers that fit: wanted is the next one.")),
        Mistake(
            _one_too_far, _("You are **one too far**: after n tokens the next one is `answer[n]`, counted from 0.")
        ),
        Mistake(_one_token_less_compared, _("You do not compare the **last** token of `begun`: compare all of them.")),
        Mistake(
            _same_digits,
            _("You compare **digits**: 1, 2 and 12 are written alike. Compare the lists of tokens."),
        ),
        Mistake(
            _same_first_and_last_token,
            _("You compare the **first and the last** token of `begun`: compare all of them."),
        ),
        Mistake(_anywhere, _("You look for `begun` **anywhere** in the answers: they have to begin with it.")),
        Mistake(
            _only_complete,
            _("You allow only tokens that **complete** an answer: what comes next may be in the middle of one."),
        ),
        Mistake(_not_complete, _("Tokens that **complete** an answer are missing: the last token is allowed, too.")),
        Mistake(
            _stops_when_one_is_complete,
            _("You stop where **one answer is complete**: another may go on, and its next token is allowed."),
        ),
        Mistake(_starts_again, _("Where nothing can follow you **start again**: then the set is empty.")),
        Mistake(_forbidden, _("Your condition is **turned round**: the answers that begin with `begun` count.")),
        Mistake(_repeated_removed, _("You leave out tokens that were **written already**: a token may come again.")),
        Mistake(_whole_answers, _("You return the **answers** that fit: wanted is the set of their next tokens.")),
        Mistake(_rests, _("You return the **rest** of each answer: wanted is the set of the next tokens.")),
        Mistake(_as_list, _("You return a **list**: wanted is a set.")),
        Mistake(_none_at_the_end, _("There is **None** in your set: an answer that ends here allows nothing.")),
        Mistake(
            _fitting_numbers, _("You return the **numbers** of the answers that fit: wanted are their next tokens.")
        ),
        Mistake(_how_many, _("You return **how many** tokens are allowed: return the set.")),
        Mistake(_begin_ignored_at_the_end, _("That is what was allowed **one token before**: compare all of `begun`.")),
    ),
    corners=(
        Corner(
            lambda answers, begun: not begun,
            _("Only an **empty** `begun` goes wrong: then the first token of each answer is allowed."),
        ),
        Corner(
            lambda answers, begun: begun in answers,
            _("Only what is **complete** goes wrong: longer answers may go on; if there is none, the set is empty."),
        ),
        Corner(
            lambda answers, begun: not allowed_next(answers, begun),
            _("Only where **nothing** can follow your answer is wrong: then the set is empty."),
        ),
    ),
    explanation=_(
        "A model that may choose only among these tokens can write nothing but one of the answers. To stop where an "
        "answer is complete and another goes on, the end has to be a choice as well: give each answer an end token. "
        "A trie of the answers gives the same sets without going through all of them at each step."
    ),
)
