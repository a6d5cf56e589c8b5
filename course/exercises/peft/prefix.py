"""Exercise on prefix tuning: which keys a query sees when there is a prefix in front of the text."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def prefix_mask(real: "Tensor", n_prefix: int, causal: bool) -> "Tensor":
    """Which keys each token of a text may see when a prefix of keys is in front of the text.

    real: (batch, position), True at a token and False at padding, wherever that is. The answer:
    (batch, query, key), True where a query may look. The queries are the positions of the text;
    the keys are the n_prefix of the prefix, then those of the text. The prefix is visible to all
    queries. Of the text, padding is hidden, and if `causal` what comes after the query as well.
    Queries at padding are treated like the others: nothing reads what they compute.

    >>> import torch
    >>> prefix_mask(torch.tensor([[True, True]]), n_prefix=1, causal=True).tolist()
    [[[True, True, False], [True, True, True]]]
    """
    import torch

    batch, n = real.shape
    text = real[:, None, :].repeat(1, n, 1)
    if causal:
        text = text.tril()
    prefix = torch.ones(batch, n, n_prefix, dtype=torch.bool)
    return torch.cat((prefix, text), dim=2)


def _texts(*rows: str) -> Tensor:
    """One row for each text: `x` at a token, `.` at padding."""
    return torch.tensor([[mark == "x" for mark in row] for row in rows])


def _prefix_mask_cases() -> list[tuple]:
    return [
        (_texts("xx"), 1, True),
        (_texts("xx."), 2, False),
        (_texts("xxx"), 2, True),
        (_texts("xxxx", ".xxx"), 1, True),
        (_texts(".xx", "xxx"), 2, False),
        (_texts("..xx"), 3, True),
        (_texts("xxx.", "x..."), 2, True),
        (_texts("xxx", "x..", "xx."), 1, False),
        (_texts("..x", ".xx"), 2, True),
        (_texts("x"), 1, False),
    ]


def _text_mask(real, causal):
    text = real[:, None, :].repeat(1, real.shape[1], 1)
    return text.tril() if causal else text


def _in_front(text, n_prefix, visible=True):
    prefix = torch.full((*text.shape[:2], n_prefix), visible)
    return torch.cat((prefix, text), dim=2)


def _with_prefix(real, n_prefix):
    """The texts with n_prefix more tokens in front."""
    return torch.cat((torch.ones(len(real), n_prefix, dtype=torch.bool), real), dim=1)


def _prefix_hidden(real, n_prefix, causal):
    return _in_front(_text_mask(real, causal), n_prefix, visible=False)


def _without_prefix(real, n_prefix, causal):
    return _text_mask(real, causal)


def _prefix_last(real, n_prefix, causal):
    text = _text_mask(real, causal)
    return torch.cat((text, torch.ones(*text.shape[:2], n_prefix, dtype=torch.bool)), dim=2)


def _prefix_under_causal(real, n_prefix, causal):
    whole = _in_front(_text_mask(real, False), n_prefix)
    return whole.tril() if causal else whole


def _never_causal(real, n_prefix, causal):
    return _in_front(_text_mask(real, False), n_prefix)


def _always_causal(real, n_prefix, causal):
    return _in_front(_text_mask(real, True), n_prefix)


def _causal_turned_round(real, n_prefix, causal):
    return _in_front(_text_mask(real, not causal), n_prefix)


def _sees_the_future(real, n_prefix, causal):
    text = _text_mask(real, False)
    return _in_front(text.triu() if causal else text, n_prefix)


def _blind_to_itself(real, n_prefix, causal):
    text = _text_mask(real, False)
    return _in_front(text.tril(-1) if causal else text, n_prefix)


def _one_ahead(real, n_prefix, causal):
    text = _text_mask(real, False)
    return _in_front(text.tril(1) if causal else text, n_prefix)


def _padding_visible(real, n_prefix, causal):
    return _in_front(_text_mask(torch.ones_like(real), causal), n_prefix)


def _padding_of_queries(real, n_prefix, causal):
    text = _text_mask(torch.ones_like(real), causal)
    return _in_front(text & real[:, :, None], n_prefix)


def _padding_of_both(real, n_prefix, causal):
    return _in_front(_text_mask(real, causal) & real[:, :, None], n_prefix)


def _padding_sees_nothing(real, n_prefix, causal):
    return prefix_mask(real, n_prefix, causal) & real[:, :, None]


def _token_is_padding(real, n_prefix, causal):
    return _in_front(_text_mask(~real, causal), n_prefix)


def _rows_of_the_prefix(real, n_prefix, causal):
    return _text_mask(_with_prefix(real, n_prefix), causal)


def _rows_and_columns(real, n_prefix, causal):
    return prefix_mask(real, n_prefix, causal).mT


def _hidden_is_true(real, n_prefix, causal):
    return ~prefix_mask(real, n_prefix, causal)


def _to_be_added(real, n_prefix, causal):
    return torch.where(prefix_mask(real, n_prefix, causal), 0.0, -1e9)


def _all_visible(real, n_prefix, causal):
    return _in_front(torch.ones_like(_text_mask(real, causal)), n_prefix)


def _prefix_alone(real, n_prefix, causal):
    return _in_front(torch.zeros_like(_text_mask(real, causal)), n_prefix)


def _first_text_alone(real, n_prefix, causal):
    return prefix_mask(real, n_prefix, causal)[0]


def _first_row_alone(real, n_prefix, causal):
    return _with_prefix(real, n_prefix)


def _one_key(real, n_prefix, causal):
    return _in_front(_text_mask(real, causal), 1)


def _into_the_text(real, n_prefix, causal):
    text = _text_mask(real, causal)
    text[:, :, :n_prefix] = True
    return text


def _prefix_before_first_token(real, n_prefix, causal):
    return _in_front(_text_mask(real, False).tril(-n_prefix) if causal else _text_mask(real, False), n_prefix)


def _moved_by_the_prefix(real, n_prefix, causal):
    return _in_front(_text_mask(real, False).tril(n_prefix) if causal else _text_mask(real, False), n_prefix)


PREFIX_MASK = Exercise(
    name="peft.prefix_mask",
    title=_("A prefix in front of the text"),
    solution=prefix_mask,
    cases=_prefix_mask_cases,
    hints=(
        _(
            "Make the mask of the text alone, (batch, query, key): a row for each query, all alike, then `tril` if "
            "causal. Then put n_prefix columns of True in front."
        ),
        _(
            "`text = real[:, None, :].repeat(1, n, 1)`, `text.tril()` if causal, and "
            "`torch.cat((prefix, text), dim=2)` with a prefix of ones, (batch, n, n_prefix)."
        ),
    ),
    mistakes=(
        Mistake(_prefix_hidden, _("Your prefix is **hidden**: every query may see it.")),
        Mistake(
            _without_prefix, _("The columns of the **prefix** are missing: n_prefix keys, in front of the text's.")
        ),
        Mistake(_prefix_last, _("Your prefix comes **after** the text: its keys are the first.")),
        Mistake(
            _prefix_under_causal,
            _(
                "The causal mask reaches into your **prefix**: put the prefix in front after `tril`, not before. It is "
                "before every token, so nothing of it is hidden."
            ),
        ),
        Mistake(_never_causal, _("You do not use `causal`: if it is True, what comes **after** a query is hidden.")),
        Mistake(_always_causal, _("Your mask is **always** causal: only if `causal` is True.")),
        Mistake(_causal_turned_round, _("Your mask is causal when `causal` is **False**, and the other way round.")),
        Mistake(_sees_the_future, _("Your queries see what comes **after** them and not what comes before.")),
        Mistake(_blind_to_itself, _("Your queries do not see **themselves**: the diagonal is visible.")),
        Mistake(_one_ahead, _("Your queries see the **next** token: the one to be predicted.")),
        Mistake(_padding_visible, _("Your queries see **padding**: use `real`.")),
        Mistake(_padding_of_queries, _("You hid the **rows** of padding: its columns are hidden, the keys.")),
        Mistake(
            _padding_of_both, _("You hid the **rows** of padding as well as its columns: queries are treated alike.")
        ),
        Mistake(
            _padding_sees_nothing,
            _("Your padding sees **nothing**, not even the prefix: softmax has no answer for a row without True."),
        ),
        Mistake(_token_is_padding, _("You show **padding** and hide the tokens: `real` is True at a token.")),
        Mistake(
            _rows_of_the_prefix,
            _("You give rows for the **prefix**: it has keys and values and no queries."),
        ),
        Mistake(_rows_and_columns, _("Rows and columns are **exchanged**: there is a row for each query.")),
        Mistake(_hidden_is_true, _("Your mask is True where a key is **hidden**: here True means visible.")),
        Mistake(_to_be_added, _("This is a mask to be **added** to scores: the answer is True where visible.")),
        Mistake(_all_visible, _("**Everything** is visible in your mask: hide padding and, if causal, the future.")),
        Mistake(_prefix_alone, _("Your queries see the prefix **alone**: they see the text as before, too.")),
        Mistake(_first_text_alone, _("You give the mask of the **first** text alone: there is one for each.")),
        Mistake(_first_row_alone, _("You give one row for each text: there is one for each **query** of it.")),
        Mistake(_one_key, _("Your prefix has **one** key: it has n_prefix.")),
        Mistake(
            _into_the_text,
            _("You made the first keys of the **text** visible: the prefix has keys of its own in front."),
        ),
        Mistake(
            _prefix_before_first_token,
            _("You moved the diagonal **down** by n_prefix: the text's own mask stays as it was."),
        ),
        Mistake(
            _moved_by_the_prefix,
            _("You moved the diagonal **up** by n_prefix: that is right for the whole mask, not for the text's part."),
        ),
    ),
    corners=(
        Corner(
            lambda real, n_prefix, causal: not bool(real.all()),
            _("Only texts with **padding** go wrong: its keys are hidden, and its queries are like the others."),
        ),
        Corner(
            lambda real, n_prefix, causal: causal,
            _("Only with `causal` it goes wrong: of the **text** a query sees itself and what is before it."),
        ),
        Corner(
            lambda real, n_prefix, causal: n_prefix > 1,
            _("With one key in the prefix you are right. With **more**, each of them is visible to each query."),
        ),
    ),
    explanation=_(
        "A prefix is like a cache of keys that no token wrote: it is there before the first token, so a causal mask "
        "hides nothing of it. It has no queries, so there are no more rows than before, and one more column for each "
        "of its keys."
    ),
)
