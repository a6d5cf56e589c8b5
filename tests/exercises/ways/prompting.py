"""Right answers in other styles, for the exercises of the lesson `prompting`."""

import functools
import itertools
import math
import re
from collections import Counter
from fractions import Fraction
from statistics import fmean, mode

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("prompting.few_shot_prompt")
def prompt_step_by_step(instruction, shots, text):
    prompt = ""
    if instruction != "":
        prompt += instruction + "\n\n"
    for shot in shots:
        prompt += "Review: " + shot[0] + "\n" + "Sentiment: " + shot[1] + "\n\n"
    return prompt + "Review: " + text + "\n" + "Sentiment:"


@other_way("prompting.few_shot_prompt")
def prompt_with_an_empty_label(instruction, shots, text):
    blocks = (f"Review: {shown}\nSentiment: {label}" for shown, label in [*shots, (text, "")])
    return "\n\n".join(filter(None, [instruction, *blocks]))[:-1]


@other_way("prompting.few_shot_prompt")
def prompt_by_lines(instruction, shots, text):
    lines = [instruction, ""] if instruction else []
    for shown, label in shots:
        lines += ["Review: " + shown, "Sentiment: " + label, ""]
    lines += ["Review: " + text, "Sentiment:"]
    return "\n".join(lines)


@other_way("prompting.few_shot_prompt")
def prompt_by_format(instruction, shots, text):
    block = "Review: {}\nSentiment:{}"
    start = instruction + "\n\n" if len(instruction) else ""
    shown = "".join(block.format(review, " " + label) + "\n\n" for review, label in shots)
    return "".join((start, shown, block.format(text, "")))


@other_way("prompting.few_shot_prompt")
def prompt_from_its_end(instruction, shots, text):
    prompt = f"Review: {text}\nSentiment:"
    for shown, label in reversed(shots):
        prompt = f"Review: {shown}\nSentiment: {label}\n\n{prompt}"
    return (instruction and instruction + "\n\n") + prompt


@other_way("prompting.answer_score")
def score_by_indexing(logits, ids, n_prompt):
    rows = torch.log_softmax(logits[n_prompt - 1 : len(ids) - 1], dim=1)
    return rows[torch.arange(len(rows)), ids[n_prompt:]].sum()


@other_way("prompting.answer_score")
def score_by_cross_entropy(logits, ids, n_prompt):
    return -F.cross_entropy(logits[n_prompt - 1 : -1], torch.tensor(ids[n_prompt:]), reduction="sum").item()


@other_way("prompting.answer_score")
def score_by_gathering(logits, ids, n_prompt):
    answer = torch.tensor(ids)[n_prompt:, None]
    return logits.roll(1, dims=0).log_softmax(-1)[n_prompt:].gather(1, answer).sum().item()


@other_way("prompting.answer_score")
def score_in_numpy(logits, ids, n_prompt):
    rows = logits.numpy().astype(float)
    return sum(rows[i - 1][ids[i]] - np.log(np.exp(rows[i - 1]).sum()) for i in range(n_prompt, len(ids)))


@other_way("prompting.answer_score")
def score_of_the_product(logits, ids, n_prompt):
    probability = 1.0
    for row, token in zip(logits.double()[n_prompt - 1 :].tolist(), ids[n_prompt:], strict=False):
        powers = [math.exp(logit) for logit in row]
        probability *= powers[token] / sum(powers)
    return math.log(probability)


@other_way("prompting.calibrate")
def calibrated_in_numpy(probabilities, content_free):
    free = np.array(content_free)
    weighted = np.array(probabilities) / (free / free.sum(axis=1, keepdims=True)).mean(axis=0)
    return weighted / weighted.sum()


@other_way("prompting.calibrate")
def calibrated_by_a_matrix(probabilities, content_free):
    free = F.normalize(torch.tensor(content_free, dtype=torch.float64), p=1, dim=1)
    return F.normalize(torch.diag(1 / free.mean(0)) @ torch.tensor(probabilities, dtype=torch.float64), p=1, dim=0)


@other_way("prompting.calibrate")
def calibrated_in_loops(probabilities, content_free):
    n, bias = len(probabilities), [0.0] * len(probabilities)
    for row in content_free:
        total = sum(row)
        for answer in range(n):
            bias[answer] += row[answer] / total / len(content_free)
    total = sum(probabilities[answer] / bias[answer] for answer in range(n))
    return [probabilities[answer] / bias[answer] / total for answer in range(n)]


@other_way("prompting.calibrate")
def calibrated_in_fractions(probabilities, content_free):
    exact = [[Fraction(p) for p in row] for row in content_free]
    sums = [sum(column) for column in zip(*([p / sum(row) for p in row] for row in exact), strict=True)]
    weighted = [Fraction(p) / one for p, one in zip(probabilities, sums, strict=True)]
    return [float(weight / sum(weighted)) for weight in weighted]


@other_way("prompting.calibrate")
def calibrated_after_normalizing(probabilities, content_free):
    def shares(values):
        return [value / math.fsum(values) for value in values]

    columns = zip(*map(shares, content_free), strict=True)
    return shares([p / fmean(column) for p, column in zip(shares(probabilities), columns, strict=True)])


@other_way("prompting.majority")
def majority_by_counter(answers):
    counted = Counter(answer for answer in answers if answer is not None).most_common(1)
    return (counted[0][0], counted[0][1] / len(answers)) if counted else (None, 0.0)


@other_way("prompting.majority")
def majority_by_mode(answers):
    given = [answer for answer in answers if answer is not None]
    if not given:
        return None, 0
    winner = mode(given)
    return winner, given.count(winner) / len(answers)


@other_way("prompting.majority")
def majority_in_a_loop(answers):
    best, most = None, 0
    for answer in answers:
        if answer is not None and answers.count(answer) > most:
            best, most = answer, answers.count(answer)
    return [best, most / max(len(answers), 1)]


@other_way("prompting.majority")
def majority_by_sorting(answers):
    given = sorted(set(answers) - {None}, key=lambda answer: (-answers.count(answer), answers.index(answer)))
    return next(((answer, answers.count(answer) / len(answers)) for answer in given), (None, 0.0))


@other_way("prompting.majority")
def majority_by_groups(answers):
    places = sorted((answer, i) for i, answer in enumerate(answers) if answer is not None)
    groups = [list(group) for _answer, group in itertools.groupby(places, key=lambda one: one[0])]
    if not groups:
        return None, 0.0
    winner = max(groups, key=lambda group: (len(group), -group[0][1]))
    return winner[0][0], len(winner) / len(answers)


@other_way("prompting.allowed_next")
def allowed_in_a_loop(answers, begun):
    allowed = set()
    for answer in answers:
        if len(answer) <= len(begun):
            continue
        for i, token in enumerate(begun):
            if answer[i] != token:
                break
        else:
            allowed.add(answer[len(begun)])
    return allowed


@other_way("prompting.allowed_next")
def allowed_by_a_trie(answers, begun):
    trie = {}
    for answer in answers:
        node = trie
        for token in answer:
            node = node.setdefault(token, {})
    for token in begun:
        trie = trie.get(token, {})
    return set(trie)


@other_way("prompting.allowed_next")
def allowed_by_recursion(answers, begun):
    if not begun:
        return {answer[0] for answer in answers if answer}
    return allowed_by_recursion([answer[1:] for answer in answers if answer[:1] == begun[:1]], begun[1:])


@other_way("prompting.allowed_next")
def allowed_by_removing(answers, begun):
    rests = [tuple(answer) for answer in answers]
    for token in begun:
        rests = [rest[1:] for rest in rests if rest and rest[0] == token]
    return frozenset(rest[0] for rest in rests if rest)


@other_way("prompting.allowed_next")
def allowed_by_one_more(answers, begun):
    starts = {tuple(answer[: len(begun) + 1]) for answer in answers}
    possible = itertools.chain.from_iterable(answers)
    return {token for token in possible if (*begun, token) in starts}


@other_way("prompting.least_squares")
def fitted_by_lstsq(xs, ys, query):
    if not len(xs):
        return 0.0
    w = torch.linalg.lstsq(xs.double(), ys.double()[:, None], driver="gelsd").solution[:, 0]
    return torch.dot(w, query.double())


@other_way("prompting.least_squares")
def fitted_in_numpy(xs, ys, query):
    w, _error, _rank, _values = np.linalg.lstsq(xs.numpy().astype(float), ys.numpy().astype(float), rcond=None)
    return float(w @ query.numpy())


@other_way("prompting.least_squares")
def fitted_by_singular_values(xs, ys, query):
    left, values, right = torch.linalg.svd(xs.double(), full_matrices=False)
    inverse = torch.where(values > 1e-9, 1 / values, 0)
    return (right.mT @ (inverse * (left.mT @ ys.double())) @ query.double()).item()


@other_way("prompting.least_squares")
def fitted_by_the_gram_matrix(xs, ys, query):
    """The examples weighted by how the query compares with them."""
    xs, ys, query = xs.double(), ys.double(), query.double()
    return torch.linalg.pinv(xs @ xs.T, hermitian=True, rtol=1e-9) @ ys @ (xs @ query)


@other_way("prompting.least_squares")
def fitted_by_a_faint_ridge(xs, ys, query):
    """Ridge regression with a penalty that is too small to be seen."""
    xs, ys = xs.double(), ys.double()
    gram = xs.T @ xs + 1e-8 * torch.eye(xs.shape[1], dtype=torch.float64)
    return float(torch.linalg.solve(gram, xs.T @ ys) @ query.double())


@other_way("prompting.rouge_l")
def rouge_by_recursion(candidate, reference):
    one, other = (re.findall(r"[a-z0-9]+", text.lower()) for text in (candidate, reference))

    @functools.cache
    def common(i, j):
        if i == 0 or j == 0:
            return 0
        if one[i - 1] == other[j - 1]:
            return common(i - 1, j - 1) + 1
        return max(common(i - 1, j), common(i, j - 1))

    n = common(len(one), len(other))
    return 2 * n / (len(one) + len(other)) if n else 0.0


@other_way("prompting.rouge_l")
def rouge_by_a_whole_table(candidate, reference):
    one = re.sub("[^a-z0-9]", " ", candidate.lower()).split()
    other = re.sub("[^a-z0-9]", " ", reference.lower()).split()
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, j in itertools.product(range(len(one)), range(len(other))):
        same = one[i] == other[j]
        table[i + 1, j + 1] = table[i, j] + 1 if same else max(table[i, j + 1], table[i + 1, j])
    n = table[-1, -1]
    return 0.0 if n == 0 else 2 / (len(one) / n + len(other) / n)


@other_way("prompting.rouge_l")
def rouge_by_places(candidate, reference):
    """The longest rising row of places at which the candidate's words are in the reference."""
    one, other = (re.split("[^a-z0-9]+", text.lower()) for text in (candidate, reference))
    one, other = [word for word in one if word], [word for word in other if word]
    ends = []  # the smallest last place of a row of each length
    for word in one:
        for place in reversed([j for j, another in enumerate(other) if another == word]):
            length = sum(end < place for end in ends)
            ends[length : length + 1] = [place]
    return 2 * len(ends) / max(len(one) + len(other), 1)


@other_way("prompting.rouge_l")
def rouge_from_the_end(candidate, reference):
    def words(text):
        return [match.group() for match in re.finditer("[0-9a-z]+", text.lower())]

    one, other = words(candidate), words(reference)
    below = [0] * (len(other) + 1)
    for word in reversed(one):
        row = [0] * (len(other) + 1)
        for j in reversed(range(len(other))):
            row[j] = 1 + below[j + 1] if other[j] == word else max(row[j + 1], below[j])
        below = row
    if not (one and other and below[0]):
        return 0
    precision, recall = below[0] / len(one), below[0] / len(other)
    return 2 / (1 / precision + 1 / recall)


@other_way("prompting.rouge_l")
def rouge_character_by_character(candidate, reference):
    def words(text):
        found, word = [], ""
        for character in text.lower() + " ":
            if character in "abcdefghijklmnopqrstuvwxyz0123456789":
                word += character
            elif word:
                found.append(word)
                word = ""
        return found

    one, other = words(candidate), words(reference)
    lengths = {}
    for i, j in itertools.product(range(len(one)), range(len(other))):
        diagonal = lengths.get((i - 1, j - 1), 0)
        larger = max(lengths.get((i - 1, j), 0), lengths.get((i, j - 1), 0))
        lengths[i, j] = diagonal + 1 if one[i] == other[j] else larger
    n = lengths.get((len(one) - 1, len(other) - 1), 0)
    return n and 2 * n / (len(one) + len(other))
