"""Exercises on attention: how evenly softmax shares out, split into heads, hide the future."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def softmax_entropy(scores: list[float]) -> float:
    """How evenly softmax shares itself out over these scores: its entropy, in nats.

    The entropy of the weights w is the sum of -w * log(w), with the natural logarithm; a weight of
    0 adds nothing. Scores may be far from 0: exp(1000) is more than a float can hold.

    >>> softmax_entropy([2.0, 2.0, 2.0, 2.0])
    1.3862943611198906
    >>> softmax_entropy([1000.0, 0.0])
    0.0
    """
    import math

    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    weights = [power / sum(powers) for power in powers]
    return sum(-weight * math.log(weight) for weight in weights if weight > 0)


def _softmax_entropy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    cases = [[2.0] * 4, [0.0, 1.0], [1.0, 2.0, 3.0], [5.0], [-1.0, 0.0, 0.5, 4.0], [0.5, -0.5, 0.5]]
    cases += [(scale * torch.randn(8, generator=generator)).tolist() for scale in (0.5, 2.0, 8.0)]
    far = [[1000.0, 0.0], [800.0, 801.0], [-1000.0, -1001.0, -1001.0], [0.0, -2000.0, -2000.0], [900.0, 0.0, 899.0]]
    return [(scores,) for scores in (*cases, *far, [-3000.0, 1000.0, 1000.0], [-5000.0, -5002.0])]


def _weights(scores):
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    return [power / sum(powers) for power in powers]


def _sum_over(weights, term):
    return sum(term(weight) for weight in weights if weight > 0)


def _in_bits(scores):
    return softmax_entropy(scores) / math.log(2)


def _of_ten(scores):
    return softmax_entropy(scores) / math.log(10)


def _without_minus(scores):
    return -softmax_entropy(scores)


def _without_the_weight(scores):
    return _sum_over(_weights(scores), lambda weight: -math.log(weight))


def _mean_surprise(scores):
    weights = [weight for weight in _weights(scores) if weight > 0]
    return _without_the_weight(scores) / len(weights)


def _mean_of_terms(scores):
    return softmax_entropy(scores) / len(scores)


def _over_the_largest(scores):
    return softmax_entropy(scores) / (math.log(len(scores)) if len(scores) > 1 else 1)


def _short_of_the_largest(scores):
    return math.log(len(scores)) - softmax_entropy(scores)


def _perplexity(scores):
    return math.exp(softmax_entropy(scores))


def _without_logarithm(scores):
    return 1 - sum(weight**2 for weight in _weights(scores))


def _scores_for_logarithms(scores):
    return -sum(weight * score for weight, score in zip(_weights(scores), scores, strict=True))


def _largest_alone(scores):
    return -math.log(max(_weights(scores)))


def _shares_without_exponentials(scores):
    total = sum(map(abs, scores))
    return sum(-abs(score) / total * math.log(abs(score) / total) for score in scores if score)


def _scores_over_their_sum(scores):
    total = sum(scores)
    return _sum_over([score / total if total else 0 for score in scores], lambda weight: -weight * math.log(weight))


def _powers_of_two(scores):
    return softmax_entropy([score * math.log(2) for score in scores])


def _not_divided(scores):
    largest = max(scores)
    return _sum_over([math.exp(score - largest) for score in scores], lambda power: -power * math.log(power))


def _least_score_wins(scores):
    return softmax_entropy([-score for score in scores])


def _softmax_twice(scores):
    return softmax_entropy(_weights(scores))


def _without_the_first(scores):
    return _sum_over(_weights(scores)[1:], lambda weight: -weight * math.log(weight))


def _without_the_last(scores):
    return _sum_over(_weights(scores)[:-1], lambda weight: -weight * math.log(weight))


def _overflowing(scores):
    """What PyTorch and NumPy give without taking the largest score away."""
    powers = torch.tensor(scores, dtype=torch.float64).exp()
    weights = powers / powers.sum()
    return torch.where(weights == 0, 0, -weights * weights.log()).sum().item()


def _zero_times_infinity(scores):
    """What PyTorch and NumPy give for a weight of 0."""
    weights = torch.tensor(_weights(scores), dtype=torch.float64)
    return -(weights * weights.log()).sum().item()


SOFTMAX_ENTROPY = Exercise(
    name="transformer.softmax_entropy",
    title=_("How evenly softmax shares out"),
    solution=softmax_entropy,
    cases=_softmax_entropy_cases,
    compare=close,
    hints=(
        _("First the weights: the exponential of each score over the sum of all. Then the sum of `-w * math.log(w)`."),
        _(
            "Take the largest score from all of them before the exponentials: the weights stay the same, and the "
            "largest power is exp(0). Leave out weights of 0, whose logarithm does not exist."
        ),
    ),
    mistakes=(
        Mistake(_in_bits, _("This is the entropy in **bits**: use the natural logarithm, `math.log`, for nats.")),
        Mistake(
            _without_minus,
            _("The sign is missing. The logarithm of a weight is at most 0, and an entropy is never below 0."),
        ),
        Mistake(
            _without_the_weight,
            _("You add up the surprises `-log(w)` alike. Each counts as often as it happens: multiply it by `w`."),
        ),
        Mistake(
            _shares_without_exponentials,
            _("These weights are the scores over their sum. Softmax takes the **exponential** of each score first."),
        ),
        Mistake(
            _scores_over_their_sum,
            _("Your weights are the scores over their sum, without those below 0. Take the exponential of each first."),
        ),
        Mistake(
            _overflowing,
            _(
                "Far from 0 the weights become nan: exp(1000) is infinite, and exp(-1000) is 0, so that all of them may "
                "be 0. Take the largest score away from each before the exponentials; the weights stay the same."
            ),
        ),
        Mistake(
            _zero_times_infinity,
            _(
                "A weight of 0 makes the whole sum nan, since its logarithm is −∞. Its term is 0: leave it out, "
                "or keep the logarithm finite, with `clamp` or `torch.special.entr`."
            ),
        ),
        Mistake(_of_ten, _("You take logarithms to the base 10. The natural one, `math.log`, gives nats.")),
        Mistake(
            _mean_surprise,
            _("You take the plain mean of the surprises `-log(w)`. Each counts as often as it happens: times its `w`."),
        ),
        Mistake(_mean_of_terms, _("You divide by the number of scores. The entropy is the **sum** of -w · log(w).")),
        Mistake(
            _over_the_largest,
            _(
                "You divide by log(n), the largest entropy there can be. Here it is asked for in nats, from 0 to log(n)."
            ),
        ),
        Mistake(
            _short_of_the_largest,
            _("This is what is missing to the largest entropy, log(n). Asked for is the entropy itself."),
        ),
        Mistake(_perplexity, _("This is the exponential of the entropy, the perplexity. Leave the last `exp` out.")),
        Mistake(_without_logarithm, _("You use 1 − Σw², another measure of evenness. The entropy has the logarithm.")),
        Mistake(
            _scores_for_logarithms,
            _("You multiply each weight by its score. It is the logarithm of the **weight** that counts."),
        ),
        Mistake(_largest_alone, _("This is the surprise of the largest weight alone. Add up -w · log(w) over all.")),
        Mistake(_powers_of_two, _("Your weights are powers of 2. Softmax takes powers of e, `math.exp`.")),
        Mistake(
            _not_divided,
            _("Your powers are not yet weights: divide each by the sum of all, so that they add up to 1."),
        ),
        Mistake(_least_score_wins, _("Your weights fall with the score. The sign of the exponent is turned round.")),
        Mistake(_softmax_twice, _("You take softmax of the weights again. Once is enough.")),
        Mistake(_without_the_first, _("The first weight's term is missing from the sum.")),
        Mistake(_without_the_last, _("The last weight's term is missing from the sum.")),
    ),
    explanation=_(
        "Taking the largest score away changes no weight, because a factor above and below the line cancels; it keeps "
        "every power at most 1. The entropy is log(n) for n equal scores and 0 when one score wins everything."
    ),
)


def split_heads(x: "Tensor", n_heads: int) -> "Tensor":
    """Give each head its part of every vector of x.

    x: (batch, position, d_model). The answer: (batch, heads, position, d_head). Head 0 takes the
    first d_model / n_heads numbers of each vector, head 1 the next ones, and so on.

    >>> import torch
    >>> x = torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])  # 1 sequence of 2 positions
    >>> split_heads(x, n_heads=2).tolist()
    [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
    """
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads).transpose(1, 2)


def _split_heads_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    shapes = [(1, 2, 4, 2), (1, 3, 6, 2), (2, 3, 8, 4), (1, 2, 6, 3), (2, 2, 6, 3), (2, 4, 4, 1), (3, 1, 8, 8)]
    shapes += [(2, 3, 6, 3), (3, 2, 12, 3), (2, 4, 8, 2), (4, 4, 16, 4)]
    first, *others = [(shape[:3], shape[3]) for shape in shapes]
    cases = [(torch.arange(math.prod(first[0])).view(first[0]), first[1])]
    for shape, n_heads in others:
        cases.append((torch.randperm(math.prod(shape), generator=generator).view(shape), n_heads))
    return cases


def _without_transpose(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads)


def _reshaped_at_once(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, n_heads, position, d_model // n_heads)


def _heads_take_turns(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, d_model // n_heads, n_heads).permute(0, 3, 1, 2)


def _sizes_exchanged(x, n_heads):
    return split_heads(x, x.shape[2] // n_heads)


def _positions_last(x, n_heads):
    return split_heads(x, n_heads).transpose(2, 3)


def _cut_at_once_positions_last(x, n_heads):
    return x.transpose(1, 2).reshape(x.shape[0], n_heads, -1, x.shape[1])


def _transposed_before_the_cut(x, n_heads):
    batch, position, d_model = x.shape
    return x.transpose(1, 2).reshape(batch, n_heads, position, d_model // n_heads)


def _heads_before_batch(x, n_heads):
    return split_heads(x, n_heads).transpose(0, 1)


def _batch_exchanged(x, n_heads):
    return _without_transpose(x, n_heads).transpose(0, 2)


def _heads_last(x, n_heads):
    return split_heads(x, n_heads).permute(0, 2, 3, 1)


def _last_two_exchanged(x, n_heads):
    return _without_transpose(x, n_heads).transpose(2, 3)


def _one_and_three_exchanged(x, n_heads):
    return _without_transpose(x, n_heads).transpose(1, 3)


def _batch_with_heads(x, n_heads):
    return split_heads(x, n_heads).flatten(0, 1)


def _without_batch(x, n_heads):
    return split_heads(x, n_heads)[0]


def _squeezed(x, n_heads):
    return split_heads(x, n_heads).squeeze()


def _first_head(x, n_heads):
    return split_heads(x, n_heads)[:, 0]


def _first_head_alone(x, n_heads):
    return split_heads(x, n_heads)[:, :1]


def _last_head_alone(x, n_heads):
    return split_heads(x, n_heads)[:, -1:]


def _heads_reversed(x, n_heads):
    return split_heads(x, n_heads).flip(1)


def _whole_vector(x, n_heads):
    return x[:, None].expand(-1, n_heads, -1, -1)


def _not_split(x, n_heads):
    return x


def _positions_exchanged(x, n_heads):
    return x.transpose(1, 2)


SPLIT_HEADS = Exercise(
    name="transformer.split_heads",
    title=_("Split into heads"),
    solution=split_heads,
    cases=_split_heads_cases,
    hints=(
        _("Two steps: cut the last dimension into heads and the rest, then bring the heads before the positions."),
        _(
            "`x.reshape(batch, position, n_heads, d_model // n_heads)` cuts each vector where it stands; "
            "`.transpose(1, 2)` then swaps positions and heads."
        ),
    ),
    mistakes=(
        Mistake(
            _without_transpose,
            _(
                "Your answer has the positions before the heads. Attention is taken over the last two dimensions, "
                "which must be position and d_head: swap dimensions 1 and 2."
            ),
        ),
        Mistake(
            _reshaped_at_once,
            _(
                "The shape is right, but the numbers of **different positions** are mixed: `reshape` keeps the order "
                "in memory. Cut the vectors first, then `transpose`."
            ),
        ),
        Mistake(
            _heads_take_turns,
            _(
                "Your heads take turns through the vector: head 0 gets every n-th number. Each head takes "
                "neighbouring numbers: heads come before d_head in the reshape."
            ),
        ),
        Mistake(
            _sizes_exchanged,
            _(
                "You cut into d_head pieces of `n_heads` numbers. There are `n_heads` pieces, of d_model // n_heads numbers."
            ),
        ),
        Mistake(
            _positions_last,
            _(
                "The last two dimensions are exchanged: (batch, heads, position, d_head), with a head's vector in a row."
            ),
        ),
        Mistake(
            _cut_at_once_positions_last,
            _("Each number is in its head, but positions come last: (batch, heads, position, d_head)."),
        ),
        Mistake(
            _transposed_before_the_cut,
            _(
                "You transpose before the vectors are cut, and the reshape then runs across positions. First `reshape` "
                "to (batch, position, heads, d_head), then `transpose`."
            ),
        ),
        Mistake(
            _heads_before_batch,
            _("Your heads come before the batch. Stack them along dimension 1: (batch, heads, position, d_head)."),
        ),
        Mistake(
            _batch_exchanged,
            _("You exchange heads and batch. Positions and heads are to be exchanged: dimensions 1 and 2."),
        ),
        Mistake(_heads_last, _("Your heads come last. The order is (batch, heads, position, d_head).")),
        Mistake(
            _last_two_exchanged,
            _("You exchange heads and d_head, dimensions 2 and 3. Positions and heads are 1 and 2, counted from 0."),
        ),
        Mistake(
            _one_and_three_exchanged,
            _("You exchange positions and d_head, dimensions 1 and 3. Positions and heads are 1 and 2."),
        ),
        Mistake(
            _batch_with_heads,
            _("You merge the batch with the heads. The answer has four dimensions: (batch, heads, position, d_head)."),
        ),
        Mistake(_without_batch, _("Only the first sequence of the batch is there. Keep all of them, as dimension 0.")),
        Mistake(
            _squeezed,
            _("Your dimensions of size 1 are gone. Keep them, without `squeeze`: there are always four."),
        ),
        Mistake(_first_head, _("Only the first head is there. Cut off all of them, and give them a dimension.")),
        Mistake(_first_head_alone, _("Only the first head is there: the others' parts of the vectors are missing.")),
        Mistake(_last_head_alone, _("Only the last head is there: does each overwrite the one before?")),
        Mistake(_heads_reversed, _("Your heads are in the reverse order: head 0 takes the **first** numbers.")),
        Mistake(
            _whole_vector,
            _("Each of your heads gets the whole vector. It gets its part, d_model / n_heads numbers."),
        ),
        Mistake(_not_split, _("Your x comes back as it was. Cut its last dimension in two, heads and d_head.")),
        Mistake(
            _positions_exchanged,
            _("You only exchange dimensions. Before that, the last one is to be cut in two, heads and d_head."),
        ),
    ),
    explanation=_(
        "Nothing is computed: the same numbers are read in another order. `transpose` only notes that two dimensions "
        "are swapped. The way back is `transpose(1, 2)` and `flatten(2)`."
    ),
)


def causal_mask(n_queries: int, n_keys: int) -> list[list[bool]]:
    """Which keys each query may see: itself and those before it.

    There is a row for each query; True means visible. The queries are the **last** of the keys:
    when a text is written with a cache, the keys of the tokens read before are there as well.

    >>> causal_mask(3, 3)
    [[True, False, False], [True, True, False], [True, True, True]]
    >>> causal_mask(1, 4)
    [[True, True, True, True]]
    """
    before = n_keys - n_queries
    return [[key <= before + query for key in range(n_keys)] for query in range(n_queries)]


def _causal_mask_cases() -> list[tuple]:
    return [(3, 3), (1, 4), (2, 5), (1, 1), (4, 4), (3, 4), (5, 5), (4, 7), (2, 4), (3, 5), (1, 6), (2, 3), (5, 6)]


def _of_places(n_queries, n_keys, visible):
    """A table of `visible(key, place)`, where the place is the query's among the keys."""
    before = n_keys - n_queries
    return [[visible(key, before + query) for key in range(n_keys)] for query in range(n_queries)]


def _sees_the_future(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key >= place)


def _blind_to_itself(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key < place)


def _hidden_is_true(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key > place)


def _one_ahead(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place + 1)


def _itself_only(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key == place)


def _itself_and_one(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: place - 1 <= key <= place)


def _all_but_itself(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key != place)


def _without_the_cache(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: n_keys - n_queries <= key <= place)


def _cache_alone(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key <= n_keys - n_queries)


def _queries_come_first(n_queries, n_keys):
    return [[key <= query for key in range(n_keys)] for query in range(n_queries)]


def _hidden_and_queries_first(n_queries, n_keys):
    return [[key > query for key in range(n_keys)] for query in range(n_queries)]


def _difference_turned_round(n_queries, n_keys):
    return [[key <= n_queries - n_keys + query for key in range(n_keys)] for query in range(n_queries)]


def _added_to_the_scores(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 0.0 if key <= place else -math.inf)


def _very_low_added(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 0.0 if key <= place else -1e9)


def _lowest_added(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 0.0 if key <= place else torch.finfo(torch.float32).min)


def _weights_of_equal_scores(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 1 / (place + 1) if key <= place else 0.0)


def _all_visible(n_queries, n_keys):
    return [[True] * n_keys for _query in range(n_queries)]


def _none_visible(n_queries, n_keys):
    return [[False] * n_keys for _query in range(n_queries)]


def _among_the_queries(n_queries, n_keys):
    return causal_mask(n_queries, n_queries)


def _a_row_for_each_key(n_queries, n_keys):
    return causal_mask(n_keys, n_keys)


def _rows_of_keys(n_queries, n_keys):
    return [list(column) for column in zip(*causal_mask(n_queries, n_keys), strict=True)]


def _last_query_first(n_queries, n_keys):
    return causal_mask(n_queries, n_keys)[::-1]


def _keys_from_the_right(n_queries, n_keys):
    return [row[::-1] for row in causal_mask(n_queries, n_keys)]


def _visible_alone(n_queries, n_keys):
    return [[True] * (n_keys - n_queries + query + 1) for query in range(n_queries)]


def _numbers_of_keys(n_queries, n_keys):
    return [list(range(n_keys - n_queries + query + 1)) for query in range(n_queries)]


def _how_many(n_queries, n_keys):
    return list(range(n_keys - n_queries + 1, n_keys + 1))


def _one_row(n_queries, n_keys):
    return [True] * n_keys


CAUSAL_MASK = Exercise(
    name="transformer.causal_mask",
    title=_("Hide the future"),
    solution=causal_mask,
    cases=_causal_mask_cases,
    hints=(
        _("Query number 0 is not always key number 0: there are `n_keys - n_queries` keys before it."),
        _("The entry of a query and a key is `key <= (n_keys - n_queries) + query`."),
    ),
    mistakes=(
        Mistake(
            _sees_the_future,
            _("Your mask shows each query the future and hides the past. Visible is what stands **before** it."),
        ),
        Mistake(
            _blind_to_itself,
            _(
                "Your queries do not see themselves, and the first one sees nothing, for which softmax has no answer. "
                "Use `<=`, not `<`."
            ),
        ),
        Mistake(
            _hidden_is_true,
            _("Your mask is True where a key is **hidden**, as in PyTorch's layers. Here True means visible."),
        ),
        Mistake(
            _queries_come_first,
            _(
                "With as many keys as queries this is right. With more keys, the queries are the **last** of them: "
                "a single query sees every key."
            ),
        ),
        Mistake(
            _hidden_and_queries_first,
            _(
                "Your mask is True where a key is hidden; here True means visible. And with more keys than queries, "
                "the queries are the **last** of them."
            ),
        ),
        Mistake(_one_ahead, _("Your queries see one key too many, the next one: the token that is to be predicted.")),
        Mistake(_itself_only, _("Your queries see only themselves. All keys before them are visible as well.")),
        Mistake(_itself_and_one, _("Your queries see only themselves and one key before. **All** before are visible.")),
        Mistake(_all_but_itself, _("Your queries see every key but their own, those to come as well: `<=`, not `!=`.")),
        Mistake(
            _without_the_cache,
            _("The keys before the first query are hidden in your mask. They have been read: every query sees them."),
        ),
        Mistake(
            _cache_alone,
            _("All your rows are that of the first query. Each further one sees one key more: add `query`."),
        ),
        Mistake(
            _difference_turned_round,
            _(
                "The difference is turned round: the first query stands at key `n_keys - n_queries`, which is 0 or more."
            ),
        ),
        Mistake(
            _added_to_the_scores,
            _(
                "This is the mask that is **added** to the scores, 0 where visible and −∞ where hidden. Asked for is "
                "True where visible and False where hidden; attention makes the other out of it."
            ),
        ),
        Mistake(
            _very_low_added,
            _(
                "This is a mask to be **added** to the scores, 0 where visible and −1e9 where hidden. Asked for is "
                "True where visible and False where hidden."
            ),
        ),
        Mistake(
            _lowest_added,
            _(
                "This is a mask to be **added** to the scores, 0 where visible and the lowest float where hidden. "
                "Asked for is True where visible and False where hidden."
            ),
        ),
        Mistake(
            _weights_of_equal_scores,
            _("These are weights already, shared evenly. Asked for is True where visible and False where hidden."),
        ),
        Mistake(_all_visible, _("Everything is visible in your mask. Hide the keys after each query.")),
        Mistake(_none_visible, _("Nothing is visible in your mask. Each query sees itself and all keys before.")),
        Mistake(
            _among_the_queries,
            _(
                "Your rows are too short: they need a place for each of the `n_keys` keys, also those before the queries."
            ),
        ),
        Mistake(_a_row_for_each_key, _("You give a row for each key. Give only those of the queries, the last ones.")),
        Mistake(
            _rows_of_keys,
            _("Rows and columns are exchanged: there is a row for each **query**, and in it a place for each key."),
        ),
        Mistake(_last_query_first, _("Your queries are in the reverse order: the first row is the earliest query's.")),
        Mistake(_keys_from_the_right, _("You count the keys from the right. Column 0 is the first key.")),
        Mistake(
            _visible_alone,
            _("Your rows hold only what is visible. Fill each up with False: all have `n_keys` places."),
        ),
        Mistake(_numbers_of_keys, _("You list the numbers of the visible keys. Give True or False for each key.")),
        Mistake(_how_many, _("You count the visible keys. Give True or False for each of them, a row a query.")),
        Mistake(_one_row, _("This is a single row. The mask has a row for each query.")),
    ),
    explanation=_(
        "With `n_queries == n_keys` it is the lower triangle. With a cache the queries are moved to the right by the "
        "number of keys before them, so that a single new token sees everything."
    ),
)
