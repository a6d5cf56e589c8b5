"""Wrong answers as learners give them, for the exercises of the lesson `scaling`."""

import math
import statistics

import numpy as np

from tests.exercises.wrong.collected import wrong_way


def three(body, *tables):
    return dict(zip(("all", "without_lookup", "body"), (body + table for table in tables), strict=True))


@wrong_way("scaling.parameters", says="**one** table for both ends")
def parameters_with_tied_ends(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 3 * width * hidden)
    return three(body, vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**no output layer**")
def parameters_without_output_layer(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 3 * width * hidden)
    return {"all": body + vocab * width, "without_lookup": body, "body": body}


@wrong_way("scaling.parameters", says="leave out **both**")
def parameters_without_both(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 3 * width * hidden)
    return three(body, 2 * vocab * width, 0, 0)


@wrong_way("scaling.parameters", says="**two** matrices in the feed-forward layer")
def parameters_without_gate(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 2 * width * hidden)
    return three(body, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**three** matrices of attention")
def parameters_without_attention_output(vocab, width, layers, hidden):
    body = layers * (3 * width**2 + 3 * width * hidden)
    return three(body, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**gains** of the norms")
def parameters_with_gains(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 3 * width * hidden + 2 * width) + width
    return three(body, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**one** block")
def parameters_of_one_block(vocab, width, layers, hidden):
    return three(4 * width**2 + 3 * width * hidden, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="attention in **one** block alone")
def parameters_without_brackets(vocab, width, layers, hidden):
    body = 4 * width**2 + layers * 3 * width * hidden
    return three(body, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**12 · width²**")
def parameters_by_the_rule(vocab, width, layers, hidden):
    return three(12 * layers * width**2, 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="**output layer** is in your body")
def parameters_with_head_in_body(vocab, width, layers, hidden):
    body = layers * (4 * width**2 + 3 * width * hidden)
    return three(body, 2 * vocab * width, vocab * width, vocab * width)


@wrong_way("scaling.parameters", says="**biases**")
def parameters_with_biases(vocab, width, layers, hidden):
    attention = 4 * (width**2 + width)
    feed_forward = 2 * (width * hidden + hidden) + hidden * width + width
    return three(layers * (attention + feed_forward), 2 * vocab * width, vocab * width, 0)


@wrong_way("scaling.parameters", says="dictionary")
def parameters_as_text(vocab, width, layers, hidden):
    return [layers * (4 * width**2 + 3 * width * hidden) + n * vocab * width for n in (2, 1, 0)]


@wrong_way("scaling.training_flops", says="**6ND** alone")
def flops_of_the_rule(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters * n_tokens


@wrong_way("scaling.training_flops", says="for **one** token in yours: put brackets")
def flops_without_brackets(n_parameters, n_tokens, layers, width, length):
    return n_tokens * 6 * n_parameters + 12 * layers * length * width


@wrong_way("scaling.training_flops", says="**one token** costs")
def flops_of_a_token(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters + 12 * layers * length * width


@wrong_way("scaling.training_flops", says="**forward** pass alone")
def flops_forward(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (2 * n_parameters + 4 * layers * length * width)


@wrong_way("scaling.training_flops", says="Attention is counted **forward** alone")
def flops_with_attention_forward(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (6 * n_parameters + 4 * layers * length * width)


@wrong_way("scaling.training_flops", says="Attention costs **6** in yours")
def flops_of_scores(n_parameters, n_tokens, layers, width, length):
    return sum([6 * n_parameters * n_tokens, 6 * layers * length * width * n_tokens])


@wrong_way("scaling.training_flops", says="square the **length**")
def flops_of_length_squared(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (6 * n_parameters + 12 * layers * length**2 * width)


@wrong_way("scaling.training_flops", says="square the **width**")
def flops_of_width_squared(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (6 * n_parameters + 12 * layers * length * width**2)


@wrong_way("scaling.training_flops", says="The **layers** are missing")
def flops_of_one_layer(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (6 * n_parameters + 12 * length * width)


@wrong_way("scaling.training_flops", says="**parameters** by the layers, too")
def flops_with_parameters_in_each_layer(n_parameters, n_tokens, layers, width, length):
    total = 0
    for _layer in range(layers):
        total += n_tokens * (6 * n_parameters + 12 * length * width)
    return total


@wrong_way("scaling.training_flops", says="**without additions**")
def flops_of_multiplications(n_parameters, n_tokens, layers, width, length):
    return n_tokens * (3 * n_parameters + 6 * layers * length * width)


@wrong_way("scaling.training_flops", says="count **seen** keys alone")
def flops_of_seen_pairs(n_parameters, n_tokens, layers, width, length):
    pairs = length * (length + 1) / 2
    return n_tokens * (6 * n_parameters + 12 * layers * pairs / length * width)


@wrong_way("scaling.predicted_loss", says="**E** is missing")
def loss_without_least(N, D, E, A, B, alpha, beta):
    return A / N**alpha + B / D**beta


@wrong_way("scaling.predicted_loss", says="alpha and beta are **exchanged**")
def loss_of_exchanged_exponents(N, D, E, A, B, alpha, beta):
    return sum([E, A * N**-beta, B * D**-alpha])


@wrong_way("scaling.predicted_loss", says="N and D are **exchanged**")
def loss_of_exchanged_sizes(N, D, E, A, B, alpha, beta):
    return E + A / D**alpha + B / N**beta


@wrong_way("scaling.predicted_loss", says="A and B are **exchanged**")
def loss_of_exchanged_factors(N, D, E, A, B, alpha, beta):
    return E + B / N**alpha + A / D**beta


@wrong_way("scaling.predicted_loss", says="**grows** with N and D")
def loss_that_grows(N, D, E, A, B, alpha, beta):
    return E + A * N**alpha + B * D**beta


@wrong_way("scaling.predicted_loss", says="**under the powers**")
def loss_of_quotients(N, D, E, A, B, alpha, beta):
    return E + (A / N) ** alpha + (B / D) ** beta


@wrong_way("scaling.predicted_loss", says="You **multiply** by alpha and beta")
def loss_of_products(N, D, E, A, B, alpha, beta):
    return E + A / (alpha * N) + B / (beta * D)


@wrong_way("scaling.predicted_loss", says="The **exponents** are missing")
def loss_without_exponents(N, D, E, A, B, alpha, beta):
    return E + A / N + B / D


@wrong_way("scaling.predicted_loss", says="**perplexity**")
def loss_as_perplexity(N, D, E, A, B, alpha, beta):
    return np.exp(E + A / N**alpha + B / D**beta)


@wrong_way("scaling.predicted_loss", says="**bits**")
def loss_in_bits(N, D, E, A, B, alpha, beta):
    return np.log2(np.e) * (E + A / N**alpha + B / D**beta)


@wrong_way("scaling.predicted_loss", says="**three terms**")
def loss_in_parts(N, D, E, A, B, alpha, beta):
    return [E, A / N**alpha, B / D**beta]


@wrong_way("scaling.huber_log_error", says="error is of the **losses**")
def huber_of_losses(predicted, measured, delta):
    sizes = np.abs(np.array(predicted, float) - np.array(measured, float))
    return np.where(sizes <= delta, sizes**2 / 2, delta * (sizes - delta / 2)).sum()


def errors(predicted, measured):
    return np.log(np.array(predicted, float)) - np.log(np.array(measured, float))


@wrong_way("scaling.huber_log_error", says="**relative** to the measured loss")
def huber_of_relative_errors(predicted, measured, delta):
    sizes = np.abs(np.array(predicted, float) / np.array(measured, float) - 1)
    return np.where(sizes <= delta, sizes**2 / 2, delta * (sizes - delta / 2)).sum()


@wrong_way("scaling.huber_log_error", says="**mean** over the runs")
def huber_as_mean(predicted, measured, delta):
    if not predicted:
        return 0.0
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes <= delta, sizes**2 / 2, delta * (sizes - delta / 2)).mean()


@wrong_way("scaling.huber_log_error", says="half the **squares** of all errors")
def huber_as_squares(predicted, measured, delta):
    return (errors(predicted, measured) ** 2).sum() / 2


@wrong_way("scaling.huber_log_error", says="**absolute value** is missing")
def huber_with_signs(predicted, measured, delta):
    found = errors(predicted, measured)
    return np.where(found <= delta, found**2 / 2, delta * (found - delta / 2)).sum()


@wrong_way("scaling.huber_log_error", says="squares are not **halved**")
def huber_of_whole_squares(predicted, measured, delta):
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes <= delta, sizes**2, delta * (sizes - delta / 2)).sum()


@wrong_way("scaling.huber_log_error", says="line's slope is **1**")
def huber_with_slope_1(predicted, measured, delta):
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes <= delta, sizes**2 / 2, sizes - delta / 2).sum()


@wrong_way("scaling.huber_log_error", says="smooth L1")
def huber_as_smooth_l1(predicted, measured, delta):
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes < delta, sizes**2 / 2 / delta, sizes - delta / 2).sum()


@wrong_way("scaling.huber_log_error", says="has a step at delta")
def huber_with_a_step(predicted, measured, delta):
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes <= delta, sizes**2 / 2, delta * sizes).sum()


@wrong_way("scaling.huber_log_error", says="number for each **run**")
def huber_of_each_run(predicted, measured, delta):
    sizes = np.abs(errors(predicted, measured))
    return np.where(sizes <= delta, sizes**2 / 2, delta * (sizes - delta / 2))


@wrong_way("scaling.huber_log_error", says="base **10**")
def huber_in_base_10(predicted, measured, delta):
    sizes = np.abs(np.log10(np.array(predicted, float)) - np.log10(np.array(measured, float)))
    return np.where(sizes <= delta, sizes**2 / 2, delta * (sizes - delta / 2)).sum()


@wrong_way("scaling.best_split", says="N and D are **exchanged**")
def split_turned_round(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (flops / 6) ** (beta / (alpha + beta))
    return flops / (6 * N), N


@wrong_way("scaling.best_split", says="N's exponent is **beta** / (alpha + beta): yours has alpha above")
def split_with_other_exponent(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (flops / 6) ** (alpha / (alpha + beta))
    return N, flops / (6 * N)


@wrong_way("scaling.best_split", says="two **terms** equal")
def split_of_equal_terms(flops, A, B, alpha, beta):
    N = (A / B * (flops / 6) ** beta) ** (1 / (alpha + beta))
    return N, flops / (6 * N)


@wrong_way("scaling.best_split", says="The **6** is missing: N · D")
def split_without_6(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B) * flops**beta) ** (1 / (alpha + beta))
    return N, flops / N


@wrong_way("scaling.best_split", says="**20 tokens**")
def split_of_20_tokens(flops, A, B, alpha, beta):
    N = math.sqrt(flops / (6 * 20))
    return N, N * 20


@wrong_way("scaling.best_split", says="Your ratio is **upside down**")
def split_upside_down(flops, A, B, alpha, beta):
    N = (beta * B / (alpha * A)) ** (1 / (alpha + beta)) * (flops / 6) ** (beta / (alpha + beta))
    return N, flops / (6 * N)


@wrong_way("scaling.best_split", says="You split **equally**")
def split_in_halves(flops, A, B, alpha, beta):
    return math.sqrt(flops / 6), math.sqrt(flops / 6)


@wrong_way("scaling.best_split", says="**ratio** of alpha · A to beta · B is missing")
def split_without_ratio(flops, A, B, alpha, beta):
    return (flops / 6) ** (beta / (alpha + beta)), (flops / 6) ** (alpha / (alpha + beta))


@wrong_way("scaling.best_split", says="D has N's ratio")
def split_of_one_ratio(flops, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    return G * (flops / 6) ** (beta / (alpha + beta)), G * (flops / 6) ** (alpha / (alpha + beta))


@wrong_way("scaling.best_split", says="**round** to whole numbers")
def split_rounded(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (flops / 6) ** (beta / (alpha + beta))
    return round(N), round(flops / 6 / N)


@wrong_way("scaling.best_split", says="tokens **per parameter**")
def split_as_tokens_per_parameter(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (flops / 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N**2


@wrong_way("scaling.parabola_minimum", says="opens **downward** has a highest point")
def minimum_of_any_parabola(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return np.exp(-slope / 2 / square)


@wrong_way("scaling.parabola_minimum", says="**logarithm** of the size: take `exp` of it")
def minimum_as_logarithm(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return -slope / 2 / square if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="parabola is in the **size**")
def minimum_without_logarithms(sizes, losses):
    x = np.array(sizes) / 1000
    square, slope, _level = np.polyfit(x, losses, 2)
    return -1000 * slope / 2 / square if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="**best run**")
def minimum_of_the_runs(sizes, losses):
    return min(zip(losses, sizes, strict=True))[1]


@wrong_way("scaling.parabola_minimum", says="The **2** is missing")
def minimum_without_2(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return np.exp(min(-slope / square, 700)) if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="The **minus** is missing")
def minimum_without_minus(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return np.exp(max(slope / square / 2, -700)) if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="**wrong end**")
def minimum_of_rising_powers(sizes, losses):
    level, slope, square = np.polynomial.polynomial.polyfit(np.log(sizes), losses, 2)
    return np.exp(-slope / (2 * level)) if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="**loss** at the lowest point")
def minimum_as_loss(sizes, losses):
    square, slope, level = np.polyfit(np.log(sizes), losses, 2)
    return level - slope**2 / 4 / square if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="You keep the answer **between** the sizes")
def minimum_inside(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    if square <= 0:
        return np.nan
    return np.clip(np.exp(-slope / 2 / square), min(sizes), max(sizes))


@wrong_way("scaling.parabola_minimum", says="lowest point **outside** the sizes")
def minimum_inside_alone(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    found = np.exp(-slope / 2 / square) if square > 0 else np.nan
    return found if min(sizes) < found < max(sizes) else np.nan


@wrong_way("scaling.parabola_minimum", says="**10** to the power")
def minimum_of_mixed_bases(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return 10 ** (-slope / 2 / square) if square > 0 else np.nan


@wrong_way("scaling.parabola_minimum", says="you return a **run**")
def minimum_or_best_run(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2)
    return np.exp(-slope / 2 / square) if square > 0 else sizes[int(np.argmin(losses))]


def estimates(runs, estimate, resamples):
    return [estimate([runs[i] for i in numbers]) for numbers in resamples]


@wrong_way("scaling.bootstrap_interval", says="leave out **10 %**")
def interval_of_nine_tenths(runs, estimate, resamples):
    return np.percentile(estimates(runs, estimate, resamples), [5, 95])


@wrong_way("scaling.bootstrap_interval", says="**smallest and the largest**")
def interval_of_the_ends(runs, estimate, resamples):
    values = estimates(runs, estimate, resamples)
    return min(values), max(values)


@wrong_way("scaling.bootstrap_interval", says="for **percent**")
def interval_of_shares_as_percent(runs, estimate, resamples):
    return np.percentile(estimates(runs, estimate, resamples), [0.025, 0.975])


@wrong_way("scaling.bootstrap_interval", says="ends are **exchanged**")
def interval_turned_round(runs, estimate, resamples):
    return np.percentile(estimates(runs, estimate, resamples), [97.5, 2.5])


@wrong_way("scaling.bootstrap_interval", says="**1.96 deviations**: take percentiles of the values")
def interval_of_a_normal(runs, estimate, resamples):
    values = np.array(estimates(runs, estimate, resamples), float)
    return values.mean() - 1.96 * values.std(), values.mean() + 1.96 * values.std()


@wrong_way("scaling.bootstrap_interval", says="count each run **once**")
def interval_of_sets(runs, estimate, resamples):
    return np.percentile([estimate([runs[i] for i in set(numbers)]) for numbers in resamples], [2.5, 97.5])


@wrong_way("scaling.bootstrap_interval", says="places **down**")
def interval_of_whole_places(runs, estimate, resamples):
    values = sorted(estimates(runs, estimate, resamples))
    return [values[int(share * (len(values) - 1))] for share in (0.025, 0.975)]


@wrong_way("scaling.bootstrap_interval", says="do not **sort**")
def interval_of_unsorted_values(runs, estimate, resamples):
    values = estimates(runs, estimate, resamples)
    found = []
    for share in (0.025, 0.975):
        place = share * (len(values) - 1)
        below = int(place)
        above = min(below + 1, len(values) - 1)
        found.append(values[below] * (1 - place + below) + values[above] * (place - below))
    return found


@wrong_way("scaling.bootstrap_interval", says="return **all values**")
def interval_as_values(runs, estimate, resamples):
    return np.array(estimates(runs, estimate, resamples))


@wrong_way("scaling.bootstrap_interval", says="**mean** of the values")
def interval_as_mean(runs, estimate, resamples):
    return statistics.mean(estimates(runs, estimate, resamples))


@wrong_way("scaling.bootstrap_interval", says="from **all runs** once")
def interval_of_all_runs(runs, estimate, resamples):
    return np.percentile([estimate(runs) for _numbers in resamples], [2.5, 97.5])


@wrong_way("scaling.bootstrap_interval", says="**width** of the interval")
def interval_as_width(runs, estimate, resamples):
    low, high = np.percentile(estimates(runs, estimate, resamples), [2.5, 97.5])
    return high - low
