"""Points and paths in three dimensions, to turn: an embedding, a trajectory, a helix."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

from course.messages import _
from course.viz.kit.interactive import Interactive, check_columns
from course.viz.kit.layout import Numbers, new_figure, shortened
from course.viz.kit.plotly_style import markup, new_live_figure, rounded, written
from course.viz.kit.style import colors_for, drawable, in_course_style

ELEVATION, AZIMUTH = 20, -60  # degrees from which both sides look
DISTANCE = 2.3  # of plotly's eye from the middle of the box
PROPORTIONS = {"x": 1.5, "y": 1, "z": 1}


def embedding_3d(
    groups: Mapping[str, Numbers],
    *,
    title: str,
    axes: tuple[str, str, str],
    labels: Mapping[str, Sequence[str]] | None = None,
    joined: bool = False,
) -> Interactive:
    """Points in space to turn and point at, a color for each group.

    groups: name → (n, 3). axes: the names of the three numbers. labels: group → what each of its points is called.
    `joined` draws the points of a group as one path, in their order. Raises `ValueError` without a group, for a group
    that is empty, of another shape, not finite, or without a label for each point, and for a name that is there twice.
    """
    if not groups:
        raise ValueError(_("There is no group of points to draw. Give at least one."))
    check_columns(*groups)
    check_columns(_("group"), _("points"), *axes)
    points = {name: np.asarray(values, dtype=float) for name, values in groups.items()}
    for name, values in points.items():
        if values.ndim != 2 or values.shape[1] != 3:
            raise ValueError(_("{name!r} has the shape {shape}, not (n, 3).").format(name=name, shape=values.shape))
        if not len(values):
            raise ValueError(_("{name!r} has no points. Leave the group out.").format(name=name))
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
            raise ValueError(
                _("Point {place} of {name!r} is {point}, which has no place in space. Leave it out.").format(
                    place=place, name=name, point=values[place].tolist()
                )
            )
        if labels is not None and name not in labels:
            raise ValueError(
                _("{name!r} has no labels, only: {names}. Give labels for each group, or none.").format(
                    name=name, names=", ".join(map(repr, labels)) or "–"
                )
            )
        if labels is not None and len(labels[name]) != len(values):
            raise ValueError(
                _("{name!r} has {points} points and {labels} labels.").format(
                    name=name, points=len(values), labels=len(labels[name])
                )
            )
    colors = colors_for(points)
    where = "<br>".join(f"{markup(axis)}: %{{{letter}:.4~g}}" for axis, letter in zip(axes, "xyz", strict=True))
    traces = [
        go.Scatter3d(
            **{letter: rounded(column) for letter, column in zip("xyz", values.T, strict=True)},
            name=markup(name),
            text=[markup(label) for label in labels[name]] if labels else None,
            mode="lines" if joined else "markers",
            line={"color": colors[name], "width": 4},
            marker={"color": colors[name], "size": 4},
            hovertemplate=("<b>%{text}</b><br>" if labels else "") + where,
        )
        for name, values in points.items()
    ]
    turn, rise = np.radians([AZIMUTH, ELEVATION])
    eye = DISTANCE * np.array([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])
    live = new_live_figure(
        traces,
        title=title,
        scene={f"{letter}axis": {"title": {"text": markup(axis)}} for letter, axis in zip("xyz", axes, strict=True)}
        | {
            "aspectmode": "manual",
            "aspectratio": PROPORTIONS,
            "camera": {"eye": dict(zip("xyz", rounded(eye), strict=True)), "center": {"x": 0, "y": 0, "z": -0.15}},
        },
    )
    numbers = [
        {_("group"): name, _("points"): len(values)}
        | {
            axis: _("{low} to {high}").format(low=written(column.min()), high=written(column.max()))
            for axis, column in zip(axes, values.T, strict=True)
        }
        for name, values in points.items()
    ]
    head = _("{title}. In space, by {x}, {y} and {z}:").format(title=title, x=axes[0], y=axes[1], z=axes[2])
    lines = [
        _("{name}: {n} points, {x}, {y} and {z}.").format(
            name=row[_("group")], n=row[_("points")], x=row[axes[0]], y=row[axes[1]], z=row[axes[2]]
        )
        for row in numbers
    ]
    picture = _space_picture(points, colors, title, axes, joined)
    return Interactive(live, picture, "\n".join([head, *lines]), numbers)


@in_course_style
def _space_picture(
    points: Mapping[str, np.ndarray], colors: Mapping[str, str], title: str, axes: tuple[str, str, str], joined: bool
) -> Figure:
    figure = new_figure(8.0, 4.2)
    box = Axes3D(figure, (0.0, 0.02, 0.82, 0.88))
    figure.add_axes(box)
    box.view_init(elev=ELEVATION, azim=AZIMUTH)
    box.set_box_aspect(tuple(PROPORTIONS.values()), zoom=1.15)
    names = {name: shortened(figure, drawable(name), 10.0, 1.8) for name in points}
    for name, values in points.items():
        if joined:
            box.plot(*values.T, color=colors[name], label=names[name])
        else:
            box.scatter(*values.T, color=colors[name], label=names[name], s=14, depthshade=False)
    xlabel, ylabel, zlabel = (shortened(figure, drawable(label), 11.0, 2.0) for label in axes)
    box.set(xlabel=xlabel, ylabel=ylabel, zlabel=zlabel)
    figure.legend(loc="center right", frameon=False)
    figure.suptitle(
        shortened(figure, drawable(title), 13.0, 7.8, "bold"), x=0.02, ha="left", fontweight="bold", fontsize=13.0
    )
    return figure
