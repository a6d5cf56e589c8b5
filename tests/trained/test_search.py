"""Every model of an experiment has the same chance: the committed searches are what the grid asks for, and are used."""

import importlib
import math
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import trained
from course.trained.place import FOLDER
from experiments.search import Grid, Run, Setting, best, best_run, next_runs, next_settings, search, train_row, tuned
from tests.support.recipes import models_of, recipes_of

SEARCHED = sorted(file.parent.name for file in FOLDER.glob("*/search.json"))
GRID = Grid({"some": 0.01}, dropouts=(0.0, 0.5), batch_sizes=(8, 32), budget={"epochs": 1})
FIRST = [Setting(rate, dropout, 8) for dropout in (0.0, 0.5) for rate in (0.005, 0.01, 0.02)]
ROOT = Path(__file__).parents[2]
LESSON_03 = ROOT / "notebooks" / "source" / "03_seq2seq.py"
CAVEATS = [  # the page, the sentence, and the experiments and models it speaks of
    (LESSON_03, "the GRU had no search of its own", ["pronunciation"], ["gru"]),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


class Recipe:
    """A recipe whose loss is a function of the setting; `trained` are the settings that were tried."""

    family = "some"

    def __init__(self, loss, setting=None, trained=None, epochs=99):
        self.loss, self.setting, self.trained, self.epochs = loss, setting, [] if trained is None else trained, epochs

    def with_setting(self, setting, epochs=99):
        return Recipe(self.loss, setting, self.trained, epochs)

    def train(self, seed):
        self.trained.append((self.setting, self.epochs, seed))
        if self.loss(self.setting) is None:
            raise FloatingPointError
        return SimpleNamespace(), None

    def validate(self, model):
        return {"validation_error": 0.5, "validation_loss": self.loss(self.setting)}


def order_of(loss, grid=GRID):
    """The settings that a search tries, in order."""
    rows = []
    while missing := next_settings(grid, "some", rows):
        rows.append({**missing[0]._asdict(), "validation_loss": loss(missing[0])})
    return [Setting(row["learning_rate"], row["dropout"], row["batch_size"]) for row in rows]


def test_the_grid_then_the_other_batch_size_at_the_two_best_rates_and_at_twice_each():
    best_in_the_middle = order_of(lambda one: abs(one.learning_rate - 0.011) + one.dropout)
    assert best_in_the_middle[:6] == FIRST
    assert best_in_the_middle[6:] == [Setting(rate, 0.0, 32) for rate in (0.005, 0.01, 0.02)]
    best_with_dropout = order_of(lambda one: abs(one.learning_rate - 0.016) - one.dropout)
    assert best_with_dropout[6:] == [Setting(0.04, 0.5, 8), *(Setting(rate, 0.5, 32) for rate in (0.01, 0.02, 0.04))]


def test_the_larger_batch_has_edges_of_its_own():
    """The smaller one is best at 0.01, then 0.02; the larger at a rate that its first three do not hold."""
    for preferred, beyond in ((0.005, [0.005, 0.0025]), (0.08, [0.08, 0.16])):
        found = order_of(
            lambda one, best=preferred: abs(math.log(one.learning_rate / (best if one[2] == 32 else 0.0125)))
        )
        assert found[:6] == FIRST
        assert found[6:] == [Setting(rate, 0.0, 32) for rate in (0.01, 0.02, 0.04, *beyond)]


def test_the_search_goes_on_beyond_an_edge_until_the_best_is_inside():
    below = order_of(lambda one: abs(one.learning_rate - 0.002) + one.dropout)
    assert below[6:8] == [Setting(0.0025, 0.0, 8), Setting(0.00125, 0.0, 8)]
    assert below[8:] == [Setting(rate, 0.0, 32) for rate in (0.00125, 0.0025, 0.005)]
    above = order_of(lambda one: -one.learning_rate * (one.learning_rate < 0.1))
    assert Setting(0.16, 0.0, 8) in above and Setting(0.16, 0.0, 32) in above
    one_size = replace(GRID, batch_sizes=(8,), dropouts=(0.0,))
    assert order_of(lambda one: abs(one.learning_rate - 0.01), one_size) == FIRST[:3]


def test_the_best_few_are_trained_at_full_length_and_these_rows_decide(folder):
    """In short trainings the fastest rate is best; at full length the third of them is."""
    grid = replace(GRID, batch_sizes=(8,), full_budget={"epochs": 6}, finalists=3)

    class Slow(Recipe):
        def with_setting(self, setting, epochs=99):
            wanted = 0.011 if epochs == 1 else 0.006
            return Recipe(lambda one: abs(one.learning_rate - wanted) + one.dropout, setting, self.trained, epochs)

    recipe = Slow(None)
    search("some", "model", recipe, grid)
    finalists = [setting for setting, epochs, _seed in recipe.trained if epochs == 6]
    assert finalists == [Setting(rate, 0.0, 8) for rate in (0.01, 0.005, 0.02)]
    assert best("some", "model", "some", grid) == Setting(0.005, 0.0, 8)
    assert best("some", "model", "some", replace(grid, finalists=4)) is None, "not complete"
    search("some", "model", recipe, grid)
    assert len(recipe.trained) == 6 + 3


@pytest.mark.parametrize(
    ("wanted", "in_full"), [(0.03, [0.01, 0.005, 0.02, 0.04]), (0.003, [0.01, 0.005, 0.0025, 0.00125])]
)
def test_in_full_a_bracketed_search_goes_on_until_the_best_has_a_rate_on_each_side(folder, wanted, in_full):
    """In short trainings 0.01 is best, and 0.005 after it."""
    grid = replace(GRID, batch_sizes=(8,), dropouts=(0.0,), full_budget={"epochs": 6}, finalists=2, brackets=True)

    class Slow(Recipe):
        def with_setting(self, setting, epochs=99):
            at = 0.009 if epochs == 1 else wanted
            return Slow(lambda one: abs(one.learning_rate - at), setting, self.trained, epochs)

    recipe = Slow(None)
    search("some", "model", recipe, grid)
    assert [setting.learning_rate for setting, epochs, _seed in recipe.trained if epochs == 6] == in_full
    assert best("some", "model", "some", grid) == Setting(min(in_full, key=lambda rate: abs(rate - wanted)), 0.0, 8)


@pytest.mark.parametrize(("at_six", "wanted"), [(0.4, 1), (0.2, 6)])
def test_where_the_length_is_searched_for_a_short_training_can_win(folder, at_six, wanted):
    grid = replace(
        GRID, batch_sizes=(8,), dropouts=(0.0,), full_budget={"epochs": 6}, finalists=1, searches_length=True
    )

    class Sized(Recipe):
        def with_setting(self, setting, epochs=99):
            at_best = 0.3 if epochs == 1 else at_six
            return Sized(lambda one: at_best + abs(one.learning_rate - 0.01), setting, self.trained, epochs)

    recipe = Sized(None)
    assert best_run("some", "model", "some", grid) is None
    search("some", "model", recipe, grid)
    assert [epochs for _setting, epochs, _seed in recipe.trained] == [1, 1, 1, 6]
    assert best_run("some", "model", "some", grid) == Run(Setting(0.01, 0.0, 8), {"epochs": wanted})
    longest = replace(grid, searches_length=False)
    assert best_run("some", "model", "some", longest) == Run(Setting(0.01, 0.0, 8), {"epochs": 6})


def test_a_search_is_kept_row_by_row_and_goes_on_where_it_stopped(folder, monkeypatch):
    recipe = Recipe(lambda one: abs(one.learning_rate - 0.011) + one.dropout)
    train_row("some", "model", recipe, Run(FIRST[1], GRID.budget))
    search("some", "model", recipe, GRID)
    assert [setting for setting, _epochs, _seed in recipe.trained][:2] == [FIRST[1], FIRST[0]]
    assert {rest for _setting, *rest in map(tuple, recipe.trained) for rest in [tuple(rest)]} == {(1, 0)}
    assert len(recipe.trained) == len({setting for setting, *_rest in recipe.trained}) == 9
    rows = trained.search("some")
    assert len(rows) == 9 and rows[0].keys() >= {
        "model",
        "learning_rate",
        "dropout",
        "batch_size",
        "epochs",
        "cpu_seconds",
    }
    assert len((folder / "some/search.json").read_text(encoding="utf-8").splitlines()) == 9 + 2
    assert best("some", "model", "some", GRID) == Setting(0.01, 0.0, 8)
    search("some", "model", recipe, GRID)
    assert len(recipe.trained) == 9
    before = (folder / "some/search.json").read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        train_row("some", "another", recipe, Run(FIRST[0], GRID.budget))
    assert (folder / "some/search.json").read_bytes() == before


def test_a_run_that_failed_is_kept_and_never_chosen(folder):
    recipe = Recipe(lambda one: None if one.learning_rate > 0.01 else -one.learning_rate + one.dropout)
    search("some", "model", recipe, GRID)
    assert [row["validation_loss"] for row in trained.search("some") if row["learning_rate"] == 0.02] == [None] * 3
    assert best("some", "model", "some", GRID) == Setting(0.01, 0.0, 8)


def test_a_recipe_takes_the_best_row_once_the_search_is_complete(folder):
    recipes = {
        "model": Recipe(lambda one: abs(one.learning_rate - 0.011) + one.dropout),
        "other": Recipe(lambda _: 1.0),
    }
    train_row("some", "model", recipes["model"], Run(FIRST[0], GRID.budget))
    assert tuned("some", recipes, GRID)["model"].setting is None
    search("some", "model", recipes["model"], GRID)
    found = tuned("some", recipes, GRID)
    assert found["model"].setting == Setting(0.01, 0.0, 8) and found["model"].epochs == 99
    assert found["other"] is recipes["other"]


def test_an_experiment_without_a_search_has_no_rows_and_a_search_is_no_record(folder):
    assert trained.search("some") == []
    trained.save_record("some", "a", 0, {"steps": 3})
    train_row("some", "a", Recipe(lambda _: 1.0), Run(FIRST[0], GRID.budget))
    assert [record["model"] for record in trained.results("some")] == ["a"]


def test_a_table_of_the_best_settings_has_a_row_for_each_model_that_was_searched(folder):
    assert trained.best_settings("some", {"A": "a"}) == []
    search("some", "a", Recipe(lambda one: abs(one.learning_rate - 0.011) + one.dropout), GRID)
    train_row("some", "b", Recipe(lambda _: 1.0), Run(FIRST[4], GRID.budget))
    both = trained.best_settings("some", {"B": "b", "None": "c", "A": "a"})
    assert [(*row.values(),) for row in both] == [
        ("B", 1, "0.01", "0.5", 8, "50.0%"),
        ("A", 9, "0.01", "0.0", 8, "50.0%"),
    ]


def test_a_model_has_a_searched_setting_when_all_its_runs_name_it(folder):
    trained.save_record("some", "a", 0, {"learning_rate": 0.1})
    assert trained.has_searched_setting("some", "a")
    trained.save_record("some", "a", 1, {"steps": 3})
    assert not trained.has_searched_setting("some", "a")
    with pytest.raises(ValueError, match="no run of 'b'"):
        trained.has_searched_setting("some", "b")


def _key(run):
    return (*run.setting, next(iter(run.budget.values())))


@pytest.mark.slow
@pytest.mark.parametrize("experiment", SEARCHED)
def test_every_model_had_the_same_grid_and_its_recipe_is_the_best_row(experiment):
    module = importlib.import_module(f"experiments.{experiment}")
    recipes, models, rows = recipes_of(experiment), models_of(experiment), trained.search(experiment)
    assert {row["model"] for row in rows} <= models.keys()
    for name in sorted({row["model"] for row in rows}):
        grid = getattr(module, "GRIDS", {}).get(name, module.GRID)
        length = next(iter(grid.budget))
        of_model = {(*(row[key] for key in Setting._fields), row[length]): row for row in rows if row["model"] == name}
        assert len(of_model) == sum(row["model"] == name for row in rows), "no setting twice"
        replayed = []
        while (missing := next_runs(grid, models[name].family, replayed)) and (key := _key(missing[0])) in of_model:
            replayed.append(of_model.pop(key))
        assert not of_model, f"{name}: rows that the grid does not ask for"
        if not missing:
            longest = {} if grid.searches_length or not grid.finalists else grid.full_budget
            decisive = [row for row in replayed if all(row[name] == value for name, value in longest.items())]
            lowest = min(decisive, key=lambda row: (row.get("validation_error", 0), row["validation_loss"] or 9e9))
            assert recipes[name].setting == Setting(*(lowest[key] for key in Setting._fields))


@pytest.mark.slow
@pytest.mark.parametrize("experiment", list(filter(trained.has_results, SEARCHED)))
def test_runs_that_name_their_setting_have_that_of_the_recipe(experiment):
    recipes = recipes_of(experiment)
    for record in trained.results(experiment):
        if "learning_rate" in record:
            assert recipes[record["model"]].setting == Setting(*(record[key] for key in Setting._fields))


@pytest.mark.parametrize(("page", "sentence", "experiments", "models"), CAVEATS)
def test_a_page_says_that_settings_are_unequal_exactly_while_they_are(page, sentence, experiments, models):
    searched = [
        trained.has_searched_setting(experiment, model)
        for experiment in experiments
        for model in models or trained.parameters(experiment)
    ]
    assert (sentence in page.read_text(encoding="utf-8")) == (not all(searched))
