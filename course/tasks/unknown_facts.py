"""Facts that SmolLM2 cannot know: of things that were invented for the course, and of the year after its texts end.

Each fact has a question, a short answer and a passage that says it. An invented thing is a name made of syllables, with
values that are drawn from short lists; because the values are ordinary, an answer may be right by chance, and how often
it is says the closed-book condition. The same passage with another value is what an answer is tested with: a model that
reads it says the other value.
"""

import functools
import random
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from course.layers.sizes import require_whole
from course.messages import _
from course.rag import Document, words
from course.tasks.dated_facts import dated_facts

FILE = Path(__file__).parent / "unknown_facts.toml"
N_PER_KIND = 12
AFTER = 2025  # a year of which SmolLM2 has read nothing
STARTS = (
    "Bre",
    "Dro",
    "Fal",
    "Gri",
    "Hul",
    "Jor",
    "Kel",
    "Lum",
    "Mav",
    "Nor",
    "Ost",
    "Pel",
    "Qua",
    "Rud",
    "Sil",
    "Tam",
    "Ulv",
    "Vor",
    "Wem",
    "Yar",
    "Zel",
)
MIDDLES = ("ba", "do", "gi", "ka", "lo", "mu", "na", "ri", "sa", "ta", "ve", "zo")
ENDS = ("dan", "fex", "lund", "mir", "nath", "quin", "rell", "sk", "ton", "vik", "wen", "zar")


@dataclass(frozen=True)
class UnknownFact:
    """`passage` says the `answer`; `with_value` says another one of the same kind in its place.

    `subject` is what the question is about, and `attribute` what it asks of it. `others` are answers of the same kind.
    """

    kind: str
    subject: str
    attribute: str
    question: str
    answer: str
    passage: Document
    others: tuple[str, ...]

    def with_value(self, value: str) -> Document:
        """The passage with another value in the place of the answer.

        Raises `ValueError` where the passage does not have the answer once.
        """
        if (n := self.passage.text.count(self.answer)) != 1:
            raise ValueError(
                _("The passage has {answer!r} {n} times; it can be replaced where it is there once.").format(
                    answer=self.answer, n=n
                )
            )
        text = self.passage.text.replace(self.answer, value)
        return replace(self.passage, id=f"{self.passage.id}-{value}", text=text)


@functools.cache
def invented_facts(n_per_kind: int = N_PER_KIND, seed: int = 0) -> tuple[UnknownFact, ...]:
    """Four facts of each of `n_per_kind` things of eight kinds, by kind and thing.

    Two things of a kind never have the same value where there are as many values. Raises `ValueError` for a number
    below 1 or above 12.
    """
    require_whole(n_per_kind, "n_per_kind")
    if n_per_kind > N_PER_KIND:
        raise ValueError(
            _("n_per_kind is {n}; there are {most} values of each kind.").format(n=n_per_kind, most=N_PER_KIND)
        )
    rng = random.Random(seed)
    invented = iter(_invented_words(rng))
    found: list[UnknownFact] = []
    for kind, of_kind in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        columns = {name: rng.sample(values, n_per_kind) for name, values in of_kind["values"].items()}
        for number in range(n_per_kind):
            name = of_kind["name"].format(next(invented), next(invented))
            values = {attribute: column[number] for attribute, column in columns.items()}
            found += _facts(f"{kind}-{number}", kind, name, values, of_kind)
    return tuple(found)


def _facts(id: str, kind: str, name: str, values: Mapping[str, str], of_kind: Mapping[str, Any]) -> list[UnknownFact]:
    passage = Document(id, name, of_kind["passage"].format(name=name, **values))
    return [
        UnknownFact(
            kind,
            name,
            attribute,
            question.format(name=name),
            values[attribute],
            passage,
            tuple(value for value in of_kind["values"][attribute] if value != values[attribute]),
        )
        for attribute, question in of_kind["questions"].items()
    ]


def _invented_words(rng: random.Random) -> list[str]:
    made = [start + middle + end for start in STARTS for middle in MIDDLES for end in ENDS]
    return rng.sample(made, len(made))


def require_invented(facts: Iterable[UnknownFact], texts: Iterable[str]) -> None:
    """Raises `ValueError` for an invented word that one of the texts has."""
    known = {word for text in texts for word in words(text)}
    made = {word.lower() for word in _invented_words(random.Random(0))}
    for fact in facts:
        for word in words(fact.subject):
            if (word in made or word.removesuffix("ite") in made) and word in known:
                raise ValueError(
                    _("{subject!r} is no invention: {word!r} is in a text. Take another seed.").format(
                        subject=fact.subject, word=word
                    )
                )


# --- After the last text that the model has read ---

ASKED: Mapping[str, str] = {
    "Super Bowl": "Which team won the Super Bowl that was played early in {year}?",
    "NBA": "Which team won the NBA championship of {year}?",
    "World Series": "Which team won the World Series of {year}?",
    "Champions League": "Which club won the final of the UEFA Champions League in {year}?",
    "best picture": "Which film won the Academy Award for Best Picture of the ceremony in {year}?",
    "literature": "Who was awarded the Nobel Prize in Literature of the year {year}?",
    "Wimbledon": "Who won the men's singles final at Wimbledon in {year}?",
    "pope": "Which name did the pope who was elected in {year} take?",
    "German chancellor": "Who was the chancellor of Germany at the end of {year}?",
    "Austrian chancellor": "Who was the chancellor of Austria at the end of {year}?",
    "Canadian prime minister": "Who was the prime minister of Canada at the end of {year}?",
    "French prime minister": "Who was the prime minister of France at the end of {year}?",
    "Japanese prime minister": "Who was the prime minister of Japan at the end of {year}?",
    "Korean president": "Who was the president of South Korea at the end of {year}?",
    "Polish president": "Who was the president of Poland at the end of {year}?",
    "Romanian president": "Who was the president of Romania at the end of {year}?",
    "Irish president": "Who was the president of Ireland at the end of {year}?",
    "Olympic president": "Who was the president of the International Olympic Committee at the end of {year}?",
}


def facts_after(year: int = AFTER) -> tuple[UnknownFact, ...]:
    """The dated facts of one year, each in a sentence; `others` are the answers of other years, latest first.

    Raises `ValueError` for a year without facts.
    """
    by_series: dict[str, dict[int, str]] = {}
    for fact in dated_facts():
        by_series.setdefault(fact.series, {})[fact.year] = fact.answer
    found = []
    for fact in dated_facts():
        if fact.year != year:
            continue
        answers = [by_series[fact.series][other] for other in sorted(by_series[fact.series], reverse=True)]
        others = tuple(one for one in dict.fromkeys(answers) if one != fact.answer)
        passage = Document(f"{fact.series}-{year}", f"{fact.series} {year}", f"{fact.question} {fact.answer}.")
        question = ASKED[fact.series].format(year=year)
        found.append(UnknownFact("dated", fact.series, fact.series, question, fact.answer, passage, others))
    if not found:
        raise ValueError(_("There are no dated facts of {year}.").format(year=year))
    return tuple(found)


def passages_of(facts: Sequence[UnknownFact]) -> list[Document]:
    """Each passage once, in the order of the facts."""
    return list(dict.fromkeys(fact.passage for fact in facts))


def wrong_passage(fact: UnknownFact, facts: Sequence[UnknownFact]) -> UnknownFact:
    """The same question of the next thing of the same kind, whose passage has another answer to it.

    Of a dated fact it is that of the next series. Raises `ValueError` where there is none.
    """
    alike = [one for one in facts if one.kind == fact.kind and (one.kind == "dated" or one.attribute == fact.attribute)]
    place = alike.index(fact)
    for one in (*alike[place + 1 :], *alike[:place]):
        if one.answer != fact.answer:
            return one
    raise ValueError(_("No other passage answers {question!r} in another way.").format(question=fact.question))
