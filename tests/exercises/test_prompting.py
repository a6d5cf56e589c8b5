"""What the exercises of the lesson `prompting` ask for is what the course computes."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation.rouge import rouge
from course.exercises.prompting.calibrating import calibrate
from course.exercises.prompting.constraint import allowed_next
from course.exercises.prompting.few_shots import few_shot_prompt
from course.exercises.prompting.regression import least_squares
from course.exercises.prompting.rouge import rouge_l
from course.exercises.prompting.scoring import answer_score
from course.exercises.prompting.voting import majority
from course.prompting import PromptTemplate, Shot, answer_scores, encode_pair
from course.prompting import calibrate as calibrate_scores
from course.prompting import least_squares as predictions
from course.prompting.constrained import token_trie
from course.prompting.self_consistency import majority_vote
from course.tasks.pretraining import base_tokenizer
from tests.support.llama import tiny_config, tiny_model

pairs = st.lists(st.tuples(st.text(), st.text().filter(str.strip)), max_size=4)


@given(instruction=st.text(), shots=pairs, text=st.text())
def test_the_prompt_is_that_of_the_template(instruction, shots, text):
    template = PromptTemplate(instruction, "Review: {input}\nSentiment: {answer}")
    rendered = template.render(text, [Shot(shown, label) for shown, label in shots])
    assert few_shot_prompt(instruction, shots, text) == rendered.text


@torch.no_grad()
def test_the_score_of_an_answer_is_that_of_the_course():
    tokenizer = base_tokenizer()
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=64)).eval()
    prompt, answers = "Is it raining today?", [" yes", " something longer than that"]
    scores = []
    for answer in answers:
        before, after = encode_pair(tokenizer, prompt, answer)
        scores.append(answer_score(model(torch.tensor([before + after]))[0], before + after, len(before)))
    torch.testing.assert_close(torch.tensor([scores]), answer_scores(model, tokenizer, [prompt], answers))


def test_calibrated_probabilities_are_those_of_the_course():
    generator = torch.Generator().manual_seed(0)
    scores, free = torch.randn(5, 3, generator=generator) - 6, 2 * torch.randn(4, 3, generator=generator) - 6
    expected = calibrate_scores(scores.softmax(-1), free.softmax(-1))
    answers = [calibrate(row, free.exp().tolist()) for row in scores.exp().tolist()]
    torch.testing.assert_close(torch.tensor(answers), expected)


@pytest.mark.parametrize("d", [1, 3, 5])
def test_the_least_squares_prediction_is_that_of_the_course_for_every_number_of_examples(d):
    generator = torch.Generator().manual_seed(d)
    xs, ys = torch.randn(1, 9, d, generator=generator), torch.randn(1, 9, generator=generator)
    answers = [least_squares(xs[0, :k], ys[0, :k], xs[0, k]) for k in range(9)]
    torch.testing.assert_close(torch.tensor([answers], dtype=torch.float64), predictions(xs, ys))


few_words = st.lists(st.sampled_from("abc"), max_size=6)


@given(one=few_words, other=few_words)
def test_rouge_l_is_that_of_all_subsequences_tried_out(one, other):
    def subsequences(words):
        return {kept for n in range(len(words) + 1) for kept in itertools.combinations(words, n)}

    longest = max(map(len, subsequences(one) & subsequences(other)))
    expected = 2 * longest / (len(one) + len(other)) if longest else 0.0
    assert rouge_l(" ".join(one), " ".join(other)) == pytest.approx(expected)


texts = st.text(alphabet="abB1 .-é中İK")


@given(candidate=texts, reference=texts)
def test_rouge_l_is_that_of_the_course_on_any_text(candidate, reference):
    assert rouge_l(candidate, reference) == pytest.approx(rouge(candidate, reference).rouge_l)


@given(st.lists(st.sampled_from(["a", "b", "", None]), min_size=1, max_size=8))
def test_the_majority_is_the_first_winner_of_the_vote_of_the_course(answers):
    numbers = [str(number) for number in range(len(answers))]
    vote = majority_vote(numbers, lambda number: answers[int(number)])
    answer, share = majority(answers)
    assert answer == (vote.winners[0] if vote.winners else None)
    assert share == pytest.approx(vote.share)


few_ids = st.lists(st.integers(0, 2), max_size=4)


@given(answers=st.lists(few_ids, max_size=5), begun=few_ids)
def test_the_allowed_tokens_are_those_of_the_trie_of_the_course(answers, begun):
    node = token_trie(answers)
    for token in begun:
        node = node.get(token, {})
    assert allowed_next(answers, begun) == set(node)
