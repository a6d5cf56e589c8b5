"""A submission: names, forms and sizes of its files, and what is refused before anything is written."""

import zipfile

import numpy as np
import pytest

from course.data import GLUE_TASKS
from course.evaluation.glue import check_submission, write_submission, written_predictions
from course.evaluation.glue.submission import FILES

# Lines of each file with its header, as the README of ColeFang/CERT shows a submission.
LINES = {
    "AX.tsv": 1105,
    "CoLA.tsv": 1064,
    "MNLI-mm.tsv": 9848,
    "MNLI-m.tsv": 9797,
    "MRPC.tsv": 1726,
    "QNLI.tsv": 5464,
    "QQP.tsv": 390966,
    "RTE.tsv": 3001,
    "SST-2.tsv": 1822,
    "STS-B.tsv": 1380,
    "WNLI.tsv": 147,
}


@pytest.fixture
def predictions():
    return {key: np.arange(LINES[name] - 1) % 2 for key, name in FILES.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files of a whole submission."""
    predictions = {key: np.arange(LINES[name] - 1) % 2 for key, name in FILES.items()}
    with zipfile.ZipFile(write_submission(tmp_path_factory.mktemp("glue") / "glue.zip", predictions)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def rows(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode().splitlines()


def test_a_whole_submission_has_eleven_files_of_the_published_sizes(tmp_path, predictions):
    path = write_submission(tmp_path / "glue.zip", predictions)
    check_submission(path)
    with zipfile.ZipFile(path) as archive:
        assert {name: len(archive.read(name).splitlines()) for name in archive.namelist()} == LINES
    assert {"\n".join(rows(path, name)[:1]) for name in LINES} == {"index\tprediction"}
    assert rows(path, "RTE.tsv")[1:3] == ["0\tentailment", "1\tnot_entailment"]
    assert rows(path, "QNLI.tsv")[1:3] == ["0\tentailment", "1\tnot_entailment"]
    assert rows(path, "MNLI-m.tsv")[1:3] == rows(path, "AX.tsv")[1:3] == ["0\tentailment", "1\tneutral"]
    assert rows(path, "WNLI.tsv")[1:3] == rows(path, "CoLA.tsv")[1:3] == ["0\t0", "1\t1"]
    assert rows(path, "STS-B.tsv")[-1] == "1378\t0.000"


def test_the_diagnostic_set_may_be_left_out_and_no_other(tmp_path, predictions):
    del predictions["ax", "test"]
    check_submission(write_submission(tmp_path / "glue.zip", predictions))
    for key in list(predictions):
        fewer = {other: one for other, one in predictions.items() if other != key}
        with pytest.raises(ValueError, match=rf"all ten test sets. Missing: \('{key[0]}', '{key[1]}'\); unknown: none"):
            write_submission(tmp_path / "other.zip", fewer)
    assert [path.name for path in tmp_path.iterdir()] == ["glue.zip"]


@pytest.mark.parametrize(
    ("key", "change", "says"),
    [
        (("rte", "test"), lambda old: old[:-1], "RTE.tsv has 2999 predictions, and the test set of RTE has 3000 items"),
        (("mnli", "test_matched"), lambda old: [*old, 0], "MNLI-m.tsv has 9797 predictions"),
        (("cola", "test"), lambda old: old + 1, "CoLA has no class 2"),
        (("cola", "test"), lambda old: old - 1, "CoLA has no class -1"),
        (("stsb", "test"), lambda old: old * float("nan"), "Score 0 is nan"),
        (("rte", "validation"), lambda _old: [0], r"unknown: \('rte', 'validation'\)"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(key, change, says, tmp_path, predictions):
    predictions[key] = change(predictions.get(key))
    with pytest.raises(ValueError, match=says):
        write_submission(tmp_path / "glue.zip", predictions)
    assert list(tmp_path.iterdir()) == []


def test_predictions_as_they_are_written():
    assert written_predictions("mnli", [0, 1, 2]) == ["entailment", "neutral", "contradiction"]
    assert written_predictions("stsb", [-0.2, 3.14159, 7]) == ["0.000", "3.142", "5.000"]
    assert written_predictions("qqp", np.array([1, 0])) == ["1", "0"]
    assert [written_predictions(name, [1.0]) for name in ("wnli", "rte")] == [["1"], ["not_entailment"]]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("RTE.tsv", None, "has no RTE.tsv"),
        ("RTE.tsv", "index,prediction\n0,entailment\n", "RTE.tsv begins with 'index,prediction'; its header is"),
        ("RTE.tsv", "", "RTE.tsv begins with ''"),
        ("RTE.tsv", "index\tprediction\n0\tentailment\n", "RTE.tsv has 1 predictions"),
        ("WNLI.tsv", [*["0"] * 145, "entailment"], r"Row 145 of WNLI.tsv is '145\\tentailment'; .* 0, 1"),
        ("WNLI.tsv", [*["0"] * 145, ""], r"Row 145 of WNLI.tsv"),
        ("STS-B.tsv", ["5.01"] * 1379, r"Row 0 of STS-B.tsv is '0\\t5.01'; .*a number from 0 to 5"),
        ("STS-B.tsv", ["nan"] * 1379, "Row 0 of STS-B.tsv"),
        ("STS-B.tsv", ["much"] * 1379, "Row 0 of STS-B.tsv"),
        *[("STS-B.tsv", [odd] * 1379, "Row 0 of STS-B.tsv") for odd in ("1_0e-1", "0_1", " 3", "٣", "")],
        ("WNLI.tsv", b"index\tprediction\n0\t\xff\n", r"A file in .*glue.zip is not UTF-8"),
        ("readme.txt", "", "has readme.txt, which no task is called"),
    ],
)
def test_a_zip_of_another_form_is_refused(name, content, says, tmp_path, whole):
    files = dict(whole)
    if isinstance(content, list):
        content = "".join(["index\tprediction\n", *(f"{number}\t{one}\n" for number, one in enumerate(content))])
    files.pop(name, None) if content is None else files.update({name: content})
    path = zipped(tmp_path / "glue.zip", files)
    with pytest.raises(ValueError, match=says):
        check_submission(path)


def test_rows_out_of_order_are_refused(tmp_path, whole):
    files = dict(whole)
    files["WNLI.tsv"] = files["WNLI.tsv"].replace(b"\n3\t", b"\n4\t")
    path = zipped(tmp_path / "glue.zip", files)
    with pytest.raises(ValueError, match=r"Row 3 of WNLI.tsv is '4\\t1'"):
        check_submission(path)


def test_every_test_set_of_the_tasks_has_a_file():
    splits = {(name, split) for name, task in GLUE_TASKS.items() for split in task.sizes if split.startswith("test")}
    assert set(FILES) == splits | {("ax", "test")}
    assert sorted(FILES.values()) == sorted(LINES)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda content: b"no zip", "cannot be read as a zip"),
        (lambda content: b"", "cannot be read as a zip"),
        (lambda content: content[: len(content) // 2], "cannot be read as a zip"),
        (lambda content: content[:200] + bytes(900) + content[1100:], "cannot be read as a zip"),
    ],
)
def test_a_broken_zip_is_refused(broken, says, tmp_path, predictions):
    path = write_submission(tmp_path / "glue.zip", predictions)
    path.write_bytes(broken(path.read_bytes()))
    with pytest.raises(ValueError, match=says):
        check_submission(path)


def test_a_file_that_is_there_twice_is_refused(tmp_path, whole):
    path = zipped(tmp_path / "glue.zip", whole)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("RTE.tsv", whole["RTE.tsv"])
    with pytest.raises(ValueError, match=r"has RTE.tsv more than once"):
        check_submission(path)


def test_scores_may_be_written_in_any_usual_form(tmp_path, whole):
    forms = ["1", "1.", ".5", "5.000", "+2.5", "1e-3", "-0.0", *["3.3"] * 1372]
    content = "".join(["index\tprediction\n", *(f"{number}\t{one}\n" for number, one in enumerate(forms))])
    check_submission(zipped(tmp_path / "glue.zip", whole | {"STS-B.tsv": content}))
