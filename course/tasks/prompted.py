"""Three uses of a prompt, on real texts: classification, extraction, summary; each with its measure and a baseline.

Nothing is trained. A task has texts with right answers to draw shots from and, about other movies or articles, texts to
test on; its measures compare an answer with the right one; its baseline answers by a rule that reads no more than the
shots. SmolLM2 reads plain prompts here, without its chat template.
"""

import functools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from course.data import Article, encyclopedia, movie_reviews, split_by_movie
from course.data.encyclopedia import split_by_title
from course.data.splits import draw
from course.decoding import generate
from course.evaluation import exact_answer, rouge, word_f1
from course.fine_tuning.inputs import require_list
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_whole
from course.prompting import PromptTemplate, Shot, answer_scores
from course.tasks.labelled import CLASSES
from course.tokenization import ByteLevelBPE, Tokenizer

N_POOL, N_TEST = 200, 200  # texts, drawn
MAX_ANSWER = 24  # tokens of a generated answer
MOST_CHARACTERS = 400  # of an article's first sentence: longer ones leave little room for shots
SENTENCE_END = re.compile(r"(?<=[a-z0-9)\]\"”]{2}[.!?])\s+(?=[A-Z])")
NAME = re.compile(r"[A-Z0-9][\w'’.-]*(?:[ ](?:of|the|and|in|de|van|von)(?=[ ][A-Z])|[ ][A-Z0-9][\w'’.-]*)*")
FIRST_WORDS = re.compile(r"^(?:The|A|An)[ ]")

Measure = Callable[[str, str], float]
Baseline = Callable[[str], str]


@dataclass(frozen=True)
class PromptedTask:
    """A task that a prompt can state. `pool` and `tests` are texts with their right answers, of different groups.

    An answer begins with the space that follows the prompt. `choices` are all answers there are, or none where the
    answer is free text. `measures` give a number from 0 to 1 for an answer and the right one; their mean is reported.
    `baseline` makes, of the shots that a prompt has, a rule that answers a text.
    """

    name: str
    template: PromptTemplate
    pool: tuple[Shot, ...]
    tests: tuple[Shot, ...]
    measures: Mapping[str, Measure]
    baseline: Callable[[Sequence[Shot]], Baseline]
    choices: tuple[str, ...] = ()


def prompted_tasks() -> dict[str, PromptedTask]:
    """The three tasks by name. Raises `AssetError` when their texts cannot be fetched."""
    return {task.name: task for task in (classification(), extraction(), summary())}


@functools.cache
def classification() -> PromptedTask:
    """Whether a snippet of a review is positive or negative: accuracy, and the most frequent label of the shots."""
    training, (_validation, test) = split_by_movie(movie_reviews())
    pool, tests = (
        tuple(Shot(one.text, f" {CLASSES[one.positive]}") for one in draw(some, n))
        for some, n in ((training, N_POOL), (test, N_TEST))
    )
    template = PromptTemplate("", "Review: {input}\nSentiment:{answer}")
    choices = tuple(f" {label}" for label in CLASSES)
    return PromptedTask(
        "classification", template, pool, tests, {"accuracy": exact_answer}, most_frequent_answer, choices
    )


@functools.cache
def extraction() -> PromptedTask:
    """Which thing the first sentence of an article is about: its title, found in the sentence or not.

    Only articles whose sentence has the title's first word are taken. The baseline is the first run of capitalized
    words, whatever the shots.
    """
    template = PromptTemplate("", "Text: {input}\nWhat the text is about:{answer}")
    pool, tests = _articles(lambda article: article.title, named=True)
    measures = {"exact match": exact_answer, "F1": word_f1}
    return PromptedTask("extraction", template, pool, tests, measures, lambda _shots: first_name)


@functools.cache
def summary() -> PromptedTask:
    """The first sentence of an article in a few words: its short description in the encyclopedia, by ROUGE-1 and -L.

    The baseline is the first words of the sentence, as many as the descriptions of the shots have in the mean.
    """
    template = PromptTemplate("", "Text: {input}\nShort description:{answer}")
    pool, tests = _articles(lambda article: article.description, named=False)
    measures = {
        "ROUGE-1": lambda answer, right: rouge(answer, right).rouge_1,
        "ROUGE-L": lambda answer, right: rouge(answer, right).rouge_l,
    }
    return PromptedTask("summary", template, pool, tests, measures, first_words)


def _articles(answer: Callable[[Article], str], *, named: bool) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """First sentences with an answer each, to draw shots from and to test on; no title is in both."""
    training, (_validation, test) = split_by_title(encyclopedia())

    def shots(some: Sequence[Article], n: int) -> tuple[Shot, ...]:
        found = [(first_sentence(article.text), article) for article in some if answer(article)]
        usable = [
            Shot(sentence, f" {answer(article)}")
            for sentence, article in found
            if len(sentence) <= MOST_CHARACTERS
            and (not named or article.title.split()[0].casefold() in sentence.casefold())
        ]
        return tuple(draw(usable, n))

    return shots(training, N_POOL), shots(test, N_TEST)


def first_sentence(text: str) -> str:
    """The text up to its first full stop that ends a word of two letters or more and precedes a capital."""
    return SENTENCE_END.split(text.strip(), maxsplit=1)[0].replace("\n", " ")


# --- Baselines ---


def most_frequent_answer(shots: Sequence[Shot]) -> Baseline:
    """The answer that most shots have; of equally frequent ones, the first. An empty answer without shots."""
    counts = Counter(shot.answer for shot in shots)
    answer = max(counts, key=lambda each: counts[each], default="")
    return lambda _text: answer


def first_name(text: str) -> str:
    """The first run of words with a capital, without an article before them; empty where there is none."""
    found = NAME.search(FIRST_WORDS.sub("", text))
    return found[0].rstrip(".") if found else ""


def first_words(shots: Sequence[Shot]) -> Baseline:
    """The first words of the text, as many as the answers of the shots have in the mean; five without shots."""
    n = round(sum(len(shot.answer.split()) for shot in shots) / len(shots)) if shots else 5
    return lambda text: " ".join(text.split()[:n])


# --- Answers ---


def prompted_answers(
    task: PromptedTask,
    model: CausalLanguageModel,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    shots: Sequence[Shot] = (),
    *,
    max_answer: int = MAX_ANSWER,
) -> list[str]:
    """What the model answers to each text: the most probable of the task's choices, or greedy text up to a line break.

    A special token, such as the end of a turn, also ends a text, and is no part of it. Raises `ValueError` for no texts
    where there are choices, and for a prompt that leaves no room in the context; `TypeError` for one text alone.
    """
    require_list(texts)
    require_whole(max_answer, "max_answer")
    prompts = [task.template.render(text, shots) for text in texts]
    if task.choices:
        best = answer_scores(model, tokenizer, prompts, task.choices).argmax(dim=-1)
        return [task.choices[number] for number in best.tolist()]
    return [_line(model, tokenizer, prompt.text, max_answer) for prompt in prompts]


def _line(model: CausalLanguageModel, tokenizer: Tokenizer, prompt: str, max_answer: int) -> str:
    ids: list[int] = []
    special = tokenizer.special.ids.values() if isinstance(tokenizer, ByteLevelBPE) else ()
    for step in generate(model, tokenizer.encode(prompt), max_answer, stop=special):
        ids.append(step.token)
        if "\n" in tokenizer.decode(ids).lstrip("\n"):
            break
    return tokenizer.decode(ids).strip().partition("\n")[0]


def scores_of(task: PromptedTask, answers: Sequence[str], right: Sequence[str]) -> dict[str, list[float]]:
    """Each measure of each answer, in their order. Raises `ValueError` unless there are as many on both sides."""
    return {
        name: [measure(found, wanted) for found, wanted in zip(answers, right, strict=True)]
        for name, measure in task.measures.items()
    }
