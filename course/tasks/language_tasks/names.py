"""Which words name a person, a place, an organization? MiniLM's states and a linear layer, measured by F1 of spans."""

import functools
import re
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.data import tagged_sentences
from course.data.entities import TaggedSentence
from course.data.overlap import disjoint, without_held_out
from course.data.splits import draw
from course.evaluation import named_spans
from course.evaluation.spans import OUTSIDE
from course.fine_tuning import LabelledTexts, LinearClassifier, TokenClassifier
from course.fine_tuning.predictions import like_lengths
from course.messages import _
from course.pretrained import load
from course.tasks.labelled import ENTITY_LABELS, remembered_names
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.task import Answer, Item, LanguageTask, System, Text, each

N_TEST, N_FOLDS = 100, 5
BATCH_SIZE = 32
LONGEST = 256  # pieces of a text
SIGN = 2.0  # of a word's form, beside the states, whose numbers are about as large
WORD = re.compile(r"[^\W_]+(?:[-'’.&/][^\W_]+)*|\S")
TYPES = {"person": "PER", "place": "LOC", "organization": "ORG", "organisation": "ORG", "other": "MISC"}
TYPES |= {"people": "PER", "location": "LOC", "city": "LOC", "country": "LOC", "company": "ORG", "team": "ORG"}
ENTRY = re.compile(r"^\W*(?P<name>[^:=|(]+?)\s*[:=|(]\s*(?P<type>[A-Za-z]+)")
WORDINGS = (
    "Sentence: Maria Lopez moved from Peru to Dublin to work for Intel .\n"
    "Names: Maria Lopez = person; Peru = place; Dublin = place; Intel = organization\n\n"
    "Sentence: On Monday the price of oil fell again .\nNames: none\n\n"
    "Sentence: Real Madrid beat the Swiss champions 3-1 in Basel .\n"
    "Names: Real Madrid = organization; Swiss = other; Basel = place\n\n"
    "Sentence: {text}\nNames:",
    "List every person, place and organization that the text names. "
    "Write one line for each, as name: person, name: place or name: organization.\n\nText: {text}",
    "Extract the named entities of this sentence, each on a line of its own with a colon and its type "
    "(person, place, organization, other).\n\nSentence: {text}",
)


@functools.cache
def names() -> LanguageTask:
    """The task, on sentences drawn from 15 reports of sports news; whole reports are left out for testing.

    Raises `AssetError` without them.
    """
    drawn = draw(tagged_sentences(), N_TEST)
    items = tuple(Item(Text(" ".join(one.words), words=one.words), one.labels, str(one.document)) for one in drawn)
    documents = sorted({one.document for one in tagged_sentences()})
    order = draw(documents, len(documents))
    return LanguageTask(
        "names",
        _("Named entities"),
        items,
        MEASURES["names"],
        {"trivial": _none, "simple": _listed, "model": _minilm},
        tuple(frozenset(map(str, order[fold::N_FOLDS])) for fold in range(N_FOLDS)),
        WORDINGS,
        longest=64,
        read=labels_of_entries,
    )


def words_of(text: Text) -> list[str]:
    """The words of a text, punctuation apart; as they were given, where they were. Raises `ValueError` without one."""
    found = list(text.words) or WORD.findall(text.text)
    if not found:
        raise ValueError(_("There is no word in {text!r}. Type a sentence.").format(text=text.text))
    return found


def labels_of_entries(answer: str, text: Text) -> tuple[str, ...]:
    """The labels that entries such as "Apple: organization" or "Apple = organization" give the words of a text.

    Entries are lines, or parts of one between semicolons. A name counts wherever its words follow each other; a type
    that is no known word counts as MISC, and an entry without a type as none.
    """
    words = words_of(text)
    plain = [word.casefold() for word in words]
    labels = [OUTSIDE] * len(words)
    for entry in re.split(r"[;\n]", answer):
        found = ENTRY.match(entry.strip())
        wanted = [word.casefold() for word in WORD.findall(found["name"])] if found else []
        if not found or not wanted:
            continue
        kind = TYPES.get(found["type"].casefold(), "MISC")
        for start in range(len(words) - len(wanted) + 1):
            here = slice(start, start + len(wanted))
            if plain[here] == wanted and set(labels[here]) == {OUTSIDE}:
                labels[here] = [f"B-{kind}"] + [f"I-{kind}"] * (len(wanted) - 1)
    return tuple(labels)


class NameTagger:
    """A label for each word by logistic regression on MiniLM's last states, which stay as they are, and on its form.

    MiniLM's vocabulary has no capitals, so four numbers beside a word's state say whether it begins with one, is all
    capitals, begins with a digit, or is the first. Fitted in seconds: no weights of it are stored.
    """

    def __init__(self, training: LabelledTexts) -> None:
        """Raises `ValueError` for a sentence with not as many labels as words, and for a label that is none."""
        for words, labels in zip(training.texts, training.labels, strict=True):
            if len(words) != len(labels) or not {*labels} <= {*ENTITY_LABELS}:
                raise ValueError(
                    _("The sentence {words} has the labels {labels}: give each word one of {known}.").format(
                        words=list(words)[:8], labels=list(labels)[:8], known=", ".join(ENTITY_LABELS)
                    )
                )
        targets = [ENTITY_LABELS.index(label) for labels in training.labels for label in labels]
        states = torch.cat(word_features(training.texts))
        self.classifier = LinearClassifier(states.shape[1], ENTITY_LABELS)
        self.classifier.fit(states, torch.tensor(targets))

    def __call__(self, texts: Sequence[Text]) -> list[Answer]:
        """Labels for each text, and the mean, over its names, of the least probability of a name's words.

        Raises `ValueError` for a text without a word, and for one of more pieces than MiniLM reads here.
        """
        return [self._answer(words_of(text)) for text in texts]

    def _answer(self, words: list[str]) -> Answer:
        chances = self.classifier(word_features([words])[0]).detach().softmax(dim=-1)
        best, classes = chances.max(dim=-1)
        labels = tuple(ENTITY_LABELS[number] for number in classes.tolist())
        sure = [float(best[span.start : span.end].min()) for span in named_spans(labels)]
        return Answer(labels, sum(sure) / len(sure) if sure else None)


@functools.cache
def _reader() -> TokenClassifier:
    return TokenClassifier(*load("minilm"), ENTITY_LABELS, limit=LONGEST).eval()


@torch.no_grad()
def word_features(texts: Sequence[Sequence[str]]) -> list[Float[Tensor, "word feature"]]:
    """MiniLM's last state of each word's first piece, and four numbers for the word's form, for each text.

    Texts of like length are read together. Raises `ValueError` for a text of more pieces than are read here, and for an
    empty word.
    """
    if blank := [list(words) for words in texts if any(not word.strip() for word in words)]:
        raise ValueError(_("One of the words {words} is empty: leave it out.").format(words=blank[0][:8]))
    model = _reader()
    rows = [model.row(words) for words in texts]
    found: dict[int, Tensor] = {}
    for numbers in like_lengths(rows, BATCH_SIZE):
        states = model.states(model.batch([rows[number] for number in numbers])).cpu()
        for number, of_text in zip(numbers, states, strict=True):
            words, places = texts[number], list(rows[number].first_pieces)
            if len(places) < len(words):
                raise ValueError(
                    _("The text has {n} words, more than the {limit} pieces that are read here. Shorten it.").format(
                        n=len(words), limit=LONGEST
                    )
                )
            found[number] = torch.cat([of_text[places], SIGN * _forms(words)], dim=1)
    return [found[number] for number in range(len(texts))]


def _forms(words: Sequence[str]) -> Float[Tensor, "word 4"]:
    """Whether each word begins with a capital, is all capitals, begins with a digit, is the first."""
    forms = [
        (word[0].isupper(), len(word) > 1 and word.isupper(), word[0].isdigit(), place == 0)
        for place, word in enumerate(words)
    ]
    return torch.tensor(forms, dtype=torch.float32)


@functools.lru_cache(maxsize=2 * N_FOLDS)
def _training(held_out: frozenset[str]) -> LabelledTexts:
    """All sentences of the other reports; one that a held-out report has, too, is left out."""

    def text(sentence: TaggedSentence) -> str:
        return " ".join(sentence.words)

    train = [one for one in tagged_sentences() if str(one.document) not in held_out]
    if tested := [one for one in tagged_sentences() if str(one.document) in held_out]:
        kept = without_held_out(train, tested, text=text)
        train, _tested = disjoint(kept, tested, text=text, names=("training", "test"))
    return LabelledTexts([list(one.words) for one in train], [list(one.labels) for one in train], "training")


def _none(_held_out: frozenset[str]) -> System:
    return each(lambda text: Answer((OUTSIDE,) * len(words_of(text))))


def _listed(held_out: frozenset[str]) -> System:
    training = _training(held_out)
    return lambda texts: [Answer(tuple(one)) for one in remembered_names(training, [words_of(text) for text in texts])]


@functools.lru_cache(maxsize=N_FOLDS + 1)
def _minilm(held_out: frozenset[str]) -> System:
    return NameTagger(_training(held_out))
