"""Arguments for the exercises of the lesson `prompting`."""

import torch

from course.exercises.prompting.drawing import drawn
from tests.exercises.inputs.collected import inputs

INSTRUCTIONS = ["", "Judge the review.", "Good or bad?", " Judge. ", "First read.\nThen judge."]
TEXTS = ["A joy.", "A bore.", "", " Dull ", "One line.\nAnother.", "Review: none", "Sentiment: good", "naïve, 2 hours"]
LABELS = ["positive", "negative", "good", "mixed feelings", ""]
WORDS = ["a", "a", "b", "c", "d", "The", "the", "11", "12", "x-ray", "née", "snake_case", "3.5", "(b)", "b's"]


def generator_of(random):
    return torch.Generator().manual_seed(random.randrange(1 << 30))


@inputs("prompting.few_shot_prompt")
def prompts(random):
    while True:
        count = random.choice([0, 1, 1, 2, 3, 5])
        shots = [(random.choice(TEXTS), random.choice(LABELS)) for _shot in range(count)]
        yield random.choice(INSTRUCTIONS), shots, random.choice(TEXTS)


@inputs("prompting.answer_score")
def scored_texts(random):
    while True:
        n_prompt, length, vocab = random.randint(1, 4), random.randint(1, 4), random.randint(2, 6)
        ids = [random.randrange(vocab) for _token in range(n_prompt + length)]
        yield random.choice([1, 3]) * drawn(generator_of(random), len(ids), vocab), ids, n_prompt


@inputs("prompting.calibrate")
def probabilities_of_answers(random):
    def row(n_answers):
        scale = random.choice([1.0, 0.1, 0.001])
        return [scale * random.uniform(0.05, 1.0) / n_answers for _answer in range(n_answers)]

    while True:
        n_answers = random.choice([1, 2, 2, 3, 5])
        probabilities = row(n_answers)
        if random.random() < 0.1 and n_answers > 1:
            probabilities[random.randrange(n_answers)] = 0.0
        yield probabilities, [row(n_answers) for _text in range(random.choice([1, 2, 3, 3]))]


@inputs("prompting.majority")
def sampled_answers(random):
    while True:
        known = random.sample(["18", "9", "10", "yes", "", "0", "Yes", "c"], random.randint(1, 4))
        yield ([random.choice([*known, None]) for _sample in range(random.choice([0, 1, 2, 3, 5, 8, 12]))],)


@inputs("prompting.allowed_next")
def answers_and_begun(random):
    """Often the beginning of an answer: few others come that far."""

    def tokens(longest):
        return [random.randrange(4) for _token in range(random.randint(1, longest))]

    while True:
        answers = [tokens(4) for _answer in range(random.choice([1, 2, 4, 8]))]
        chosen = random.choice(answers)
        begun = chosen[: random.randint(0, len(chosen))] if random.random() < 0.8 else tokens(3)
        yield answers, begun


@inputs("prompting.least_squares")
def examples_and_queries(random):
    while True:
        generator, d, k = generator_of(random), random.randint(1, 5), random.randint(0, 8)
        xs, ys, query = drawn(generator, k, d), drawn(generator, k), drawn(generator, d)
        values = torch.linalg.svdvals(xs.double())
        if k and not (values > 0.05).all():  # nearly dependent inputs, where right answers differ by rounding
            continue
        yield xs, xs @ drawn(generator, d) if random.random() < 0.3 else ys, query


@inputs("prompting.rouge_l")
def pairs_of_summaries(random):
    def text():
        words = [random.choice(WORDS) for _word in range(random.choice([0, 1, 2, 4, 6, 9]))]
        return random.choice([" ", " ", ", ", "\n"]).join(words)

    while True:
        yield text(), text()
