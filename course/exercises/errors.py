"""What a learner reads of an exception in their own code: the error, its line, and what usually is behind it."""

import inspect
import re
import traceback
from collections.abc import Callable

from course.exercises.answers import type_name
from course.messages import _

LONGEST = 300  # characters of the error's own text, and of the line

# The type of an error, a pattern of its text, and a sentence on what usually is behind it.
USUAL_CAUSES: tuple[tuple[type[BaseException], str, str], ...] = (
    (KeyError, "", _("The dictionary has no such key: ask with `.get(key, default)`, or test `key in …` first.")),
    (
        IndexError,
        "dimension|too many indices",
        _("There are fewer dimensions than indices: print the `.shape` of what you index."),
    ),
    (
        IndexError,
        "",
        _("The last of n items has the index n − 1. Look at where your loop ends, and at inputs that are empty."),
    ),
    (
        ZeroDivisionError,
        "",
        _("Something you divide by is 0 for this input: a length or a count, perhaps, of something empty."),
    ),
    (UnboundLocalError, "", _("The name gets its value on another way through the function, or after this line.")),
    (
        NameError,
        "",
        _("The name is not known here: look at how it is spelled, and import inside the cell what it needs."),
    ),
    (
        RecursionError,
        "",
        _("The function calls itself without end: there must be an input for which it answers without a call."),
    ),
    (
        OverflowError,
        "",
        _(
            "A number has become too large for a float, which ends near 1e308: `exp(710)` is over it. "
            "Make it smaller before you take its power, or work with logarithms."
        ),
    ),
    (
        ValueError,
        "math domain error|expected a (positive|nonnegative) input",
        _("The logarithm of 0 or less, and the root of a negative number, do not exist: leave these out first."),
    ),
    (
        ValueError,
        r"(max|min)\(\)|empty (sequence|iterable)|non-empty",
        _("There is nothing to choose from for this input: `default=` says what then."),
    ),
    (
        ValueError,
        "unpack",
        _("The number of names on the left differs from the number of items on the right: print the right side."),
    ),
    (
        ValueError,
        r"zip\(\)",
        _("The two do not have the same length: print both lengths."),
    ),
    (TypeError, "unhashable", _("A list cannot be a key or lie in a set. Make it a tuple: `tuple(…)`.")),
    (
        TypeError,
        "NoneType",
        _("Something here is `None`. Functions without `return` give it, and methods such as `list.sort` do."),
    ),
    (
        TypeError,
        "does not support item assignment",
        _("This cannot be changed in place. Build a new one, or a list first."),
    ),
    (
        TypeError,
        "indices must be integers|slice indices",
        _("An index is a whole number: `/` gives a float, `//` a whole number."),
    ),
    (
        TypeError,
        r"concatenate|unsupported operand|not supported between|bad operand|sequence item",
        _("The two sides are of types that do not go together: print `type(…)` of both."),
    ),
    (TypeError, "is not callable", _("Parentheses call a function; items are taken with square brackets.")),
    (
        TypeError,
        "positional argument|keyword argument",
        _("The call hands over other arguments than the function takes: look at its signature."),
    ),
    (AttributeError, "NoneType", _("What stands before the dot is `None`: was it returned by a function?")),
    (AttributeError, "", _("What stands before the dot is of another type than you expect: print `type(…)` of it.")),
    (
        RuntimeError,
        "shape|size|dimension|mat1|inconsistent tensor|broadcast",
        _("The shapes do not go together: print `.shape` of both, and compare with those in the docstring."),
    ),
    (RuntimeError, "dtype|same type|expected .* (Float|Long|Double|Int)", _("The tensors are of two number types.")),
    (MemoryError, "", _("The computer cannot hold that much: is something larger than it should be?")),
    (StopIteration, "", _("`next` finds nothing more: `next(…, default)` says what then.")),
    (AssertionError, "", _("The `assert` is your own: what it says of this input is not true.")),
    (SystemExit, "", _("`exit` ends the whole program. A function hands back its answer with `return`.")),
)


def explain(function: Callable[..., object], error: BaseException) -> str:
    """The error in one or two sentences, with the line of the learner's own code that raised it.

    Reading the error may run code of the learner's, its `__str__`, so that this may raise anything.
    """
    text = _first_line(error)
    file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not own:
        sentence = _("Your function stops with `{error}`.").format(error=text)
    elif own[-1].line:
        sentence = _("Your function stops with `{error}` in line {line} of your cell: `{code}`.").format(
            error=text, line=own[-1].lineno, code=_shortened(own[-1].line)
        )
    else:
        sentence = _("Your function stops with `{error}` in line {line} of your cell.").format(
            error=text, line=own[-1].lineno
        )
    return f"{sentence} {cause}" if (cause := usual_cause(error, text)) else sentence


def usual_cause(error: BaseException, text: str) -> str:
    """What usually is behind such an error, or nothing."""
    found = (
        sentence
        for kind, pattern, sentence in USUAL_CAUSES
        if isinstance(error, kind) and re.search(pattern, text, re.IGNORECASE)
    )
    return next(found, "")


def _first_line(error: BaseException) -> str:
    """The error's type and the first line of its text."""
    try:
        text = str(error).strip()
    except BaseException:
        text = ""
    line = f"{type_name(type(error))}: {text}".splitlines()[0].removesuffix(": ")
    return _shortened(line)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
