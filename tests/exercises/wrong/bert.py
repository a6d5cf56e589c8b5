"""Wrong ways to do the exercises of the lesson `bert`."""

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
