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
