"""Wrong ways to do the exercises of the lesson `bert`."""

import math

from tests.exercises.wrong.collected import wrong_way


@wrong_way("bert.mask_tokens", says="**2** in 100")
def a_tenth_of_the_rest(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.8:
            out[p] = "[MASK]"
        elif second[i] < 0.1:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="first draw")
def one_draw_for_all(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.8:
            out[p] = "[MASK]"
        elif first[i] < 0.9:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="overwrite the masks")
def two_ifs(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.8:
            out[p] = "[MASK]"
        if second[i] < 0.5:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="must **stay**")
def nothing_stays(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        out[p] = "[MASK]" if first[i] < 0.8 else random[i]
    return out


@wrong_way("bert.mask_tokens", says="No chosen token is replaced")
def nothing_random(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.8:
            out[p] = "[MASK]"
    return out


@wrong_way("bert.mask_tokens", says="every chosen token")
def all_hidden(tokens, chosen, first, second, random):
    return ["[MASK]" if p in chosen else t for p, t in enumerate(tokens)]


@wrong_way("bert.mask_tokens", says="at 0, 1, 2")
def places_forgotten(tokens, chosen, first, second, random):
    out = tokens[:]
    for i in range(len(chosen)):
        if first[i] < 0.8:
            out[i] = "[MASK]"
        elif second[i] < 0.5:
            out[i] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="turned round")
def greater_than(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] > 0.8:
            out[p] = "[MASK]"
        elif second[i] < 0.5:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="**chosen**")
def fifteen_percent(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.15:
            out[p] = "[MASK]"
        elif second[i] < 0.5:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="brackets")
def without_brackets(tokens, chosen, first, second, random):
    out = tokens[:]
    for i, p in enumerate(chosen):
        if first[i] < 0.8:
            out[p] = "MASK"
        elif second[i] < 0.5:
            out[p] = random[i]
    return out


@wrong_way("bert.mask_tokens", says="whole row")
def the_chosen_alone(tokens, chosen, first, second, random):
    return ["[MASK]" if first[i] < 0.8 else random[i] if second[i] < 0.5 else tokens[p] for i, p in enumerate(chosen)]


@wrong_way("bert.replace_tokens", says="every **chosen** place")
def chosen_is_changed(tokens, chosen, drawn):
    read, labels = list(tokens), [0] * len(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p], labels[p] = t, 1
    return read, labels


@wrong_way("bert.replace_tokens", says="chosen places alone")
def labels_of_the_chosen(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, [int(read[p] != tokens[p]) for p in chosen]


@wrong_way("bert.replace_tokens", says="turned round")
def one_is_real(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, [int(a == b) for a, b in zip(read, tokens, strict=True)]


@wrong_way("bert.replace_tokens", says="original tokens")
def labels_of_masked_lm(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, tokens


@wrong_way("bert.replace_tokens", says="changes its input")
def compared_with_itself(tokens, chosen, drawn):
    read = tokens
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, [int(a != b) for a, b in zip(read, tokens, strict=True)]


@wrong_way("bert.replace_tokens", says="leave out")
def ignored_elsewhere(tokens, chosen, drawn):
    read, labels = list(tokens), [-100] * len(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        labels[p] = int(t != tokens[p])
        read[p] = t
    return read, labels


@wrong_way("bert.replace_tokens", says="exchanged")
def the_other_way_round(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return [int(a != b) for a, b in zip(read, tokens, strict=True)], read


@wrong_way("bert.replace_tokens", says="[MASK] in it")
def masks_left(tokens, chosen, drawn):
    read, labels = list(tokens), [0] * len(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p], labels[p] = "[MASK]", int(t != tokens[p])
    return read, labels


@wrong_way("bert.replace_tokens", says="at 0, 1, 2")
def numbers_for_places(tokens, chosen, drawn):
    read = list(tokens)
    for i, t in enumerate(drawn):
        read[i] = t
    return read, [int(a != b) for a, b in zip(read, tokens, strict=True)]


@wrong_way("bert.replace_tokens", says="labels are missing")
def text_alone(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read


@wrong_way("bert.replace_tokens", says="anywhere")
def anywhere_in_the_text(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, [int(t not in tokens) for t in read]


@wrong_way("bert.replace_tokens", says="capital letters")
def whatever_the_case(tokens, chosen, drawn):
    read = list(tokens)
    for p, t in zip(chosen, drawn, strict=True):
        read[p] = t
    return read, [int(a.lower() != b.lower()) for a, b in zip(read, tokens, strict=True)]


# --- bert.pair_input ---


@wrong_way("bert.pair_input", says="**one** [SEP]")
def always_two_separators(first, second):
    tokens = ["[CLS]", *first, "[SEP]", *second, "[SEP]"]
    types = [0] * (len(first) + 2) + [1] * (len(second) + 1)
    return tokens, types, list(range(len(tokens)))


@wrong_way("bert.pair_input", says="closes the **first** text")
def type_1_from_the_separator_on(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    types = [int(place > len(first)) for place in range(len(tokens))]
    return tokens, types, list(range(len(tokens)))


@wrong_way("bert.pair_input", says="after the second text is missing")
def no_separator_at_the_end(first, second):
    tokens = ["[CLS]", *first, "[SEP]", *second]
    return tokens, [0] * (len(first) + 2) + [1] * len(second), list(range(len(tokens)))


@wrong_way("bert.pair_input", says="between your two texts")
def no_separator_between(first, second):
    tokens = ["[CLS]", *first, *second, "[SEP]"]
    return tokens, [0] * (len(first) + 1) + [1] * (len(second) + 1), list(range(len(tokens)))


@wrong_way("bert.pair_input", says="[CLS] is missing")
def no_beginning(first, second):
    tokens = first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    return tokens, [0] * (len(first) + 1) + [1] * (len(tokens) - len(first) - 1), list(range(len(tokens)))


@wrong_way("bert.pair_input", says="start again")
def positions_of_each_text(first, second):
    one = ["[CLS]", *first, "[SEP]"]
    other = [*second, "[SEP]"] if second else []
    return one + other, [0] * len(one) + [1] * len(other), list(range(len(one))) + list(range(len(other)))


@wrong_way("bert.pair_input", says="count from 1")
def positions_from_1(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    types = [0] * (len(first) + 2) + [1] * (len(tokens) - len(first) - 2)
    return tokens, types, [place + 1 for place in range(len(tokens))]


@wrong_way("bert.pair_input", says="1 and 2")
def types_from_1(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    types = [1] * (len(first) + 2) + [2] * (len(tokens) - len(first) - 2)
    return tokens, types, list(range(len(tokens)))


@wrong_way("bert.pair_input", says="All your types are 0")
def one_type(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    return tokens, [0 for _token in tokens], list(range(len(tokens)))


@wrong_way("bert.pair_input", says="no entry for the special tokens")
def types_of_the_words_alone(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])
    return tokens, [0] * len(first) + [1] * len(second), list(range(len(tokens)))


@wrong_way("bert.pair_input", says="each text")
def a_beginning_for_each(first, second):
    tokens = ["[CLS]"] + first + ["[SEP]"] + (["[CLS]", *second, "[SEP]"] if second else [])
    types = [0] * (len(first) + 2) + [1] * (len(tokens) - len(first) - 2)
    return tokens, types, list(range(len(tokens)))


@wrong_way("bert.pair_input", says="types and the positions are missing")
def the_tokens_alone(first, second):
    return ["[CLS]"] + first + ["[SEP]"] + ([*second, "[SEP]"] if second else [])


# --- bert.masked_loss ---


@wrong_way("bert.masked_loss", says="**all** positions")
def mean_over_the_row(probabilities, labels):
    return sum(-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100) / len(labels)


@wrong_way("bert.masked_loss", says="the loss is 0.0")
def nothing_asked_is_an_error(probabilities, labels):
    costs = [-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / len(costs)


@wrong_way("bert.masked_loss", says="**mean**")
def the_sum(probabilities, labels):
    return float(sum(-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100))


@wrong_way("bert.masked_loss", says="sign")
def without_a_minus(probabilities, labels):
    costs = [math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / len(costs) if costs else 0.0


@wrong_way("bert.masked_loss", says="base 2")
def in_bits(probabilities, labels):
    costs = [-math.log2(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / len(costs) if costs else 0.0


@wrong_way("bert.masked_loss", says="label 0")
def positive_labels_alone(probabilities, labels):
    costs = [-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t > 0]
    return sum(costs) / len(costs) if costs else 0.0


@wrong_way("bert.masked_loss", says="1 - p")
def distance_from_1(probabilities, labels):
    costs = [1 - row[t] for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / len(costs) if costs else 0.0


@wrong_way("bert.masked_loss", says="mean first")
def logarithm_of_the_mean(probabilities, labels):
    chances = [row[t] for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return -math.log(sum(chances) / len(chances)) if chances else 0.0


@wrong_way("bert.masked_loss", says="**most probable**")
def of_the_best_guess(probabilities, labels):
    costs = [-math.log(max(row)) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / len(costs) if costs else 0.0


@wrong_way("bert.masked_loss", says="as if their label were 0")
def clipped_labels(probabilities, labels):
    costs = [-math.log(max(row[max(0, t)], 1e-9)) for row, t in zip(probabilities, labels, strict=True)]
    return sum(costs) / len(costs)


@wrong_way("bert.masked_loss", says="cost of each position")
def a_list_of_costs(probabilities, labels):
    return [-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]


@wrong_way("bert.masked_loss", says="mean probability")
def how_sure(probabilities, labels):
    chances = [row[t] for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(chances) / len(chances) if chances else 0.0


@wrong_way("bert.masked_loss", says="overwrite")
def the_last_cost(probabilities, labels):
    loss = 0.0
    for row, t in zip(probabilities, labels, strict=True):
        if t != -100:
            loss = -math.log(row[t])
    return loss


@wrong_way("bert.masked_loss", says="`+=`")
def the_last_cost_divided(probabilities, labels):
    loss, count = 0.0, 0
    for row, t in zip(probabilities, labels, strict=True):
        if t != -100:
            loss, count = -math.log(row[t]), count + 1
    return loss / count if count else 0.0


@wrong_way("bert.masked_loss", says="small constant")
def a_constant_below(probabilities, labels):
    costs = [-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return sum(costs) / (len(costs) + 1e-5)


@wrong_way("bert.masked_loss", says="rounded")
def four_digits(probabilities, labels):
    costs = [-math.log(row[t]) for row, t in zip(probabilities, labels, strict=True) if t != -100]
    return round(sum(costs) / len(costs), 4) if costs else 0.0


# --- bert.order_pair ---


@wrong_way("bert.order_pair", says="even where `swapped` is **false**")
def swapped_every_time(sentences, cut, swapped):
    return " ".join(sentences[cut:]), " ".join(sentences[:cut]), 1


@wrong_way("bert.order_pair", says="end in a space")
def a_space_after_each(sentences, cut, swapped):
    one, other = ("".join(s + " " for s in part) for part in (sentences[:cut], sentences[cut:]))
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="`label` is right. Look")
def joined_by_commas(sentences, cut, swapped):
    one, other = ", ".join(sentences[:cut]), ", ".join(sentences[cut:])
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="turned round: 0 is in order")
def one_is_in_order(sentences, cut, swapped):
    one, other = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    return (other, one, 0) if swapped else (one, other, 1)


@wrong_way("bert.order_pair", says="sentences** round")
def whole_document_reversed(sentences, cut, swapped):
    if swapped:
        sentences = list(reversed(sentences))
    return " ".join(sentences[:cut]), " ".join(sentences[cut:]), int(swapped)


@wrong_way("bert.order_pair", says="stay in their order")
def label_without_swap(sentences, cut, swapped):
    return " ".join(sentences[:cut]), " ".join(sentences[cut:]), int(swapped)


@wrong_way("bert.order_pair", says="label is always 0")
def no_label_for_swaps(sentences, cut, swapped):
    one, other = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    return (other, one, 0) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="too early")
def cut_before(sentences, cut, swapped):
    one, other = " ".join(sentences[: cut - 1]), " ".join(sentences[cut - 1 :])
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="too late")
def cut_after(sentences, cut, swapped):
    one, other = " ".join(sentences[: cut + 1]), " ".join(sentences[cut + 1 :])
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="lists of sentences")
def not_joined(sentences, cut, swapped):
    one, other = sentences[:cut], sentences[cut:]
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="no space")
def glued(sentences, cut, swapped):
    one, other = "".join(sentences[:cut]), "".join(sentences[cut:])
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="sentence at the cut is missing")
def one_sentence_lost(sentences, cut, swapped):
    one, other = " ".join(sentences[:cut]), " ".join(sentences[cut + 1 :])
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="alone")
def two_sentences_at_the_cut(sentences, cut, swapped):
    one, other = sentences[cut - 1], sentences[cut]
    return (other, one, 1) if swapped else (one, other, 0)


@wrong_way("bert.order_pair", says="label is missing")
def no_label(sentences, cut, swapped):
    one, other = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    return (other, one) if swapped else (one, other)


@wrong_way("bert.order_pair", says="label comes last")
def label_in_front(sentences, cut, swapped):
    one, other = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    return (1, other, one) if swapped else (0, one, other)


# --- bert.span_probabilities ---


@wrong_way("bert.span_probabilities", says="Divide by what is left")
def not_divided(p, longest):
    return [p * (1 - p) ** n for n in range(longest)]


@wrong_way("bert.span_probabilities", says="**not drawn**")
def clipped(p, longest):
    return [*(p * (1 - p) ** n for n in range(longest - 1)), (1 - p) ** (longest - 1)]


@wrong_way("bert.span_probabilities", says="exchanged")
def ends_with_one_minus_p(p, longest):
    chances = [(1 - p) * p**n for n in range(longest)]
    return [c / sum(chances) for c in chances]


@wrong_way("bert.span_probabilities", says="0 words")
def a_span_of_no_words(p, longest):
    chances = [p * (1 - p) ** n for n in range(longest + 1)]
    return [c / sum(chances) for c in chances]


@wrong_way("bert.span_probabilities", says="one too early")
def ends_early(p, longest):
    chances = [p * (1 - p) ** (n - 1) for n in range(1, max(2, longest))]
    return [c / sum(chances) for c in chances]


@wrong_way("bert.span_probabilities", says="same chance")
def all_alike(p, longest):
    return [1 / longest for _length in range(longest)]


@wrong_way("bert.span_probabilities", says="first chance is 1")
def over_the_first(p, longest):
    return [(1 - p) ** n for n in range(longest)]


@wrong_way("bert.span_probabilities", says="reversed")
def the_longest_first(p, longest):
    chances = [p * (1 - p) ** n for n in reversed(range(longest))]
    return [c / sum(chances) for c in chances]


@wrong_way("bert.span_probabilities", says="at most")
def running_sums(p, longest):
    chances = [p * (1 - p) ** n for n in range(longest)]
    return [sum(chances[: n + 1]) / sum(chances) for n in range(longest)]


@wrong_way("bert.span_probabilities", says="mean length")
def how_long_on_average(p, longest):
    chances = [p * (1 - p) ** n for n in range(longest)]
    return sum((n + 1) * c for n, c in enumerate(chances)) / sum(chances)


@wrong_way("bert.span_probabilities", says="exponent")
def times_the_number(p, longest):
    chances = [p * (1 - p) * n for n in range(1, longest + 1)]
    return [c / sum(chances) for c in chances]


# --- bert.boundary_positions ---


@wrong_way("bert.boundary_positions", says="just outside of the span")
def ends_of_the_span(spans):
    return [(a, b, i - a) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="beginning of the **span**")
def position_in_the_text(spans):
    return [(a - 1, b + 1, i) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="from 1")
def places_from_1(spans):
    return [(a - 1, b + 1, i - a + 1) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="each **token**")
def neighbors(spans):
    return [(i - 1, i + 1, i - a) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="last token of each span")
def range_without_its_end(spans):
    return [(a - 1, b + 1, i - a) for a, b in spans for i in range(a, b)]


@wrong_way("bert.boundary_positions", says="one entry a span")
def a_row_for_each_span(spans):
    return [(a - 1, b + 1, 0) for a, b in spans]


@wrong_way("bert.boundary_positions", says="counts on through all spans")
def one_count_for_all(spans):
    found = []
    for a, b in spans:
        found += [(a - 1, b + 1, len(found) + i) for i in range(b - a + 1)]
    return found


@wrong_way("bert.boundary_positions", says="place is missing")
def borders_alone(spans):
    return [(a - 1, b + 1) for a, b in spans for _i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="list for each span")
def nested(spans):
    return [[(a - 1, b + 1, i - a) for i in range(a, b + 1)] for a, b in spans]


@wrong_way("bert.boundary_positions", says="exchanged")
def right_then_left(spans):
    return [(b + 1, a - 1, i - a) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="right border is the last hidden token")
def end_taken_for_the_border(spans):
    return [(a - 1, b, i - a) for a, b in spans for i in range(a, b + 1)]


@wrong_way("bert.boundary_positions", says="from the end")
def counted_backwards(spans):
    return [(a - 1, b + 1, b - i) for a, b in spans for i in range(a, b + 1)]
