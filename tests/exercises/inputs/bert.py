"""Arguments for the exercises of the lesson `bert`."""

from tests.exercises.inputs.collected import inputs

WORDS = ["the", "a", "cat", "dog", "sat", "on", "mat", "and", "slept", "river"]


@inputs("bert.mask_tokens")
def tokens_places_and_draws(random):
    while True:
        tokens = [random.choice(WORDS) for _token in range(random.randint(1, 9))]
        chosen = sorted(random.sample(range(len(tokens)), random.randint(0, len(tokens))))
        first, second = ([random.uniform(0.001, 0.999) for _place in chosen] for _draw in range(2))
        yield tokens, chosen, first, second, [random.choice(["x", "y", "z", "w"]) for _place in chosen]


@inputs("bert.replace_tokens")
def tokens_places_and_drawn_ones(random):
    while True:
        tokens = [random.choice(WORDS) for _token in range(random.randint(1, 9))]
        chosen = sorted(random.sample(range(len(tokens)), random.randint(0, len(tokens))))
        yield tokens, chosen, [random.choice([*WORDS, tokens[place], tokens[place]]) for place in chosen]


@inputs("bert.pair_input")
def two_texts(random):
    while True:
        yield tuple([random.choice(WORDS) for _token in range(random.randint(*ends))] for ends in ((1, 7), (0, 6)))


@inputs("bert.masked_loss")
def probabilities_and_labels(random):
    while True:
        size, n = random.randint(1, 6), random.randint(1, 8)
        rows = []
        for _position in range(n):
            weights = [random.uniform(0.05, 1.0) for _token in range(size)]
            rows.append([weight / sum(weights) for weight in weights])
        yield rows, [random.choice([-100, *range(size)]) for _position in range(n)]


@inputs("bert.order_pair")
def sentences_and_a_cut(random):
    while True:
        sentences = random.sample([f"{word.title()} {other}." for word in WORDS[:5] for other in WORDS[5:]], 6)
        sentences = sentences[: random.randint(2, 6)]
        yield sentences, random.randint(1, len(sentences) - 1), random.random() < 0.5


@inputs("bert.span_probabilities")
def chances_and_lengths(random):
    while True:
        yield random.uniform(0.05, 0.95), random.randint(1, 12)


@inputs("bert.boundary_positions")
def spans(random):
    while True:
        found, end = [], 0
        for _span in range(random.randint(0, 5)):
            first = end + random.randint(2, 6)
            end = first + random.randint(0, 5)
            found.append((first, end))
        yield (found,)
