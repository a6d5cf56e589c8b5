"""From files to a submission: sets, texts, predictions, metrics, on made-up items. None of it is a score of GLUE."""

from collections import Counter
from statistics import fmean

import pytest
import torch

from course.data import GLUE_TASKS, glue_set
from course.evaluation.glue import check_submission, glue_score, score_task, write_submission
from course.evaluation.glue.submission import FILES
from course.fine_tuning import LabelledTexts, LinearClassifier
from course.pretrained import load
from course.rag import SentenceEncoder
from tests.support.glue_files import made_items, write_tsv


@pytest.mark.filterwarnings("ignore::course.evaluation.classification.UndefinedScoreWarning")
def test_a_guess_goes_all_the_way_and_is_no_score_of_glue(tmp_path):
    scores, guesses = [], {}
    for name, task in GLUE_TASKS.items():
        for split in (split for split in task.sizes if not split.startswith("test")):
            write_tsv(tmp_path, task, split, made_items(task, split, 13))
        train = glue_set(name, "train", tmp_path)
        LabelledTexts(train.texts, train.labels, train.role)
        guess = fmean(train.labels) if task.is_score else Counter(train.labels).most_common(1)[0][0]
        for split in task.sizes:
            if split.startswith("validation"):
                items = glue_set(name, split, tmp_path)
                scores.append(score_task(items, [guess] * len(items)))
            elif split.startswith("test"):
                guesses[name, split] = [guess] * task.sizes[split]
    assert [len(one.metrics) for one in scores] == [1, 1, 2, 2, 2, 1, 1, 1, 1, 1]
    assert scores[0].metrics == {"Matthews": 0.0}
    assert [one.score for one in scores[-2:]] == pytest.approx([7 / 13, 7 / 13])
    with pytest.raises(ValueError, match="no score of GLUE: the validation set of CoLA has 13 items"):
        glue_score(scores)
    check_submission(write_submission(tmp_path / "glue.zip", guesses))
    assert set(FILES) - set(guesses) == {("ax", "test")}


@pytest.mark.slow
def test_minilms_frozen_vectors_learn_what_the_items_were_made_with(tmp_path):
    encoder = SentenceEncoder(*load("minilm"))
    task = GLUE_TASKS["rte"]
    sets = {}
    for split, n in (("train", 200), ("validation", 100)):
        write_tsv(tmp_path, task, split, made_items(task, split, n))
        sets[split] = glue_set("rte", split, tmp_path)

    def features(items):
        first, second = (encoder.encode([pair[place] for pair in items.texts]) for place in (0, 1))
        return torch.cat([(first - second).abs(), first * second], dim=1)

    classifier = LinearClassifier(2 * encoder.width, task.classes)
    classifier.fit(features(sets["train"]), torch.tensor(sets["train"].labels))
    predicted = classifier(features(sets["validation"])).argmax(-1)
    assert score_task(sets["validation"], predicted).score > 0.8
