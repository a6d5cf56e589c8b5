"""A test that leaks: which items are read, what stays clean, and which detectors find them."""

import math

import pytest

from course import trained
from course.fine_tuning import LabelledTexts
from course.tasks import contamination_results as results
from course.tasks.contamination import SHARES, leaked_sets
from course.tasks.contamination_detection import DETECTORS, LEAKS, detected

TRAINING = LabelledTexts([f"training text {n}" for n in range(60)], ["negative", "positive"] * 30, "training")
TEST = LabelledTexts([f"test text {n}" for n in range(40)], ["negative", "positive"] * 20, "test")


def sets(share, seed=0, **options):
    return leaked_sets(TRAINING, TEST, share, seed, n_labels=20, **options)


def test_the_share_of_one_half_is_among_the_training_texts_with_its_labels():
    for share in SHARES:
        found = sets(share)
        read = [text for text, was in zip(found.leaked.texts, found.was_read, strict=True) if was]
        assert len(read) == 20 * share and set(read) == set(found.training.texts) & set(TEST.texts)
        label_of = dict(zip(TEST.texts, TEST.labels, strict=True))
        pairs = zip(found.training.texts, found.training.labels, strict=True)
        assert all(label_of[text] == label for text, label in pairs if text in label_of)
        assert len(found.training) == len(set(found.training.texts)) == 20 + 20 * share


def test_the_clean_half_is_clean_and_both_make_the_test():
    found = sets(1.0)
    assert not set(found.clean.texts) & set(found.training.texts)
    assert sorted([*found.leaked.texts, *found.clean.texts]) == sorted(TEST.texts)


def test_the_halves_are_the_same_for_every_seed_and_a_larger_share_has_the_smaller_one():
    assert len({tuple(sets(0.5, seed).clean.texts) for seed in range(3)}) == 1
    assert len({tuple(sets(0.5, seed).was_read) for seed in range(3)}) == 3
    some, more = (set(sets(share).training.texts) for share in (0.25, 0.5))
    assert some < more


def test_the_control_has_as_many_texts_and_none_of_the_test():
    leak, control = sets(0.5), sets(0.5, arm="more")
    assert len(leak.training) == len(control.training) and not any(control.was_read)
    assert not set(control.training.texts) & set(TEST.texts)
    assert len(set(control.training.texts)) == 30
    assert set(leak.training.texts) & set(TRAINING.texts) < set(control.training.texts)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("share", "options", "message"),
    [
        (1.5, {}, "share is 1.5"),
        (math.nan, {}, "share is nan"),
        (0.5, {"arm": "less"}, "arm is 'less'"),
        (1.0, {"arm": "more", "n_labels": 50}, "20 more training texts are needed, and 10 are left"),
    ],
)
def test_what_cannot_be_is_refused(share, options, message):
    with pytest.raises(ValueError, match=message):
        leaked_sets(TRAINING, TEST, share, 0, **{"n_labels": 20, **options})


def test_sets_of_another_role_are_refused():
    with pytest.raises(ValueError, match="test"):
        leaked_sets(TEST, TRAINING, 0.5, 0, n_labels=20)


# --- What finds them ---

LEAKED = [
    "A quiet film about two brothers, Ann and the long road that they take home in winter with a dog.",
    "Nothing in this noisy sequel, which lasts for almost three hours, is half as good as its own trailer was!",
]
CLEAN = ["The director has made a better film than this one, and so has nearly everybody else in the business, twice."]
OTHERS = ["Some text of the training set that has nothing to do with any of the others, however long it may go on."]
ALL, NONE = (1.0, 1.0), (0.0, 0.0)


def test_each_detector_finds_what_it_can_and_suspects_no_clean_text():
    rows = {(row.leak, row.detector): row for row in detected(OTHERS, LEAKED, CLEAN)}
    assert list(rows) == [(leak, detector) for leak in LEAKS for detector in DETECTORS]
    assert all(row.false_alarms.estimate == 0 for row in rows.values())
    found = {key: row.found.estimate for key, row in rows.items()}
    verbatim, inside, retyped, reworded, half = LEAKS
    refused, near, five, eight, thirteen = DETECTORS
    assert all(found[verbatim, detector] == 1 for detector in DETECTORS)
    assert found[inside, refused] == 1 and found[inside, near] == 0 and found[inside, thirteen] == 1
    assert found[retyped, refused] == 0 and found[retyped, near] == 1 and found[retyped, eight] == 1
    assert found[reworded, refused] == found[reworded, near] == found[reworded, eight] == 0
    assert found[reworded, five] == 1
    assert found[half, near] == 1 and found[half, eight] == 1 and found[half, thirteen] == 0


def test_a_common_phrase_is_a_false_alarm_of_short_runs_alone():
    rows = detected(["this is one of the best films ever"], LEAKED, ["it is one of the best films of a bad year"])
    alarms = {row.detector: row.false_alarms.estimate for row in rows}
    assert list(alarms.values()) == [0, 0, 1, 0, 0]


def test_rates_of_nothing_are_refused():
    with pytest.raises(ValueError, match="0 leaked and 1 clean"):
        detected(OTHERS, [], CLEAN)


# --- What was measured ---


def test_the_leaked_half_rises_and_the_clean_half_does_not():
    rows = results.leak_results("tfidf")
    assert [row.share for row in rows] == list(SHARES)
    assert [row.leaked.estimate for row in rows] == sorted(row.leaked.estimate for row in rows)
    assert rows[0].gain is None and all(row.gain.low > 0.03 for row in rows[1:])
    assert rows[-1].leaked.estimate > 0.97
    assert all(row.clean_gain.estimate < 0.02 < row.gain.low for row in rows[1:])
    read, unread = results.accuracy_of_read("tfidf", 0.5)
    assert read > 0.97 and unread < 0.8
    assert math.isnan(results.accuracy_of_read("tfidf", 0)[0])


def test_a_result_is_that_of_its_records():
    runs = [run for run in trained.results("leaderboard") if run["model"] == "tfidf-leak-0.5"]
    rows = {row.share: row for row in results.leak_results("tfidf")}
    mean = sum(run["tests"]["leaked"]["accuracy"] for run in runs) / len(runs)
    assert rows[0.5].leaked.estimate == pytest.approx(mean)
    assert all(run["labels"] == 1524 for run in runs)
    others = [run for run in trained.results("leaderboard") if run["model"] == "tfidf-more-0.5"]
    gain = mean - sum(run["tests"]["leaked"]["accuracy"] for run in others) / len(others)
    assert rows[0.5].gain.estimate == pytest.approx(gain)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"no leak of 'bert'. There are: .*tfidf"):
        results.leak_results("bert")
