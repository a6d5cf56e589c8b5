"""The errors of trained models in each example of a test, in the form in which two models are compared."""

from course import trained
from course.intervals import RunCounts
from course.messages import _
from course.tasks.evaluation import evaluate
from course.tasks.task import Task


def run_counts(experiment: str, task: Task, model: str, test: str, *, items: str | None = None) -> RunCounts:
    """What the runs of a model got wrong in each example of a test: edits, and symbols that were to be predicted.

    They come from the records of all seeds where these keep each example, else from the stored weights, one seed, which
    are evaluated now. `items` names the examples: "words". Raises `ValueError` for a test that the task does not have,
    and for a model without a run.
    """
    if test not in task.tests:
        raise ValueError(
            _("There is no test {test!r} in this task. There are: {known}.").format(
                test=test, known=", ".join(task.tests)
            )
        )
    runs = [record["tests"][test] for record in trained.results(experiment) if record["model"] == model]
    if runs and all("items" in run for run in runs):
        counts = trained.items(experiment, model, test)
        return RunCounts(counts.errors, counts.symbols, items)
    outcomes = evaluate(trained.load(f"{experiment}/{model}"), task, task.tests[test])
    return RunCounts([[one.errors for one in outcomes]], [[len(one.target) for one in outcomes]], items)
