"""The experiments on prompts: what their records hold, that it adds up, and that a prompt of them gives it again."""

import itertools

import pytest

from course import trained
from course.data.splits import draw
from course.prompting import random_shots
from course.tasks.prompted import prompted_answers, prompted_tasks, scores_of
from experiments import prompted_tasks as uses
from experiments import prompting as experiment
from tests.support.llama import tiny_config, tiny_model

BOTH = ("positive", "calibrated")


@pytest.fixture(scope="module")
def records():
    return {part: trained.record_of(experiment.NAME, part) for part in experiment.PARTS}


@pytest.mark.parametrize("part", experiment.PARTS)
def test_a_record_has_each_cell_with_a_number_for_each_review(records, part):
    record = records[part]
    labels = trained.numbers(record["labels"])
    expected = [float(test.answer == "positive") for test in experiment.sets()[1][: record["reviews"]]]
    assert labels == expected and 0.3 < sum(labels) / len(labels) < 0.7
    if part != "choice":  # whose nearest shots are chosen by MiniLM
        assert list(record["cells"]) == list(experiment.PARTS[part]())
    for cell in record["cells"].values():
        for column, key in zip(BOTH, ("accuracy", "calibrated_accuracy"), strict=True):
            line = trained.numbers(cell[column])
            assert len(line) == len(labels) and all(0 <= p <= 1 for p in line)
            assert cell[key] == pytest.approx(experiment.share_right(line, labels))


def test_all_records_are_of_the_same_reviews(records):
    assert len({record["labels"] for record in records.values()}) == 1


def test_no_shot_is_about_the_movie_of_a_test():
    pool, tests = experiment.sets()
    assert not {shot.group for shot in pool} & {test.group for test in tests}
    assert not {shot.text for shot in pool} & {test.text for test in tests}


def test_smaller_sets_of_shots_are_inside_larger_ones_and_draws_differ():
    for k, more in itertools.pairwise(experiment.K):
        assert experiment.shots_of_draw(3, more)[:k] == experiment.shots_of_draw(3, k)
    assert len({tuple(experiment.shots_of_draw(number, 4)) for number in range(experiment.N_DRAWS)}) == 5


def test_random_labels_are_drawn_and_the_texts_are_the_same():
    shots = experiment.shots_of_draw(0, 16)
    changed = experiment.with_random_labels(shots, seed=0)
    assert [shot.text for shot in changed] == [shot.text for shot in shots]
    kept = sum(one.answer == other.answer for one, other in zip(shots, changed, strict=True))
    assert 0 < kept < 16


def test_swapped_words_are_those_of_the_other_label():
    cell = experiment.Cell(experiment.shots_of_draw(0, 4), words="swapped")
    plain = experiment.Cell(experiment.shots_of_draw(0, 4))
    for one, other in zip(cell.shots_of(""), plain.shots_of(""), strict=True):
        assert {one.answer, other.answer} == {"negative", "positive"} and one.text == other.text


def test_the_orders_are_all_of_one_balanced_set():
    cells = experiment.orders()
    assert len(cells) == 24 and len({tuple(cell.shots) for cell in cells.values()}) == 24
    assert len({frozenset(cell.shots) for cell in cells.values()}) == 1
    assert all(sorted(cell.about["labels"].split()) == ["negative"] * 2 + ["positive"] * 2 for cell in cells.values())


class Reader:
    """A cell that remembers what it was given to read."""

    about = None

    def __init__(self):
        self.read = []

    def measure(self, texts):
        self.read += texts
        return [0.9] * len(texts), [0.2] * len(texts), [0.5] * len(texts)


def test_a_part_goes_on_where_it_stopped(monkeypatch):
    reader = Reader()
    monkeypatch.setitem(experiment.PARTS, "shots", lambda: {"k0": reader})
    record = experiment.extend("shots", {}, 3, "three")
    record = experiment.extend("shots", record, 5, "five")
    assert reader.read == [test.text for test in experiment.sets()[1][:5]], "each review once"
    assert trained.numbers(record["cells"]["k0"]["positive"]) == [0.9] * 5
    assert (record["reviews"], record["command"]) == (5, "five")
    positive = sum(trained.numbers(record["labels"])) / 5
    assert record["cells"]["k0"]["accuracy"] == positive
    assert record["cells"]["k0"]["calibrated_accuracy"] == pytest.approx(1 - positive)


@pytest.mark.slow
@pytest.mark.parametrize(("part", "name"), [("shots", "k0"), ("words", "swapped-k4-1"), ("random-labels", "k4-2")])
def test_smollm2_says_again_what_the_record_has(records, part, name):
    stored = records[part]["cells"][name]
    texts = [test.text for test in experiment.sets()[1][:2]]
    found = experiment.PARTS[part]()[name].measure(texts)
    for column, line in zip(BOTH, found, strict=False):
        assert line == pytest.approx(trained.numbers(stored[column])[:2], abs=1e-4)


# --- The three uses ---


@pytest.mark.parametrize("name", ["classification", "extraction", "summary"])
def test_the_records_of_the_uses_are_complete(name):
    record, task = trained.record_of(uses.NAME, name), prompted_tasks()[name]
    assert list(record["cells"]) == list(uses.prompts_of(task))
    texts = [test.text for test in draw(task.tests, record["texts"])]
    right = [test.answer for test in draw(task.tests, record["texts"])]
    for cell, shots in zip(record["cells"].values(), uses.prompts_of(task).values(), strict=True):
        again = scores_of(task, [*map(task.baseline(shots), texts)], right)
        for measure, scores in again.items():
            assert trained.numbers(cell["baseline"][measure]) == pytest.approx(scores, abs=1e-5)
            assert len(trained.numbers(cell["smollm2"][measure])) == len(texts)


def test_the_votes_add_up():
    record = trained.record_of(uses.NAME, uses.VOTES)
    right = {name: trained.numbers(line) for name, line in record["cells"]["right"].items()}
    assert {len(line) for line in right.values()} == {record["texts"]}
    assert all(set(line) <= {0.0, 1.0} for name, line in right.items() if name != "sampled")
    for share, elected in zip(right["sampled"], right["9"], strict=True):
        assert elected == 1 or share < 1, "an answer that all samples give is elected"


@pytest.mark.slow
def test_smollm2_summarizes_again_what_the_record_has(tmp_path):
    task = prompted_tasks()["extraction"]
    record = trained.record_of(uses.NAME, "extraction")
    test = draw(task.tests, record["texts"])[0]
    answers = prompted_answers(task, *experiment.load_once(), [test.text], random_shots(task.pool, uses.K, seed=0))
    stored = record["cells"]["k4-0"]["smollm2"]
    for measure, scores in scores_of(task, answers, [test.answer]).items():
        assert scores[0] == pytest.approx(trained.numbers(stored[measure])[0], abs=1e-5)


def test_votes_are_of_what_the_model_samples(monkeypatch):
    _model, tokenizer = experiment.load_once()
    tiny = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=2048))
    monkeypatch.setattr(uses, "load", lambda _name: (tiny, tokenizer))
    found = uses.votes(2)
    assert found["samples"] == uses.N_SAMPLES and list(found["right"]) == ["greedy", "sampled", "3", "5", "9"]
