"""What a lesson's page shows of figures and questions, from the call of `use_course_style` on."""

import matplotlib
from IPython import get_ipython
from IPython.core.pylabtools import select_figure_formats
from IPython.display import display
from IPython.lib.pretty import RepresentationPrinter
from matplotlib.figure import Figure

from course.exercises.questions import Question
from course.viz.kit.alt_text import alt_text
from course.viz.kit.question_card import QuestionCard
from course.viz.kit.style import course_style, picture_html, png_base64

# JupyterLab breaks printed lines in the middle of a word, and lets the picture of a live figure be wider than the page.
PAGE_STYLE = (
    "<style>.jp-OutputArea-output pre:not([role=region]) { word-break: normal; overflow-wrap: break-word }"
    ".jp-RenderedPlotly img { max-width: 100%; height: auto }</style>"
)


def use_course_style() -> None:
    """Draw all further matplotlib figures of this notebook in the course's style.

    A cell shows a `Figure` as a sharp picture with an alternative text, a `Question` as a card that a click answers.
    On a narrow page, printed lines break between words from now on, and the pictures of live figures become smaller.
    """
    matplotlib.rcParams.update(course_style())
    if (shell := get_ipython()) is not None:
        select_figure_formats(shell, set())
        shell.display_formatter.formatters["text/html"].for_type(Figure, _shown)
        shell.display_formatter.formatters["text/plain"].for_type(Figure, _in_words)
        shell.display_formatter.ipython_display_formatter.for_type(Question, _asked)
        display({"text/html": PAGE_STYLE, "text/plain": ""}, raw=True)


def _shown(figure: Figure) -> str:
    """What a notebook shows of a figure that is a cell's value."""
    return picture_html(png_base64(figure), alt_text(figure))


def _in_words(figure: Figure, printer: RepresentationPrinter, _cycle: bool) -> None:
    printer.text(alt_text(figure))


def _asked(question: Question) -> None:
    """Show a question that is a cell's value as one that a click answers."""
    display(QuestionCard(question))
