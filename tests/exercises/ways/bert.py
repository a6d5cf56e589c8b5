"""Other right ways to do the exercises of the lesson `bert`."""

import numpy as np

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
