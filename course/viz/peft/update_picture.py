"""The static picture of an `UpdateReading`: singular values at the left, norms and answers at the right."""

from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import drawable, in_course_style
from course.viz.peft.bar_block import bar_block, block_height
from course.viz.peft.update_reading import UpdateReading
from course.viz.peft.update_rows import answer_rows, norm_rows, share_rows, unshown_values, value_rows

WIDTH, LEFT_COLUMN, GAP = 8.0, 3.3, 0.3  # inches
LINE, BETWEEN = 0.22, 0.2  # inches
SHARE, NORMS = _("Kept of ‖ΔW‖²"), _("Frobenius norms")


@in_course_style
def update_picture(reading: UpdateReading, *, title: str, text: str, values_title: str, full: int | float) -> Figure:
    """`text` is what the model has read; `full` is where the axis of the singular values ends."""
    figure = new_figure(WIDTH, 4.0)
    lines = wrapped_within(figure, drawable(title), 11.0, WIDTH - 0.1, 2, "bold")
    read = wrapped_within(figure, drawable(text), 10.0, WIDTH - 0.1, 2)
    values_title = f"{values_title} {unshown_values(reading)}".strip()
    left = [(values_title, value_rows(reading), full), (SHARE, share_rows(reading), 1.0)]
    right = [(_("Probability of {name}").format(name=name), rows, 1.0) for name, rows in answer_rows(reading).items()]
    norms = norm_rows(reading)
    right.append((NORMS, norms, max(row.value for row in norms)))
    top = LINE * (len(lines) + len(read)) + 0.15
    sides = [sum(block_height(len(rows)) + BETWEEN for _name, rows, _full in side) for side in (left, right)]
    height = top + max(sides)
    figure.set_size_inches(WIDTH, height)
    figure.suptitle("\n".join(lines), x=0.0, y=1 - 0.02 / height, ha="left", va="top", fontsize=11.0, weight="bold")
    figure.text(0.0, 1 - (LINE * len(lines) + 0.04) / height, "\n".join(read), va="top", fontsize=10.0)
    for blocks, x, width in ((left, 0.0, LEFT_COLUMN), (right, LEFT_COLUMN + GAP, WIDTH - LEFT_COLUMN - GAP)):
        y = top
        for name, rows, end in blocks:
            bar_block(figure, name, rows, x, y, width, end)
            y += block_height(len(rows)) + BETWEEN
    return figure
