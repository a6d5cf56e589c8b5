"""Whatever a person can type is drawn as typed, in every figure that takes text, and makes none wider than a page."""

import warnings
from collections.abc import Sequence

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.text import Text

from course.evaluation import reliability
from course.intervals import Interval
from course.viz import figures
from course.viz.attention.figures import NumberTable, attention_steps_figure
from course.viz.dpo.pair_figure import pair_figure
from course.viz.evaluation.leaderboard_figure import ranks_figure
from course.viz.evaluation.threshold_figure import threshold_pictures
from course.viz.figures.bars import number_bars, share_bars
from course.viz.figures.error_by_length import error_by_length
from course.viz.fine_tuning.figures import threshold_figure
from course.viz.fine_tuning.scored_texts import ScoredTexts
from course.viz.instruction.answers_figure import AnswerColumn, answers_figure
from course.viz.instruction.conversation_figure import conversation_figure
from course.viz.instruction.conversation_reading import SaidToken
from course.viz.instruction.filter_figure import RuleLine, filter_figure
from course.viz.kit.html import Bar
from course.viz.kit.interactive import Interactive
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.style import DPI, drawable
from course.viz.kit.text import StripToken, visible
from course.viz.peft.figures import ranks_over_steps
from course.viz.peft.fusion_map import TokenRow, fusion_map
from course.viz.peft.switch_figure import switch_figure
from course.viz.peft.update_picture import update_picture
from course.viz.peft.update_reading import CHANGED, TRAINED, WITHOUT, UpdateReading
from course.viz.peft.wiring import Box, Wiring
from course.viz.peft.wiring_figure import wiring_figure
from course.viz.positions.figures import distance_panels, loss_by_position, two_arrows, wave_matrix
from course.viz.prompting.block_list import Card
from course.viz.prompting.blocks_figure import blocks_figure
from course.viz.rag.text_figure import Paragraph, text_figure
from course.viz.rlhf.answer_figure import answer_figure
from course.viz.rlhf.scatter_figure import scatter_figure
from course.viz.rlhf.scatter_points import ScatterPoint, ScatterSample
from course.viz.scaling.frontier_figure import frontier_figure
from course.viz.scaling.prediction_figure import prediction_figure
from course.viz.scaling.sweep_figure import sweep_figure
from course.viz.seq2seq.figures import state_strips
from course.viz.tools.verdict_figure import Line, verdict_figure
from course.viz.what_language_models_do.families import Family, Grid
from course.viz.what_language_models_do.families_figure import families_figure
from course.viz.what_language_models_do.sizes_figure import Size, sizes_figure
from tests.support.scaling_runs import foretold, scaling_runs, target

TEXTS = (
    "$x$",
    "$5 and $$6$$",
    "a_b^c",
    r"\frac{1}{2}",
    "<img src=x onerror=alert(1)>",
    "%{x} &lt;",
    "한국어",
    "\u1112\u1161\u11ab",  # 한, in three letters
    "👩\u200d👩\u200d👧",
    "שלום مرحبا",
    "one\ntwo",
    "tab\there",
    "e\u0301a\u0323\u0308",  # combining marks
    "x" * 300,
    "many words " * 30,
)
SOME = [TEXTS[place] for place in (0, 2, 3, 4, 6, 9, 10, 13)]  # as many as there are colors
WIDEST = 860  # pixels of the page; a tick of the axis may stand out a little over PAGE_WIDTH


def numbers(n: int) -> np.ndarray:
    return np.linspace(0.9, 0.1, n)


def whole(n: int) -> np.ndarray:
    return np.full((n, n), 1 / n)


def threshold_of(title: str, names: tuple[str, str]) -> Figure:
    scored = ScoredTexts(("a", "b"), np.array([True, False]), np.array([0.7, 0.2]), tuple(names))
    return threshold_figure(scored, 0.5, scored.counts_at(0.5), title=title)


def wiring_of_boxes(title: str, texts: Sequence[str]) -> Figure:
    boxes = tuple(Box(text, "Linear", "1 → 1", 1, 0, "", part="LoRALinear", added=("down 1",)) for text in texts)
    return wiring_figure(Wiring(boxes[:1], boxes[1:2], boxes[2:], 1, 0, 1, ("a",)), 0, title=title, lines=[title])


def update_of(title: str, names: list[str]) -> Figure:
    logits = dict.fromkeys((WITHOUT, CHANGED, TRAINED), torch.zeros(len(names)))
    reading = UpdateReading(names[0], (2.0, 1.0), 1, 1.5, 0.8, 2, 2.0, 9.0, tuple(names), logits)
    return update_picture(reading, title=title, text=title, values_title=title, full=4.0)


def ranks_of(title: str, names: list[str]) -> Figure:
    n = len(names)
    return ranks_figure(
        names,
        [Interval(0.5, 0.4, 0.6, of="items")] * n,
        whole(n),
        np.arange(1, n + 1),
        numbers(n),
        title=title,
        xlabel=title,
        trivial=[True] + [False] * (n - 1),
        marks=["A", "B", *[""] * (n - 2)],
        said=[title],
    )


def thresholds_of(title: str) -> Figure:
    found, x = reliability(np.array([True, False]), np.array([0.7, 0.2])), np.array([0.0, 1.0])
    curves = {"accuracy": x, "F1": x, title[:20]: x}
    return threshold_pictures(x, curves, found, 0.5, title=title, said=[title])


# name → (a figure with this title and these labels, whether tokens are drawn with visible spaces, how many labels)
DRAWN = {
    "next_token_bars": lambda title, texts: figures.next_token_bars(texts, numbers(len(texts)), title=title, chosen=0),
    "share_bars": lambda title, texts: share_bars(texts, numbers(len(texts)), title=title, xlabel=title),
    "number_bars": lambda title, texts: number_bars(texts, -numbers(len(texts)), title=title, xlabel=title),
    "count_bars": lambda title, texts: figures.count_bars(texts, range(len(texts)), title=title, xlabel=title),
    "tokens_per_character": lambda title, texts: figures.tokens_per_character(
        {text: {"English": 0.2} for text in texts}, title=title
    ),
    "curves": lambda title, texts: figures.curves(
        [1, 2], {text: [place, place] for place, text in enumerate(texts[:8])}, title=title, xlabel=title, ylabel=title
    ),
    "hover_curves": lambda title, texts: figures.hover_curves(
        [1, 2], {text: [place, place] for place, text in enumerate(texts[:8])}, title=title, xlabel="x", ylabel=title
    ),
    "error_by_length": lambda title, texts: error_by_length(
        [1, 2], {text: [place / 9, 0] for place, text in enumerate(texts[:8])}, title=title
    ),
    "leaderboard": lambda title, texts: figures.leaderboard(
        {text: [place] for place, text in enumerate(texts[:8])}, title=title, xlabel=title + "."
    ),
    "frontier": lambda title, texts: figures.frontier(
        texts, range(1, len(texts) + 1), range(len(texts)), title=title, xlabel="x" + title, ylabel="y" + title
    ),
    "frontier_all": lambda title, texts: figures.frontier(
        texts, range(1, len(texts) + 1), range(len(texts)), title=title, xlabel="x", ylabel="y" + title, name_all=True
    ),
    "embedding_3d": lambda title, texts: figures.embedding_3d(
        {text: np.ones((2, 3)) for text in texts[:8]}, title=title, axes=("x", "y", "z" + title)
    ),
    "embedding_map": lambda title, texts: figures.embedding_map(
        torch.eye(len(texts) + 1)[1:], torch.eye(len(texts) + 1)[0], texts, texts, title, n=8, title=title
    ),
    "merge_curve": lambda title, texts: figures.merge_curve([3, 2], title=title),
    "attention_heatmap": lambda title, texts: figures.attention_heatmap(
        whole(len(texts)), texts, texts, title=title, xlabel=title, ylabel=title
    ),
    "attention_heatmaps": lambda title, texts: figures.attention_heatmaps(
        {title: whole(len(texts)), "other": whole(len(texts))}, texts, texts
    ),
    "head_grid": lambda title, texts: figures.head_grid(
        np.ones((len(texts), 2)) * numbers(len(texts))[:, None], texts, title=title, label=title
    ),
    "token_strip_figure": lambda title, texts: token_strip_figure({title: [*texts, StripToken("a", note=title)]}),
    "attention_steps_figure": lambda title, texts: attention_steps_figure(
        texts,
        numbers(len(texts)),
        numbers(len(texts)),
        [NumberTable("sum", ["1"], [("context", ["1"])])],
        texts,
        numbers(len(texts)),
        title=title,
        subtitle=title,
    ),
    "state_strips": lambda title, texts: state_strips(texts, whole(len(texts)), title=title),
    "wave_matrix": lambda title, texts: wave_matrix(whole(len(texts)), texts, position=0, dimension=1),
    "distance_panels": lambda title, texts: distance_panels(
        {text: [("black", np.ones(3))] for text in texts[:4]}, distance=3, last=4
    ),
    "two_arrows": lambda title, texts: two_arrows((0.0, 1.0), (2.0, 3.0), ("query", "key"), title=title),
    "reliability_diagram": lambda title, _texts: figures.reliability_diagram(
        reliability(np.array([True, False]), np.array([0.7, 0.2])), title=title
    ),
    "threshold_figure": lambda title, texts: threshold_of(title, texts[:2]),
    "wiring_figure": lambda title, texts: wiring_of_boxes(title, texts),
    "switch_figure": lambda title, texts: switch_figure(
        dict.fromkeys(texts, (0.3, 0.7)), texts[:2], {"number": ["1"] * len(texts)}, title=title, marked=0
    ),
    "blocks_figure": lambda title, texts: blocks_figure(
        [Card(place, "shot", title, text, title) for place, text in enumerate(texts)], title=title
    ),
    "filter_figure": lambda title, texts: filter_figure(
        [RuleLine(text, bool(place % 2), title) for place, text in enumerate(texts)],
        ((title, title), ("nearest", texts[0])),
        title=title,
        note=title,
    ),
    "answers_figure": lambda title, texts: answers_figure(
        [
            AnswerColumn(title, title, title, [StripToken(text, "≠ 1%", strength=0.1) for text in texts], title, ()),
            AnswerColumn("tuned", title, title, [], title, [(text, 0.5) for text in texts], title),
        ],
        title=title,
        caption=title,
        selected=1,
    ),
    "conversation_figure": lambda title, texts: conversation_figure(
        [("user", [(SaidToken(text, "user", False, True, (1.0, 12.5)), n < 9) for n, text in enumerate(texts)])],
        ("base", title),
        title=title,
    ),
    "ranks_over_steps": lambda title, texts: ranks_over_steps([0, 3], {text: [2, 1] for text in texts}, title=title),
    "fusion_map": lambda title, texts: fusion_map(
        [TokenRow(text, False, (0.7, 0.3)) for text in texts],
        ("a", "b" + title),
        [Bar(text, 0.5, "50%") for text in texts],
        title=title,
    ),
    "reward_frontier": lambda title, texts: figures.reward_frontier(
        {text: {"kl": [0, place + 1], title: [0, 1]} for place, text in enumerate(texts[:8])}, title=title
    ),
    "answer_bars": lambda title, texts: figures.answer_bars(
        texts, {name: np.full(len(texts), 1 / len(texts)) for name in ("a", title)}, title=title, target="a", most=20
    ),
    "log_ratio_history": lambda title, _texts: figures.log_ratio_history([0, 1], [0, 1], [0, -1], title=title),
    "answer_figure": lambda title, texts: answer_figure(
        [(text, [1.0, -1.0, 0.5, 0.0, 2.0]) for text in texts], title=title, note=title
    ),
    "scatter_figure": lambda title, texts: scatter_figure(
        [
            ScatterPoint(place, 1.0, -1.0, text, 1, (ScatterSample(title, text, 1.0),))
            for place, text in enumerate(texts)
        ],
        0,
        title=title,
    ),
    "pair_figure": lambda title, texts: pair_figure(
        [(text, title, text) for text in texts], "A" * len(texts), title=title
    ),
    "text_figure": lambda title, texts: text_figure(
        [Paragraph(text, title, place == 1) for place, text in enumerate(texts)], title=title, said=[title]
    ),
    "verdict_figure": lambda title, texts: verdict_figure(
        [Line(place % 3, text, "", (True, False, None)[place % 3]) for place, text in enumerate(texts)],
        title=title,
        said=[title],
    ),
    "update_picture": lambda title, texts: update_of(title, list(texts)),
    "ranks_figure": ranks_of,
    "threshold_pictures": lambda title, _texts: thresholds_of(title),
    "families_figure": lambda title, _texts: families_figure(
        [Family("BERT", "MiniLM", 1000, {"encoder": 2}, (Grid("a", "b", torch.ones(2, 2).bool()),))], title=title
    ),
    "sizes_figure": lambda title, texts: sizes_figure(
        [Size(text, 10.0**place) for place, text in enumerate(texts, 3)], title=title
    ),
    "sweep_figure": lambda title, _texts: sweep_figure(scaling_runs(), title=title),
    "frontier_figure": lambda title, _texts: frontier_figure(scaling_runs(0.01), n_resamples=5, title=title),
    "prediction_figure": lambda title, _texts: prediction_figure(foretold(), scaling_runs(), target(3.0), title=title),
    "loss_by_position": lambda title, texts: loss_by_position(
        {text: np.ones((1, 32)) for text in texts[:8]}, trained=16, title=title
    ),
}
WITHOUT_LABELS = {
    "merge_curve",
    "log_ratio_history",
    "two_arrows",
    "reliability_diagram",
    "update_picture",
    "threshold_pictures",
    "sweep_figure",
    "frontier_figure",
    "prediction_figure",
    "families_figure",
}
WITHOUT_TITLE = {"wave_matrix", "distance_panels"}
AT_MOST = {"distance_panels": 4, "threshold_figure": 2} | dict.fromkeys(
    (
        "curves",
        "hover_curves",
        "error_by_length",
        "leaderboard",
        "embedding_3d",
        "embedding_map",
        "loss_by_position",
        "reward_frontier",
        "scatter_figure",
    ),
    8,
)
ON_FRONTIER_ONLY = {"frontier"}  # those that are beaten are points without a name


def drawn_texts(figure: Figure) -> list[Text]:
    """The texts of a figure as it is saved: outside the style in which it was made, as in a notebook."""
    with warnings.catch_warnings(), matplotlib.rc_context({"text.parse_math": True}):
        warnings.simplefilter("error")  # a glyph that no font has
        figure.canvas.draw()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def is_drawn(typed: str, texts: list[str]) -> bool:
    """Whether it stands there as typed, with its spaces or with signs for them, or its beginning and "…"."""
    wanted = (drawable(typed), drawable(visible(typed)), " ".join(drawable(typed).split()))
    return any(
        text in wanted or (text.endswith("…") and any(whole.startswith(text[:-1].rstrip()) for whole in wanted))
        for text in (" ".join(text.split("\n")) for text in texts)
    )


@pytest.mark.slow
@pytest.mark.parametrize("title", ["$x_1^2$ \\frac <b>안녕 e\u0301</b> $", "x" * 300])
@pytest.mark.parametrize("name", DRAWN)
def test_typed_text_is_drawn_as_typed_and_fits(name, title):
    labels = SOME if name in AT_MOST else TEXTS
    made = DRAWN[name](title, labels)
    figure = made.picture if isinstance(made, Interactive) else made
    artists = drawn_texts(figure)
    formulas = [text.get_text() for text in artists if text.get_parse_math() and "$" in text.get_text()]
    assert formulas == []
    texts = [text.get_text() for text in artists]
    typed = [] if name in WITHOUT_LABELS | ON_FRONTIER_ONLY else labels[: AT_MOST.get(name, len(labels))]
    missing = [text for text in typed if not is_drawn(text, texts)]
    assert missing == []
    assert name in WITHOUT_TITLE or is_drawn(title, texts)
    assert DPI * figure.get_tightbbox().width <= WIDEST


def test_a_formula_would_be_found():
    figure = Figure()
    figure.text(0, 0, "$x$")
    assert drawn_texts(figure)[0].get_parse_math()
    assert not is_drawn("$x$", ["x"]) and is_drawn("abc", ["ab…"]) and not is_drawn("abc", ["b…"])
