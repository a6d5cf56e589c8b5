"""Wrong answers as learners give them, for the exercises of the lesson `rag`."""

import math
import re
from collections import Counter, defaultdict

import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("rag.nearest", says="**smallest** products")
def nearest_sorted_upward(query, vectors, k):
    scores = (vectors @ query).tolist()
    return sorted(range(len(scores)), key=scores.__getitem__)[:k]


@wrong_way("rag.nearest", says="that is the cosine")
def nearest_by_cosine(query, vectors, k):
    unit = vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return (unit @ (query / query.norm())).argsort(descending=True, stable=True)[:k]


@wrong_way("rag.nearest", says="**distances**")
def nearest_by_distance(query, vectors, k):
    return ((vectors - query) ** 2).sum(1).argsort(stable=True)[:k].tolist()


@wrong_way("rag.nearest", says="return the numbers")
def nearest_as_scores(query, vectors, k):
    return (vectors @ query).topk(min(k, len(vectors))).values


@wrong_way("rag.nearest", says="**larger than the number of texts**")
def nearest_of_exactly_k(query, vectors, k):
    order = (vectors @ query).argsort(descending=True, stable=True).tolist()
    return [order[place] for place in range(k)]


@wrong_way("rag.recall_at_k", says="that is hit@k")
def recall_as_hit(ranking, relevant, k):
    return any(text in relevant for text in ranking[:k])


@wrong_way("rag.recall_at_k", says="precision@k")
def recall_as_precision(ranking, relevant, k):
    return sum(text in relevant for text in ranking[:k]) / k


@wrong_way("rag.recall_at_k", says="**whole** ranking")
def recall_of_all(ranking, relevant, k):
    return sum(text in ranking for text in relevant) / len(relevant)


@wrong_way("rag.recall_at_k", says="**fewer than k**")
def recall_of_exactly_k(ranking, relevant, k):
    return sum(ranking[place] in relevant for place in range(k)) / len(relevant)


@wrong_way("rag.chunk_words", says="Your chunks do not **overlap**")
def chunks_side_by_side(text, size, overlap):
    words = list(re.finditer(r"\S+", text))
    parts = [words[first : first + size] for first in range(0, len(words), size)]
    return [(part[0].start(), part[-1].end()) for part in parts]


@wrong_way("rag.chunk_words", says="**after the last word** was reached")
def chunks_that_go_on(text, size, overlap):
    words = list(re.finditer(r"\S+", text))
    parts = [words[first : first + size] for first in range(0, len(words), size - overlap)]
    return [(part[0].start(), part[-1].end()) for part in parts]


@wrong_way("rag.chunk_words", says="**words joined**")
def chunks_as_texts(text, size, overlap):
    words, chunks = text.split(), []
    for first in range(0, len(words), size - overlap):
        chunks.append(" ".join(words[first : first + size]))
        if first + size >= len(words):
            break
    return chunks


@wrong_way("rag.chunk_words", says="count in **words**")
def chunks_of_word_numbers(text, size, overlap):
    n, chunks, first = len(text.split()), [], 0
    while first < n and not (chunks and chunks[-1][1] == n):
        chunks.append((first, min(first + size, n)))
        first += size - overlap
    return chunks


@wrong_way("rag.chunk_words", says="texts **without words**")
def chunks_of_nothing(text, size, overlap):
    words = list(re.finditer(r"\S+", text))
    chunks, first = [], 0
    while True:
        part = words[first : first + size]
        chunks.append((part[0].start(), part[-1].end()))
        first += size - overlap
        if part[-1] is words[-1]:
            return chunks


@wrong_way("rag.reciprocal_rank_fusion", says="ranks from **0**")
def fused_from_0(rankings, k=60):
    worth = defaultdict(float)
    for ranking in rankings:
        for rank, text in enumerate(ranking):
            worth[text] += 1 / (k + rank)
    return sorted(worth, key=lambda text: (-worth[text], text))


@wrong_way("rag.reciprocal_rank_fusion", says="stay in the order in which they came")
def fused_by_most_common(rankings, k=60):
    worth = Counter()
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] += 1 / (k + rank)
    return [text for text, _worth in worth.most_common()]


@wrong_way("rag.reciprocal_rank_fusion", says="**replaces**")
def fused_without_adding(rankings, k=60):
    worth = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] = 1 / (k + rank)
    return sorted(worth, key=lambda text: (-worth[text], text))


@wrong_way("rag.reciprocal_rank_fusion", says="The **worst** text is first")
def fused_upward(rankings, k=60):
    worth = defaultdict(float)
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] += 1 / (k + rank)
    return sorted(worth, key=lambda text: (worth[text], text))


@wrong_way("rag.sentence_vectors", says="**padding**, too")
def vectors_with_padding(hidden, is_token):
    return F.normalize(hidden.mean(dim=1), dim=-1)


@wrong_way("rag.sentence_vectors", says="not of **length 1**")
def vectors_as_means(hidden, is_token):
    return torch.stack([one[tokens].mean(0) for one, tokens in zip(hidden, is_token, strict=True)])


@wrong_way("rag.sentence_vectors", says="**first** position alone")
def vectors_of_cls(hidden, is_token):
    return F.normalize(hidden[:, 0], dim=-1)


@wrong_way("rag.sentence_vectors", says="**one** norm for all")
def vectors_with_one_norm(hidden, is_token):
    mean = (hidden * is_token[..., None]).sum(1) / is_token.sum(1, keepdim=True)
    return mean / torch.linalg.norm(mean)


@wrong_way("rag.bm25_score", says="**k1 + 1**")
def bm25_with_a_factor(query, passage, passages, k1, b):
    mean, total = sum(map(len, passages)) / len(passages), 0.0
    for word in query:
        n, tf = sum(word in one for one in passages), passage.count(word)
        idf = math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
        total += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(passage) / mean))
    return total


@wrong_way("rag.bm25_score", says="Your n counts **occurrences**")
def bm25_of_occurrences(query, passage, passages, k1, b):
    mean, total = sum(map(len, passages)) / len(passages), 0.0
    everything = [word for one in passages for word in one]
    for word in query:
        n, tf = everything.count(word), passage.count(word)
        idf = math.log(max(1 + (len(passages) - n + 0.5) / (n + 0.5), 1e-3))
        total += idf * tf / (tf + k1 * (1 - b + b * len(passage) / mean))
    return total


@wrong_way("rag.bm25_score", says="**once**")
def bm25_of_a_set(query, passage, passages, k1, b):
    mean, total = sum(map(len, passages)) / len(passages), 0.0
    for word in set(query):
        n, tf = sum(word in one for one in passages), passage.count(word)
        total += (
            math.log(1 + (len(passages) - n + 0.5) / (n + 0.5)) * tf / (tf + k1 * (1 - b + b * len(passage) / mean))
        )
    return total


@wrong_way("rag.answer_place", says="look for the answer **as it is**")
def place_by_find(answer, passage):
    start = passage.find(answer)
    return (start, start + len(answer)) if answer and start >= 0 else (0, 0)


@wrong_way("rag.answer_place", says="look for the answer's **characters**")
def place_by_find_in_lower_case(answer, passage):
    start = passage.lower().find(answer.lower())
    return (start, start + len(answer)) if answer and start >= 0 else (0, 0)


@wrong_way("rag.answer_place", says="**underscores**")
def place_with_underscores(answer, passage):
    words, matches = re.findall(r"\w+", answer.lower()), list(re.finditer(r"\w+", passage))
    for first in range(len(matches) - len(words) + 1):
        some = matches[first : first + len(words)]
        if words and [match.group().lower() for match in some] == words:
            return some[0].start(), some[-1].end()
    return 0, 0


@wrong_way("rag.answer_place", says="Every way through it must end in `return`")
def place_or_nothing(answer, passage):
    words, matches = re.findall(r"[^\W_]+", answer.lower()), list(re.finditer(r"[^\W_]+", passage))
    for first in range(len(matches) - len(words) + 1):
        some = matches[first : first + len(words)]
        if words and [match.group().lower() for match in some] == words:
            return some[0].start(), some[-1].end()
