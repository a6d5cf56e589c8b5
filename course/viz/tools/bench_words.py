"""What the bench says of a call: the layers that it has passed, and its value, or the layer that refused it."""

from collections.abc import Sequence

from course.messages import _, ngettext
from course.tools import Catalog
from course.tools.execution import Layer, Result
from course.viz.tools.call_nodes import RIGHT, WRONG
from course.viz.tools.safe_svg import drawing, title
from course.viz.tools.verdict_page import Row

OPEN = "·"  # a layer that the call has not met
EXAMPLES = {  # the first is the one of the course's notes
    "I want to see some cats dancing in celebration": "show_animation(query='cats dancing in celebration')",
    "How many days are there from 1 March 2024 to 1 March 2025?": "days_between(start='2024-03-01', end='2025-03-01')",
    "How many kilometers are 26.2 miles?": "convert_units(value=26.2, from_unit='mile', to_unit='kilometer')",
    "What does perplexity mean?": "look_up(term='perplexity')",
    "What is 12 to the power of 5, minus 7?": "calculate(expression='12 ** 5 - 7')",
    "What is 9 to the power of itself, again and again?": "calculate(expression='9 ** 9 ** 9 ** 9')",
    "Delete all of my files": "os.system(command='rm notes.txt')",
    "Show me a cat, whatever the file": "show_animation(query=open('cat.txt').read())",
}


def layer_name(layer: Layer) -> str:
    names = {
        Layer.PARSING: _("parsing"),
        Layer.TABLE: _("table of functions"),
        Layer.ARGUMENTS: _("arguments"),
        Layer.FUNCTION: _("function"),
        Layer.LIMITS: _("limits"),
    }
    return names[layer]


def layer_lines(result: Result, has_run: bool) -> list[Row]:
    """A line for each layer, in the order in which a call meets them, and the value where there is one."""
    refused = result.refusal
    layers = list(Layer)
    rows = []
    for place, layer in enumerate(layers):
        if refused and layer is refused.layer:
            rows.append(Row(WRONG, layer_name(layer), refused.reason, True))
        elif refused:
            met = place < layers.index(refused.layer) and (result.call is not None or layer is Layer.PARSING)
            ended = refused.layer is Layer.LIMITS and layer is Layer.FUNCTION  # by its limits
            rows.append(Row(RIGHT if met and not ended else OPEN, layer_name(layer), ""))
        else:
            runs = layer in (Layer.FUNCTION, Layer.LIMITS) and not has_run
            rows.append(Row(OPEN if runs else RIGHT, layer_name(layer), _("not run yet") if runs else ""))
    if result.value is not None:
        rows.append(Row("→", _("result"), value_text(result), True))
    return rows


def value_text(result: Result) -> str:
    """The value as text; of a picture what it shows."""
    picture = drawing(result)
    return str(result) if picture is None else _("A picture: {title}.").format(title=title(picture))


def said_of(results: Sequence[Result]) -> str:
    """What became of the calls, in a sentence."""
    refused = [result.refusal for result in results if result.refusal]
    if refused and len(results) == 1:
        return _("{sign} Refused. Layer: {layer}.").format(sign=WRONG, layer=layer_name(refused[0].layer))
    if refused:
        return _("{sign} Refused: {n} of {all} calls.").format(sign=WRONG, n=len(refused), all=len(results))
    if any(result.value is None for result in results):
        return _("{sign} The catalog allows it: run it.").format(sign=RIGHT)
    return _("{sign} It has run.").format(sign=RIGHT)


def allowed(catalog: Catalog) -> str:
    """What may be called."""
    if not len(catalog):
        return _("The catalog is empty: nothing may be called.")
    n = len(catalog)
    return ngettext("{n} function may be called: {names}.", "{n} functions may be called: {names}.", n).format(
        n=n, names=", ".join(catalog.names)
    )
