"""Other right ways to do the exercises of the lesson `bert`."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("bert.mask_tokens")
def with_a_table_of_places(tokens, chosen, first, second, random):
    new = {}
    for place, one, other, token in zip(chosen, first, second, random, strict=True):
        new[place] = "[MASK]" if one < 0.8 else token if other < 0.5 else tokens[place]
    return [new.get(place, token) for place, token in enumerate(tokens)]


@other_way("bert.mask_tokens")
def random_first_and_masks_over_it(tokens, chosen, first, second, random):
    read = tokens[:]
    for i in range(len(chosen)):
        if second[i] < 0.5:
            read[chosen[i]] = random[i]
        if first[i] < 0.8:
            read[chosen[i]] = "[MASK]"
    return read


@other_way("bert.mask_tokens")
def by_a_quotient(tokens, chosen, first, second, random):
    read, p_mask, p_random = [*tokens], 0.8, 0.1
    for i, place in enumerate(chosen):
        if first[i] >= p_mask:
            if second[i] < p_random / (1 - p_mask) - 1e-9:
                read[place] = random[i]
            continue
        read[place] = "[MASK]"
    return read


@other_way("bert.mask_tokens")
def with_arrays(tokens, chosen, first, second, random):
    read = np.array(tokens, dtype=object)
    places = np.array(chosen, dtype=int)
    hidden = np.array(first) < 0.8
    swapped = ~hidden & (np.array(second) < 0.5)
    read[places[hidden]] = "[MASK]"
    read[places[swapped]] = np.array(random, dtype=object)[swapped]
    return read.tolist()


@other_way("bert.mask_tokens")
def one_place_after_the_other(tokens, chosen, first, second, random):
    if not chosen:
        return list(tokens)
    read = one_place_after_the_other(tokens, chosen[1:], first[1:], second[1:], random[1:])
    read[chosen[0]] = "[MASK]" if first[0] < 0.8 else (random[0] if second[0] < 0.5 else tokens[chosen[0]])
    return read


@other_way("bert.replace_tokens")
def labels_as_it_goes(tokens, chosen, drawn):
    read, labels = list(tokens), [0] * len(tokens)
    for place, token in zip(chosen, drawn, strict=True):
        labels[place] = 1 if token != tokens[place] else 0
        read[place] = token
    return read, labels


@other_way("bert.replace_tokens")
def with_a_dictionary(tokens, chosen, drawn):
    new = dict(zip(chosen, drawn, strict=True))
    read = [new.get(place, token) for place, token in enumerate(tokens)]
    return read, [0 if one == other else 1 for one, other in zip(read, tokens, strict=True)]


@other_way("bert.replace_tokens")
def with_arrays_of_objects(tokens, chosen, drawn):
    before = np.array(tokens, dtype=object)
    read = before.copy()
    read[np.array(chosen, dtype=int)] = np.array(drawn, dtype=object)
    return read.tolist(), (read != before).astype(int).tolist()


@other_way("bert.replace_tokens")
def as_lists_in_a_list(tokens, chosen, drawn):
    read = tokens.copy()
    for i in range(len(chosen)):
        read[chosen[i]] = drawn[i]
    return [read, [int(read[i] != tokens[i]) for i in range(len(tokens))]]


@other_way("bert.replace_tokens")
def truth_values(tokens, chosen, drawn):
    read = list(tokens)
    for place in chosen:
        read[place] = drawn[chosen.index(place)]
    return read, [read[i] != tokens[i] for i in range(len(read))]


@other_way("bert.pair_input")
def one_token_after_the_other(first, second):
    tokens, types = ["[CLS]"], [0]
    for number, text in enumerate([first, second] if second else [first]):
        for token in [*text, "[SEP]"]:
            tokens.append(token)
            types.append(number)
    return tokens, types, [place for place, _token in enumerate(tokens)]


@other_way("bert.pair_input")
def types_from_the_first_separator(first, second):
    tokens = ["[CLS]", *first, "[SEP]"]
    if second:
        tokens += [*second, "[SEP]"]
    return tokens, [int(place > tokens.index("[SEP]")) for place in range(len(tokens))], range(len(tokens))


@other_way("bert.pair_input")
def as_tuples(first, second):
    ends = ("[SEP]",)
    second = (*second, *ends) if second else ()
    first = ("[CLS]", *first, *ends)
    types = itertools.chain(itertools.repeat(0, len(first)), itertools.repeat(1, len(second)))
    return first + second, tuple(types), tuple(range(len(first) + len(second)))


@other_way("bert.pair_input")
def by_slices(first, second):
    n = len(first) + 2 + (len(second) + 1 if second else 0)
    tokens, types = ["[SEP]"] * n, [1] * n
    tokens[0] = "[CLS]"
    tokens[1 : len(first) + 1] = first
    if second:
        tokens[len(first) + 2 : -1] = second
    types[: len(first) + 2] = [0] * (len(first) + 2)
    return tokens, types, list(range(n))


@other_way("bert.pair_input")
def positions_as_an_array(first, second):
    text = f"[CLS] {' '.join(first)} [SEP]"
    length = len(text.split())
    if second:
        text += f" {' '.join(second)} [SEP]"
    places = np.arange(len(text.split()))
    return text.split(), (places >= length).astype(int), places


@other_way("bert.masked_loss")
def with_a_loop_and_a_count(probabilities, labels):
    total = count = 0
    for row, label in zip(probabilities, labels, strict=True):
        if label == -100:
            continue
        total -= math.log(row[label])
        count += 1
    return total / max(1, count)


@other_way("bert.masked_loss")
def by_pytorch(probabilities, labels):
    if all(label == -100 for label in labels):
        return 0.0
    logits = torch.tensor(probabilities, dtype=torch.float64).log()
    return F.nll_loss(logits, torch.tensor(labels), ignore_index=-100).item()


@other_way("bert.masked_loss")
def by_the_product(probabilities, labels):
    asked = [place for place, label in enumerate(labels) if label >= 0]
    if not asked:
        return 0
    return -math.log(math.prod(probabilities[place][labels[place]] for place in asked)) / len(asked)


@other_way("bert.masked_loss")
def with_an_array(probabilities, labels):
    labels, rows = np.array(labels), np.array(probabilities)
    asked = labels != -100
    costs = -np.log(rows[asked, labels[asked]])
    return costs.mean() if asked.any() else 0.0


@other_way("bert.masked_loss")
def with_weights(probabilities, labels):
    weights = [0.0 if label < 0 else 1.0 for label in labels]
    costs = [math.log(1 / row[max(label, 0)]) for row, label in zip(probabilities, labels, strict=True)]
    return sum(w * c for w, c in zip(weights, costs, strict=True)) / (sum(weights) or 1.0)


@other_way("bert.order_pair")
def swapped_in_the_end(sentences, cut, swapped):
    first, second = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    if swapped:
        first, second = second, first
    return first, second, int(swapped)


@other_way("bert.order_pair")
def by_a_reversed_pair(sentences, cut, swapped):
    parts = [" ".join(sentences[:cut]), " ".join(sentences[cut:])]
    return *parts[:: -1 if swapped else 1], 1 if swapped else 0


@other_way("bert.order_pair")
def by_index(sentences, cut, swapped):
    parts = (" ".join(sentences[i] for i in range(cut)), " ".join(sentences[i] for i in range(cut, len(sentences))))
    return [parts[swapped], parts[not swapped], swapped]


@other_way("bert.order_pair")
def the_end_of_the_document_first(sentences, cut, swapped):
    turned = sentences[cut:] + sentences[:cut] if swapped else sentences
    place = len(sentences) - cut if swapped else cut
    return " ".join(turned[:place]), " ".join(turned[place:]), int(swapped)


@other_way("bert.order_pair")
def word_by_word(sentences, cut, swapped):
    first = second = ""
    for number, sentence in enumerate(sentences):
        if number < cut:
            first += " " + sentence
        else:
            second += " " + sentence
    return (second.strip(), first.strip(), 1) if swapped else (first.strip(), second.strip(), 0)


@other_way("bert.span_probabilities")
def by_the_closed_form_of_the_sum(p, longest):
    return [p * (1 - p) ** (n - 1) / (1 - (1 - p) ** longest) for n in range(1, longest + 1)]


@other_way("bert.span_probabilities")
def without_p(p, longest):
    weights = [(1 - p) ** n for n in range(longest)]
    return [weight / sum(weights) for weight in weights]


@other_way("bert.span_probabilities")
def as_an_array(p, longest):
    weights = p * (1 - p) ** np.arange(longest)
    return weights / weights.sum()


@other_way("bert.span_probabilities")
def each_from_the_one_before(p, longest):
    chances = [p]
    while len(chances) < longest:
        chances.append(chances[-1] * (1 - p))
    total = math.fsum(chances)
    return [chance / total for chance in chances]


@other_way("bert.span_probabilities")
def as_a_softmax(p, longest):
    return torch.softmax(torch.arange(longest, dtype=torch.float64) * math.log(1 - p), dim=0)


@other_way("bert.boundary_positions")
def with_two_loops(spans):
    found = []
    for first, last in spans:
        for place in range(last - first + 1):
            found.append((first - 1, last + 1, place))
    return found


@other_way("bert.boundary_positions")
def with_enumerate(spans):
    return [[a - 1, b + 1, place] for a, b in spans for place, _i in enumerate(range(a, b + 1))]


@other_way("bert.boundary_positions")
def chained(spans):
    parts = ([(a - 1, b + 1, i) for i in range(b - a + 1)] for a, b in spans)
    return list(itertools.chain.from_iterable(parts))


@other_way("bert.boundary_positions")
def with_while(spans):
    found = []
    for span in spans:
        position = span[0]
        while position <= span[1]:
            found.append((span[0] - 1, span[1] + 1, position - span[0]))
            position += 1
    return found


@other_way("bert.boundary_positions")
def span_after_span(spans):
    if not spans:
        return []
    (first, last), *rest = spans
    of_this = [(first - 1, last + 1, place) for place in range(1 + last - first)]
    return of_this + span_after_span(rest)
