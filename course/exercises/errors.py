"""What a learner reads of an exception in their own code: the error, its line, and what usually is behind it."""

import inspect
import re
import traceback
from collections.abc import Callable

from course.exercises.answers import type_name
from course.messages import _

LONGEST = 300  # characters of the error's own text, and of the line

# The type of an error, or several, a pattern of its text, and a sentence on what usually is behind it.
USUAL_CAUSES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (KeyError, "", _("The dictionary has no such key: ask with `.get(key, default)`, or test `key in …` first.")),
    (
        IndexError,
        "too many indices|0-dim",
        _("There are fewer dimensions than indices: print the `.shape` of what you index."),
    ),
    (
        IndexError,
        "used as indices|only integers",
        _("An index is a whole number, or a tensor of whole numbers or bools: `/` gives a float, `//` a whole number."),
    ),
    (
        IndexError,
        "dimension out of range|out of bounds for array of dimension",
        _("The tensor has no such dimension: print its `.shape`. The last one is always −1."),
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
    (ValueError, r"torch\.cat|stack expects", _("There is nothing to join for this input: the list is empty.")),
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
    (TypeError, "unhashable", _("A list cannot be a key or be in a set. Make it a tuple: `tuple(…)`.")),
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
        "indices must be integers.* not tuple",
        _("A list takes one index at a time: `rows[i][j]`, and not `rows[i, j]`."),
    ),
    (
        TypeError,
        "indices must be integers.* not str",
        _("A list has places, and no keys: is it a dictionary that you mean, or the place of this text?"),
    ),
    (
        TypeError,
        "indices must be integers|slice indices|cannot be interpreted as an integer",
        _("This must be a whole number: `/` gives a float, `//` a whole number."),
    ),
    (
        TypeError,
        r"concatenate|unsupported operand|not supported between|bad operand|sequence item",
        _("The two sides are of types that do not go together: print `type(…)` of both."),
    ),
    (
        TypeError,
        "not iterable|non-iterable|not subscriptable|has no len|0-d tensor",
        _("This is one value, and you treat it as several: print it."),
    ),
    (TypeError, "must be Tensor", _("PyTorch's functions take tensors; for one number there is `math`.")),
    (TypeError, "is not callable", _("Parentheses call a function; items are taken with square brackets.")),
    (
        TypeError,
        "positional argument|keyword argument",
        _("The call hands over other arguments than the function takes: look at its signature."),
    ),
    (AttributeError, "NoneType", _("What is before the dot is `None`: was it returned by a function?")),
    (
        AttributeError,
        "",
        _("What is before the dot has nothing of that name: print its `type(…)`, and look at the spelling."),
    ),
    (
        RuntimeError,
        "changed size during",
        _("A dictionary must keep its keys while a loop goes over it: go over a copy."),
    ),
    (RuntimeError, "view size is not", _("`view` needs numbers that are in order in memory: `reshape` does not.")),
    (
        (RuntimeError, ValueError),
        "Boolean value of Tensor|truth value of an array",
        _("`if`, `and`, `or` and `max` ask for one True or False, and this holds many: take `.any()` or `.all()`."),
    ),
    (
        (RuntimeError, TypeError, ValueError),
        "converted to (Python )?scalar",
        _(
            "This takes one number, and yours are many. "
            "Tensors have functions of their own: `x.sqrt()`, where a number has `math.sqrt(x)`."
        ),
    ),
    (
        RuntimeError,
        "not implemented for '(Long|Int|Bool)|could not infer output dtype",
        _("This needs floating-point numbers, and the tensor holds whole ones: `.float()` makes them."),
    ),
    (RuntimeError, "boolean mask", _("A mask holds True and False: compare, or call `.bool()`.")),
    (
        (RuntimeError, ValueError),
        "shape|size|dimension|mat1|inconsistent tensor|broadcast|[12]-?D (tensors|argument)",
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
