"""What is stored in a file beside the records: a model, or a method that was put on one."""

from pathlib import Path

import safetensors


def is_method(file: Path) -> bool:
    """Whether `course.peft.save` wrote it, so that it is no model of its own."""
    with safetensors.safe_open(file, "pt") as stored:
        return "method" in (stored.metadata() or {})
