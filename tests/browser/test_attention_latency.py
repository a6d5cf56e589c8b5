"""How long a typed letter takes in the attention explorer, in the browser, for each kind of model that it takes.

Measured from the key to the last frame in which anything of the explorer's drawings changed. The table is printed.
"""

import statistics

import nbformat
import pytest

from course.workshop.notebooks import KERNEL
from tests.support.speed import Pace

MEDIAN_MS, WORST_MS = 100, 200
LONG = 2  # times as much for texts of 400 characters
NOT_YET = "SmolLM2"  # on two cores its median is 100 to 140 ms: one token through its layers takes 40 ms of both
LETTERS = "understand"  # ten keys

SETUP = """
from course import trained
from course.pretrained import load
from course.tasks.dates import date_task
from course.tasks.pronunciation import pronunciation_task
from course.viz import AttentionExplorer

sounds, dates = pronunciation_task(), date_task()
explorer = AttentionExplorer(
    {
        "MiniLM": load("minilm"),
        "SmolLM2": load("smollm2"),
        "Transformer, pronunciation": (trained.load("pronunciation/transformer"), sounds),
        "Transformer, dates": (trained.load("dates/transformer"), dates),
        "LSTM with attention, dates": (trained.load("dates/lstm-additive"), dates),
    },
    layer=3,
    head=1,
)
explorer
"""

SENTENCE = "The animal didn't cross the street because it was too tired. "
# The model, its text, the keys that are typed behind it. The first two texts have 44 tokens, those after them more.
RUNS = {
    "MiniLM, 44 tokens": ("MiniLM", (SENTENCE * 4)[:182], LETTERS),
    "MiniLM, 400 characters": ("MiniLM", (SENTENCE * 9)[:400], LETTERS),
    "SmolLM2, 44 tokens": ("SmolLM2", (SENTENCE * 4)[:201], LETTERS),
    "SmolLM2, 200 characters": ("SmolLM2", (SENTENCE * 4)[:200], LETTERS),
    "SmolLM2, 400 characters": ("SmolLM2", (SENTENCE * 9)[:400], LETTERS),
    "Transformer, pronunciation": ("Transformer, pronunciation", "under", "standables"),
    "Transformer, dates": ("Transformer, dates", "25 D", "ecember203"),
    "LSTM with attention, dates": ("LSTM with attention, dates", "25 D", "ecember203"),
}


@pytest.mark.timed
def test_a_typed_letter_is_drawn_in_under_100_ms(lab, server, record_property):
    cell = nbformat.v4.new_code_cell(SETUP.strip())
    nbformat.write(
        nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL}), server.folder / "fast.ipynb"
    )
    lab.open("fast")
    lab.run_all()
    assert lab.errors() == []
    pace = Pace()
    rows = {name: type_letters(lab, *run) for name, run in RUNS.items()}
    lines = [f"{'typed letter, ms':30} tokens median worst"]
    for name, (tokens, times) in rows.items():
        lines.append(f"{name:30} {tokens:6} {statistics.median(times):6.0f} {max(times):5.0f}")
    slow_by = pace.ended()
    lines.append(f"this machine is {slow_by:.2f} times as slow as two quiet cores, and the limits are as much longer")
    table = "\n".join(lines)
    print("\n" + table)
    record_property("latency", table)
    assert rows["SmolLM2, 44 tokens"][0] == rows["MiniLM, 44 tokens"][0] == 44
    assert max(rows["SmolLM2, 44 tokens"][1]) < 5 * slow_by * MEDIAN_MS, table
    factor = {name: slow_by * (LONG if "400" in name else 1) for name in rows}
    slow = [name for name, (_tokens, times) in rows.items() if statistics.median(times) >= factor[name] * MEDIAN_MS]
    late = [name for name, (_tokens, times) in rows.items() if max(times) >= factor[name] * WORST_MS]
    assert all(name.startswith(NOT_YET) for name in {*slow, *late}), table
    if slow or late:
        pytest.xfail(table)


def type_letters(lab, model, text, keys):
    """The tokens of `text`, and the milliseconds of each key typed behind it."""
    cell = lab.cell("explorer = AttentionExplorer(")
    lab.evaluate(f"[setattr(explorer, 'model', {model!r}), setattr(explorer, 'text', {text!r})]")
    tokens = lab.evaluate("len(explorer.maps.keys)")
    field = cell.locator("textarea")
    lab.wait_until(lambda: field.input_value() == text, "the text is in the box")
    field.focus()
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("Control+End")
    lab.page.wait_for_timeout(500)
    drawings = cell.locator(".lm-attention-drawings")
    return tokens, [lab.time_key(key, drawings) for key in keys]
