"""The command line of an experiment that trains nothing."""

import pytest

from experiments.running import parts_to_measure


@pytest.fixture
def parts(monkeypatch):
    def read(*arguments):
        monkeypatch.setattr("sys.argv", ["experiment", *arguments])
        return parts_to_measure("five_tasks", ("names", "summary"), tests=1, most=1)

    return read


def test_a_part_that_is_named_twice_is_measured_once(parts):
    assert parts("summary", "names", "summary").parts == ["summary", "names"]
    assert parts().parts == ["names", "summary"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("foo",), "no part 'foo'; there are: names, summary"),
        (("names", "--threads", "0"), "--threads is 0; it must be 1 or more"),
        (("names", "--tests", "5"), "--tests is 5; it must be from 1 to 1"),
        (("names", "--seeds", "1"), "invalid choice: 1"),
    ],
)
def test_what_is_refused(parts, capsys, arguments, said):
    with pytest.raises(SystemExit):
        parts(*arguments)
    assert said in capsys.readouterr().err
