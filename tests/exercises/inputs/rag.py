"""Arguments for the exercises of the lesson `rag`."""

from fractions import Fraction

import torch

from tests.exercises.inputs.collected import inputs


def halves(random, *shape):
    """Multiples of one half, whose products are exact."""
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    return (4 * torch.randn(*shape, generator=generator)).round() / 2


@inputs("rag.nearest")
def queries_and_vectors(random):
    while True:
        texts, width = random.randint(1, 9), random.randint(1, 4)
        yield halves(random, width), halves(random, texts, width), random.randint(1, texts + 2)


@inputs("rag.recall_at_k")
def rankings_and_relevant(random):
    while True:
        texts = range(random.randint(1, 12))
        ranking = random.sample(texts, random.randint(0, len(texts)))
        yield ranking, set(random.sample(texts, random.randint(1, len(texts)))), random.randint(1, 8)


WORDS = ["a", "to", "be", "word", "x-ray", "it's", "10.5", "end.", "café", "--", "a"]
SPACES = [" ", " ", " ", "  ", "\n", "\t", " \n\n"]


@inputs("rag.chunk_words")
def texts_to_cut(random):
    while True:
        some = random.choices(WORDS, k=random.randint(0, 14))
        text = "".join(word + random.choice(SPACES) for word in some)
        text = random.choice([text, text.strip(), " " + text])
        size = random.randint(1, 6)
        yield text, size, random.randint(0, size - 1)


@inputs("rag.reciprocal_rank_fusion")
def rankings_to_fuse(random):
    while True:
        texts = range(random.randint(1, 12))
        rankings = [random.sample(texts, random.randint(0, len(texts))) for _ranking in range(random.randint(1, 4))]
        k = random.choice([1, 2, 3, 5, 10, 60])
        if any(rankings) and not ties_by_rounding(rankings, k):
            yield rankings, k


def ties_by_rounding(rankings, k):
    """Whether two texts are worth the same and their sums, of two fractions or more, may be rounded apart."""
    worth = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth.setdefault(text, []).append(Fraction(1, k + rank))
    sums = [sum(terms) for terms in worth.values()]
    return any(len(terms) > 1 and sums.count(sum(terms)) > 1 for terms in worth.values())


@inputs("rag.sentence_vectors")
def hidden_and_tokens(random):
    while True:
        texts, positions, width = random.randint(1, 4), random.randint(1, 5), random.randint(2, 5)
        generator = torch.Generator().manual_seed(random.randrange(1 << 30))
        is_token = torch.rand(texts, positions, generator=generator) < random.choice([0.4, 0.8, 1.0])
        is_token[:, 0] |= ~is_token.any(dim=1)
        yield torch.randn(texts, positions, width, generator=generator), is_token


@inputs("rag.bm25_score")
def queries_and_passages(random):
    while True:
        letters = "abcdefgh"[: random.randint(2, 8)]
        passages = [random.choices(letters, k=random.randint(1, 8)) for _passage in range(random.randint(1, 6))]
        query = random.choices("abcdefghz", k=random.randint(0, 5))
        yield (
            query,
            random.choice(passages),
            passages,
            random.choice([0.5, 1.2, 2.0]),
            random.choice([0.0, 0.4, 0.75, 1.0]),
        )


@inputs("rag.answer_place")
def answers_and_passages(random):
    words = ["a", "b", "ab", "A", "B2", "2", "É", "x_a"]
    signs = [" ", " ", "  ", ", ", "-", ". "]
    while True:
        texts = []
        for most in (4, 12):
            some = random.choices(words, k=random.randint(0, most))
            texts.append("".join(word + random.choice(signs) for word in some))
        if random.random() < 0.4:
            start = random.randint(0, len(texts[1]))
            texts[0] = texts[1][start : start + random.randint(0, 8)]
        yield tuple(text.strip() if random.random() < 0.5 else text for text in texts)
