"""Exercise on accumulation: the mean over all trained tokens of a step."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def token_mean(parts: list[tuple[list[float], list[bool]]]) -> float:
    """The mean loss over the trained tokens of a step that was computed in several parts.

    A part is (losses, counts): the loss of each token, and whether it counts. Every token that
    counts has the same weight, whichever part it is in. Some part may have no such token, but
    the step has one.

    >>> token_mean([([1.0, 3.0, 9.0], [True, True, False]), ([8.0], [True])])
    4.0
    """
    total = sum(loss for losses, counts in parts for loss, one in zip(losses, counts, strict=True) if one)
    return total / sum(sum(counts) for _losses, counts in parts)


def _token_mean_cases() -> list[tuple]:
    yes, no = True, False
    return [
        ([([1.0, 3.0, 9.0], [yes, yes, no]), ([8.0], [yes])],),
        ([([2.0, 4.0], [no, yes]), ([1.0, 7.0, 5.0], [yes, yes, yes])],),
        ([([0.5, 2.5, 6.0, 1.5], [no, no, yes, yes]), ([3.0, 0.25], [yes, no]), ([4.0], [yes])],),
        ([([7.0], [yes]), ([1.0, 2.0, 3.0, 4.0, 5.0], [no, yes, yes, yes, yes])],),
        ([([6.0, 1.0], [yes, yes]), ([9.0, 2.0, 2.0], [no, yes, no]), ([0.5, 0.75, 3.0], [yes, yes, yes])],),
        ([([2.25, 8.0, 1.0], [yes, no, no]), ([5.0, 4.0], [yes, yes])],),
        ([([3.0, 5.0, 2.0, 8.0], [yes, no, yes, yes])],),
        ([([1.5, 0.125], [no, yes])],),
        ([([2.0, 3.0], [no, no]), ([6.0, 1.0, 4.0], [yes, no, yes])],),
        ([([9.0, 5.0], [yes, yes]), ([7.0], [no]), ([1.0, 3.0, 2.0], [yes, no, yes])],),
        ([([10.0, 0.25, 4.0], [yes, yes, no]), ([2.0, 2.0, 1.0, 6.0], [yes, no, yes, no])],),
        ([([0.0, 4.0, 11.0], [yes, no, yes]), ([3.0], [yes])],),
    ]


def _counted(parts):
    return [[loss for loss, one in zip(losses, counts, strict=True) if one] for losses, counts in parts]


def _all(parts):
    return [loss for part in parts for loss in part]


def _mean(values):
    return sum(values) / len(values) if values else 0.0


def _mean_of_means(parts):
    return _mean([_mean(part) for part in _counted(parts) if part])


def _mean_of_means_with_zeros(parts):
    return _mean([_mean(part) for part in _counted(parts)])


def _over_all_tokens(parts):
    return _mean([loss for losses, _counts in parts for loss in losses])


def _divided_by_all_tokens(parts):
    return sum(_all(_counted(parts))) / sum(len(losses) for losses, _counts in parts)


def _all_divided_by_counted(parts):
    return sum(loss for losses, _counts in parts for loss in losses) / len(_all(_counted(parts)))


def _total(parts):
    return sum(_all(_counted(parts)))


def _total_over_parts(parts):
    return _total(parts) / len(parts)


def _sum_of_means(parts):
    return sum(_mean(part) for part in _counted(parts))


def _not_counted(parts):
    left_out = [loss for losses, counts in parts for loss, one in zip(losses, counts, strict=True) if not one]
    return _mean(left_out)


def _first_part(parts):
    return _mean(_counted(parts)[0])


def _last_part(parts):
    return _mean(_counted(parts)[-1])


def _largest(parts):
    return max(_all(_counted(parts)))


def _smallest(parts):
    return min(_all(_counted(parts)))


def _weighted_by_length(parts):
    lengths = [len(losses) for losses, _counts in parts]
    means = map(_mean, _counted(parts))
    return sum(n * mean for n, mean in zip(lengths, means, strict=True)) / sum(lengths)


def _means_of_parts(parts):
    return [_mean(part) for part in _counted(parts)]


def _perplexity(parts):
    import math

    return math.exp(token_mean(parts))


def _median(parts):
    import statistics

    return statistics.median(_all(_counted(parts)))


def _how_many(parts):
    return len(_all(_counted(parts)))


def _mean_of_masked(parts):
    """The mean of a part is taken over all of its tokens, those that do not count being 0."""
    return _mean([sum(part) / len(losses) for part, (losses, _counts) in zip(_counted(parts), parts, strict=True)])


def _n(parts):
    return len(_all(_counted(parts)))


def _summed_first_part(parts):
    return _total(parts[:1]) / _n(parts)


def _summed_without_the_last_part(parts):
    return _total(parts[:-1]) / _n(parts)


def _summed_without_the_first_part(parts):
    return _total(parts[1:]) / _n(parts)


def _divided_by_the_first_part(parts):
    return _total(parts) / (_n(parts[:1]) or 1)


def _divided_without_the_last_part(parts):
    return _total(parts) / (_n(parts[:-1]) or 1)


def _divided_without_the_first_part(parts):
    return _total(parts) / (_n(parts[1:]) or 1)


def _first_tokens_left_out(parts):
    return _total([(losses[1:], counts[1:]) for losses, counts in parts]) / _n(parts)


def _last_tokens_left_out(parts):
    return _total([(losses[:-1], counts[:-1]) for losses, counts in parts]) / _n(parts)


def _multiplied(parts):
    return _total(parts) * _n(parts)


def _sum_and_count(parts):
    return _total(parts), len(_all(_counted(parts)))


TOKEN_MEAN = Exercise(
    name="instruction.token_mean",
    title=_("One mean over several parts"),
    solution=token_mean,
    cases=_token_mean_cases,
    hints=(
        _(
            "Do not average within a part. Add up the losses that count over all parts, count these tokens over all "
            "parts, and divide once, at the end."
        ),
        _(
            "`zip(losses, counts)` pairs each loss with whether it counts. True counts as 1 in a sum, so a part has "
            "`sum(counts)` tokens that count."
        ),
    ),
    mistakes=(
        Mistake(
            _mean_of_means,
            _(
                "That is the **mean of the parts' means**: a token of a part with few of them then weighs more. Divide "
                "once, at the end."
            ),
        ),
        Mistake(
            _mean_of_means_with_zeros,
            _("You average the **parts' means**, and one without a token that counts as 0: divide once, at the end."),
        ),
        Mistake(_over_all_tokens, _("You average over **all** tokens: only those that count do.")),
        Mistake(
            _divided_by_all_tokens,
            _("You divide by the number of **all** tokens: divide by how many count."),
        ),
        Mistake(_all_divided_by_counted, _("You add up the losses of **all** tokens: add up those that count.")),
        Mistake(_total, _("That is the **sum**: divide by how many tokens count.")),
        Mistake(_total_over_parts, _("You divide by the number of **parts**: divide by how many tokens count.")),
        Mistake(_sum_of_means, _("You **add up the means** of the parts: divide once, by all tokens that count.")),
        Mistake(_not_counted, _("Your mask is **inverted**: True are the tokens that count.")),
        Mistake(_first_part, _("Only the **first** part is in your mean: take all parts.")),
        Mistake(_last_part, _("Only the **last** part is in your mean: take all parts.")),
        Mistake(_largest, _("That is the **largest** loss: wanted is the mean.")),
        Mistake(_smallest, _("That is the **smallest** loss: wanted is the mean.")),
        Mistake(
            _weighted_by_length,
            _("You weigh the parts' means by **all** their tokens: weigh them by how many count."),
        ),
        Mistake(_means_of_parts, _("You return the **means of the parts**: return one number.")),
        Mistake(_perplexity, _("That is the **exponential** of the mean, the perplexity: return the mean.")),
        Mistake(_median, _("That is the **median**: wanted is the mean.")),
        Mistake(_how_many, _("That is **how many** tokens count: divide the sum of their losses by it.")),
        Mistake(
            _mean_of_masked,
            _(
                "You set losses to 0 and take the **mean of each part**: those zeros count in it. Divide "
                "once, at the end."
            ),
        ),
        Mistake(_summed_first_part, _("You add up the **first part** alone: add up the losses of all parts.")),
        Mistake(_summed_without_the_last_part, _("The **last part** is missing from your sum: add up all parts.")),
        Mistake(_summed_without_the_first_part, _("The **first part** is missing from your sum: add up all parts.")),
        Mistake(
            _divided_by_the_first_part,
            _("You divide by the tokens of the **first part** alone: divide by those of all parts."),
        ),
        Mistake(
            _divided_without_the_last_part,
            _("The **last part** is missing from your number of tokens: count those of all parts."),
        ),
        Mistake(
            _divided_without_the_first_part,
            _("The **first part** is missing from your number of tokens: count those of all parts."),
        ),
        Mistake(_first_tokens_left_out, _("The **first token** of each part is missing from your sum.")),
        Mistake(_last_tokens_left_out, _("The **last token** of each part is missing from your sum.")),
        Mistake(_multiplied, _("You **multiply** by the number of tokens: divide by it.")),
        Mistake(_sum_and_count, _("You return the **sum and the number** of the tokens: divide one by the other.")),
    ),
    corners=(
        Corner(
            lambda parts: not all(any(counts) for _losses, counts in parts),
            _("Only where a part has **no token that counts** your answer is wrong: it adds nothing to either sum."),
        ),
        Corner(lambda parts: len(parts) == 1, _("Only a **single** part goes wrong: the mean is its own.")),
    ),
    explanation=_(
        "Were the step computed in one piece, its loss would be this mean. A mean of means is another number as soon "
        "as the parts have unequally many tokens that count, and its gradient is another, too: the result of a "
        "training would depend on how much memory there is. In 2024 that mistake was found in training libraries "
        "(transformers, issue 34191)."
    ),
)
