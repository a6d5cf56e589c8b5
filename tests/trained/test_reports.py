"""Each experiment declares the rows of README.md that report it."""

import pytest

from course import trained
from course.syllabus import lessons
from course.trained import Row
from course.trained.place import FOLDER

GOOD = 'lesson = "gpt"\n[[rows]]\ntest = "held out"\ntitle = "Stories"\nmeasures = { loss = "nats" }\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


def declare(folder, experiment, text, *, was_run=True):
    (folder / experiment).mkdir()
    if was_run:
        (folder / experiment / "small-0.json").write_text("{}", encoding="utf-8")
    (folder / experiment / "report.toml").write_text(text, encoding="utf-8")


def test_rows_come_in_the_order_of_the_lessons_and_as_declared(folder, monkeypatch):
    declare(folder, "a_later_one", GOOD.replace("gpt", "bert") + '[[rows]]\ntest = "x"\ntitle = "X"\nmeasures = {}\n')
    declare(folder, "stories", GOOD)
    declare(folder, "not_run_yet", GOOD, was_run=False)
    (folder / "not_run_yet" / "search.json").write_text("[]", encoding="utf-8")
    (folder / "without_rows").mkdir()
    stories = Row("stories", "held out", "Stories", {"loss": "nats"})
    later = [Row("a_later_one", "held out", "Stories", {"loss": "nats"}), Row("a_later_one", "x", "X", {})]
    assert trained.reports() == [stories, *later]
    monkeypatch.setattr(lessons, "LESSONS", lessons.LESSONS[::-1])
    assert trained.reports() == [*later, stories]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"gpt"', '"gtp"'),
        GOOD.replace('lesson = "gpt"', ""),
        GOOD.replace('title = "Stories"', ""),
        GOOD + 'more = "x"\n',
        'lesson = "gpt"\n',
        "[[rows\n",
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_named(folder, text):
    declare(folder, "stories", text)
    with pytest.raises(ValueError, match=r"stories/report\.toml needs lesson = a slug, and \[\[rows\]\]"):
        trained.reports()


def test_a_row_may_name_its_models(folder):
    declare(folder, "stories", GOOD + 'models = ["large"]\n' + GOOD.partition("\n")[2])
    some, every = trained.reports()
    assert [some.shows(name) for name in ("small", "large")] == [False, True]
    assert every.models is None and every.shows("small")


def test_every_row_is_of_a_test_and_of_measures_that_all_its_records_have():
    declared = {file.parent.name for file in FOLDER.glob("*/report.toml")}
    assert {row.experiment for row in trained.reports()} == set(filter(trained.has_results, declared))
    for row in trained.reports():
        records = trained.results(row.experiment)
        assert set(row.models or ()) <= {record["model"] for record in records}
        for record in filter(lambda record, row=row: row.shows(record["model"]), records):
            assert row.measures and row.measures.keys() <= record["tests"][row.test].keys()
