"""Arguments for the exercises of the lesson `instruction`."""

from tests.exercises.inputs.collected import inputs

CONTENTS = ["Hi", "Yes.", "", " spaced ", "One\nTwo", "ends\n", "user", "<|im_end|>", "한국어", "a: b", "\n"]


@inputs("instruction.chat_prompt")
def conversations(random):
    while True:
        n = random.choice([0, 1, 1, 2, 3, 4, 5])
        messages = [(("user", "assistant")[place % 2], random.choice(CONTENTS)) for place in range(n)]
        if random.random() < 0.4:
            messages.insert(0, ("system", random.choice(CONTENTS)))
        yield messages, random.random() < 0.5


@inputs("instruction.trained_tokens")
def encoded_conversations(random):
    """Special tokens of any numbers, one to four turns, with and without a system message, some cut off."""
    while True:
        system, user, assistant, end = random.sample(range(8), 4)
        plain = [token for token in range(12) if token not in (system, user, assistant, end)]
        ids = []
        roles = [system] * (random.random() < 0.3) + [user, assistant] * random.choice([1, 1, 2, 3])
        for role in roles:
            ids += [role, *(random.choice(plain) for _token in range(random.choice([1, 1, 2, 4]))), end]
        if random.random() < 0.4:
            ids = ids[: random.randint(1, len(ids))]
        yield ids, assistant, end


@inputs("instruction.token_mean")
def steps_in_parts(random):
    while True:
        parts = []
        for _part in range(random.choice([1, 2, 2, 3, 5])):
            n = random.choice([1, 2, 3, 6])
            scale = random.choice([1.0, 10.0, 0.01])
            losses = [round(scale * random.uniform(0, 5), random.choice([1, 6])) for _token in range(n)]
            parts.append((losses, [random.random() < 0.6 for _token in range(n)]))
        if any(any(counts) for _losses, counts in parts):
            yield (parts,)


@inputs("instruction.block_mask")
def lengths_of_conversations(random):
    while True:
        n = random.choice([1, 2, 2, 3, 4, 6])
        yield ([random.choice([1, 1, 2, 3, 5]) for _conversation in range(n)],)


@inputs("instruction.mixture_rates")
def sizes_of_tasks(random):
    while True:
        sizes = [random.choice([1, 2, 10, 99, 100, 101, 5000, random.randint(1, 10**6)]) for _task in range(6)]
        temperature = random.choice([1.0, 1.5, 2.0, 3.0, 8.0, random.uniform(1, 20)])
        yield sizes[: random.randint(1, 6)], temperature, random.choice([1, 100, 100, 4096, 10**7])


@inputs("instruction.kept_instructions")
def scored_instructions(random):
    while True:
        n = random.choice([0, 1, 2, 4, 6, 8])
        scores = [[1.0] * n for _row in range(n)]
        grid = random.choice([[0.1, 0.3, 0.5, 0.6, 0.7, 0.8], [0.0, 0.5, 0.69, 0.7, 0.71, 1.0]])
        for i in range(n):
            for j in range(i):
                scores[i][j] = scores[j][i] = random.choice(grid)
        yield scores, random.randint(0, min(n, 3)), random.choice([0.7, 0.7, 0.5, 0.6])
