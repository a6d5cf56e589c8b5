"""An article in one sentence: SmolLM2 by a prompt, measured by ROUGE-1 and ROUGE-L."""

import functools
import re
from collections import Counter

from course.data import news_articles
from course.data.splits import draw
from course.evaluation.rouge import rouge_words
from course.layers.sizes import require_whole
from course.messages import _
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.prompts import asking
from course.tasks.language_tasks.task import Answer, Item, LanguageTask, Text, each, one_fold

N_TEST, LONGEST = 100, 48
MOST_WORDS = 200  # of an article, for every system: its first ones
SHORT = 3  # letters: shorter words say little
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[\"“‘'(]*[A-Z0-9])")
WORDINGS = (
    "Summarize this article in one sentence.\n\n{text}",
    "{text}\n\nIn one short sentence, what is the article above about?",
    "{text}\n\nTL;DR:",
)


@functools.cache
def summarizing() -> LanguageTask:
    """The task, on articles drawn from XSum. Raises `AssetError` without them."""
    items = tuple(Item(Text(beginning(one.text)), one.summary, one.number) for one in draw(news_articles(), N_TEST))
    systems = {
        "trivial": lambda _held_out: each(_lead),
        "simple": lambda _held_out: each(_central),
        "model": lambda _held_out: asking(WORDINGS[0], longest=LONGEST),
    }
    return LanguageTask(
        "summary", _("Summarization"), items, MEASURES["summary"], systems, one_fold(items), WORDINGS, longest=LONGEST
    )


def beginning(text: str, n_words: int = MOST_WORDS) -> str:
    """The text up to the last sentence that ends within so many words; the words themselves where none does.

    Raises `ValueError` for less than 1 word.
    """
    require_whole(n_words, "n_words")
    if len(text.split()) <= n_words:
        return text.strip()
    kept, count = [], 0
    for sentence in sentences(text):
        count += len(sentence.split())
        if count > n_words:
            break
        kept.append(sentence)
    return " ".join(kept) or " ".join(text.split()[:n_words])


def sentences(text: str) -> list[str]:
    """The sentences of a text, cut by a rule at its full stops and between its lines."""
    return [part.strip() for line in text.splitlines() for part in SENTENCE_END.split(line) if part.strip()]


def _lead(text: Text) -> Answer:
    return Answer(next(iter(sentences(text.text)), ""))


def _central(text: Text) -> Answer:
    """The sentence whose words are, on average, the most frequent of the text; words of three letters or fewer aside.

    Source: the idea is SumBasic's, Nenkova and Vanderwende 2005, "The Impact of Frequency on Summarization".
    """
    found = sentences(text.text)
    counts = Counter(word for word in rouge_words(text.text) if len(word) > SHORT)

    def mean(sentence: str) -> float:
        words = [word for word in rouge_words(sentence) if len(word) > SHORT]
        return sum(counts[word] for word in words) / len(words) if words else 0.0

    return Answer(max(found, key=mean, default=""))
