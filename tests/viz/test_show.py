"""Sources and tables on a page show the actual code and values."""

import inspect
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from markdown_it import MarkdownIt

from course.evaluation import Spread
from course.intervals import Interval, exact
from course.tokenization.bpe_training import learn_merges
from course.tokenization.wordpiece import WordPiece
from course.viz.highlighting import highlighted
from course.viz.show import say, source, table


def test_source_is_the_package_s_own_with_its_file():
    page = source(learn_merges)
    shown = ElementTree.fromstring(f"<div>{page._repr_html_()}</div>")
    assert "".join(shown.find("pre").itertext()) == inspect.getsource(learn_merges).rstrip()
    assert shown.find("p/code").text == "course/tokenization/bpe_training.py"
    assert repr(page).startswith("# course/tokenization/bpe_training.py\ndef learn_merges(")


def test_code_keeps_its_lines_in_a_named_box_that_scrolls():
    pre = ElementTree.fromstring(f"<div>{source(learn_merges)._repr_html_()}</div>").find("pre")
    assert "white-space: pre;" in pre.get("style") and "overflow-x: auto" in pre.get("style")
    assert (pre.get("role"), pre.get("aria-label"), pre.get("tabindex")) == (
        "region",
        "course/tokenization/bpe_training.py",
        "0",
    )


@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ("for x in y:\n    pass\n", [("k", "for"), ("k", "in"), ("k", "pass")]),
        ("x = '<b>&' # $x$\n", [("s", "'<b>&'"), ("c", "# $x$")]),
        ('"""two\nlines"""\n한국 = 1.5e3\n', [("s", '"""two\nlines"""'), ("n", "1.5e3")]),
    ],
)
def test_code_is_colored_and_escaped(code, marked):
    tree = ElementTree.fromstring(f"<pre>{highlighted(code)}</pre>")
    assert "".join(tree.itertext()) == code
    assert [(part.get("class").removeprefix("lm-"), part.text) for part in tree.iter("span")] == marked


def test_say_prints_as_print_does_and_breaks_no_word(capsys):
    InteractiveShell.instance()
    with capture_output() as captured:
        say("a <b> $x$", 3, sep=", ")
    (shown,) = captured.outputs
    assert shown.data["text/plain"] == "a <b> $x$, 3"
    page = ElementTree.fromstring(shown.data["text/html"])
    assert page.text == "a <b> $x$, 3" and "mathjax_ignore" in page.get("class")
    assert "white-space: pre-wrap" in page.get("style") and "break-all" not in page.get("style")


def test_the_lines_of_what_is_said_need_no_style():
    InteractiveShell.instance()
    with capture_output() as captured:
        say("<a>\nb\n\n  c")
    page = ElementTree.fromstring(captured.outputs[0].data["text/html"].replace("<br>", "<br/>"))
    assert (page.text, *(each.tail or "" for each in page)) == ("<a>", "b", "", "  c")
    assert captured.outputs[0].data["text/plain"] == "<a>\nb\n\n  c"


def test_a_method_stands_at_the_margin_and_several_follow_each_other():
    text = repr(source(WordPiece.encode, WordPiece.decode))
    assert "\ndef encode(self" in text and "\ndef decode(self" in text
    assert text.index("def encode") < text.index("def decode")


def test_numbers_are_rounded_grouped_and_to_the_right_text_to_the_left():
    page = table([{"name": "a", "share": 0.12345, "count": 1234567}, {"name": "long name", "share": 10.0, "count": 2}])
    assert repr(page).splitlines() == [
        "name        share      count",
        "a           0.123  1,234,567",
        "long name  10.000          2",
    ]
    assert page._repr_markdown_().splitlines()[:3] == [
        "| name | share | count |",
        "|:---|---:|---:|",
        "| a | 0.123 | 1,234,567 |",
    ]


def cells(*values, **options):
    """How values read in a table of one column."""
    return [line.strip() for line in repr(table([{"x": value} for value in values], **options)).splitlines()[1:]]


def alignment(*values, **options):
    return table([{"x": value} for value in values], **options)._repr_markdown_().splitlines()[1].strip("|")


def test_the_type_decides_how_a_value_reads():
    assert cells(1234, -2, 0.5, True, False, None, "text") == ["1,234", "−2", "0.500", "✓", "✗", "", "text"]
    assert cells((2, 7), torch.Size([2, 7]), [1, 2]) == ["(2, 7)", "(2, 7)", "[1, 2]"]
    assert cells(np.float32(0.5), np.int64(1234), np.bool_(True), torch.tensor(0.5)) == ["0.500", "1,234", "✓", "0.500"]
    assert cells("two\nlines") == ["two lines"]


def test_a_minus_is_a_minus_and_zero_has_none():
    assert cells(-0.0004, -0.0006, -1e-9, 0.0) == ["0.000", "−0.001", "0.000", "0.000"]
    assert cells(-0.004, 0.004, -0.02, formats={"x": "+.0%"}) == ["0%", "0%", "−2%"]
    assert cells("-0.5", "-0.00", "-12%", "a - b", "-") == ["−0.5", "0.00", "−12%", "a - b", "-"]


def test_a_column_of_small_numbers_is_not_a_column_of_zeros():
    assert cells(1e-9) == ["1.00e−09"] and cells(3e-4, -1e-4, 0.0) == ["0.000300", "−0.000100", "0.000"]
    assert cells(0.5, 1e-9) == ["0.500", "0.000"], "noise beside numbers that read is 0"
    assert cells(1e300, 0.5) == ["1.00e+300", "0.500"]
    assert cells(0.0, None, np.nan) == ["0.000", "", "nan"]
    assert alignment(1e-9, "1.00e−09", Spread([1e-9, 2e-9])) == "---:"


def test_spreads_print_themselves_and_the_table_says_what_they_are_over():
    seeds, draws = Spread([0.94, 0.99, 1.0], unit="%"), Spread([1.0, 3.0], of="draws")
    note = "± is the standard deviation over 3 seeds, 2 draws."
    page = table([{"a": seeds, "b": draws}, {"a": seeds}])
    assert repr(page).splitlines() == [
        "           a            b",
        "97.7 ± 3.2 %  2.00 ± 1.41",
        "97.7 ± 3.2 %",
        note,
    ]
    assert page._repr_markdown_().endswith(f"| 97.7 ± 3.2 % |  |\n\n{note}")
    assert repr(table([{"a": seeds, "b": draws}], ["b"])).endswith("over 2 draws.")
    assert "±" not in repr(table([{"a": Spread([0.5])}]))


def test_text_that_is_a_number_aligns_as_one():
    for number in ("12%", "12.5 %", "1,024", "−0.5", "8.6 ± 0.1 %", 3, 0.5, Spread([1.0, 2.0])):
        assert alignment(number, None, "", "–") == "---:", number
    for text in ("a coin", "12% of them", "3 to 5", (3, 5)):
        assert alignment(text, "12%") == ":---", text
    assert alignment(True, None, False) == ":---:"
    assert alignment(None, "") == ":---"


def test_a_format_is_for_the_numbers_of_its_column():
    assert cells(0.125, 2, "none", formats={"x": ".0%"}) == ["12%", "200%", "none"]
    assert cells(0.125, 2, formats={"x": lambda value: f"{value} s"}) == ["0.125 s", "2 s"]
    assert alignment(0.1, formats={"x": ".0%"}) == "---:"
    assert alignment(["A", "B"], formats={"x": " ".join}) == ":---"


def test_one_format_alone_is_for_all_floats():
    assert cells(0.125, 1234, "text", True, formats=".0%") == ["12%", "1,234", "text", "✓"]


def test_columns_come_as_they_first_appear_and_what_is_missing_is_blank():
    page = table([{"a": "x", "b": "y"}, {"c": "z", "b": "w"}])
    assert page._repr_markdown_().splitlines() == ["| a | b | c |", "|:---|:---|:---|", "| x | y |  |", "|  | w | z |"]


def test_columns_are_chosen_and_renamed():
    records = [{"a": 1, "b": 2, "c": 3}]
    assert repr(table(records, ["c", "a"])).split() == ["c", "a", "3", "1"]
    assert repr(table(records, {"b": "second", "a": "first"})).split() == ["second", "first", "2", "1"]


def test_a_bar_in_a_cell_or_heading_does_not_end_it():
    lines = table([{"x|y": "a|b"}])._repr_markdown_().splitlines()
    assert lines[0] == r"| x\|y |" and lines[2] == r"| a\|b |"


def markdown_of(text: str) -> str:
    return table([{"x": text}])._repr_markdown_().splitlines()[2].removeprefix("| ").removesuffix(" |")


@pytest.mark.parametrize(
    "text", ["<unk>", "*x*", "_x_", "$x$", "a `b", r"x\|y", "~~x~~", "[a](b)", "&lt;", "`<s>` <s> ``a`|``"]
)
def test_markdown_reads_as_the_plain_text(text):
    """As a table is read: first `\\|` is a bar, then the text of the cell."""
    [inline] = MarkdownIt().enable("strikethrough").parseInline(markdown_of(text).replace(r"\|", "|"))
    assert {token.type for token in inline.children} <= {"text", "text_special", "code_inline"}
    read = "".join(f"`{t.content}`" if t.type == "code_inline" else t.content for t in inline.children)
    assert read == text.replace("``", "`") and cells(text) == [text]
    assert "$" not in markdown_of(text).replace(r"\$", "")


def test_code_and_names_are_left_alone_in_markdown():
    for text in ("`_, x = f(**k)`", "at_affix", "[CLS]", "a & b"):
        assert markdown_of(text) == text


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\x0b"])
def test_a_line_that_ends_does_not_end_the_row(end):
    page = table([{f"two{end}lines": f"a{end}b"}])
    assert page._repr_markdown_().splitlines() == ["| two lines |", "|:---|", "| a b |"]
    assert repr(page).splitlines() == ["two lines", "a b"]


def test_an_error_in_a_format_names_its_column():
    with pytest.raises(ValueError, match=r"column 'share' does not fit 'x': TypeError: ") as caught:
        table([{"share": "x"}], formats={"share": lambda value: f"{value / 2}"})
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize(
    ("records", "options", "message"),
    [
        ([{"a": 1}], {"columns": ["b"]}, "No record has the column 'b'. The columns are: 'a'"),
        ([{"a": 1}], {"columns": {"b": "B"}}, "No record has the column 'b'"),
        ([{"a": 1}], {"formats": {"b": ".1f"}}, "No record has the column 'b'"),
        ([{"a": 1.5}], {"formats": {"a": "d"}}, "format 'd' of the column 'a' does not fit 1.5"),
        ([{"a": 1.5}], {"formats": "d"}, "format 'd' of the column 'a' does not fit 1.5"),
        ([], {}, "nothing to show"),
        ([{}], {}, "nothing to show"),
    ],
)
def test_what_does_not_fit_is_named(records, options, message):
    with pytest.raises(ValueError, match=message):
        table(records, **options)


@pytest.mark.parametrize(("records", "named"), [(["a", "b"], "'a'"), ([["a", 1]], r"\['a', 1\]")])
def test_a_record_that_is_no_dictionary_is_named(records, named):
    unchecked = inspect.unwrap(table)  # lessons run without the tests' check of types
    with pytest.raises(ValueError, match=f"A record is a dictionary, column by column; {named} is not one"):
        unchecked(records)


def test_a_table_without_rows_has_its_heading():
    assert repr(table([], ["x", "y"])) == "x  y"


def test_an_interval_prints_itself_and_says_below_what_it_covers():
    records = [
        {"model": "lstm", "error": Interval(0.08, 0.07, 0.09, "3 seeds × 83 words", "%")},
        {"model": "transformer", "error": Interval(0.1, 0.09, 0.11, "3 seeds × 83 words", "%")},
        {"model": "none", "error": exact(1, "all 83 words", "%")},
    ]
    assert repr(table(records)).splitlines()[1:] == [
        "lstm           8.0 % [7.0, 9.0]",
        "transformer  10.0 % [9.0, 11.0]",
        "none                    100.0 %",
        "In brackets: the interval (95 %, 3 seeds × 83 words).",
    ]
