"""Sources and tables on a page show the actual code and values."""

import inspect

import pytest

from course.tokenization.bpe_training import learn_merges
from course.tokenization.wordpiece import WordPiece
from course.viz.show import source, table


def test_source_is_the_package_s_own_with_its_file():
    page = source(learn_merges)
    assert inspect.getsource(learn_merges).rstrip() in page._repr_markdown_()
    assert page._repr_markdown_().startswith("`course/tokenization/bpe_training.py`")
    assert repr(page).startswith("# course/tokenization/bpe_training.py\ndef learn_merges(")


def test_a_method_stands_at_the_margin_and_several_follow_each_other():
    text = repr(source(WordPiece.encode, WordPiece.decode))
    assert "\ndef encode(self" in text and "\ndef decode(self" in text
    assert text.index("def encode") < text.index("def decode")


def test_numbers_are_rounded_grouped_and_to_the_right_text_to_the_left():
    page = table(["name", "share", "count"], [["a", 0.12345, 1234567], ["long name", 10.0, 2]])
    assert repr(page).splitlines() == [
        "name        share      count",
        "a           0.123  1,234,567",
        "long name  10.000          2",
    ]
    assert page._repr_markdown_().splitlines()[1] == "|:---|---:|---:|"


def test_a_bar_in_a_cell_does_not_end_the_cell():
    assert r"| a\|b |" in table(["x"], [["a|b"]])._repr_markdown_()


def test_truth_values_are_words():
    assert "True" in repr(table(["ok"], [[True]]))


def test_a_row_of_the_wrong_length_is_named():
    with pytest.raises(ValueError, match=r"\['a', 1\] has 2 values; the table has 1 columns"):
        table(["x"], [["a", 1]])


def test_a_table_without_rows_has_its_heading():
    assert repr(table(["x", "y"], [])) == "x  y"
