"""Wrong answers as learners give them, for the exercises of the lesson `prompting`."""

import math
import re
from collections import Counter
from difflib import SequenceMatcher

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("prompting.few_shot_prompt", says="ends in a **space**")
def prompt_with_a_space(instruction, shots, text):
    blocks = [f"Review: {shown}\nSentiment: {label}" for shown, label in [*shots, (text, "")]]
    return "\n\n".join([instruction, *blocks] if instruction else blocks)


@wrong_way("prompting.few_shot_prompt", says="ends in a **line break**")
def prompt_by_lines(instruction, shots, text):
    prompt = f"{instruction}\n\n" if instruction else ""
    for shown, label in shots:
        prompt += f"Review: {shown}\nSentiment: {label}\n\n"
    return prompt + f"Review: {text}\nSentiment:\n"


@wrong_way("prompting.few_shot_prompt", says="**empty lines** are missing")
def prompt_without_empty_lines(instruction, shots, text):
    lines = [instruction] if instruction else []
    for shown, label in shots:
        lines += [f"Review: {shown}", f"Sentiment: {label}"]
    return "\n".join([*lines, f"Review: {text}", "Sentiment:"])


@wrong_way("prompting.few_shot_prompt", says="**empty** instruction leaves")
def prompt_from_an_empty_instruction(instruction, shots, text):
    prompt = instruction
    for shown, label in shots:
        prompt += f"\n\nReview: {shown}\nSentiment: {label}"
    return prompt + f"\n\nReview: {text}\nSentiment:"


@wrong_way("prompting.few_shot_prompt", says="are **exchanged**")
def prompt_of_labels(instruction, shots, text):
    blocks = [instruction] if instruction else []
    blocks += [f"Review: {shown}\nSentiment: {label}" for label, shown in shots]
    return "\n\n".join([*blocks, f"Review: {text}\nSentiment:"])


@wrong_way("prompting.few_shot_prompt", says="**shots** are missing")
def prompt_without_shots(instruction, shots, text):
    return (f"{instruction}\n\n" if instruction else "") + f"Review: {text}\nSentiment:"


@wrong_way("prompting.few_shot_prompt", says="the **last** shot")
def prompt_that_is_replaced(instruction, shots, text):
    start = [instruction] if instruction else []
    blocks = []
    for shown, label in shots:
        blocks = [f"Review: {shown}\nSentiment: {label}"]
    return "\n\n".join([*start, *blocks, f"Review: {text}\nSentiment:"])


@wrong_way("prompting.few_shot_prompt", says="**instruction** is missing")
def prompt_without_instruction(instruction, shots, text):
    blocks = [f"Review: {shown}\nSentiment: {label}" for shown, label in shots]
    return "\n\n".join([*blocks, f"Review: {text}\nSentiment:"])


@wrong_way("prompting.few_shot_prompt", says="spaces after the **colons**")
def prompt_without_spaces(instruction, shots, text):
    blocks = [f"Review:{shown}\nSentiment:{label}" for shown, label in [*shots, (text, "")]]
    return "\n\n".join([instruction, *blocks] if instruction else blocks)


@wrong_way("prompting.few_shot_prompt", says="**list** of parts")
def prompt_not_joined(instruction, shots, text):
    blocks = [f"Review: {shown}\nSentiment: {label}" for shown, label in shots]
    return [instruction] * bool(instruction) + blocks + [f"Review: {text}\nSentiment:"]


@wrong_way("prompting.few_shot_prompt", says='line **"Sentiment:"** is missing')
def prompt_without_a_place(instruction, shots, text):
    blocks = [f"Review: {shown}\nSentiment: {label}" for shown, label in shots]
    return "\n\n".join([instruction] * bool(instruction) + blocks + [f"Review: {text}"])


@wrong_way("prompting.few_shot_prompt", says="before **each** block")
def prompt_with_many_instructions(instruction, shots, text):
    start = f"{instruction}\n\n" if instruction else ""
    blocks = [f"Review: {shown}\nSentiment: {label}" for shown, label in shots] + [f"Review: {text}\nSentiment:"]
    return "\n\n".join(start + block for block in blocks)


@wrong_way("prompting.few_shot_prompt", says="`None`")
def prompt_printed(instruction, shots, text):
    for shown, label in shots:
        f"Review: {shown}\nSentiment: {label}"


@wrong_way("prompting.answer_score", says="**own row**")
def score_of_own_rows(logits, ids, n_prompt):
    log_probabilities = F.log_softmax(logits, dim=-1)
    return sum(log_probabilities[i, ids[i]].item() for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="**whole** text")
def score_of_everything(logits, ids, n_prompt):
    return -F.cross_entropy(logits[:-1], torch.tensor(ids[1:]), reduction="sum")


@wrong_way("prompting.answer_score", says="**mean loss**")
def score_as_loss(logits, ids, n_prompt):
    return F.cross_entropy(logits[n_prompt - 1 : -1], torch.tensor(ids[n_prompt:]))


@wrong_way("prompting.answer_score", says="the **mean** over the tokens")
def score_as_mean(logits, ids, n_prompt):
    return -F.cross_entropy(logits[n_prompt - 1 : -1], torch.tensor(ids[n_prompt:]))


@wrong_way("prompting.answer_score", says="That is the **loss**")
def score_with_the_sign_of_a_loss(logits, ids, n_prompt):
    return F.cross_entropy(logits[n_prompt - 1 : -1], torch.tensor(ids[n_prompt:]), reduction="sum")


@wrong_way("prompting.answer_score", says="**logits**")
def score_of_logits(logits, ids, n_prompt):
    return sum(logits[i - 1][ids[i]] for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="**probabilities**")
def score_of_probabilities(logits, ids, n_prompt):
    probabilities = logits.softmax(-1)
    return sum(probabilities[i - 1][ids[i]] for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="**probability** of the answer")
def score_as_a_product(logits, ids, n_prompt):
    probabilities = logits.softmax(-1)
    return math.prod(float(probabilities[i - 1][ids[i]]) for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="**last row of the prompt**")
def score_from_one_row(logits, ids, n_prompt):
    row = logits[n_prompt - 1].log_softmax(-1)
    return row[ids[n_prompt:]].sum()


@wrong_way("prompting.answer_score", says="**first** token of the answer alone")
def score_of_the_first_token(logits, ids, n_prompt):
    return logits[n_prompt - 1].log_softmax(-1)[ids[n_prompt]]


@wrong_way("prompting.answer_score", says="**first** token of the answer is missing")
def score_one_late(logits, ids, n_prompt):
    rows = logits.log_softmax(-1)
    return sum((rows[i, ids[i + 1]] for i in range(n_prompt, len(ids) - 1)), torch.tensor(0.0))


@wrong_way("prompting.answer_score", says="over the **positions**")
def score_over_positions(logits, ids, n_prompt):
    rows = logits.log_softmax(0)
    return sum(rows[i - 1, ids[i]] for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="base **2**")
def score_in_bits(logits, ids, n_prompt):
    rows = logits.softmax(-1).log2()
    return sum(rows[i - 1, ids[i]] for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="**one by one**")
def score_not_added_up(logits, ids, n_prompt):
    rows = logits.log_softmax(-1)
    return [rows[i - 1, ids[i]] for i in range(n_prompt, len(ids))]


@wrong_way("prompting.calibrate", says="rows **as they are**")
def calibrated_by_plain_means(probabilities, content_free):
    weighted = np.array(probabilities) / np.mean(content_free, axis=0)
    return weighted / weighted.sum()


@wrong_way("prompting.calibrate", says="**last step** is missing")
def calibrated_not_normalized(probabilities, content_free):
    free = np.array(content_free)
    return np.array(probabilities) / (free / free.sum(1, keepdims=True)).mean(0)


@wrong_way("prompting.calibrate", says="Nothing is **normalized**")
def calibrated_by_division_alone(probabilities, content_free):
    return np.array(probabilities) / np.mean(content_free, axis=0)


@wrong_way("prompting.calibrate", says="**multiply**")
def calibrated_by_multiplying(probabilities, content_free):
    free = np.array(content_free)
    weighted = np.array(probabilities) * (free / free.sum(1, keepdims=True)).mean(0)
    return weighted / weighted.sum()


@wrong_way("prompting.calibrate", says="**subtract**")
def calibrated_by_subtracting(probabilities, content_free):
    free = np.array(content_free)
    return np.array(probabilities) / sum(probabilities) - (free / free.sum(1, keepdims=True)).mean(0)


@wrong_way("prompting.calibrate", says="**first** row")
def calibrated_by_one_text(probabilities, content_free):
    weighted = [p / free for p, free in zip(probabilities, content_free[0], strict=True)]
    return [weight / sum(weighted) for weight in weighted]


@wrong_way("prompting.calibrate", says="**before** dividing")
def calibrated_too_early(probabilities, content_free):
    free = np.array(content_free)
    return np.array(probabilities) / sum(probabilities) / (free / free.sum(1, keepdims=True)).mean(0)


@wrong_way("prompting.calibrate", says="**each row**")
def calibrated_text_by_text(probabilities, content_free):
    weighted = np.array(probabilities) / np.array(content_free)
    return (weighted / weighted.sum(1, keepdims=True)).mean(0)


@wrong_way("prompting.calibrate", says="**before** calibration")
def calibrated_nothing(probabilities, content_free):
    return [p / sum(probabilities) for p in probabilities]


@wrong_way("prompting.calibrate", says="**softmax** at the end")
def calibrated_by_softmax(probabilities, content_free):
    free = torch.tensor(content_free)
    return (torch.tensor(probabilities) / (free / free.sum(1, keepdim=True)).mean(0)).softmax(0)


@wrong_way("prompting.calibrate", says="**softmax** of the rows")
def calibrated_by_softmax_of_rows(probabilities, content_free):
    weighted = torch.tensor(probabilities) / torch.tensor(content_free).softmax(1).mean(0)
    return weighted / weighted.sum()


@wrong_way("prompting.calibrate", says="by the **largest**")
def calibrated_by_the_largest(probabilities, content_free):
    free = np.array(content_free)
    weighted = np.array(probabilities) / (free / free.sum(1, keepdims=True)).mean(0)
    return weighted / weighted.max()


@wrong_way("prompting.majority", says="number of **votes**")
def majority_of_those_found(answers):
    answers = [answer for answer in answers if answer is not None]
    if not answers:
        return None, 0.0
    winner, votes = Counter(answers).most_common(1)[0]
    return winner, votes / len(answers)


@wrong_way("prompting.majority", says="**None** wins")
def majority_with_none(answers):
    if not answers:
        return None, 0.0
    winner, votes = Counter(answers).most_common(1)[0]
    return winner, votes / len(answers)


@wrong_way("prompting.majority", says="**how many** votes")
def majority_counted(answers):
    counted = Counter(answer for answer in answers if answer is not None).most_common(1)
    return counted[0] if counted else (None, 0)


@wrong_way("prompting.majority", says="take the **last**")
def majority_by_at_least(answers):
    best, most = None, 0
    for answer in dict.fromkeys(answers):
        if answer is not None and answers.count(answer) >= most:
            best, most = answer, answers.count(answer)
    return best, most / max(1, len(answers))


@wrong_way("prompting.majority", says="You **sort** the answers")
def majority_sorted(answers):
    given = sorted(answer for answer in answers if answer is not None)
    if not given:
        return None, 0.0
    winner = max(given, key=given.count)
    return winner, given.count(winner) / len(answers)


@wrong_way("prompting.majority", says="**without an answer**")
def majority_without_a_guard(answers):
    winner, votes = Counter(answer for answer in answers if answer is not None).most_common(1)[0]
    return winner, votes / len(answers)


@wrong_way("prompting.majority", says="**empty text**")
def majority_of_truths(answers):
    counted = Counter(filter(None, answers)).most_common(1)
    return (counted[0][0], counted[0][1] / len(answers)) if counted else (None, 0.0)


@wrong_way("prompting.majority", says="**more than half**")
def majority_absolute(answers):
    counted = Counter(answer for answer in answers if answer is not None).most_common(1)
    if not counted or counted[0][1] <= len(answers) / 2:
        return None, 0.0
    return counted[0][0], counted[0][1] / len(answers)


@wrong_way("prompting.majority", says="the **answer** alone")
def majority_without_share(answers):
    return max((answer for answer in answers if answer is not None), key=answers.count, default=None)


@wrong_way("prompting.majority", says="between 0 and 1")
def majority_in_percent(answers):
    counted = Counter(answer for answer in answers if answer is not None).most_common(1)
    return (counted[0][0], 100 * counted[0][1] / len(answers)) if counted else (None, 0.0)


@wrong_way("prompting.majority", says="number of **different** answers")
def majority_of_a_set(answers):
    counted = Counter(answer for answer in answers if answer is not None).most_common(1)
    return (counted[0][0], counted[0][1] / len(set(answers))) if counted else (None, 0.0)


@wrong_way("prompting.majority", says="the **rarest** answer")
def majority_of_the_least(answers):
    votes = Counter(answer for answer in answers if answer is not None)
    winner = min(votes, key=votes.get, default=None)
    return winner, votes[winner] / max(1, len(answers))


@wrong_way("prompting.allowed_next", says="**what was written**")
def allowed_by_place(answers, begun):
    return {answer[len(begun)] for answer in answers if len(answer) > len(begun)}


@wrong_way("prompting.allowed_next", says="**last** token of `begun` alone")
def allowed_by_the_last_token(answers, begun):
    n = len(begun)
    if not n:
        return {answer[0] for answer in answers}
    return {answer[n] for answer in answers if len(answer) > n and answer[n - 1] == begun[-1]}


@wrong_way("prompting.allowed_next", says="**list**")
def allowed_as_list(answers, begun):
    n = len(begun)
    return [answer[n] for answer in answers if answer[:n] == begun and len(answer) > n]


@wrong_way("prompting.allowed_next", says="**complete**")
def allowed_without_length(answers, begun):
    return {answer[len(begun)] for answer in answers if answer[: len(begun)] == begun}


@wrong_way("prompting.allowed_next", says="**first** answer that fits")
def allowed_by_an_early_return(answers, begun):
    for answer in answers:
        if answer[: len(begun)] == begun and len(answer) > len(begun):
            return {answer[len(begun)]}
    return set()


@wrong_way("prompting.allowed_next", says="**last** answer that fits")
def allowed_by_replacing(answers, begun):
    allowed = set()
    for answer in answers:
        if answer[: len(begun)] == begun and len(answer) > len(begun):
            allowed = {answer[len(begun)]}
    return allowed


@wrong_way("prompting.allowed_next", says="**all** tokens that follow")
def allowed_rests(answers, begun):
    allowed = set()
    for answer in answers:
        if answer[: len(begun)] == begun:
            allowed.update(answer[len(begun) :])
    return allowed


@wrong_way("prompting.allowed_next", says="**one answer is complete**")
def allowed_until_complete(answers, begun):
    if begun in answers:
        return set()
    return {answer[len(begun)] for answer in answers if answer[: len(begun)] == begun and len(answer) > len(begun)}


@wrong_way("prompting.allowed_next", says="**first** of all answers")
def allowed_at_the_start(answers, begun):
    return {answer[0] for answer in answers}


@wrong_way("prompting.allowed_next", says="**has** the tokens")
def allowed_by_sets(answers, begun):
    n = len(begun)
    return {answer[n] for answer in answers if len(answer) > n and set(begun).issubset(answer)}


@wrong_way("prompting.allowed_next", says="**rest** of each answer")
def allowed_as_rests(answers, begun):
    n = len(begun)
    return [answer[n:] for answer in answers if answer[:n] == begun and answer[n:]]


@wrong_way("prompting.allowed_next", says="**None** in your set")
def allowed_none(answers, begun):
    n = len(begun)
    return {next(iter(answer[n:]), None) for answer in answers if answer[:n] == begun}


@wrong_way("prompting.allowed_next", says="**complete** an answer are missing")
def allowed_but_the_last(answers, begun):
    n = len(begun)
    return {answer[n] for answer in answers if answer[:n] == begun and n < len(answer) - 1}


@wrong_way("prompting.least_squares", says="**leave w open**")
def fitted_by_the_inverse(xs, ys, query):
    xs, ys = xs.double(), ys.double()
    return torch.linalg.solve(xs.T @ xs, xs.T @ ys) @ query.double()


@wrong_way("prompting.least_squares", says="penalty 1")
def fitted_by_ridge(xs, ys, query):
    xs, ys = xs.double(), ys.double()
    return torch.linalg.solve(xs.T @ xs + torch.eye(xs.shape[1]), xs.T @ ys) @ query.double()


@wrong_way("prompting.least_squares", says="**averaging**")
def fitted_by_averaging(xs, ys, query):
    return float((xs * ys[:, None]).sum(0) @ query) / max(len(ys), 1)


@wrong_way("prompting.least_squares", says="sum of **y x**")
def fitted_by_a_sum(xs, ys, query):
    return xs.T @ ys @ query


@wrong_way("prompting.least_squares", says="**intercept**")
def fitted_with_an_intercept(xs, ys, query):
    one = np.hstack([xs.numpy(), np.ones((len(xs), 1))])
    w = np.linalg.lstsq(one, ys.numpy(), rcond=None)[0]
    return float(w[:-1] @ query.numpy() + w[-1])


@wrong_way("prompting.least_squares", says="You return **w**")
def fitted_weights(xs, ys, query):
    return torch.linalg.pinv(xs.double()) @ ys.double()


@wrong_way("prompting.least_squares", says="**entry by entry**")
def fitted_products(xs, ys, query):
    return torch.linalg.pinv(xs.double()) @ ys.double() * query.double()


@wrong_way("prompting.least_squares", says="predictions for the **examples**")
def fitted_labels(xs, ys, query):
    return xs.double() @ (torch.linalg.pinv(xs.double()) @ ys.double())


@wrong_way("prompting.least_squares", says="**nearest** example")
def fitted_by_the_nearest(xs, ys, query):
    return ys[(xs - query).pow(2).sum(1).argmin()] if len(xs) else 0.0


@wrong_way("prompting.least_squares", says="shapes do not go together")
def fitted_without_transposing(xs, ys, query):
    return ys.double() @ torch.linalg.pinv(xs.double()) @ query.double()


@wrong_way("prompting.least_squares", says="by a softmax")
def fitted_by_attention(xs, ys, query):
    return (xs @ query).softmax(0) @ ys


@wrong_way("prompting.least_squares", says="0 for **k < d**")
def fitted_when_there_are_enough(xs, ys, query):
    if len(xs) < len(query):
        return 0.0
    return torch.linalg.pinv(xs.double()) @ ys.double() @ query.double()


def common(one, other):
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, word in enumerate(one):
        for j, another in enumerate(other):
            table[i + 1, j + 1] = table[i, j] + 1 if word == another else max(table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def f1(n, one, other):
    return 2 * n / (len(one) + len(other)) if n else 0.0


@wrong_way("prompting.rouge_l", says="**spaces**")
def rouge_split(candidate, reference):
    one, other = candidate.lower().split(), reference.lower().split()
    return f1(common(one, other), one, other)


@wrong_way("prompting.rouge_l", says="**other letters**")
def rouge_of_word_characters(candidate, reference):
    one, other = re.findall(r"\w+", candidate.lower()), re.findall(r"\w+", reference.lower())
    return f1(common(one, other), one, other)


@wrong_way("prompting.rouge_l", says="**lose** their capital letters")
def rouge_without_lower(candidate, reference):
    one, other = re.findall("[a-z0-9]+", candidate), re.findall("[a-z0-9]+", reference)
    return f1(common(one, other), one, other)


@wrong_way("prompting.rouge_l", says="**ROUGE-1**")
def rouge_of_bags(candidate, reference):
    one, other = words(candidate), words(reference)
    return f1((Counter(one) & Counter(other)).total(), one, other)


@wrong_way("prompting.rouge_l", says="**different** words")
def rouge_of_sets(candidate, reference):
    one, other = words(candidate), words(reference)
    return f1(len(set(one) & set(other)), one, other)


@wrong_way("prompting.rouge_l", says="**recall**")
def rouge_recall(candidate, reference):
    one, other = words(candidate), words(reference)
    return common(one, other) / len(other) if other else 0.0


@wrong_way("prompting.rouge_l", says="**precision**")
def rouge_precision(candidate, reference):
    one, other = words(candidate), words(reference)
    return common(one, other) / len(one) if one else 0.0


@wrong_way("prompting.rouge_l", says="common **run**")
def rouge_of_a_substring(candidate, reference):
    one, other = words(candidate), words(reference)
    found = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return f1(found.size, one, other)


@wrong_way("prompting.rouge_l", says="**without a")
def rouge_divided_by_zero(candidate, reference):
    one, other = words(candidate), words(reference)
    precision, recall = common(one, other) / len(one), common(one, other) / len(other)
    return 2 * precision * recall / (precision + recall)


@wrong_way("prompting.rouge_l", says="compare **characters**")
def rouge_of_characters(candidate, reference):
    one, other = candidate.lower(), reference.lower()
    return f1(common(one, other), one, other)


@wrong_way("prompting.rouge_l", says="**first place**")
def rouge_greedy(candidate, reference):
    one, rest, n = words(candidate), words(reference), 0
    for word in one:
        if word in rest:
            rest, n = rest[rest.index(word) + 1 :], n + 1
    return f1(n, one, words(reference))


@wrong_way("prompting.rouge_l", says="return **n**")
def rouge_length(candidate, reference):
    return common(words(candidate), words(reference))


@wrong_way("prompting.rouge_l", says="**arithmetic** mean")
def rouge_mean(candidate, reference):
    one, other = words(candidate), words(reference)
    n = common(one, other)
    return (n / len(one) + n / len(other)) / 2 if n else 0.0


@wrong_way("prompting.rouge_l", says="`SequenceMatcher`")
def rouge_by_difflib(candidate, reference):
    return SequenceMatcher(None, words(candidate), words(reference)).ratio()


@wrong_way("prompting.few_shot_prompt", says="in **braces**")
def prompt_of_a_filled_template(instruction, shots, text):
    block = "Review: {text}\nSentiment: {answer}"
    parts = [instruction] if instruction else []
    for shown, label in shots:
        parts.append(block.replace("{text}", shown).replace("{answer}", label))
    parts.append(block.replace(" {answer}", "").replace("{text}", text))
    return "\n\n".join(parts)


@wrong_way("prompting.answer_score", says="**0** in float32")
def score_by_log_of_softmax(logits, ids, n_prompt):
    probabilities = F.softmax(logits, dim=-1)
    return sum(probabilities[i - 1, ids[i]].log().item() for i in range(n_prompt, len(ids)))


@wrong_way("prompting.answer_score", says="`exp` of a large logit")
def score_by_exponentials(logits, ids, n_prompt):
    powers = logits.exp()
    return float(sum((powers[i - 1, ids[i]] / powers[i - 1].sum()).log() for i in range(n_prompt, len(ids))))


@wrong_way("prompting.allowed_next", says="compare **digits**")
def allowed_by_digits(answers, begun):
    written = "".join(str(token) for token in begun)
    some = [answer for answer in answers if "".join(str(token) for token in answer).startswith(written)]
    return {answer[len(begun)] for answer in some if len(answer) > len(begun)}


@wrong_way("prompting.allowed_next", says="**first and the last**")
def allowed_by_ends(answers, begun):
    n = len(begun)
    long = [answer for answer in answers if len(answer) > n]
    return {a[n] for a in long if not n or (a[0], a[n - 1]) == (begun[0], begun[-1])}


def _taken_in_turn(one, other):
    found = start = 0
    for word in one:
        if word in other[start:]:
            start, found = other.index(word, start) + 1, found + 1
    return found


@wrong_way("prompting.rouge_l", says="not right")
def rouge_of_the_best_greedy_start(candidate, reference):
    one, other = (re.findall("[a-z0-9]+", text.lower()) for text in (candidate, reference))
    ways = [(one, other), (other, one), (one[::-1], other[::-1]), (other[::-1], one[::-1])]
    n = max((_taken_in_turn(a[start:], b) for a, b in ways for start in range(len(a))), default=0)
    return 2 * n / (len(one) + len(other)) if n else 0.0
