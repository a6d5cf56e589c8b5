"""Files in the form of GLUE's own and of the hub's, with made-up items: a score on them is no score of GLUE."""

import json
import sys
import types
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course.data.glue_hub import MARK, parquet_places
from course.data.glue_tasks import GlueItem, GlueTask
from course.data.glue_tsv import tsv_place

# The header of each file; what is neither a text nor the label is filled with "-".
TRAIN_HEADERS = {
    "cola": "source is_acceptable mark sentence",
    "sst2": "sentence label",
    "mrpc": "Quality,#1 ID,#2 ID,#1 String,#2 String",
    "stsb": "index genre filename year old_index source1 source2 sentence1 sentence2 score",
    "qqp": "id qid1 qid2 question1 question2 is_duplicate",
    "mnli": "index promptID pairID genre sentence1_binary_parse sentence2_binary_parse sentence1_parse sentence2_parse "
    "sentence1 sentence2 label1 gold_label",
    "qnli": "index question sentence label",
    "rte": "index sentence1 sentence2 label",
    "wnli": "index sentence1 sentence2 label",
}
TEST_HEADERS = {
    "cola": "index sentence",
    "sst2": "index sentence",
    "mrpc": "index,#1 ID,#2 ID,#1 String,#2 String",
    "qqp": "id question1 question2",
    "mnli": TRAIN_HEADERS["mnli"].removesuffix(" label1 gold_label"),
    "ax": "index sentence1 sentence2",
}
WORDS = ["tea", "rain", "bread", "a", "boat", "the", '"quoted', "the'", "house,", "Éire", "£5", "late", "3.5", "snow"]


def header(task: GlueTask, split: str) -> list[str]:
    line = TRAIN_HEADERS.get(task.name, "")
    if split.startswith("test"):
        line = TEST_HEADERS.get(task.name, line.removesuffix(f" {task.label_column}"))
    return line.split("," if "," in line else " ")


def made_items(task: GlueTask, split: str, n: int, seed: int = 0) -> list[GlueItem]:
    """Sentences of random words, and of a pair the second one shares more words with the first the higher its class."""
    rng = np.random.default_rng([seed, n])
    items = []
    for number in range(n):
        label = number % 26 / 5 if task.is_score else number % len(task.classes)
        first = rng.choice(WORDS, 6).tolist()
        shared = round(label) if task.is_score else label * 5 // max(len(task.classes) - 1, 1)
        second = first[:shared] + rng.choice(WORDS, 6 - shared).tolist()
        texts = (" ".join(first) + " ", " ".join(second))[: len(task.fields)]
        items.append(GlueItem(number, texts, None if split.startswith("test") else label))
    return items


def write_tsv(folder: Path, task: GlueTask, split: str, items: Sequence[GlueItem]) -> Path:
    """GLUE's own file: without quoting, CoLA's without a header, MRPC's with a byte order mark."""
    columns = header(task, split)
    rows = [] if task.name == "cola" and not split.startswith("test") else [columns]
    for item in items:
        cells = dict(zip(task.columns, item.texts, strict=True))
        if item.label is not None:
            named = task.names_in_files
            cells[task.label_column] = task.classes[int(item.label)] if named else f"{item.label:.3g}"
        if split.startswith("test"):
            cells[columns[0]] = str(item.number)
        rows.append([cells.get(name, "-") for name in columns])
    file = folder / tsv_place(task, split)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join("\t".join(row) + "\n" for row in rows)
    file.write_bytes(text.encode("utf-8-sig" if task.name == "mrpc" else "utf-8"))
    return file


def parquet_bytes(task: GlueTask, items: Sequence[GlueItem], classes: Sequence[str] | None = None) -> bytes:
    """The hub's file, by pyarrow, real or in its place. `classes` is what the file says of the order of its labels."""
    values = {name: [item.texts[place] for item in items] for place, name in enumerate(task.fields)}
    values["label"] = [-1 if item.label is None else item.label for item in items]
    values["idx"] = [item.number for item in items]
    names = list(task.classes if classes is None else classes)
    label = {"names": names, "_type": "ClassLabel"} if names else {"dtype": "float32", "_type": "Value"}
    about = {b"huggingface": json.dumps({"info": {"features": {"label": label}}}).encode()}
    return sys.modules["pyarrow.parquet"].write_in_memory(values, about, is_score=task.is_score)


def write_parquet(folder: Path, task: GlueTask, split: str, items: Sequence[GlueItem], place: int = 0, **more) -> Path:
    file = folder / parquet_places(task, split)[place]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(parquet_bytes(task, items, **more))
    return file


class Table:
    """As much of a pyarrow table as the course asks of it."""

    def __init__(self, values: dict[str, list], about: dict[bytes, bytes] | None) -> None:
        self.values = values
        self.schema = types.SimpleNamespace(metadata=about)

    @property
    def column_names(self) -> list[str]:
        return list(self.values)

    def select(self, names: Sequence[str]) -> "Table":
        return Table({name: self.values[name] for name in names}, self.schema.metadata)

    def to_pydict(self) -> dict[str, list]:
        return self.values


def in_place_of_pyarrow() -> dict[str, types.ModuleType]:
    """Modules under pyarrow's names that keep a table as JSON between Parquet's marks."""
    parquet = types.ModuleType("pyarrow.parquet")

    def write_in_memory(values, about, is_score):
        del is_score
        return MARK + json.dumps([values, about[b"huggingface"].decode()]).encode() + MARK

    def read_table(file):
        values, about = json.loads(Path(file).read_bytes().removeprefix(MARK).removesuffix(MARK))
        return Table(values, {b"huggingface": about.encode()})

    parquet.write_in_memory, parquet.read_table = write_in_memory, read_table
    return {"pyarrow": types.ModuleType("pyarrow"), "pyarrow.parquet": parquet}


def real_pyarrow(pyarrow: types.ModuleType, parquet: types.ModuleType) -> dict[str, types.ModuleType]:
    """pyarrow itself, with the function that writes a file as the hub has it."""

    def write_in_memory(values, about, is_score):
        numbers = {"label": pyarrow.float32() if is_score else pyarrow.int64(), "idx": pyarrow.int32()}
        columns = {name: pyarrow.array(each, numbers.get(name, pyarrow.string())) for name, each in values.items()}
        sink = pyarrow.BufferOutputStream()
        parquet.write_table(pyarrow.table(columns).replace_schema_metadata(about), sink)
        return sink.getvalue().to_pybytes()

    parquet.write_in_memory = write_in_memory
    return {"pyarrow": pyarrow, "pyarrow.parquet": parquet}
