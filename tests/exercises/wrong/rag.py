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


def cut(words, size, step):
    """The chunks of words with these places."""
    found = []
    for first in range(0, len(words), step):
        found.append((words[first][0], words[min(first + size, len(words)) - 1][1]))
        if first + size >= len(words):
            break
    return found


def places(text, pattern=r"\S+"):
    return [match.span() for match in re.finditer(pattern, text)]


@wrong_way("rag.chunk_words", says="cut at **punctuation**")
def chunks_of_letters(text, size, overlap):
    return cut(places(text, r"\w+"), size, size - overlap)


@wrong_way("rag.chunk_words", says="cut after **characters**")
def chunks_of_characters(text, size, overlap):
    return cut([(place, place + 1) for place in range(len(text))], size, size - overlap)


@wrong_way("rag.chunk_words", says="**line breaks**")
def chunks_between_spaces(text, size, overlap):
    return cut(places(text, r"[^ ]+"), size, size - overlap)


@wrong_way("rag.chunk_words", says="**one space**")
def chunks_of_counted_words(text, size, overlap):
    words, start = [], 0
    for word in text.split():
        words.append((start, start + len(word)))
        start += len(word) + 1
    return cut(words, size, size - overlap)


@wrong_way("rag.chunk_words", says="Your end is the place **of** the last character")
def chunks_to_their_last_character(text, size, overlap):
    return [(start, end - 1) for start, end in cut(places(text), size, size - overlap)]


@wrong_way("rag.chunk_words", says="**shorter** last chunk")
def chunks_that_are_full(text, size, overlap):
    words = places(text)
    firsts = range(0, len(words), size - overlap)
    return [(words[first][0], words[first + size - 1][1]) for first in firsts if first + size <= len(words)]


@wrong_way("rag.chunk_words", says="You **add** the overlap")
def chunks_with_gaps(text, size, overlap):
    return cut(places(text), size, size + overlap)


def mean_of_tokens(hidden, is_token):
    return (hidden * is_token[..., None]).sum(1) / is_token.sum(1, keepdim=True)


@wrong_way("rag.sentence_vectors", says="over the **padding**")
def vectors_of_padding(hidden, is_token):
    return F.normalize(hidden.masked_fill(is_token[..., None], 0.0).sum(1), dim=1, eps=0)


@wrong_way("rag.sentence_vectors", says="**largest** number of each dimension")
def vectors_by_maximum(hidden, is_token):
    return F.normalize(hidden.masked_fill(~is_token[..., None], -1e9).amax(1), dim=1)


@wrong_way("rag.sentence_vectors", says="each **dimension**")
def vectors_scaled_over_texts(hidden, is_token):
    return F.normalize(mean_of_tokens(hidden, is_token), dim=0)


@wrong_way("rag.sentence_vectors", says="**tokens'** vectors")
def vectors_of_scaled_tokens(hidden, is_token):
    return mean_of_tokens(F.normalize(hidden, dim=-1), is_token)


@wrong_way("rag.sentence_vectors", says="**squared** length")
def vectors_without_a_root(hidden, is_token):
    mean = mean_of_tokens(hidden, is_token)
    return mean / (mean * mean).sum(1, keepdim=True)


@wrong_way("rag.sentence_vectors", says="**softmax**")
def vectors_by_softmax(hidden, is_token):
    return F.softmax(mean_of_tokens(hidden, is_token), dim=1)


@wrong_way("rag.sentence_vectors", says="**absolute values**")
def vectors_by_absolute_values(hidden, is_token):
    return F.normalize(mean_of_tokens(hidden, is_token), p=1, dim=1)


@wrong_way("rag.nearest", says="count from **1**")
def nearest_from_1(query, vectors, k):
    return ((vectors @ query).argsort(descending=True, stable=True)[:k] + 1).tolist()


@wrong_way("rag.nearest", says="return the numbers alone")
def nearest_with_scores(query, vectors, k):
    scores = enumerate((vectors @ query).tolist())
    return sorted(scores, key=lambda one: -one[1])[:k]


@wrong_way("rag.nearest", says="the later one first")
def nearest_reversed(query, vectors, k):
    return (vectors @ query).argsort(stable=True).flip(0)[:k].tolist()


@wrong_way("rag.nearest", says="**all** texts")
def nearest_of_all(query, vectors, k):
    return (vectors @ query).argsort(descending=True, stable=True).tolist()


@wrong_way("rag.nearest", says="return a list of the k best")
def nearest_one(query, vectors, k):
    return (vectors @ query).argmax().item()


@wrong_way("rag.nearest", says="**without their sign**")
def nearest_by_size(query, vectors, k):
    return (vectors @ query).abs().argsort(descending=True, stable=True)[:k].tolist()


@wrong_way("rag.recall_at_k", says="**how many** were found")
def recall_as_a_count(ranking, relevant, k):
    return len([text for text in ranking[:k] if text in relevant])


@wrong_way("rag.recall_at_k", says="where it is the smaller")
def recall_of_at_most_k(ranking, relevant, k):
    return len(relevant.intersection(ranking[:k])) / min(len(relevant), k)


@wrong_way("rag.recall_at_k", says="the share that was found")
def recall_missed(ranking, relevant, k):
    return len(relevant - set(ranking[:k])) / len(relevant)


@wrong_way("rag.recall_at_k", says="whether **all** were found")
def recall_as_all(ranking, relevant, k):
    return float(all(text in ranking[:k] for text in relevant))


@wrong_way("rag.recall_at_k", says="**reciprocal rank**")
def recall_as_reciprocal_rank(ranking, relevant, k):
    for rank, text in enumerate(ranking[:k], 1):
        if text in relevant:
            return 1 / rank
    return 0.0


@wrong_way("rag.recall_at_k", says="**F1**")
def recall_as_f1(ranking, relevant, k):
    found = len(relevant.intersection(ranking[:k]))
    return found * 2 / (len(relevant) + len(ranking[:k]))


def fused_by(worth_of, rankings, k):
    worth = defaultdict(float)
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] += worth_of(rank, k)
    return sorted(worth, key=lambda text: (-worth[text], text))


@wrong_way("rag.reciprocal_rank_fusion", says="You do not use **k**")
def fused_without_k(rankings, k=60):
    return fused_by(lambda rank, k: 1 / rank, rankings, k)


@wrong_way("rag.reciprocal_rank_fusion", says="**always 60**")
def fused_with_60(rankings, k=60):
    return fused_by(lambda rank, k: 1 / (60 + rank), rankings, k)


@wrong_way("rag.reciprocal_rank_fusion", says="1 / k **plus** the rank")
def fused_without_parentheses(rankings, k=60):
    return fused_by(lambda rank, k: 1 / k + rank, rankings, k)


@wrong_way("rag.reciprocal_rank_fusion", says="add up the **ranks**")
def fused_by_ranks(rankings, k=60):
    return fused_by(lambda rank, k: -rank, rankings, k)


@wrong_way("rag.reciprocal_rank_fusion", says="cut after **k**")
def fused_and_cut(rankings, k=60):
    return fused_by(lambda rank, k: 1 / (k + rank), rankings, k)[:k]


@wrong_way("rag.reciprocal_rank_fusion", says="**after** the other")
def fused_in_a_row(rankings, k=60):
    found = []
    for ranking in rankings:
        found += [text for text in ranking if text not in found]
    return found


def bm25_by(query, passage, passages, idf, part):
    mean = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        n = sum(word in one for one in passages)
        total += idf(len(passages), n) * part(passage.count(word), len(passage) / mean)
    return total


def lucene(n_all, n):
    return math.log(1 + (n_all - n + 0.5) / (n + 0.5))


@wrong_way("rag.bm25_score", says="The **1 +** in the logarithm")
def bm25_of_robertson(query, passage, passages, k1, b):
    def idf(n_all, n):
        return math.log(n_all - n + 0.5) - math.log(n + 0.5)

    return bm25_by(query, passage, passages, idf, lambda tf, ratio: tf / (tf + k1 * (1 - b + b * ratio)))


@wrong_way("rag.bm25_score", says="Your idf is **ln(N / n)**")
def bm25_with_the_idf_of_tf_idf(query, passage, passages, k1, b):
    def idf(n_all, n):
        return math.log(n_all / n) if n else 0.0

    return bm25_by(query, passage, passages, idf, lambda tf, ratio: tf / (tf + k1 * (1 - b + b * ratio)))


@wrong_way("rag.bm25_score", says="do not use the **idf**")
def bm25_without_idf(query, passage, passages, k1, b):
    return bm25_by(query, passage, passages, lambda *_n: 1, lambda tf, ratio: tf / (tf + k1 * (1 - b + b * ratio)))


@wrong_way("rag.bm25_score", says="The **length** of the passage is not used")
def bm25_without_length(query, passage, passages, k1, b):
    return bm25_by(query, passage, passages, lucene, lambda tf, ratio: tf / (tf + k1))


@wrong_way("rag.bm25_score", says="**b** and 1 - b are exchanged")
def bm25_with_b_turned_round(query, passage, passages, k1, b):
    return bm25_by(query, passage, passages, lucene, lambda tf, ratio: tf / (tf + k1 * (b + (1 - b) * ratio)))


@wrong_way("rag.bm25_score", says="You do not use **k1**")
def bm25_without_k1(query, passage, passages, k1, b):
    return bm25_by(query, passage, passages, lucene, lambda tf, ratio: tf / (tf + (1 - b + b * ratio)))


@wrong_way("rag.bm25_score", says="divide by tf + k1")
def bm25_with_plain_counts(query, passage, passages, k1, b):
    return bm25_by(query, passage, passages, lucene, lambda tf, ratio: tf)


def words_of(text, pattern=r"[^\W_]+"):
    return [(match.group(), match.start(), match.end()) for match in re.finditer(pattern, text)]


def first_place(wanted, words, same=lambda one, other: one.lower() == other.lower()):
    for first in range(len(words) - len(wanted) + 1):
        if wanted and all(same(words[first + i][0], wanted[i][0]) for i in range(len(wanted))):
            return words[first][1], words[first + len(wanted) - 1][2]
    return 0, 0


@wrong_way("rag.answer_place", says="**Upper and lower case**")
def place_with_capitals(answer, passage):
    return first_place(words_of(answer), words_of(passage), same=str.__eq__)


@wrong_way("rag.answer_place", says="**Punctuation** stays at your words")
def place_with_punctuation(answer, passage):
    return first_place(words_of(answer, r"\S+"), words_of(passage, r"\S+"))


@wrong_way("rag.answer_place", says="**Digits** are no part")
def place_of_letters(answer, passage):
    return first_place(words_of(answer, r"[^\W\d_]+"), words_of(passage, r"[^\W\d_]+"))


@wrong_way("rag.answer_place", says="letters with **accents**")
def place_in_ascii(answer, passage):
    return first_place(words_of(answer, "[a-zA-Z0-9]+"), words_of(passage, "[a-zA-Z0-9]+"))


@wrong_way("rag.answer_place", says="Other words may be **between**")
def place_with_gaps(answer, passage):
    wanted, found = words_of(answer.lower()), []
    for word, start, end in words_of(passage):
        if len(found) < len(wanted) and word.lower() == wanted[len(found)][0]:
            found.append((start, end))
    return (found[0][0], found[-1][1]) if found and len(found) == len(wanted) else (0, 0)


@wrong_way("rag.answer_place", says="**first** word alone")
def place_of_the_first_word(answer, passage):
    return first_place(words_of(answer)[:1], words_of(passage))


@wrong_way("rag.answer_place", says="**-1**")
def place_or_minus_one(answer, passage):
    found = first_place(words_of(answer), words_of(passage))
    return found if found[1] else (-1, -1)
