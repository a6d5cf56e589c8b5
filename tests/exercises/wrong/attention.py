"""Wrong ways to do the exercises of the lesson `attention`."""

import math

import torch

from tests.exercises.wrong.collected import wrong_way


@wrong_way("attention.dot_scores", says="add each row up")
def not_added_up(query, keys):
    return query * keys


@wrong_way("attention.dot_scores", says="**all** keys")
def one_number_for_all(query, keys):
    return (query * keys).sum()


@wrong_way("attention.dot_scores", says="**columns**")
def added_down(query, keys):
    return (query * keys).sum(dim=0)


@wrong_way("attention.dot_scores", says="**shape**")
def as_a_column(query, keys):
    return keys @ query[:, None]


@wrong_way("attention.dot_scores", says="**columns** of `keys`")
def query_from_the_left(query, keys):
    return query @ keys


@wrong_way("attention.dot_scores", says="**columns** of `keys`")
def keys_transposed(query, keys):
    return keys.T @ query


@wrong_way("attention.dot_scores", says="√d")
def scaled(query, keys):
    return keys @ query / math.sqrt(len(query))


@wrong_way("attention.dot_scores", says="cosine")
def cosine(query, keys):
    return torch.nn.functional.cosine_similarity(keys, query[None], dim=1)


@wrong_way("attention.dot_scores", says="each **key**")
def keys_normalized(query, keys):
    return keys @ query / keys.norm(dim=1)


@wrong_way("attention.dot_scores", says="softmax")
def softmaxed(query, keys):
    return (keys @ query).softmax(dim=0)


@wrong_way("attention.dot_scores", says="**first** number")
def first_number_left_out(query, keys):
    return keys[:, 1:] @ query[1:]


@wrong_way("attention.dot_scores", says="**sign**")
def negative(query, keys):
    return -(keys @ query)


@wrong_way("attention.dot_scores", says="**distance**")
def distance(query, keys):
    return (keys - query).norm(dim=1)


@wrong_way("attention.dot_scores", says="overwrites")
def overwritten_in_a_loop(query, keys):
    scores = torch.zeros(len(keys))
    for i in range(len(keys)):
        for j in range(len(query)):
            scores[i] = keys[i, j] * query[j]
    return scores


@wrong_way("attention.dot_scores", says="**first** item")
def returns_in_the_loop(query, keys):
    for key in keys:
        return key @ query


@wrong_way("attention.attention_weights", says="**columns** sum to 1")
def over_the_queries(scores):
    return scores.softmax(dim=0)


@wrong_way("attention.attention_weights", says="every **row** must sum to 1")
def over_everything(scores):
    return scores.flatten().softmax(dim=0).view_as(scores)


@wrong_way("attention.attention_weights", says="e¹⁰⁰⁰")
def overflow(scores):
    powers = scores.exp()
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="you write **0**")
def overflow_made_zero(scores):
    powers = scores.exp()
    return (powers / powers.sum(dim=1, keepdim=True)).nan_to_num(0.0)


@wrong_way("attention.attention_weights", says="cut large scores off")
def powers_clamped(scores):
    powers = scores.clamp(max=50).exp()
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="largest score of **all**")
def largest_of_all_subtracted(scores):
    powers = (scores - scores.max()).exp()
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="each **column**")
def column_maximum_subtracted(scores):
    powers = (scores - scores.max(dim=0, keepdim=True).values).exp()
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="**mean**")
def mean_subtracted(scores):
    powers = (scores - scores.mean(dim=1, keepdim=True)).exp()
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="take the exponential")
def without_exp(scores):
    return scores / scores.sum(dim=1, keepdim=True)


@wrong_way("attention.attention_weights", says="divided by their **sum**")
def not_divided(scores):
    return (scores - scores.max(dim=1, keepdim=True).values).exp()


@wrong_way("attention.attention_weights", says="keepdim=True")
def without_keepdim(scores):
    powers = (scores - scores.max(dim=1, keepdim=True).values).exp()
    return powers / powers.sum(dim=1)


@wrong_way("attention.attention_weights", says="keepdim=True")
def without_keepdim_at_all(scores):
    powers = (scores - scores.max(dim=1).values).exp()
    return powers / powers.sum(dim=1)


@wrong_way("attention.attention_weights", says="log_softmax")
def logarithms(scores):
    return scores.log_softmax(dim=1)


@wrong_way("attention.attention_weights", says="**sigmoid**")
def sigmoids(scores):
    return scores.sigmoid()


@wrong_way("attention.attention_weights", says="**soft**")
def ordinary_dictionary(scores):
    return torch.nn.functional.one_hot(scores.argmax(dim=1), scores.shape[1]).float()


@wrong_way("attention.attention_weights", says="transposed")
def transposed(scores):
    return scores.softmax(dim=1).T


@wrong_way("attention.attention_weights", says="changes its input")
def softmax_unscaled_in_place(scores):
    scores -= scores.max(dim=1, keepdim=True).values
    return scores.softmax(dim=1)


@wrong_way("attention.attention_weights", says="OverflowError")
def python_overflow(scores):
    return [[math.exp(s) / sum(math.exp(t) for t in row) for s in row] for row in scores.tolist()]


@wrong_way("attention.weighted_sum", says="ordinary dictionary")
def best_value(weights, values):
    return values[weights.argmax()]


@wrong_way("attention.weighted_sum", says="do not add them up")
def rows_not_added(weights, values):
    return weights[:, None] * values


@wrong_way("attention.weighted_sum", says="divide by nothing")
def mean_of_weighted(weights, values):
    return (weights[:, None] * values).mean(dim=0)


@wrong_way("attention.weighted_sum", says="one list too many")
def as_a_row(weights, values):
    return weights[None] @ values


@wrong_way("attention.weighted_sum", says="each **row**")
def added_along_the_row(weights, values):
    return (weights[:, None] * values).sum(dim=1)


@wrong_way("attention.weighted_sum", says="**sum** of the right numbers")
def one_number(weights, values):
    return (weights[:, None] * values).sum()


@wrong_way("attention.weighted_sum", says="`weights @ values`")
def values_from_the_left(weights, values):
    return values @ weights


@wrong_way("attention.weighted_sum", says="weights[:, None]")
def columns_weighted(weights, values):
    return (weights * values).sum(dim=0)


@wrong_way("attention.weighted_sum", says="**without** their weights")
def values_not_weighted(weights, values):
    return values.sum(dim=0)


@wrong_way("attention.weighted_sum", says="been through it")
def softmax_again(weights, values):
    return weights.softmax(dim=0) @ values


@wrong_way("attention.weighted_sum", says="inside the loop")
def first_value(weights, values):
    return weights[0] * values[0]


@wrong_way("attention.weighted_sum", says="overwrites")
def overwritten(weights, values):
    total = torch.zeros(values.shape[1])
    for weight, value in zip(weights, values, strict=False):
        total = weight * value
    return total


@wrong_way("attention.weighted_sum", says="**last** value")
def last_left_out(weights, values):
    return weights[:-1] @ values[:-1]


@wrong_way("attention.weighted_sum", says="**one minus**")
def one_minus_the_weights(weights, values):
    return (1 - weights) @ values


@wrong_way("attention.weighted_sum", says="**largest** weight")
def best_value_weighted(weights, values):
    return weights.max() * values[weights.argmax()]


def _cat(context, query):
    return torch.cat((context, query))


@wrong_way("attention.attend", says="[context; query]")
def query_first(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return (combine @ torch.cat((query, context))).tanh()


@wrong_way("attention.attend", says="last `tanh` is missing")
def no_tanh(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return combine @ _cat(context, query)


@wrong_way("attention.attend", says="softmax comes first")
def no_softmax(query, keys, values, combine):
    return (combine @ _cat((keys @ query) @ values, query)).tanh()


@wrong_way("attention.attend", says="√d")
def scores_scaled(query, keys, values, combine):
    context = (keys @ query / math.sqrt(len(query))).softmax(dim=0) @ values
    return (combine @ _cat(context, query)).tanh()


@wrong_way("attention.attend", says="use `keys` where `values` belongs")
def keys_for_values(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ keys
    return (combine @ _cat(context, query)).tanh()


@wrong_way("attention.attend", says="the other way round")
def keys_and_values_exchanged(query, keys, values, combine):
    context = (values @ query).softmax(dim=0) @ keys
    return (combine @ _cat(context, query)).tanh()


@wrong_way("attention.attend", says="**before** `combine`")
def tanh_before_combine(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return combine @ _cat(context, query).tanh()


@wrong_way("attention.attend", says="third step")
def context_returned(query, keys, values, combine):
    return (keys @ query).softmax(dim=0) @ values


@wrong_way("attention.attend", says="fourth step")
def joined_returned(query, keys, values, combine):
    return _cat((keys @ query).softmax(dim=0) @ values, query)


@wrong_way("attention.attend", says="**query** is missing")
def query_left_out(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return (combine[:, : len(context)] @ context).tanh()


@wrong_way("attention.attend", says="`values` of **0**")
def context_left_out(query, keys, values, combine):
    return (combine[:, -len(query) :] @ query).tanh()


@wrong_way("attention.attend", says="**alone**")
def best_value_only(query, keys, values, combine):
    return (combine @ _cat(values[(keys @ query).argmax()], query)).tanh()


@wrong_way("attention.attend", says="`nan`")
def overflow_of_the_scores(query, keys, values, combine):
    powers = (keys @ query).exp()
    return (combine @ _cat((powers / powers.sum()) @ values, query)).tanh()


@wrong_way("attention.attend", says="**Divide**")
def exp_without_division(query, keys, values, combine):
    return (combine @ _cat((keys @ query).exp() @ values, query)).tanh()


@wrong_way("attention.attend", says="**sigmoid**")
def sigmoid_for_softmax(query, keys, values, combine):
    return (combine @ _cat((keys @ query).sigmoid() @ values, query)).tanh()


@wrong_way("attention.attend", says="softmax of the **keys**")
def softmax_of_the_keys(query, keys, values, combine):
    context = (keys.softmax(dim=0) @ query) @ values
    return (combine @ _cat(context, query)).tanh()


@wrong_way("attention.masked_weights", says="no longer sum to 1")
def hidden_after_softmax(scores, visible):
    return scores.softmax(dim=1).masked_fill(~visible, 0.0)


@wrong_way("attention.masked_weights", says="0 / 0")
def shared_out_again(scores, visible):
    weights = scores.softmax(dim=1) * visible
    return weights / weights.sum(dim=1, keepdim=True)


@wrong_way("attention.masked_weights", says="hide after softmax")
def shared_out_again_with_epsilon(scores, visible):
    weights = scores.softmax(dim=1) * visible
    return weights / (weights.sum(dim=1, keepdim=True) + 1e-9)


@wrong_way("attention.masked_weights", says="e⁵⁰⁰")
def exponentials(scores, visible):
    powers = scores.exp() * visible
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.masked_weights", says="0 / 0")
def largest_of_the_hidden_subtracted(scores, visible):
    powers = (scores - scores.max(dim=1, keepdim=True).values).exp() * visible
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.masked_weights", says="`nan`")
def largest_of_the_table_subtracted(scores, visible):
    powers = (scores - scores.max()).exp() * visible
    return powers / powers.sum(dim=1, keepdim=True)


@wrong_way("attention.masked_weights", says="e⁰ is 1")
def hidden_by_zero(scores, visible):
    return (scores * visible).softmax(dim=1)


@wrong_way("attention.masked_weights", says="e⁰ is 1")
def hidden_by_a_tiny_number(scores, visible):
    return scores.masked_fill(~visible, 1e-9).softmax(dim=1)


@wrong_way("attention.masked_weights", says="0 times −∞")
def zero_times_minus_infinity(scores, visible):
    return (scores + (~visible) * float("-inf")).softmax(dim=1)


@wrong_way("attention.masked_weights", says="keeps a **weight**")
def hidden_by_minus_one(scores, visible):
    return scores.masked_fill(~visible, -1.0).softmax(dim=1)


@wrong_way("attention.masked_weights", says="−100")
def hidden_by_minus_hundred(scores, visible):
    return scores.masked_fill(~visible, -100.0).softmax(dim=1)


@wrong_way("attention.masked_weights", says="hide what may be seen")
def inverted(scores, visible):
    return scores.masked_fill(visible, float("-inf")).softmax(dim=1)


@wrong_way("attention.masked_weights", says="over the **queries**")
def softmax_over_the_queries(scores, visible):
    return scores.masked_fill(~visible, float("-inf")).softmax(dim=0)


@wrong_way("attention.masked_weights", says="the **first** must not see")
def first_mask_for_all(scores, visible):
    return scores.masked_fill(~visible[0], float("-inf")).softmax(dim=1)


@wrong_way("attention.masked_weights", says="whatever `visible` says")
def causal_mask(scores, visible):
    return scores.masked_fill(~torch.ones_like(visible).tril(), float("-inf")).softmax(dim=1)


@wrong_way("attention.masked_weights", says="keep what it returns")
def masked_fill_not_kept(scores, visible):
    scores.masked_fill(~visible, float("-inf"))
    return scores.softmax(dim=1)


@wrong_way("attention.masked_weights", says="masked **scores**")
def masked_scores(scores, visible):
    return scores.masked_fill(~visible, float("-inf"))


@wrong_way("attention.masked_weights", says="changes its input")
def scores_changed(scores, visible):
    scores[~visible] = float("-inf")
    return scores.softmax(dim=1)


@wrong_way("attention.masked_weights", says="hide after softmax")
def nan_made_zero(scores, visible):
    weights = scores.softmax(dim=1) * visible
    return (weights / weights.sum(dim=1, keepdim=True)).nan_to_num(0.0)


@wrong_way("attention.additive_scores", says="`tanh` is missing")
def hidden_layer_without_tanh(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T) @ vector


@wrong_way("attention.additive_scores", says="add first")
def tanh_of_each(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query).tanh() + (keys @ key_weight.T).tanh()) @ vector


@wrong_way("attention.additive_scores", says="**score**")
def tanh_of_the_score(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query + keys @ key_weight.T) @ vector).tanh()


@wrong_way("attention.additive_scores", says="before the **matrices**")
def tanh_before_the_matrices(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query.tanh() + keys.tanh() @ key_weight.T) @ vector


@wrong_way("attention.additive_scores", says="**added**")
def multiplied(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query) * (keys @ key_weight.T)).tanh() @ vector


@wrong_way("attention.additive_scores", says="`.T` is missing")
def key_weight_not_transposed(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight).tanh() @ vector


@wrong_way("attention.additive_scores", says="`query_weight @ query`")
def query_weight_transposed(query, keys, query_weight, key_weight, vector):
    return (query @ query_weight + keys @ key_weight.T).tanh() @ vector


@wrong_way("attention.additive_scores", says="**both** matrices")
def both_from_the_left(query, keys, query_weight, key_weight, vector):
    return (query @ query_weight + keys @ key_weight).tanh() @ vector


@wrong_way("attention.additive_scores", says="the other way round")
def matrices_exchanged(query, keys, query_weight, key_weight, vector):
    return (key_weight @ query + keys @ query_weight.T).tanh() @ vector


@wrong_way("attention.additive_scores", says="**hidden layer**")
def vector_left_out(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T).tanh()


@wrong_way("attention.additive_scores", says="`vector` of **1**")
def summed_without_vector(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T).tanh().sum(dim=1)


@wrong_way("attention.additive_scores", says="**sum** of the right numbers")
def scores_added_up(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query + keys @ key_weight.T).tanh() * vector).sum()


@wrong_way("attention.additive_scores", says="**shape**")
def scores_as_a_column(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T).tanh() @ vector[:, None]


@wrong_way("attention.additive_scores", says="**sigmoid**")
def sigmoid(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T).sigmoid() @ vector


@wrong_way("attention.additive_scores", says="softmax")
def scores_softmaxed(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query + keys @ key_weight.T).tanh() @ vector).softmax(dim=0)


@wrong_way("attention.additive_scores", says="`query` of **0**")
def keys_alone(query, keys, query_weight, key_weight, vector):
    return (keys @ key_weight.T).tanh() @ vector


@wrong_way("attention.additive_scores", says="**inside** `tanh`")
def vector_inside(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query + keys @ key_weight.T) * vector).tanh().sum(dim=1)


@wrong_way("attention.attention_weights", says="the **exponential** is missing")
def largest_subtracted_and_divided(scores):
    shifted = scores - scores.max(dim=1, keepdim=True).values
    return shifted / shifted.sum(dim=1, keepdim=True)


@wrong_way("attention.weighted_sum", says="begins with the **first value**")
def total_that_begins_with_a_value(weights, values):
    total = values[0]
    for weight, value in zip(weights, values, strict=True):
        total = total + weight * value
    return total


@wrong_way("attention.attend", says="the **first** of several values")
def returns_the_weights_too(query, keys, values, combine):
    weights = (keys @ query).softmax(dim=0)
    return torch.tanh(combine @ torch.cat((weights @ values, query))), weights


@wrong_way("attention.masked_weights", says="into the **weights**")
def infinity_after_softmax(scores, visible):
    return scores.softmax(dim=-1).masked_fill(~visible, -math.inf)


@wrong_way("attention.masked_weights", says="or you hide every key")
def tilde_of_whole_numbers(scores, visible):
    return scores.masked_fill((~visible.int()).bool(), -math.inf).softmax(dim=-1)
