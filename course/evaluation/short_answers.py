"""Short answers: whether one is the right one, and how many words it has in common with it."""

import re
import string
from collections import Counter

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized_answer(text: str) -> str:
    """The answer without capitals, punctuation and the articles a, an, the; one space between words.

    Source: `normalize_answer` of SQuAD's evaluation script, Rajpurkar et al. 2016, section 6.1.
    """
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact_answer(prediction: str, right: str) -> float:
    """1 where both answers are the same after `normalized_answer`, else 0."""
    return float(normalized_answer(prediction) == normalized_answer(right))


def word_f1(prediction: str, right: str) -> float:
    """The harmonic mean of the shares of words that are right and that were found, after `normalized_answer`.

    Two answers without a word are the same, and get 1; one without a word against one with some gets 0.

    Source: Rajpurkar et al. 2016, section 6.1.
    """
    found, wanted = (normalized_answer(text).split() for text in (prediction, right))
    if not found or not wanted:
        return float(found == wanted)
    common = (Counter(found) & Counter(wanted)).total()
    return 2 * common / (len(found) + len(wanted))
