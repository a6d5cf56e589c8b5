"""The alignment explorer: its map is the model's own, each task keeps its text, and bad input is named."""

import pytest
import torch
import traitlets

from course.layers.attention import record_attention
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Task, Vocabulary, write
from course.viz.attention.alignment_explorer import AlignmentExplorer
from course.viz.attention.alignment_map import STATIC
from tests.support.speed import require_quick

WORDS = Task("words", Vocabulary("abcdefgh-"), Vocabulary(["AH", "B", "TH"]), [], [], {}, 12)
DATES = Task("dates", Vocabulary("0123456789 ,Ma"), Vocabulary("0123456789년 월"), [], [], {}, 12)


def model(task, attention="dot", d_hidden=16):
    """A model that is not trained; its weights are large, so that it looks somewhere."""
    made = Seq2Seq(Seq2SeqConfig(len(task.source), len(task.target), 8, d_hidden, attention=attention))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
        made.decoder.output.bias[[Vocabulary.pad_id, Vocabulary.bos_id]] = -1000  # no trained model writes them
    return made.eval()


@pytest.fixture
def models():
    return {"words": (model(WORDS), WORDS), "dot": (model(DATES), DATES), "additive": (model(DATES, "additive"), DATES)}


@pytest.fixture
def explorer(models):
    return AlignmentExplorer(models, {"words": "bead", "dates": "5 Ma, 2024"})


def test_the_map_is_that_of_the_model_as_it_writes(explorer, models):
    (written,) = write(*models["words"], [tuple("bead")])
    assert explorer.outputs == (*written, "end") and explorer.inputs == tuple("bead")
    batch = WORDS.batch([(tuple("bead"), written)])
    with torch.no_grad(), record_attention(models["words"][0]) as maps:
        models["words"][0](batch.source, batch.read)
    torch.testing.assert_close(explorer.weights, maps[0][0, 0])
    assert explorer.map.picture["keys"] == list("bead")
    assert explorer.map.picture["weights"][0] == [round(weight, 4) for weight in maps[0][0, 0, 0].tolist()]


def test_each_task_keeps_its_text(explorer):
    explorer.text = "cab"
    explorer.model = "dot"
    assert explorer.text == "5 Ma, 2024" and explorer.error == "" and explorer.inputs[0] == "5"
    explorer.text = "Ma 7"
    before = explorer.weights
    explorer.model = "additive"
    assert explorer.text == "Ma 7" and not torch.equal(explorer.weights, before)
    explorer.model = "words"
    assert explorer.text == "cab" and explorer.error == ""


def test_two_tasks_may_have_the_same_text(models):
    explorer = AlignmentExplorer(models, {"words": "a", "dates": "a"})
    explorer.model = "dot"
    assert explorer.outputs == (*write(*models["dot"], [("a",)])[0], "end")


def test_row_map_and_trait_are_one(explorer):
    last = len(explorer.outputs) - 1
    explorer.selected = 1
    assert explorer.map.selected == 1
    explorer.map.set_state({"selected": 0})  # what a click sends
    assert explorer.selected == 0 and repr(explorer).splitlines()[1].startswith(
        explorer.outputs[0] + " attends most to"
    )
    with pytest.raises(traitlets.TraitError, match=f"no output symbol 99: there are {last + 1}, counted from 0"):
        explorer.selected = 99
    assert explorer.selected == 0


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("bez", "'z', at position 3, is not known here. Known: - a b c d e f g h"),
        ("한글", "'한', at position 1, is not known here."),
        (" ", "There is nothing to read: type something."),
        ("a" * 41, "The text has 41 characters; the limit here is 40. Shorten it."),
    ],
)
def test_what_cannot_be_read_is_named_and_the_last_picture_stays(explorer, text, error):
    before, words = (explorer.map.picture, explorer._heading.value), repr(explorer)
    explorer.text = text
    assert explorer.error.startswith(error)
    assert before == (explorer.map.picture, explorer._heading.value) and explorer._message.stale
    assert repr(explorer) == f"{explorer.error}\n{words}"
    assert explorer.figure().axes
    explorer.text = "  BEAD "  # small letters, where the task has no others
    assert explorer.error == "" and explorer.inputs == tuple("bead")


def test_a_model_that_is_not_there_is_named(explorer):
    with pytest.raises(traitlets.TraitError, match=r"no model 'x' here. There are: words, dot, additive"):
        explorer.model = "x"


def test_a_model_that_writes_nothing_still_has_a_map(models):
    silent = models["words"][0]
    with torch.no_grad():
        silent.decoder.output.bias[Vocabulary.eos_id] = 1000
    explorer = AlignmentExplorer({"words": (silent, WORDS)}, {"words": "ab"})
    assert explorer.outputs == ("end",) and explorer.weights.shape == (1, 2)


def test_the_static_view_is_the_same_for_the_same_state(models):
    bundles = [
        AlignmentExplorer(models, {"words": "abc", "dates": "5"})._repr_mimebundle_(include=None) for _run in "ab"
    ]
    assert bundles[0]["text/plain"] == bundles[1]["text/plain"] and bundles[0]["text/html"] == bundles[1]["text/html"]
    assert "words: abc → " in bundles[0]["text/plain"]


@pytest.mark.timed
def test_it_answers_in_under_100_ms(record_property):
    explorer = AlignmentExplorer({"words": (model(WORDS, d_hidden=232), WORDS)}, {"words": "a"})

    def latency(word):
        explorer.text = word
        return explorer.latency_ms

    require_quick(lambda: [latency("abcdefghabcdefgh"[:end]) for end in (4, 8, 12, 16)], record_property)


def test_the_page_sets_text_as_text():
    page = (STATIC / "alignment_map.js").read_text(encoding="utf-8")
    assert "innerHTML" not in page and "insertAdjacentHTML" not in page
