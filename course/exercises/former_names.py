"""Names that exercises had when each began with its lesson's number: `06.split_heads`, now `transformer.split_heads`.

They are still in the notebooks that learners saved and in their progress files.
"""

# The lessons that had exercises then. Never changed: a lesson may get another number, but not these names.
FORMER_NUMBERS = {
    "00": "start_here",
    "02": "tokenization",
    "03": "seq2seq",
    "04": "attention",
    "05": "positions",
    "06": "transformer",
}


def current_name(name: str) -> str:
    """The name today of the exercise that is or was called `name`."""
    lesson, dot, function = name.partition(".")
    return f"{FORMER_NUMBERS.get(lesson, lesson)}{dot}{function}"
