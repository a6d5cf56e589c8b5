"""The tasks: their parts are disjoint, and a batch has the decoder's inputs and the outputs it should predict."""

import hashlib

import pytest
import torch

from course.tasks import Example, Task, Vocabulary, date_task, translation, without_stress
from course.tasks.pronunciation import in_length_groups
from tests.support import tasks


@pytest.fixture(scope="module")
def words():
    return tasks.pronunciation()


@pytest.fixture(scope="module")
def sentences():
    return translation("korean-english", n_merges=200)


# Of the tests that the records of `course/trained` were measured on.
STORED_TESTS = {
    "words": "b62b49305ad9e0d1",
    "new dates": "e46477e7c0338db9",
    "new combinations": "4216398cee114b82",
    "labels": "8e3c072c50bf0bdd",
    "sentences": "33655fdf5eaeda4c",
}


def letters(train, validation, test, **options):
    sets = [[Example(tuple(word), (("x",),)) for word in words] for words in (train, validation, test)]
    return Task("letters", Vocabulary("abcdes"), Vocabulary("x"), *sets[:2], {"new": sets[2]}, 3, **options)


def fingerprint(examples):
    """Changes when an example, its outputs or the order change: records count errors item by item."""
    return hashlib.sha256(repr([tuple(example) for example in examples]).encode()).hexdigest()[:16]


def sources(examples):
    return {example.source for example in examples}


def test_marks_come_first_and_symbols_keep_their_ids():
    vocabulary = Vocabulary("cabbage")
    assert vocabulary.symbols == ["<pad>", "<s>", "</s>", "a", "b", "c", "e", "g"]
    assert len(vocabulary) == 8
    assert vocabulary.decode([1, *vocabulary.encode("bag"), 2, 0]) == ["b", "a", "g"]
    with pytest.raises(ValueError, match="not known"):
        vocabulary.encode(["<s>"])


@pytest.mark.slow
def test_words_are_split_by_word(words):
    parts = [sources(part) for part in (words.train, words.validation, words.tests["test"])]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 126_052
    assert len(parts[0]) > 100_000 and len(parts[2]) > 12_000


@pytest.mark.slow
def test_phonemes_have_no_stress_and_ways_that_differ_in_it_alone_are_one(words):
    assert len(words.target) == 39 + 3
    assert without_stress(("AH0", "B", "AW1", "T")) == ("AH", "B", "AW", "T")
    ways = {example.source: example.targets for example in words.train}
    assert all(len(set(targets)) == len(targets) for targets in ways.values())
    assert len(words.pairs()) == sum(map(len, ways.values())) > len(ways)
    assert max(len(target) for _source, target in words.pairs()) == words.max_length


def test_no_date_or_style_of_the_tests_is_in_training():
    task = date_task(train=2000)
    train = sources(task.train)
    assert all(train.isdisjoint(sources(test)) for test in task.tests.values())
    assert list(task.tests) == ["new dates", "new combinations"]
    known = set(task.source.symbols)
    assert all(known.issuperset(example.source) for test in task.tests.values() for example in test)


@pytest.mark.slow
def test_no_sentence_of_the_tests_is_in_training_in_either_language(sentences):
    task = sentences.task
    trained = sources(task.train) | {target for example in task.train for target in example.targets}
    for examples in (task.validation, *task.tests.values()):
        assert len(examples) > 100
        for example in examples:
            assert trained.isdisjoint((example.source, *example.targets))
            assert max(len(example.source), *map(len, example.targets)) <= task.max_length


@pytest.mark.slow
def test_a_sentence_survives_being_cut_and_joined(sentences):
    for text in ("조명을 켭니다.", "Turn on the light 🙂", "{name}: 3.5 °C"):
        assert sentences.join(sentences.tokenize(text)) == text
        assert sentences.task.source.encode(sentences.tokenize(text))


def test_an_unknown_direction_is_named():
    with pytest.raises(ValueError, match="'korean'; it must be one of english-korean, korean-english"):
        translation("korean")


@pytest.mark.slow
def test_a_batch_is_shifted_by_one_and_padded_at_the_end(words):
    batch = words.batch([("ab", ("AE", "B")), ("abc", ("EY",))])
    source, target = words.source, words.target
    assert batch.source.tolist() == [[*source.encode("ab"), 0], source.encode("abc")]
    assert batch.read.tolist() == [[1, *target.encode(["AE", "B"])], [1, *target.encode(["EY"]), 0]]
    assert batch.write.tolist() == [[*target.encode(["AE", "B"]), 2], [*target.encode(["EY"]), 2, 0]]
    assert batch.write.dtype == torch.long


@pytest.mark.slow
def test_what_is_typed_becomes_symbols(words):
    task = date_task(train=200)
    assert task.symbols_from("  May 5 ") == tuple("May 5")
    assert words.symbols_from("Seoul Z") == tuple("seoul z")
    typed, symbols = words.sources([" London ", "a"]), words.sources([tuple("london"), ("a",)])
    assert torch.equal(typed, symbols)
    with pytest.raises(ValueError, match="'L', at position 1, is not known"):
        words.sources([("L",)])


def test_a_task_refuses_a_source_that_is_in_two_sets():
    letters(["ab"], ["cd"], ["abc"])
    for sets, names in ((("ab", "ab", "cd"), "training and validation"), (("ab", "cd", "ab"), "training and new")):
        with pytest.raises(ValueError, match=f"'ab' is in two sets, {names}"):
            letters(*([word] for word in sets))


def test_a_task_reports_near_copies():
    task = letters(["ab", "cd"], ["abs"], ["ad", "cds"], near="words")
    assert task.near_copies["new"].originals == (None, "cd")


@pytest.mark.slow
def test_how_many_test_words_are_a_training_word_with_an_ending(words):
    copies = words.near_copies["test"]
    assert copies.count > 1797 and len(copies) == len(words.tests["test"])
    told = {"".join(e.source): original for e, original in zip(words.tests["test"], copies.originals, strict=True)}
    assert told["deputies"] == "deputy" and told["abates"] == "abate"


@pytest.mark.slow
def test_the_tests_are_those_of_the_stored_records(words, sentences):
    dates, texts = date_task().tests, tasks.sentences("korean-english").task.tests
    found = {"words": words.tests["test"], **dates, **texts}
    assert {name: fingerprint(examples) for name, examples in found.items()} == STORED_TESTS


def test_every_word_is_in_one_group_of_lengths():
    examples = [Example(("a",) * n, (("AH",),)) for n in (1, 4, 5, 14, 15, 34)]
    inside = in_length_groups(examples)
    assert [name for name, these in inside.items() if these.any()] == ["1–4", "5–6", "13–14", "15+"]
    assert sum(these.astype(int) for these in inside.values()).tolist() == [1] * len(examples)
    assert inside["1–4"].tolist() == [True, True, False, False, False, False]
