"""The words that BLEU counts: where a text is split decides a good part of the number."""

import re
import string
from collections.abc import Callable

ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
SIGN = re.compile("[" + re.escape("".join(sorted({*string.punctuation} - {*"'-.,"}))) + "]")
STOP_AFTER_NO_DIGIT, STOP_BEFORE_NO_DIGIT = re.compile(r"([^0-9])([.,])"), re.compile(r"([.,])([^0-9])")
DASH_AFTER_DIGIT = re.compile(r"([0-9])-")


def words_13a(text: str) -> list[str]:
    """The words and signs of a text, as the script mteval-v13a splits them; most published numbers of BLEU use it.

    A full stop or comma between two digits splits nothing, and no sign that is not ASCII does. So a Chinese or
    Japanese sentence without spaces is one word, and so is a Korean word with its particles: for these, characters or
    chrF say more.

    Source: Post 2018, "A Call for Clarity in Reporting BLEU Scores"; sacrebleu's tokenizer "13a".
    """
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, sign in ENTITIES:
        text = text.replace(entity, sign)
    text = SIGN.sub(r" \g<0> ", f" {text} ")
    text = STOP_AFTER_NO_DIGIT.sub(r"\1 \2 ", text)
    text = STOP_BEFORE_NO_DIGIT.sub(r" \1 \2", text)
    return DASH_AFTER_DIGIT.sub(r"\1 - ", text).split()


def characters(text: str) -> list[str]:
    """The characters of a text, without white space."""
    return [*"".join(text.split())]


TOKENIZERS: dict[str, Callable[[str], list[str]]] = {"13a": words_13a, "char": characters, "none": str.split}
