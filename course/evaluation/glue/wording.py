"""An item of GLUE as one text for a language model: with the names of its fields, or with a separator."""

from collections.abc import Sequence

from course.data.glue_tasks import GlueTask, glue_task
from course.messages import _

STEP = 5  # T5 writes a score in steps of a fifth


def prefixed_text(name: str, texts: str | Sequence[str]) -> str:
    """The task's name, and each field's name before its text: "mrpc sentence1: … sentence2: …".

    The fields are in the order of the alphabet, so the hypothesis of MNLI comes before its premise. Raises `ValueError`
    for more or fewer texts than the task has fields.

    Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
    appendix D; google-research/text-to-text-transfer-transformer, t5/data/preprocessors.py.
    """
    task = glue_task(name)
    named = dict(zip(task.fields, _texts(task, texts), strict=True))
    task_name = "mnli" if name == "ax" else name
    return " ".join([task_name, *(f"{field}: {named[field]}" for field in sorted(named))])


def separated_text(name: str, texts: str | Sequence[str], separator: str = "[SEP]") -> str:
    """The texts with the separator between them, as BERT reads a pair.

    For a model that reads [SEP] as a token and knows two types of tokens, `course.fine_tuning.inputs.pair_row` builds
    the row from the two texts: a separator in a text is plain characters to the course's tokenizers. Raises
    `ValueError` as `prefixed_text` does.
    """
    return f" {separator} ".join(_texts(glue_task(name), texts))


def written_label(name: str, label: int | float) -> str:
    """A label as T5 writes it: the name of the class, or a score rounded to a fifth, "3.8".

    Raises `ValueError` for a number without a class. Source: that of `prefixed_text`.
    """
    task = glue_task(name)
    return f"{round(STEP * label) / STEP:.1f}" if task.is_score else task.class_name(int(label))


def _texts(task: GlueTask, texts: str | Sequence[str]) -> list[str]:
    found = [texts] if isinstance(texts, str) else list(texts)
    if len(found) != len(task.fields):
        raise ValueError(
            _("{task} has {due} fields, {fields}, and {n} texts were given.").format(
                task=task.short_name, due=len(task.fields), fields=", ".join(task.fields), n=len(found)
            )
        )
    return found
