"""The page on how settings were chosen."""

from course import trained
from course.workshop.experiments import page, results_table, search_table

ROW = {"dropout": 0.0, "batch_size": 128, "epochs": 1.5, "cpu_seconds": 90.0}


def test_the_chosen_row_is_bold_and_a_failed_one_says_so():
    rows = [
        {"model": "a", "learning_rate": 0.01, "validation_error": 0.2, "validation_loss": 0.5, **ROW},
        {"model": "a", "learning_rate": 0.02, "validation_error": 0.1, "validation_loss": 0.7, **ROW},
        {"model": "b", "learning_rate": 0.01, "validation_error": 0.3, "validation_loss": 0.6, **ROW},
        {"model": "b", "learning_rate": 0.02, "validation_loss": None, **ROW},
    ]
    lines = search_table(rows, {("a", 0.02, 0.0, 128)}).splitlines()
    assert lines[0] == "| Model | learning rate | dropout | batch | epochs | error | loss | minutes |"
    assert lines[2] == "| a | 0.01 | 0 | 128 | 1.5 | 20.00 % | 0.500 | 1.5 |"
    assert lines[3] == "| **a** | **0.02** | **0** | **128** | **1.5** | **10.00 %** | **0.700** | **1.5** |"
    assert lines[4].startswith("| b | 0.01") and "*" not in lines[4]
    assert lines[5] == "| b | 0.02 | 0 | 128 | 1.5 | diverged | diverged | 1.5 |"


def test_a_search_by_loss_alone_has_no_column_of_errors():
    row = {"model": "a", "learning_rate": 0.01, "validation_loss": 2.5, **ROW}
    row["steps"] = row.pop("epochs")
    assert (
        search_table([row], ()).splitlines()[0]
        == "| Model | learning rate | dropout | batch | steps | loss | minutes |"
    )


def test_runs_have_a_rate_for_each_test_with_what_it_covers(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    for seed, errors in ((0, "1 0 1"), (1, "1 1 0")):
        tests = {"new": {"items": {"errors": errors, "symbols": "5 5 10"}}}
        trained.save_record("some", "a", seed, {"cpu_seconds": 60.0 + 60 * seed, "tests": tests})
    (line,) = results_table("some", trained.results("some")).splitlines()[2:]
    assert line.startswith("| new | a | 10.0 % [") and line.endswith("(95 %, 2 seeds × 3 items) | 1.5 |")


def test_bits_per_byte_are_no_error_rate(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    found = {"bits_per_byte": 2.5, "items": {"errors": "10 15", "symbols": "5 5"}}
    trained.save_record("some", "a", 0, {"cpu_seconds": 60.0, "tests": {"new": found}})
    lines = results_table("some", trained.results("some")).splitlines()
    assert "| bits per byte |" in lines[0] and lines[2].startswith("| new | a | 2.50 [") and "%]" not in lines[2]


def test_a_test_is_shown_of_the_models_that_took_it_and_validation_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    found = {"items": {"errors": "1 0", "symbols": "5 5"}}
    for model, tests in (("a", ("validation", "new")), ("b", ("new", "old"))):
        trained.save_record("some", model, 0, {"cpu_seconds": 60.0, "tests": dict.fromkeys(tests, found)})
    rows = results_table("some", trained.results("some")).splitlines()[2:]
    assert [row.split(" | ")[:2] for row in rows] == [["| new", "a"], ["| new", "b"], ["| old", "b"]]


def test_an_experiment_that_was_searched_and_not_run_has_its_search(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    (tmp_path / "some").mkdir()
    trained.add_to_search("some", {"model": "a", "learning_rate": 0.01, "validation_loss": 2.5, **ROW})
    assert "| a | 0.01 |" in page() and "on the tests;" not in page()
