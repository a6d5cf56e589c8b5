"""The compute-optimal frontier: the best size for each budget under five laws."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.alt_text import at_most
from course.viz.kit.large_numbers import short_number
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import drawable, in_course_style
from course.viz.scaling.frontier_drawing import axes_in, draw, scene_of
from course.viz.scaling.own_laws import (
    OwnLaws,
    Record,
    counting_names,
    own_laws,
    own_names,
    published,
    published_best,
    runs_among,
)

WIDTH, HEIGHT = 8.0, 4.8  # inches


@in_course_style
def frontier_figure(
    records: Sequence[Record], *, counting: str = "all", n_resamples: int = 200, title: str | None = None
) -> Figure:
    """The best size by the operations that are spent: the runs' own laws with a band, and the published ones.

    `counting` is what N counts in the runs' own laws; each published law counts as its authors do. The prediction and
    what it foretold are passed over. Raises `ValueError` for another way to count and as `fit_law` does.
    """
    own = own_laws(runs_among(records), counting, n_resamples=n_resamples)
    figure = new_figure(WIDTH, HEIGHT)
    axes = axes_in(figure, 0.75, 1.1, 5.3, 3.2)
    draw(axes, scene_of(own))
    shown = _("The best size by budget, law by law") if title is None else title
    [heading] = wrapped_within(figure, " ".join(drawable(shown).split()), 13.0, WIDTH - 0.9, 1, "bold")
    axes.set_title(heading)
    low, high = own.exponents
    words = (
        _(
            "Dots: the course's runs, which count {counting}. Band: 95 % of {n} resamples. By the law, N ∝ C^a with "
            "a = {exponent} [{low}, {high}]."
        )
        if own.by_parabolas is None
        else _(
            "Dots: the course's runs, which count {counting}. Band: 95 % of {n} resamples. By the law, N ∝ C^a with "
            "a = {exponent} [{low}, {high}]; by parabolas, a = {other}."
        )
    )
    said = words.format(
        counting=counting_names()[counting],
        n=n_resamples,
        exponent=f"{own.fit.law.size_exponent:.2f}",
        low=f"{low:.2f}",
        high=f"{high:.2f}",
        other="" if own.by_parabolas is None else f"{own.by_parabolas.exponent:.2f}",
    )
    axes.annotate(
        "\n".join(wrapped_within(figure, said, 10.0, WIDTH - 0.9, 2)),
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -40),
        textcoords="offset points",
        va="top",
        fontsize=10.0,
    )
    figure.set_label(at_most("\n".join([shown, said, *_in_words(own)])))
    return figure


def _in_words(own: OwnLaws) -> list[str]:
    """The best size of each law at both ends."""
    names, ends = own_names(), (1e11, 1e26)
    found = {names["own"]: [own.best(flops) for flops in ends]}
    by_parabolas = [best for best in map(own.best_by_parabolas, ends) if best is not None]
    found |= {names["parabolas"]: by_parabolas} if by_parabolas else {}
    found |= {name: [published_best(key, flops) for flops in ends] for key, name in published().items()}
    return [
        _("{name}: {low} parameters at 10¹¹ FLOPs, {high} at 10²⁶").format(
            name=name, low=short_number(first.parameters), high=short_number(last.parameters)
        )
        for name, (first, last) in found.items()
    ]
