"""The stored model of lesson 17 writes what its record says, and only calls of the catalog where it is constrained."""

import pytest

from course import trained
from course.tasks.tool_calls import call_sets, right_function
from course.tasks.tool_model import stored_caller, write_for, written_call
from course.tools import Catalog, Outcome, check_text, parse_calls
from course.tools.local import local_toolbox


@pytest.fixture(scope="module")
def caller():
    return stored_caller()


@pytest.mark.slow
def test_the_stored_caller_writes_the_answers_of_its_record(caller):
    record = trained.record_of("tools", "tuned-longer")
    answers = dict(zip(record["ids"], record["cells"]["oracle"]["answers"], strict=True))
    short = sorted(answers, key=lambda id_: len(answers[id_]))[:3]
    for task in call_sets().test:
        if task.id in short:
            assert written_call(*caller, task.question, [right_function(task)]) == answers[task.id]


@pytest.mark.slow
@pytest.mark.parametrize(
    "request_", ["I want to see some cats dancing in celebration", "What does token mean?", "é한😀"]
)
def test_for_any_request_a_call_of_the_catalog_is_written(caller, request_):
    catalog = local_toolbox().catalog
    written = write_for(*caller)(request_, catalog)
    [call] = parse_calls(written, catalog)
    assert call.name in catalog
    assert check_text(written, catalog, []).outcome is not Outcome.HALLUCINATED


@pytest.mark.slow
def test_a_catalog_with_fewer_functions_than_are_read(caller):
    [function] = [one for one in local_toolbox().catalog if one.name == "look_up"]
    assert write_for(*caller)("What does token mean?", Catalog([function])).startswith("look_up(")


@pytest.mark.slow
def test_an_empty_catalog_is_refused(caller):
    with pytest.raises(ValueError, match="catalog"):
        write_for(*caller)("What does token mean?", Catalog([]))
