"""What a small decoder learns from labels and from rationales: its training in each way, and its test on labels.

A student reads a question after a prefix and writes the label. In the ways of `WAYS` it sees the same labels in as many
passes; what differs is the second pass of each step: none, labels again, rationales, or those of other problems. A
chain of thought is one pass, of the rationale and the label in one sequence, and writes both at test time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor

import course
from course.compression import (
    Reasoned,
    StepByStepLoss,
    TwoTasks,
    answer_after,
    chain_batch,
    other_rationales,
    prefixed,
    two_tasks,
)
from course.decoding import greedy_search, left_pad
from course.gpt import Decoder, LlamaConfig
from course.instruction import n_trained
from course.layers.sizes import require_whole
from course.messages import _
from course.tasks.pretraining import END, PADDING, learn_tokenizer
from course.tokenization import ByteLevelBPE
from course.training import History, ShuffledBatches, adamw, linear_schedule, train

Second = Literal["none", "labels", "rationales"]
VOCABULARY = 512
SECOND_SEED = 1000  # added to the seed of the first pass's order where a second one reads labels, too
BATCH_READ = 64  # questions that are answered together


@dataclass(frozen=True)
class Way:
    """How a student is trained. `second` is what the second pass of a step reads; `alpha` is the first one's weight.

    With `shuffled`, each rationale is that of another problem. With `chain`, the only pass has the rationale and the
    label in one sequence.
    """

    second: Second = "none"
    alpha: float = 1.0
    shuffled: bool = False
    chain: bool = False


WAYS: Mapping[str, Way] = {
    "labels": Way(),
    "labels-twice": Way("labels", 0.5),
    "rationales": Way("rationales", 0.5),
    "rationales-0.8": Way("rationales", 0.8),
    "shuffled": Way("rationales", 0.5, shuffled=True),
    "chain": Way(chain=True),
}


class StepBatches:
    """The batches of a way: `batches[step]`, for every step from 0. The labels come in the same order in all ways."""

    def __init__(
        self, tokenizer: ByteLevelBPE, examples: Sequence[Reasoned], way: Way, *, batch_size: int, seed: int = 0
    ) -> None:
        if way.shuffled:
            examples = other_rationales(examples, seed)
        self.way, self._ids = way, {"end_id": end_id(tokenizer), "pad_id": padding_id(tokenizer)}
        self._tokenizer = tokenizer
        self._first = ShuffledBatches(examples, batch_size, list, seed=seed)
        self._second = ShuffledBatches(examples, batch_size, list, seed=seed + SECOND_SEED)

    def __getitem__(self, step: int) -> TwoTasks:
        examples = self._first[step]
        if self.way.chain:
            return TwoTasks(chain_batch(self._tokenizer, examples, **self._ids), None)
        batch = two_tasks(self._tokenizer, examples, rationales=self.way.second == "rationales", **self._ids)
        if self.way.second == "labels":
            again = two_tasks(self._tokenizer, self._second[step], rationales=False, **self._ids)
            return TwoTasks(batch.label, again.label)
        return batch

    def n_label_tokens(self, step: int) -> int:
        """How many tokens the labels of a step's first pass have, each with the end token."""
        return sum(len(self._tokenizer.encode(one.label)) + 1 for one in self._first[step])


@dataclass(frozen=True)
class Costs:
    """Over a training: passes, the tokens that the loss counts of labels and of all else, and the tokens read."""

    passes: int
    label_tokens: int
    other_tokens: int
    tokens_read: int


def training_costs(batches: StepBatches, steps: int) -> Costs:
    """What the steps of a training read. Of a chain, all trained tokens are other ones but those of the labels."""
    passes = labels = others = read = 0
    for step in range(steps):
        batch = batches[step]
        tables = [rows for rows in batch if rows is not None]
        passes += len(tables)
        read += sum(rows[:, 0].numel() for rows in tables)
        if batches.way.chain:
            of_labels = batches.n_label_tokens(step)
        else:  # the first table has the labels, and so has the second where it repeats them
            of_labels = sum(map(n_trained, tables if batches.way.second == "labels" else tables[:1]))
        labels += of_labels
        others += sum(map(n_trained, tables)) - of_labels
    return Costs(passes, labels, others, read)


def end_id(tokenizer: ByteLevelBPE) -> int:
    """The id of the token that ends an output."""
    return tokenizer.special.ids[END]


def padding_id(tokenizer: ByteLevelBPE) -> int:
    """The id of the token that fills up short rows."""
    return tokenizer.special.ids[PADDING]


def student_tokenizer(examples: Sequence[Reasoned], vocab_size: int = VOCABULARY) -> ByteLevelBPE:
    """A vocabulary of the training problems, their rationales and labels; each digit is a token."""
    texts = [f"{prefixed(one.question, 'chain')}{one.rationale} answer: {one.label}" for one in examples]
    tasks = [prefixed("", name) for name in ("label", "rationale")]
    return learn_tokenizer("\n".join([*texts, *tasks * len(texts)]), vocab_size)


def new_student(tokenizer: ByteLevelBPE, seed: int, *, d_model: int = 64, n_layers: int = 2) -> Decoder:
    """A decoder of fewer than a million weights, its first weights drawn with `seed`."""
    config = LlamaConfig(
        vocab_size=tokenizer.vocab_size,
        context_length=256,
        d_model=d_model,
        n_layers=n_layers,
        n_heads=4,
        n_kv_heads=2,
        d_ff=3 * d_model,
    )
    return Decoder(config, torch.Generator().manual_seed(seed)).to(course.device())


def train_student(
    model: Decoder,
    tokenizer: ByteLevelBPE,
    examples: Sequence[Reasoned],
    way: Way,
    *,
    steps: int,
    learning_rate: float,
    batch_size: int = 32,
    seed: int = 0,
) -> History:
    """Train a student in a way, by AdamW with a warm-up of a tenth of the steps. The order depends on `seed`.

    Raises `ValueError` for a chain of thought of which an example has no rationale.
    """
    require_whole(steps, "steps")
    if way.chain and not all(one.rationale.strip() for one in examples):
        raise ValueError(_("A chain of thought needs a rationale for each example: leave out those without one."))
    loss = StepByStepLoss(way.alpha)
    return train(
        model,
        StepBatches(tokenizer, examples, way, batch_size=batch_size, seed=seed),
        lambda module, batch: loss(cast(Decoder, module), batch),
        adamw(model, weight_decay=0.01, learning_rate=learning_rate),
        steps=steps,
        seed=seed,
        learning_rate=linear_schedule(learning_rate, steps, max(1, steps // 10)),
        max_gradient_norm=1.0,
    )


@dataclass(frozen=True)
class Answers:
    """What a student wrote for questions: its labels, the whole outputs, and how many tokens each of these took."""

    labels: list[str]
    outputs: list[str]
    tokens: list[int]


def answer(
    model: Decoder, tokenizer: ByteLevelBPE, questions: Sequence[str], *, chain: bool = False, max_tokens: int = 12
) -> Answers:
    """The most probable label of each question; of a chain of thought, what it writes after its steps.

    Only the label task runs, or the chain's; nothing of a rationale is read. Raises `ValueError` as `greedy_search`
    does.
    """
    outputs, tokens = [], []
    for start in range(0, len(questions), BATCH_READ):
        rows = [tokenizer.encode(prefixed(one, _task(chain))) for one in questions[start : start + BATCH_READ]]
        source, padding = left_pad(rows, device=model.embedding.tokens.weight.device)
        found = greedy_search(model, source, eos_id=end_id(tokenizer), max_length=max_tokens, padding=padding)
        outputs += [tokenizer.decode(one.tokens).strip() for one in found]
        tokens += [len(one.tokens) + one.finished for one in found]
    return Answers([answer_after(text) for text in outputs] if chain else list(outputs), outputs, tokens)


@torch.no_grad()
def label_loss(
    model: Decoder, tokenizer: ByteLevelBPE, examples: Sequence[Reasoned], *, chain: bool = False
) -> Float[Tensor, ""]:
    """The mean loss of the label task's tokens, or the chain's."""
    ids: dict[str, Any] = {"end_id": end_id(tokenizer), "pad_id": padding_id(tokenizer)}
    rows = (
        chain_batch(tokenizer, examples, **ids)
        if chain
        else two_tasks(tokenizer, examples, rationales=False, **ids).label
    )
    return StepByStepLoss(1)(model, TwoTasks(rows, None))


def _task(chain: bool) -> Literal["chain", "label"]:
    return "chain" if chain else "label"
