"""Right answers in other styles, for the exercises of the lesson `rag`."""

import heapq
import math
import re
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("rag.nearest")
def nearest_by_sorting(query, vectors, k):
    scores = (vectors @ query).tolist()
    return sorted(range(len(scores)), key=lambda number: -scores[number])[:k]


@other_way("rag.nearest")
def nearest_in_numpy(query, vectors, k):
    return np.argsort(-(vectors.numpy() @ query.numpy()), kind="stable")[:k]


@other_way("rag.nearest")
def nearest_by_a_heap(query, vectors, k):
    scores = (vectors * query).sum(dim=1).tolist()
    return [number for _score, number in heapq.nsmallest(k, [(-score, number) for number, score in enumerate(scores)])]


@other_way("rag.nearest")
def nearest_one_after_another(query, vectors, k):
    scores = [sum(a * b for a, b in zip(row, query.tolist(), strict=True)) for row in vectors.tolist()]
    found = []
    while len(found) < min(k, len(scores)):
        left = [number for number in range(len(scores)) if number not in found]
        found.append(max(left, key=lambda number: scores[number]))
    return found


@other_way("rag.nearest")
def nearest_as_a_tensor(query, vectors, k):
    scores = (query[None] @ vectors.T)[0]
    return scores.sort(descending=True, stable=True).indices[:k]


@other_way("rag.recall_at_k")
def recall_counted(ranking, relevant, k):
    return sum(text in relevant for text in ranking[:k]) / len(relevant)


@other_way("rag.recall_at_k")
def recall_of_each(ranking, relevant, k):
    return np.mean([text in ranking[:k] for text in relevant])


@other_way("rag.recall_at_k")
def recall_in_a_loop(ranking, relevant, k):
    found = 0
    for rank, text in enumerate(ranking, start=1):
        if rank > k:
            break
        if text in relevant:
            found += 1
    return found / len(relevant)


@other_way("rag.recall_at_k")
def recall_as_one_minus_missed(ranking, relevant, k):
    return 1 - len(relevant.difference(ranking[:k])) / len(relevant)


@other_way("rag.recall_at_k")
def recall_by_filter(ranking, relevant, k):
    return len(list(filter(relevant.__contains__, ranking[0:k]))) / float(len(relevant))


@other_way("rag.chunk_words")
def chunks_of_matches(text, size, overlap):
    words, chunks, first = list(re.finditer(r"\S+", text)), [], 0
    while first < len(words):
        last = min(first + size, len(words)) - 1
        chunks.append((words[first].start(), words[last].end()))
        if last == len(words) - 1:
            break
        first += size - overlap
    return chunks


@other_way("rag.chunk_words")
def chunks_character_by_character(text, size, overlap):
    starts = [i for i, sign in enumerate(text) if not sign.isspace() and (i == 0 or text[i - 1].isspace())]
    ends = [
        i + 1 for i, sign in enumerate(text) if not sign.isspace() and (i + 1 == len(text) or text[i + 1].isspace())
    ]
    chunks = []
    for first in range(0, len(starts), size - overlap):
        chunks.append([starts[first], ends[min(first + size, len(ends)) - 1]])
        if chunks[-1][1] == ends[-1]:
            break
    return chunks


@other_way("rag.chunk_words")
def chunks_by_split_and_find(text, size, overlap):
    places, end = [], 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        places.append((start, end))
    n = len(places)
    n_chunks = 0 if n == 0 else max(1, math.ceil((n - overlap) / (size - overlap)))
    firsts = [number * (size - overlap) for number in range(n_chunks)]
    return [(places[first][0], places[min(first + size, n) - 1][1]) for first in firsts]


@other_way("rag.chunk_words")
def chunks_by_recursion(text, size, overlap):
    words = [match.span() for match in re.finditer(r"\S+", text)]

    def rest(first):
        if first + size >= len(words):
            return [(words[first][0], words[-1][1])]
        return [(words[first][0], words[first + size - 1][1]), *rest(first + size - overlap)]

    return rest(0) if words else []


@other_way("rag.chunk_words")
def chunks_generated(text, size, overlap):
    words = [match.span() for match in re.compile(r"[^\s]+").finditer(text)]
    for first in range(0, max(len(words) - overlap, min(len(words), 1)), size - overlap):
        part = words[first : first + size]
        yield part[0][0], part[-1][-1]


@other_way("rag.reciprocal_rank_fusion")
def fused_with_a_default(rankings, k=60):
    worth = defaultdict(float)
    for ranking in rankings:
        for place in range(len(ranking)):
            worth[ranking[place]] += 1 / (k + place + 1)
    return [text for text, _worth in sorted(worth.items(), key=lambda item: (-item[1], item[0]))]


@other_way("rag.reciprocal_rank_fusion")
def fused_text_by_text(rankings, k=60):
    texts = sorted(set().union(*rankings))
    worth = [sum(1 / (k + 1 + ranking.index(text)) for ranking in rankings if text in ranking) for text in texts]
    return [texts[place] for place in sorted(range(len(texts)), key=lambda place: -worth[place])]


@other_way("rag.reciprocal_rank_fusion")
def fused_in_fractions(rankings, k=60):
    worth = Counter()
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] += Fraction(1, k + rank)
    return sorted(sorted(worth), key=worth.get, reverse=True)


@other_way("rag.reciprocal_rank_fusion")
def fused_in_numpy(rankings, k=60):
    texts = np.array(sorted({text for ranking in rankings for text in ranking}))
    worth = np.zeros(len(texts))
    for ranking in rankings:
        if ranking:
            worth[np.searchsorted(texts, ranking)] += 1 / (k + np.arange(1, len(ranking) + 1))
    return texts[np.argsort(-worth, kind="stable")]


@other_way("rag.reciprocal_rank_fusion")
def fused_one_after_another(rankings, k=60):
    left, found = {text for ranking in rankings for text in ranking}, []

    def worth(text):
        return sum(1 / (k + rank) for ranking in rankings for rank, one in enumerate(ranking, 1) if one == text)

    while left:
        found.append(max(left, key=lambda text: (worth(text), -text)))
        left.remove(found[-1])
    return found


@other_way("rag.sentence_vectors")
def vectors_text_by_text(hidden, is_token):
    means = [one[tokens].mean(dim=0) for one, tokens in zip(hidden, is_token, strict=True)]
    return torch.stack([mean / mean.norm() for mean in means])


@other_way("rag.sentence_vectors")
def vectors_of_sums(hidden, is_token):
    return F.normalize((hidden * is_token.unsqueeze(-1)).sum(dim=1), dim=1)


@other_way("rag.sentence_vectors")
def vectors_by_einsum(hidden, is_token):
    total = torch.einsum("tp,tpw->tw", is_token.float(), hidden)
    mean = total / is_token.sum(dim=1, keepdim=True)
    return mean / (mean**2).sum(dim=1, keepdim=True).sqrt()


@other_way("rag.sentence_vectors")
def vectors_by_filling(hidden, is_token):
    mean = hidden.masked_fill(~is_token[:, :, None], 0.0).sum(1) / is_token.sum(1)[:, None]
    return mean / torch.linalg.vector_norm(mean, dim=-1, keepdim=True)


@other_way("rag.sentence_vectors")
def vectors_in_numpy(hidden, is_token):
    h, mask = hidden.double().numpy(), is_token.numpy()
    mean = np.stack([one[tokens].mean(axis=0) for one, tokens in zip(h, mask, strict=True)])
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


@other_way("rag.bm25_score")
def bm25_by_counters(query, passage, passages, k1, b):
    with_word = Counter(word for one in passages for word in set(one))
    times, n_all = Counter(passage), len(passages)
    norm = k1 * (1 - b + b * len(passage) * n_all / sum(map(len, passages)))
    total = 0.0
    for word, repeats in Counter(query).items():
        idf = math.log1p((n_all - with_word[word] + 0.5) / (with_word[word] + 0.5))
        total += repeats * idf * times[word] / (times[word] + norm)
    return total


@other_way("rag.bm25_score")
def bm25_with_one_logarithm(query, passage, passages, k1, b):
    mean = np.mean([len(one) for one in passages])
    parts = []
    for word in query:
        n, tf = sum(word in one for one in passages), passage.count(word)
        parts.append(
            math.log((len(passages) + 1) / (n + 0.5)) / (1 + k1 * (1 - b + b * len(passage) / mean) / tf) if tf else 0
        )
    return sum(parts)


@other_way("rag.bm25_score")
def bm25_of_words_that_are_there(query, passage, passages, k1, b):
    average = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        if word not in passage:
            continue
        n = len([one for one in passages if word in one])
        tf = sum(1 for one in passage if one == word)
        total += (
            math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
            * tf
            / (tf + k1 * (1 + b * (len(passage) / average - 1)))
        )
    return total


@other_way("rag.bm25_score")
def bm25_in_numpy(query, passage, passages, k1, b):
    tf = np.array([passage.count(word) for word in query], dtype=float)
    n = np.array([sum(word in one for one in passages) for word in query], dtype=float)
    norm = k1 * (1 - b + b * len(passage) / (sum(map(len, passages)) / len(passages)))
    return float((np.log1p((len(passages) - n + 0.5) / (n + 0.5)) * tf / (tf + norm)).sum())


@other_way("rag.bm25_score")
def bm25_of_sets(query, passage, passages, k1, b):
    sets, n_all = list(map(set, passages)), len(passages)
    relative = len(passage) / (sum(len(one) for one in passages) / n_all)

    def part(word):
        n, tf = sum(word in one for one in sets), passage.count(word)
        return math.log(1 + (n_all - n + 0.5) / (n + 0.5)) * (tf / (tf + k1 * ((1 - b) + b * relative)))

    return sum(part(word) for word in query)


WORD = r"[^\W_]+"


@other_way("rag.answer_place")
def place_by_a_pattern(answer, passage):
    words = re.findall(WORD, answer)
    pattern = r"(?<![^\W_])" + r"[\W_]+".join(words) + r"(?![^\W_])"
    found = re.search(pattern, passage, re.IGNORECASE) if words else None
    return found.span() if found else (0, 0)


@other_way("rag.answer_place")
def place_by_signs(answer, passage):
    def words(text):
        found, word = [], ""
        for place, sign in enumerate(text + " "):
            if sign.isalnum():
                word += sign.lower()
            elif word:
                found.append((word, place - len(word), place))
                word = ""
        return found

    wanted, there = [word for word, _start, _end in words(answer)], words(passage)
    for first in range(len(there)):
        if wanted and [word for word, _start, _end in there[first : first + len(wanted)]] == wanted:
            return there[first][1], there[first + len(wanted) - 1][2]
    return 0, 0


@other_way("rag.answer_place")
def place_word_by_word(answer, passage):
    wanted = [match.group().lower() for match in re.finditer(WORD, answer)]
    words = [(match.group().lower(), match.span()) for match in re.finditer(WORD, passage)]
    for first in range(len(words)):
        n = 0
        while n < len(wanted) and first + n < len(words) and words[first + n][0] == wanted[n]:
            n += 1
        if n and n == len(wanted):
            return [words[first][1][0], words[first + n - 1][1][1]]
    return [0, 0]


@other_way("rag.answer_place")
def place_in_joined_words(answer, passage):
    matches = list(re.finditer(WORD, passage))
    wanted = re.findall(WORD, answer.casefold())
    joined = " " + " ".join(match.group().casefold() for match in matches) + " "
    where = joined.find(" " + " ".join(wanted) + " ")
    if not wanted or where < 0:
        return (0, 0)
    first = joined[:where].count(" ")
    return matches[first].start(), matches[first + len(wanted) - 1].end()


@other_way("rag.answer_place")
def place_of_windows(answer, passage):
    wanted = tuple(re.findall(WORD, answer.lower()))
    matches = list(re.finditer(WORD, passage))
    windows = zip(*(matches[shift:] for shift in range(len(wanted))), strict=False)
    places = [
        (window[0].start(), window[-1].end())
        for window in windows
        if tuple(match.group().lower() for match in window) == wanted
    ]
    return places[0] if places else (0, 0)
