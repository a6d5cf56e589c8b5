"""Exercises on weights: softmax over the keys, and softmax with some keys hidden."""

from course.exercises.attention.drawing import draws, tensor
from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def attention_weights(scores):
    """The weights of several queries: softmax of each query's scores.

    scores: tensor (queries, keys), of any size, 1000 too. Returns a tensor of the same shape; every
    query's weights are above or equal to 0 and sum to 1.

    >>> import torch
    >>> attention_weights(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    powers = (scores - scores.max(dim=1, keepdim=True).values).exp()
    return powers / powers.sum(dim=1, keepdim=True)


def _attention_weights_cases() -> list[tuple]:
    return [
        (tensor([[0.0, 1.0], [1.0, 0.0]]),),
        *draws([(2, 2)], [(3, 3)], [(4, 4)], [(3, 3)], [(2, 2)]),
        (tensor([[0.0, 1.0, 2.0], [1.0, 1.0, 0.0]]),),
        (tensor([[0.5], [2.0], [-1.0]]),),
        *draws([(3, 2)], scale=2.0),
        (tensor([[1000.0, 999.0, 0.0], [100.0, 300.0, 301.0]]),),
        (tensor([[200.0, 200.0], [5.0, 500.0]]),),
        (tensor([[900.0, 0.0, 1.0, 2.0]]),),
        (tensor([[300.0, 302.0], [90.0, 89.0]]),),
        (tensor([[1.0, 2.0, 3.0], [-400.0, -401.0, -500.0], [100.0, -100.0, 99.0]]),),
    ]


def _divided(powers):
    return powers / powers.sum(dim=1, keepdim=True)


def _powers(scores):
    """The exponentials, with the largest of each row at 1."""
    return (scores - scores.amax(dim=1, keepdim=True)).exp()


def _over_the_queries(scores):
    return scores.softmax(dim=0)


def _over_everything(scores):
    return scores.flatten().softmax(dim=0).reshape(scores.shape)


def _without_the_exponential(scores):
    return _divided(scores)


def _sizes_without_sign(scores):
    return _divided(scores.abs())


def _squares(scores):
    return _divided(scores**2)


def _overflows(scores):
    return _divided(scores.exp())


def _overflow_as_zero(scores):
    return _overflows(scores).nan_to_num(0.0)


def _overflow_as_one(scores):
    return _overflows(scores).nan_to_num(1.0)


def _clamped(scores):
    return _divided(scores.clamp(max=50).exp())


def _largest_of_all_subtracted(scores):
    return _divided((scores - scores.max()).exp())


def _largest_of_the_column_subtracted(scores):
    return _divided((scores - scores.amax(dim=0)).exp())


def _smallest_subtracted(scores):
    return _divided((scores - scores.amin(dim=1, keepdim=True)).exp())


def _mean_subtracted(scores):
    return _divided((scores - scores.mean(dim=1, keepdim=True)).exp())


def _divided_by_the_largest_score(scores):
    return (scores / scores.amax(dim=1, keepdim=True)).softmax(dim=1)


def _sums_as_a_row(scores):
    sums = _powers(scores).sum(dim=1)
    return _powers(scores) / (sums if len(sums) == scores.shape[1] else sums[:, None])


def _largest_and_sums_as_a_row(scores):
    if scores.shape[0] != scores.shape[1]:
        return attention_weights(scores)
    powers = (scores - scores.amax(dim=1)).exp()
    return powers / powers.sum(dim=1)


def _divided_by_the_columns(scores):
    return _powers(scores) / _powers(scores).sum(dim=0)


def _logarithms(scores):
    return scores.log_softmax(dim=1)


def _sigmoids(scores):
    return scores.sigmoid()


def _sigmoids_shared_out(scores):
    return _divided(scores.sigmoid())


def _hard(scores):
    return (scores == scores.amax(dim=1, keepdim=True)).float()


def _scaled(scores):
    return (scores / scores.shape[1] ** 0.5).softmax(dim=1)


def _powers_of_two(scores):
    return _divided(2 ** (scores - scores.amax(dim=1, keepdim=True)))


def _negative_scores_cut(scores):
    return scores.relu().softmax(dim=1)


def _first_query_for_all(scores):
    return scores[:1].softmax(dim=1).expand_as(scores)


ATTENTION_WEIGHTS = Exercise(
    name="attention.attention_weights",
    title=_("Scores to weights"),
    solution=attention_weights,
    cases=_attention_weights_cases,
    compare=close,
    hints=(
        _("Softmax: take e to the power of each score (`.exp()`), and divide by the sum over the query's own row."),
        _(
            "e¹⁰⁰⁰ is too large for a computer. Subtract each row's largest score first: the weights stay the same. "
            "Or let `scores.softmax(dim=…)` do all of it; which dimension are the keys?"
        ),
    ),
    mistakes=(
        Mistake(
            _over_the_queries,
            _(
                "Your **columns** sum to 1: each key is shared out among the queries. It is the other way round: a "
                "query shares its attention out among the keys, so the rows must sum to 1 (`dim=1`, or `dim=-1`)."
            ),
        ),
        Mistake(
            _over_everything,
            _("All your weights together sum to 1. Each query has its own attention: every **row** must sum to 1."),
        ),
        Mistake(
            _without_the_exponential,
            _(
                "You divide the scores by their sum. Scores may be negative, and then so are your weights: "
                "take the exponential of each score first."
            ),
        ),
        Mistake(
            _sizes_without_sign,
            _("You divide the scores without their signs. A low score is a **small** weight: take the exponential."),
        ),
        Mistake(
            _squares,
            _("You divide the **squares** of the scores. A low score is a small weight: take the exponential."),
        ),
        Mistake(
            _overflows,
            _(
                "Small scores are right, and large ones give `nan`: e¹⁰⁰⁰ is more than a float can hold. Subtract each "
                "row's largest score before `exp`; the weights do not change."
            ),
        ),
        Mistake(
            _overflow_as_zero,
            _("Where e¹⁰⁰⁰ is too large you write **0**. Subtract each row's largest score before `exp` instead."),
        ),
        Mistake(
            _overflow_as_one,
            _("Where e¹⁰⁰⁰ is too large you write **1**. Subtract each row's largest score before `exp` instead."),
        ),
        Mistake(
            _clamped,
            _("You cut large scores off, and make them alike. Subtract each row's **largest** score instead."),
        ),
        Mistake(
            _largest_of_all_subtracted,
            _(
                "You subtract the largest score of **all** queries. In a row far below it every power becomes 0, "
                "and 0 / 0 is `nan`: subtract each row's own largest."
            ),
        ),
        Mistake(
            _largest_of_the_column_subtracted,
            _(
                "You subtract the largest of each **column**. Within a row the same number must be subtracted, "
                "or the weights change: the row's largest."
            ),
        ),
        Mistake(
            _smallest_subtracted,
            _("You subtract the **smallest** score, and the largest still overflows. Subtract the row's largest."),
        ),
        Mistake(
            _mean_subtracted,
            _("You subtract the row's **mean**, and a score far above it still overflows. Subtract the largest."),
        ),
        Mistake(
            _divided_by_the_largest_score,
            _("You **divide** by the largest score. That changes the weights; to subtract it does not."),
        ),
        Mistake(
            _sums_as_a_row,
            _(
                "Your row sums form a **row** and divide the columns. With `keepdim=True` they stay a "
                "column, one beside each row. (Where the table is not square, yours stops with an error.)"
            ),
        ),
        Mistake(
            _largest_and_sums_as_a_row,
            _(
                "Your largest scores and row sums form a **row** and act on the columns. With "
                "`keepdim=True` they stay a column, one beside each row."
            ),
        ),
        Mistake(
            _divided_by_the_columns,
            _("You divide by the sums of the **columns**. Divide by those of the rows: `sum(dim=1, keepdim=True)`."),
        ),
        Mistake(_logarithms, _("You return the **logarithms** of the weights: `log_softmax` for `softmax`.")),
        Mistake(
            _sigmoids,
            _("You take the **sigmoid** of each score by itself. With softmax the keys of a row share 1 among them."),
        ),
        Mistake(
            _sigmoids_shared_out,
            _("You share out the **sigmoids**. Softmax shares out the exponentials."),
        ),
        Mistake(
            _hard,
            _("You give all to the key with the largest score. Softmax is **soft**: the others get a share too."),
        ),
        Mistake(
            _scaled, _("You divide by the root of the number of keys. The scores go into softmax **as they are**.")
        ),
        Mistake(_powers_of_two, _("You take powers of **2**. Softmax takes those of e: `.exp()`.")),
        Mistake(_negative_scores_cut, _("You turn negative scores into 0. They go into softmax **as they are**.")),
        Mistake(
            _first_query_for_all,
            _("All your rows are that of the **first** query. Each query has scores, and weights, of its own."),
        ),
    ),
    corners=(
        Corner(
            lambda scores: scores.max() > 80,
            _("Only **large** scores go wrong: e to their power is more than a float can hold."),
        ),
        Corner(
            lambda scores: scores.shape[0] != scores.shape[1],
            _("It goes wrong unless there are as many queries as keys. Which dimension are the keys?"),
        ),
        Corner(
            lambda scores: scores.shape[1] == 1,
            _("Only a **single** key goes wrong. It gets all of each query's weight."),
        ),
    ),
    explanation=_(
        "Subtracting a number c from all scores multiplies every power by e⁻ᶜ, above and below the fraction line, so "
        "the weights stay. With the largest score as c, no power is above 1. `scores.softmax(dim=1)` does the same."
    ),
)


def masked_weights(scores, visible):
    """The weights when some keys are hidden: 0 there, and the others sum to 1.

    scores: tensor (queries, keys). visible: bools of the same shape, True where a query may look;
    each may look at one key at least. Returns a tensor (queries, keys).

    >>> import torch
    >>> masked_weights(torch.zeros(1, 3), torch.tensor([[True, True, False]]))
    tensor([[0.5000, 0.5000, 0.0000]])
    """
    return scores.masked_fill(~visible, float("-inf")).softmax(dim=1)


def _masked_weights_cases() -> list[tuple]:
    masks = [
        [[True, True, False]],
        [[True, False, False], [True, True, False]],
        [[True, False], [True, True], [False, True]],
        [[True, False, True, False], [True, True, True, False], [False, False, False, True]],
        [[True, True, True], [True, True, False], [True, False, False]],
        [[True, True], [False, True]],
        [[True, False, True], [False, True, True], [False, True, False]],
    ]
    scores = draws(*([(len(mask), len(mask[0]))] for mask in masks), scale=2.0)
    large = [
        ([[1.0, 2.0, 1000.0]], [[True, True, False]]),
        ([[-1000.0, -1001.0, 0.0], [3.0, 4.0, 5.0]], [[True, True, False], [True, False, True]]),
        ([[500.0, 2.0, 501.0], [-1.0, -2.0, 400.0]], [[True, True, True], [True, True, False]]),
        ([[0.0, 200.0, -500.0, 199.0]], [[False, True, True, True]]),
        ([[-200.0, 1.0], [-150.0, -151.0]], [[True, False], [True, True]]),
        ([[-500.0, -501.0, 300.0]], [[True, True, False]]),
    ]
    return [
        *((score, tensor(mask)) for (score,), mask in zip(scores, masks, strict=True)),
        (tensor([[-3.0, -5.0, 4.0]]), tensor([[True, True, False]])),
        *((tensor(score), tensor(mask)) for score, mask in large),
    ]


def _filled(number):
    """The mistake of another number for what is hidden."""

    def wrong(scores, visible):
        return scores.masked_fill(~visible, number).softmax(dim=1)

    return wrong


def _minus_infinity(scores, visible):
    return scores.masked_fill(~visible, float("-inf"))


def _hidden_after_softmax(scores, visible):
    return scores.softmax(dim=1) * visible


def _shared_out_again(scores, visible):
    return _divided(scores.softmax(dim=1) * visible)


def _shared_out_again_or_zero(scores, visible):
    return _shared_out_again(scores, visible).nan_to_num(0.0)


def _exponentials_of_large_scores(scores, visible):
    return _divided(scores.exp() * visible)


def _hidden_by_zero(scores, visible):
    return (scores * visible).softmax(dim=1)


def _zero_times_infinity(scores, visible):
    return (scores + ~visible * float("-inf")).softmax(dim=1)


def _hidden_by_minus_one(scores, visible):
    return _filled(-1.0)(scores, visible)


def _hidden_by_minus_ten(scores, visible):
    return _filled(-10.0)(scores, visible)


def _hidden_by_minus_hundred(scores, visible):
    return _filled(-100.0)(scores, visible)


def _hundred_less(scores, visible):
    return (scores - 100 * ~visible).softmax(dim=1)


def _hidden_by_infinity(scores, visible):
    return _filled(float("inf"))(scores, visible)


def _hidden_by_the_smallest(scores, visible):
    return _filled(scores.min().item())(scores, visible)


def _upside_down(scores, visible):
    return scores.masked_fill(visible, float("-inf")).softmax(dim=1)


def _upside_down_after_softmax(scores, visible):
    return scores.softmax(dim=1) * ~visible


def _softmax_over_the_queries(scores, visible):
    return _minus_infinity(scores, visible).softmax(dim=0)


def _softmax_over_everything(scores, visible):
    return _minus_infinity(scores, visible).flatten().softmax(dim=0).reshape(scores.shape)


def _nothing_hidden(scores, visible):
    return scores.softmax(dim=1)


def _first_mask_for_all(scores, visible):
    return masked_weights(scores, visible[:1].expand_as(visible))


def _last_mask_for_all(scores, visible):
    return masked_weights(scores, visible[-1:].expand_as(visible))


def _hidden_from_any(scores, visible):
    return scores.masked_fill(~visible.all(dim=0), -1e9).softmax(dim=1)


def _hidden_from_all(scores, visible):
    return masked_weights(scores, visible.any(dim=0).expand_as(visible))


def _the_future_hidden(scores, visible):
    return masked_weights(scores, visible.new_ones(visible.shape).tril())


def _mask_added(scores, visible):
    return (scores + visible).softmax(dim=1)


def _masked_without_exp(scores, visible):
    return _divided(scores * visible)


def _masked_between_two_softmaxes(scores, visible):
    return masked_weights(scores.softmax(dim=1), visible)


def _scores_alone(scores, visible):
    return _minus_infinity(scores, visible)


def _logarithms_of_masked(scores, visible):
    return _minus_infinity(scores, visible).log_softmax(dim=1)


def _masked_and_scaled(scores, visible):
    return masked_weights(scores / scores.shape[1] ** 0.5, visible)


MASKED_WEIGHTS = Exercise(
    name="attention.masked_weights",
    title=_("Hide some keys"),
    solution=masked_weights,
    cases=_masked_weights_cases,
    compare=close,
    hints=(
        _("Which score makes a weight of exactly 0? e to the power of it must be 0."),
        _(
            "`scores.masked_fill(where, number)` writes a number wherever `where` is True. "
            "`~visible` is True at hidden keys."
        ),
    ),
    mistakes=(
        Mistake(
            _hidden_after_softmax,
            _(
                "The hidden weights are 0, and the others no longer sum to 1: they shared with the hidden ones before "
                "you took those away. Hide **before** softmax, or divide by the new sum."
            ),
        ),
        Mistake(
            _shared_out_again,
            _(
                "Where a hidden score is far above the others you get `nan`: it is taken away too late, when all "
                "visible weights are 0 already, and 0 / 0 is not a number. Hide **before** softmax."
            ),
        ),
        Mistake(
            _shared_out_again_or_zero,
            _(
                "You hide after softmax. When a hidden score is far above the others, all visible weights are 0, and "
                "the row no longer sums to 1. Hide **before** softmax."
            ),
        ),
        Mistake(
            _exponentials_of_large_scores,
            _(
                "Small scores are right, and large ones give `nan`: e⁵⁰⁰ is more than a float can hold. Set hidden "
                "scores to −∞ and let `softmax(dim=1)` do the rest."
            ),
        ),
        Mistake(
            _hidden_by_zero,
            _(
                "You set hidden scores to 0, and e⁰ is 1: a hidden key still has weight, more than one whose score "
                "is negative. The score must be −∞."
            ),
        ),
        Mistake(
            _zero_times_infinity,
            _(
                "0 times −∞ is `nan`, and that is what you add at each **visible** key. "
                "Use `masked_fill`, or `torch.where`."
            ),
        ),
        Mistake(
            _hidden_by_minus_one,
            _("You set hidden scores to −1, and e⁻¹ is still 0.37: a hidden key keeps a **weight**. It must be −∞."),
        ),
        Mistake(
            _hidden_by_minus_ten,
            _("You set hidden scores to −10. That is a **small** weight, not 0: the score must be −∞."),
        ),
        Mistake(
            _hidden_by_minus_hundred,
            _("−100 hides a key only while no visible score is **lower**. The score must be −∞ (many write −1e9)."),
        ),
        Mistake(
            _hundred_less,
            _("You take 100 from hidden scores, and a score of 1000 is still the **largest**. It must be −∞."),
        ),
        Mistake(
            _hidden_by_infinity,
            _("You set hidden scores to **+∞**: e to the power of that is not a number. It must be −∞."),
        ),
        Mistake(
            _hidden_by_the_smallest,
            _("You set hidden scores to the **smallest** score. That is still a weight: it must be −∞."),
        ),
        Mistake(
            _upside_down,
            _("You hide what may be seen. `visible` is True where a query **may** look: hide where it is False."),
        ),
        Mistake(
            _upside_down_after_softmax,
            _("You keep the weights of the **hidden** keys. `visible` is True where a query may look."),
        ),
        Mistake(
            _softmax_over_the_queries,
            _("You hide the right keys and take softmax over the **queries**. Each row must sum to 1: `dim=1`."),
        ),
        Mistake(
            _softmax_over_everything,
            _("All your weights together sum to 1. Each query has its own attention: every **row** must sum to 1."),
        ),
        Mistake(
            _nothing_hidden,
            _(
                "Nothing is hidden. (`masked_fill` returns a new tensor, and does not change `scores`: "
                "keep what it returns.)"
            ),
        ),
        Mistake(
            _first_mask_for_all, _("You hide from every query what the **first** must not see. Each has its own row.")
        ),
        Mistake(
            _last_mask_for_all, _("You hide from every query what the **last** must not see. Each has its own row.")
        ),
        Mistake(
            _hidden_from_any,
            _("You hide from all queries what **one** of them must not see. Each query has its own row of `visible`."),
        ),
        Mistake(
            _hidden_from_all,
            _("You show every query what **one** of them may see. Each query has its own row of `visible`."),
        ),
        Mistake(
            _the_future_hidden,
            _("You hide all keys **after** the query's position, whatever `visible` says. It may hide any."),
        ),
        Mistake(
            _mask_added,
            _("You **add** `visible` to the scores, which is 1 more for visible keys. Hidden ones must be −∞."),
        ),
        Mistake(
            _masked_without_exp,
            _("You divide the visible **scores** by their sum. Take the exponential first: that is softmax."),
        ),
        Mistake(
            _masked_between_two_softmaxes,
            _("You take softmax **twice**, before and after hiding. Hide first, and take it once."),
        ),
        Mistake(_scores_alone, _("You return the masked **scores**. Softmax makes weights of them.")),
        Mistake(_logarithms_of_masked, _("You return the **logarithms** of the weights: `log_softmax` for `softmax`.")),
        Mistake(
            _masked_and_scaled,
            _("You divide by the root of the number of keys. The scores go into softmax **as they are**."),
        ),
    ),
    corners=(
        Corner(
            lambda scores, visible: scores.abs().max() > 80,
            _("Only **large** scores go wrong. A hidden one must be −∞ before any exponential is taken."),
        ),
        Corner(
            lambda scores, visible: len(scores) > 1,
            _("It goes wrong with more than one **query**. Each has its own row of scores and of `visible`."),
        ),
        Corner(
            lambda scores, visible: bool((visible.sum(dim=1) == 1).any()),
            _("It goes wrong where a query may see **one** key only. All of its weight is that key's."),
        ),
    ),
    explanation=_(
        "e to the power of −∞ is 0, so a hidden key has no part in the sum either, and softmax shares everything out "
        "among the rest. This is how padding is kept out, and in lesson 06 the future."
    ),
)
