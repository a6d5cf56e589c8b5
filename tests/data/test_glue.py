"""GLUE's sets from files of GLUE's own form and of the hub's, from a hub on this machine, and what is refused."""

import importlib.util
import sys

import pytest

from course.data import GLUE_TASKS, AssetError, HiddenLabelsError, glue_set
from course.data.glue_hub import REVISION
from course.data.glue_tasks import DIAGNOSTIC, GlueItem
from tests.support.glue_files import (
    header,
    in_place_of_pyarrow,
    made_items,
    parquet_bytes,
    real_pyarrow,
    write_parquet,
    write_tsv,
)

SETS = [(task, split) for task in GLUE_TASKS.values() for split in task.sizes]
NAMES = [f"{task.name}-{split}" for task, split in SETS]
RTE, MNLI, QQP, STSB, MRPC = (GLUE_TASKS[name] for name in ("rte", "mnli", "qqp", "stsb", "mrpc"))
PLACE = f"/datasets/nyu-mll/glue/resolve/{REVISION}/rte/validation-00000-of-00001.parquet"


@pytest.fixture(params=["in its place", *(["pyarrow"] if importlib.util.find_spec("pyarrow") else [])])
def pyarrow(request, monkeypatch):
    """A stand-in for pyarrow, and pyarrow itself where it is installed: the course does not need it."""
    if request.param == "pyarrow":
        modules = real_pyarrow(*map(importlib.import_module, ("pyarrow", "pyarrow.parquet")))
    else:
        modules = in_place_of_pyarrow()
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def hub(server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    return server


@pytest.mark.parametrize(("task", "split"), SETS, ids=NAMES)
def test_glues_own_files_are_read(task, split, tmp_path):
    items = made_items(task, split, 60)
    write_tsv(tmp_path, task, split, items)
    found = glue_set(task.name, split, tmp_path)
    assert found.items == items
    assert (found.task, found.split, found.left_out, found.is_whole) == (task, split, 0, False)
    assert found.role == {"train": "training", "validation": "validation", "test": "test"}[split.partition("_")[0]]


@pytest.mark.parametrize(("task", "split"), SETS, ids=NAMES)
def test_the_hubs_files_are_read_in_both_layouts(task, split, tmp_path, pyarrow):
    items = made_items(task, split, 60)
    for place in (0, 1):
        folder = tmp_path / str(place)
        write_parquet(folder, task, split, items, place)
        assert glue_set(task.name, split, folder).items == items


def test_the_diagnostic_set_is_read(tmp_path):
    items = made_items(DIAGNOSTIC, "test", 10)
    write_tsv(tmp_path, DIAGNOSTIC, "test", items)
    assert (tmp_path / "diagnostic" / "diagnostic.tsv").exists()
    assert glue_set("ax", "test", tmp_path).items == items


def test_quotation_marks_are_text_and_only_a_line_feed_ends_a_row(tmp_path):
    texts = ('"Open, and never closed', 'a "b" c\x85d\u2028e\x0bf\rg ', " two spaces ", 'ends in "')
    items = [GlueItem(n, (text, texts[-n]), n % 2) for n, text in enumerate(texts)]
    write_tsv(tmp_path, RTE, "train", items)
    assert glue_set("rte", "train", tmp_path).items == items


def test_rows_may_end_as_windows_ends_them(tmp_path):
    items = made_items(RTE, "validation", 5)
    file = write_tsv(tmp_path, RTE, "validation", items)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert glue_set("rte", "validation", tmp_path).items == items


def test_the_byte_order_mark_of_mrpc_is_no_part_of_its_header(tmp_path):
    file = write_tsv(tmp_path, MRPC, "train", made_items(MRPC, "train", 3))
    assert file.read_bytes().startswith(b"\xef\xbb\xbfQuality\t")
    assert glue_set("mrpc", "train", tmp_path).labels == [0, 1, 0]


def test_the_first_row_of_cola_is_a_sentence(tmp_path):
    task = GLUE_TASKS["cola"]
    write_tsv(tmp_path, task, "validation", made_items(task, "validation", 3))
    assert len(glue_set("cola", "validation", tmp_path)) == 3


def test_training_rows_that_end_early_are_left_out_and_counted_and_keep_their_numbers(tmp_path):
    file = write_tsv(tmp_path, QQP, "train", made_items(QQP, "train", 4))
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[2] = "\t".join(lines[2].split("\t")[:4])  # no second question
    lines[3] = "\t".join([*lines[3].split("\t")[:5], ""])  # no label
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = glue_set("qqp", "train", tmp_path)
    assert ([item.number for item in found.items], found.left_out) == ([0, 3], 2)
    file.rename(file.with_name("dev.tsv"))
    with pytest.raises(AssetError, match=r"Line 3 of .*dev\.tsv ends before its last column"):
        glue_set("qqp", "validation", tmp_path)


def test_labels_that_are_hidden_are_not_given(tmp_path, pyarrow):
    write_parquet(tmp_path, RTE, "test", made_items(RTE, "test", 3))
    found = glue_set("rte", "test", tmp_path)
    assert [item.label for item in found.items] == [None] * 3
    with pytest.raises(HiddenLabelsError, match=r"test set of RTE are hidden \(-1 on the hub\).*validation set"):
        _ = found.labels


def test_hidden_scores_are_none_too(tmp_path, pyarrow):
    write_parquet(tmp_path, STSB, "test", made_items(STSB, "test", 3))
    assert {item.label for item in glue_set("stsb", "test", tmp_path).items} == {None}


def test_texts_are_one_text_or_a_pair(tmp_path):
    for name, kind in (("sst2", str), ("rte", tuple)):
        task = GLUE_TASKS[name]
        write_tsv(tmp_path, task, "train", made_items(task, "train", 3))
        assert {type(one) for one in glue_set(name, "train", tmp_path).texts} == {kind}


@pytest.mark.parametrize(
    ("task", "old", "new", "says"),
    [
        (RTE, "\tentailment", "\tyes", r"Line 2 of .*dev.tsv has the label 'yes'. RTE has: entailment, not_entailment"),
        (RTE, "\tentailment", "\t1", r"has the label '1'"),
        (RTE, "sentence2", "text2", r"has no column 'sentence2': its header is 'index', .*Give RTE's own file"),
        (RTE, "label\n", "gold\n", r"has no column 'label'"),
        (STSB, "\t0\n", "\tmuch\n", r"label 'much'. STS-B has: a number from 0 to 5"),
        *[
            (STSB, "\t0\n", f"\t{label}\n", rf"label '{label}'. STS-B has: a number from 0 to 5")
            for label in ("-0.1", "5.001", "nan", "inf", "1_0", "1_0e-1", " 3", "٣")
        ],
        (GLUE_TASKS["wnli"], "\t1\n", "\t2\n", r"Line 3 .* label '2'. WNLI has: 0, 1"),
    ],
)
def test_a_file_of_another_form_is_refused(task, old, new, says, tmp_path):
    file = write_tsv(tmp_path, task, "validation", made_items(task, "validation", 4))
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AssetError, match=says):
        glue_set(task.name, "validation", tmp_path)


def test_test_rows_out_of_order_are_refused(tmp_path):
    items = made_items(RTE, "test", 4)
    write_tsv(tmp_path, RTE, "test", [items[0], items[2], items[1], items[3]])
    with pytest.raises(AssetError, match=r"Line 3 of .*test.tsv has the index '2', and 1 is due"):
        glue_set("rte", "test", tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = write_tsv(tmp_path, RTE, "validation", made_items(RTE, "validation", 4))
    file.write_bytes(file.read_bytes().replace(b"index", b"ind\xe9x"))
    with pytest.raises(AssetError, match="is not UTF-8"):
        glue_set("rte", "validation", tmp_path)


def test_a_folder_without_the_set_names_both_places(tmp_path):
    with pytest.raises(
        AssetError, match=r"no test_matched set of MNLI: .* MNLI/test_matched.tsv, .*mnli/test_matched-0"
    ):
        glue_set("mnli", "test_matched", str(tmp_path))


def test_a_parquet_file_that_numbers_otherwise_is_refused(tmp_path, pyarrow):
    items = made_items(RTE, "validation", 4)
    write_parquet(tmp_path, RTE, "validation", items, classes=("not_entailment", "entailment"))
    with pytest.raises(
        AssetError, match=r"numbers its labels not_entailment, entailment, and RTE .* entailment, not_ent"
    ):
        glue_set("rte", "validation", tmp_path)


@pytest.mark.parametrize(
    ("task", "label", "says"),
    [
        (STSB, 5.5, r"Item 2 of .* has the label 5.5; those of STS-B are from 0.0 to 5.0"),
        (STSB, -0.5, r"label -0.5"),
        (STSB, float("nan"), r"label nan"),
        (RTE, 2, r"label 2; those of RTE are from 0 to 1"),
        (RTE, -2, r"label -2"),
    ],
)
def test_a_parquet_file_with_a_label_that_the_task_does_not_have_is_refused(task, label, says, tmp_path, pyarrow):
    items = made_items(task, "validation", 4)
    items[2] = GlueItem(2, items[2].texts, label)
    write_parquet(tmp_path, task, "validation", items)
    with pytest.raises(AssetError, match=says):
        glue_set(task.name, "validation", tmp_path)


def test_a_parquet_file_of_another_task_is_refused(tmp_path, pyarrow):
    file = write_parquet(tmp_path, RTE, "validation", made_items(RTE, "validation", 4))
    (tmp_path / "qqp").mkdir()
    file.rename(tmp_path / "qqp" / file.name)
    with pytest.raises(AssetError, match="has no column 'question1', 'question2'"):
        glue_set("qqp", "validation", tmp_path)


def test_a_damaged_parquet_file_is_refused(tmp_path, pyarrow):
    file = write_parquet(tmp_path, RTE, "validation", made_items(RTE, "validation", 40))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(AssetError, match=r"cannot be read as Parquet .*Delete it"):
        glue_set("rte", "validation", tmp_path)


def test_a_whole_set_comes_from_the_hub_once(cache, hub, pyarrow, monkeypatch):
    items = made_items(RTE, "validation", RTE.sizes["validation"])
    hub.files[PLACE] = parquet_bytes(RTE, items)
    found = glue_set("rte", "validation")
    assert (found.items, found.is_whole, found.source) == (items, True, "datasets/nyu-mll/glue")
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert glue_set("rte", "validation").items == items
    assert hub.requests == [PLACE]


def test_a_set_of_the_hub_that_is_not_whole_is_refused(cache, hub, pyarrow):
    hub.files[PLACE] = parquet_bytes(RTE, made_items(RTE, "validation", 276))
    with pytest.raises(AssetError, match="has 276 items, and RTE has 277"):
        glue_set("rte", "validation")


@pytest.mark.parametrize("pyarrow", ["in its place"], indirect=True)
@pytest.mark.parametrize(
    ("content", "cut", "says"),
    [
        (None, 0, r"could not be fetched .*the hub answers 404"),
        (b"<html>Sign in to this network first</html>", 0, r"no Parquet file: it begins with b'<html>"),
        (b"PAR1" + b"-" * 90 + b"PAR1", 10, r"cut off after 88 of 98 bytes"),
    ],
)
def test_what_the_hub_cuts_or_does_not_have_is_not_kept(content, cut, says, cache, hub, pyarrow):
    if content is not None:
        hub.files[PLACE] = content
    hub.cut = cut
    with pytest.raises(AssetError, match=says):
        glue_set("rte", "validation")
    assert [path for path in cache.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("pyarrow", ["in its place"], indirect=True)
def test_without_a_network_the_remedy_is_named(cache, pyarrow):
    with pytest.raises(AssetError, match=r"no connection to http.*Connect to the network .*folder=…"):
        glue_set("rte", "validation")


@pytest.mark.parametrize("pyarrow", ["in its place"], indirect=True)
def test_offline_nothing_is_asked_for(cache, hub, pyarrow, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(AssetError, match=r"validation set of RTE is not in the cache .*COURSE_OFFLINE.*folder=…"):
        glue_set("rte", "validation")
    assert hub.requests == []


def test_without_pyarrow_the_command_is_named_and_nothing_is_fetched(cache, hub, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(AssetError, match=r"-m pip install pyarrow` installs it .*folder=…"):
        glue_set("rte", "validation")
    assert hub.requests == []


def test_glues_own_files_need_no_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    write_tsv(tmp_path, MNLI, "validation_matched", made_items(MNLI, "validation_matched", 3))
    assert glue_set("mnli", "validation_matched", tmp_path).labels == [0, 1, 2]


def test_unknown_names_are_refused_before_anything_is_asked_for(cache, hub):
    with pytest.raises(ValueError, match="no GLUE task named 'snli'"):
        glue_set("snli", "validation")
    with pytest.raises(ValueError, match="RTE has no split 'dev'"):
        glue_set("rte", "dev")
    assert hub.requests == []


def test_the_headers_of_the_stand_ins_are_glues():
    assert header(MNLI, "train").index("gold_label") == 11  # as GLUE-baselines counts them
    assert [header(STSB, "train").index(name) for name in ("sentence1", "sentence2", "score")] == [7, 8, 9]
    assert [header(QQP, "train").index(name) for name in ("question1", "question2", "is_duplicate")] == [3, 4, 5]
    assert header(RTE, "test") == ["index", "sentence1", "sentence2"]
