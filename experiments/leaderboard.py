"""What the leaderboard of the film reviews lacks: models that are asked and not trained, and a test that leaked.

python -m experiments.leaderboard base-asked instructed-asked smollm2-asked smollm2-shots-0 smollm2-shots-4 lora-again
    topics-tfidf topics-frozen --seeds 0 --threads 1
python -m experiments.leaderboard [tfidf-leak-0 tfidf-leak-0.25 tfidf-more-0.25 ...] --seeds 0 1 2 3 4 --threads 1
python -m experiments.leaderboard lora-leak-0.5 lora-more-0.5 --seeds 0 1 --threads 1

All other models of the board have records of their own, with every item of the same 2,000 test reviews; SmolLM2 reads
the 500 of them that lesson 11 drew. `base-asked` is the course's base model, which is asked for a word after the best
of some prompts; `instructed-asked` the same model after instruction tuning; `smollm2-asked` SmolLM2 with the prompt of
lesson 11, again, for its probabilities; `smollm2-shots-4` after the first four of lesson 12's balanced shots. For the
probabilities, too, `lora-again` reads the reviews with a stored method. `topics-tfidf` and `topics-frozen` are
baselines for lesson 08's probe of topics.

`tfidf-leak-0.5` is a logistic regression on counted words that has half of a half of the test among its training
texts, with their labels; `tfidf-more-0.5` has as many other reviews instead. `lora` does the same with MiniLM.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.fine_tuning import (
    LabelledTexts,
    LinearClassifier,
    Recipe,
    SentenceClassifier,
    TfidfFeatures,
    WordClassifier,
    features,
    fine_tune,
    predict_logits,
)
from course.peft import LoRA, attach, freeze
from course.pretrained import load
from course.prompting import answer_probabilities, answer_scores, balanced_shots
from course.tasks.contamination import SHARES, Arm, LeakedSets, leaked_sets
from course.tasks.instructed import stated, wordings
from course.tasks.instructed_answers import choice_scores
from course.tasks.labelled import CLASSES
from course.tasks.labelled import review_sets as reviews
from course.tasks.leaderboard_others import topic_sets
from course.tasks.pretraining import base_tokenizer
from course.training import History
from experiments import peft_methods, prompting
from experiments.fine_tuning import STRENGTHS, measures_of, numbers_of
from experiments.running import main

NAME = "leaderboard"
LIMIT = 250  # tokens of a prompt of the base model, whose context has 256
N_VALIDATION = 200  # reviews by which the base model's prompt is chosen
PROMPTS: Mapping[str, Mapping[str, str]] = {  # a prompt, and the words that it asks for
    **dict.fromkeys(peft_methods.PROMPTS, peft_methods.WORDS),
    "Review: {text}\nSentiment:": {name: f" {name}" for name in CLASSES},
}
LORA_LABELS, LORA_SHARE = 512, 0.5


@dataclass
class AskedRecipe:
    """A model that is asked as it is. `ask` gives the logits of texts; `about` says how."""

    make: Callable[[], Any]
    ask: Callable[[Any, list[str]], Float[Tensor, "text class"]]
    test: Callable[[], LabelledTexts]
    about: Mapping[str, Any]

    def train(self, seed: int) -> tuple[Any, History]:
        model = self.make()
        model.requires_grad_(False)
        return model, History()

    def measure(self, model: Any) -> dict[str, object]:
        test = self.test()
        about = {key: value(model) if callable(value) else value for key, value in self.about.items()}
        logits = self.ask(model, list(test.texts))
        return {**about, "tests": {"test": measures_of(logits, test, with_probabilities=True)}}


def base_asked() -> WordClassifier:
    """The base model with the prompt that has the fewest errors on validation reviews."""
    validation = peft_methods.reviews().validation
    some = validation.only(draw(range(len(validation)), N_VALIDATION))
    body = trained.load("base_model/gpt")

    def errors(prompt: str) -> int:
        logits = predict_logits(asking(body, prompt), some.texts)
        return int((logits.argmax(dim=1) != numbers_of(some)).sum())

    return asking(body, min(PROMPTS, key=errors))


def asking(body: Any, prompt: str) -> WordClassifier:
    return WordClassifier(body, base_tokenizer(), PROMPTS[prompt], prompt=prompt, limit=LIMIT)


def ask_instructed(model: Any, texts: list[str]) -> Float[Tensor, "text class"]:
    """The log-probabilities of the two answers, after an instruction that the model was trained with."""
    wording = wordings()["review_sentiment"][0]
    prompts = [stated(wording, text) for text in texts]
    return torch.tensor(choice_scores(model, base_tokenizer(), prompts, [CLASSES] * len(texts)))


def ask_with_shots(n: int) -> Callable[[Any, list[str]], Float[Tensor, "text class"]]:
    """The log-probabilities of lesson 12's words after its template and `n` balanced shots."""

    def ask(model: Any, texts: list[str]) -> Float[Tensor, "text class"]:
        template = prompting.WORDINGS["review"]
        shots = balanced_shots(prompting.sets()[0], n, seed=0) if n else []
        prompts = [template.render(text, shots) for text in texts]
        _model, tokenizer = prompting.load_once()
        return answer_probabilities(answer_scores(model, tokenizer, prompts, template.answers(CLASSES))).log()

    return ask


def lora_again() -> SentenceClassifier:
    model = SentenceClassifier(*load("minilm"), CLASSES, limit=peft_methods.LIMIT)
    trained.load_method("peft_methods/lora", model)
    return model


@dataclass
class LeakRecipe:
    """A model that has read a share of one half of the test, or as many other reviews."""

    kind: str
    arm: Arm
    share: float
    n_labels: int = 1024
    seed: int = 0  # of the last training

    def sets(self) -> LeakedSets:
        data = reviews()
        return leaked_sets(data.training, data.test, self.share, self.seed, arm=self.arm, n_labels=self.n_labels)

    def train(self, seed: int) -> tuple[Any, History]:
        self.seed = seed
        return self.train_tfidf() if self.kind == "tfidf" else self.train_lora()

    def train_tfidf(self) -> tuple[Any, History]:
        """The strength is chosen on validation, which is clean."""
        sets, validation = self.sets(), reviews().validation
        self.extract = TfidfFeatures(sets.training.texts)
        x, of_validation = self.extract(sets.training.texts), self.extract(validation.texts)
        found = []
        for strength in STRENGTHS:
            model = LinearClassifier(x.shape[1], CLASSES)
            model.fit(x, numbers_of(sets.training), strength=strength)
            with torch.no_grad():
                found.append((F.cross_entropy(model(of_validation), numbers_of(validation)).item(), strength, model))
        _loss, _strength, model = min(found, key=lambda one: one[:2])
        return model, History()

    def train_lora(self) -> tuple[Any, History]:
        recipe = peft_methods.recipes()["lora"]
        generator = torch.Generator().manual_seed(self.seed)
        model = replace(recipe).frozen_model(generator)
        freeze(model)
        attach(model, LoRA(peft_methods.RANK), generator)
        options = Recipe(recipe.setting.learning_rate, recipe.epochs, recipe.setting.batch_size)
        return model, fine_tune(model, self.sets().training, options, seed=self.seed)

    def logits(self, model: Any, some: LabelledTexts) -> Float[Tensor, "text class"]:
        if self.kind == "tfidf":
            with torch.no_grad():
                return model(self.extract(some.texts))
        return predict_logits(model, some.texts)

    def measure(self, model: Any) -> dict[str, object]:
        sets = self.sets()
        tests = {
            name: measures_of(self.logits(model, some), some, with_probabilities=False)
            for name, some in (("leaked", sets.leaked), ("clean", sets.clean))
        }
        tests["leaked"]["items"]["was_read"] = trained.one_line(map(int, sets.was_read))
        return {
            "kind": self.kind,
            "arm": self.arm,
            "share": self.share,
            "labels": len(sets.training),
            "tests": tests,
        }


@dataclass
class TopicsRecipe:
    """Logistic regression on counted words, or on MiniLM's frozen features, for the topics that lesson 08 probes."""

    kind: str

    def train(self, seed: int) -> tuple[Any, History]:
        training, test, _every = topic_sets()
        texts, topics = [article.text for article in training], [article.topic for article in training]
        classes = sorted(set(topics))
        if self.kind == "tfidf":
            extract = TfidfFeatures(texts)
        else:
            body = SentenceClassifier(*load("minilm"), classes, limit=peft_methods.LIMIT)

            def extract(some: list[str]) -> Tensor:
                return features(body, some)

        chosen = draw(range(len(texts)), len(texts) // 4)  # by which the strength is chosen
        others = sorted({*range(len(texts))} - {*chosen})
        x, targets = extract(texts), torch.tensor([classes.index(topic) for topic in topics])
        found = []
        for strength in STRENGTHS:
            model = LinearClassifier(x.shape[1], classes)
            model.fit(x.index_select(0, torch.tensor(others)), targets[others], strength=strength)
            with torch.no_grad():
                loss = F.cross_entropy(model(x.index_select(0, torch.tensor(chosen))), targets[chosen]).item()
            found.append((loss, strength))
        model = LinearClassifier(x.shape[1], classes)
        model.fit(x, targets, strength=min(found)[1])
        with torch.no_grad():
            predicted = model(extract([article.text for article in test])).argmax(dim=1).tolist()
        self.wrong = [classes[number] != article.topic for number, article in zip(predicted, test, strict=True)]
        return model, History()

    def measure(self, model: Any) -> dict[str, object]:
        items = {"errors": trained.one_line(map(int, self.wrong)), "symbols": trained.one_line([1] * len(self.wrong))}
        error_rate = sum(self.wrong) / len(self.wrong)
        return {"kind": self.kind, "tests": {"test": {"error_rate": error_rate, "items": items}}}


def recipes() -> Mapping[str, AskedRecipe | LeakRecipe | TopicsRecipe]:
    """What is asked first, then what leaks: each share, and beside it as many other reviews."""

    def every() -> LabelledTexts:
        return reviews().test

    def some() -> LabelledTexts:
        return peft_methods.some_reviews().test

    def smollm2() -> Any:
        return prompting.load_once()[0]

    prompt_of_lesson = trained.record_of("peft_methods", "smollm2-hard")["prompt"]
    found: dict[str, AskedRecipe | LeakRecipe | TopicsRecipe] = {
        "base-asked": AskedRecipe(base_asked, predict_logits, every, {"prompt": lambda model: model.prompt}),
        "instructed-asked": AskedRecipe(
            lambda: trained.load("instruction_tuning/tasks-18"), ask_instructed, every, {"form": "chat"}
        ),
        "lora-again": AskedRecipe(lora_again, predict_logits, every, {"method": "lora"}),
        "smollm2-asked": AskedRecipe(
            lambda: peft_methods.asking(prompt_of_lesson), predict_logits, some, {"prompt": prompt_of_lesson}
        ),
        **{f"smollm2-shots-{n}": AskedRecipe(smollm2, ask_with_shots(n), some, {"shots": n}) for n in (0, 4)},
    }
    found |= {f"topics-{kind}": TopicsRecipe(kind) for kind in ("tfidf", "frozen")}
    for share in SHARES:
        found[f"tfidf-leak-{share:g}"] = LeakRecipe("tfidf", "leak", share)
        if share:
            found[f"tfidf-more-{share:g}"] = LeakRecipe("tfidf", "more", share)
    arms: tuple[Arm, ...] = ("leak", "more")
    for arm in arms:
        found[f"lora-{arm}-{LORA_SHARE:g}"] = LeakRecipe("lora", arm, LORA_SHARE, LORA_LABELS)
    return found


if __name__ == "__main__":
    main(NAME, recipes, (0,), keep_weights=False)
