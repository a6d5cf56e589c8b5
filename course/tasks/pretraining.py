"""Pre-training a GPT: the course's base model, a small one for a lesson, and models on a learner's own texts."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course import trained
from course.decoding import sample
from course.gpt import Decoder, LlamaConfig
from course.layers.sizes import require_not_negative, require_positive, require_sizes, require_whole
from course.messages import _
from course.tasks.corpus import END, PADDING, SPECIAL_TOKENS
from course.tokenization import ByteLevelBPE
from course.tokenization.pre_tokens import SMOLLM2_PATTERN
from course.training import History, PackedBatches, TokenMean, adamw, linear_schedule, processes, train
from course.training.bits_per_byte import Score, score, token_bytes, token_losses
from course.training.packing import Documents

VOCAB_SIZE = 4096
# 3.1 million weights. By multiplications, a token costs 6 · (2.4 million in blocks + 0.8 million in the output layer)
# + 12 · layers · length / 2 · d_model for attention, 21 million floating-point operations.
BASE = LlamaConfig(VOCAB_SIZE, context_length=256, d_model=192, n_layers=6, n_heads=6, n_kv_heads=2, d_ff=512)
# A million weights, half of them in the embedding: from random to recognizable in well under a minute on two cores.
SMALL = LlamaConfig(VOCAB_SIZE, context_length=128, d_model=128, n_layers=3, n_heads=4, n_kv_heads=2, d_ff=344)


@dataclass(frozen=True)
class Plan:
    """How long and how to train. A step reads `batch_size` windows, in parts of `micro_batch_size` where that is given.

    The learning rate rises for `warmup_steps` to `learning_rate` and falls to 0, both in a line. Raises `ValueError`
    for a number out of its range.
    """

    steps: int
    learning_rate: float
    batch_size: int = 16
    warmup_steps: int = 100
    weight_decay: float = 0.1
    micro_batch_size: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require_sizes(self, "steps", "batch_size")
        require_positive(self.learning_rate, "learning_rate")
        require_not_negative(self.weight_decay, "weight_decay")
        require_whole(self.seed, "seed", least=0)

    def schedule(self) -> Callable[[int], float]:
        """The learning rate of each step. Raises `ValueError` for steps that don't fit together."""
        return linear_schedule(self.learning_rate, self.steps, self.warmup_steps)


# Few tokens are best spent in many small steps. Of a quarter of a million, one seed each, bits per byte of held-out
# articles: 120 steps of 16 windows 2.63, 240 of 8 2.41, 480 of 4 2.35 (with a learning rate of 4e-3).
# The lesson stops at 360 of 4, for its time.
SMALL_PLAN = Plan(steps=240, learning_rate=4e-3, batch_size=4, warmup_steps=24)


def learn_tokenizer(text: str, vocab_size: int = VOCAB_SIZE) -> ByteLevelBPE:
    """Byte-level BPE of `vocab_size` tokens, or fewer where the text has no more pairs, with the special tokens first.

    Every digit is a token of its own, as in SmolLM2. Raises `ValueError` for a size without room for the bytes.
    """
    n_merges = vocab_size - require_room_for_bytes(vocab_size)
    return ByteLevelBPE.train(text, n_merges=n_merges, special_tokens=SPECIAL_TOKENS, pattern=SMOLLM2_PATTERN)


def require_room_for_bytes(vocab_size: int) -> int:
    """How many special tokens and bytes there are. Raises `ValueError` for a vocabulary without room for them."""
    least = len(SPECIAL_TOKENS) + 256
    require_whole(vocab_size, "vocab_size")
    if vocab_size < least:
        raise ValueError(
            _("vocab_size is {value}; special tokens and bytes alone are {least}.").format(
                value=vocab_size, least=least
            )
        )
    return least


@functools.cache
def base_tokenizer() -> ByteLevelBPE:
    """The tokenizer of the base model: 4,096 tokens, among them five special ones that lesson 13 needs."""
    return ByteLevelBPE.load(trained.place.FOLDER / "base_model" / trained.TOKENIZER)


def next_token_total(model: nn.Module, rows: Int[Tensor, "row position"]) -> Float[Tensor, ""]:
    """The summed cross-entropy of every token after the first, in nats. On a GPU the model computes in bfloat16."""
    device = next(model.parameters()).device
    rows = rows.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        logits = model(rows[:, :-1])
    return token_losses(logits, rows[:, 1:]).sum()


def n_targets(rows: Int[Tensor, "row position"]) -> int:
    return rows[:, 1:].numel()


def pretrain(
    model: Decoder,
    documents: Documents,
    plan: Plan,
    *,
    end_id: int,
    length: int | None = None,
    shard: bool = False,
    compiled: bool = False,
    evaluate: Callable[[nn.Module], dict[str, int | float]] | None = None,
    evaluate_every: int | None = None,
    checkpoint: Path | None = None,
    checkpoint_every: int = 100,
) -> History:
    """Train to predict the next token of packed documents, in windows of `length`, or as long as the model reads.

    Under `torchrun` the processes share each step: each has the whole model, or with `shard` a part of it. `compiled`
    runs the model through `torch.compile`. All else: see `course.training.train` and `PackedBatches`.
    """
    length = length or model.config.context_length
    batches = PackedBatches(documents, plan.batch_size, length, end_id=end_id, seed=plan.seed)
    if compiled:
        model.compile()
    wrapped = processes.sharded(model, model.blocks) if shard else processes.replicated(model)
    return train(
        wrapped,
        batches,
        TokenMean(next_token_total, n_targets, plan.micro_batch_size),
        adamw(model, learning_rate=plan.learning_rate, weight_decay=plan.weight_decay),
        steps=plan.steps,
        seed=plan.seed,
        learning_rate=plan.schedule(),
        max_gradient_norm=1.0,
        evaluate=evaluate,
        evaluate_every=evaluate_every,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )


def held_out_score(model: nn.Module, tokenizer: ByteLevelBPE, documents: Documents) -> Score:
    """The bits and bytes of held-out documents, given as ids: see `course.training.bits_per_byte`."""
    return score(
        model,
        [ids.tolist() for ids in documents],
        token_bytes(tokenizer).to(next(model.parameters()).device),
        length=cast(Decoder, model).config.context_length,
        start_id=tokenizer.special.ids[END],
        pad_id=tokenizer.special.ids[PADDING],
    )


def continuations(
    model: Decoder,
    tokenizer: ByteLevelBPE,
    prompts: Sequence[str],
    *,
    max_length: int = 48,
    temperature: float = 0.8,
    top_p: float = 0.95,
    seed: int = 0,
) -> list[str]:
    """What the model makes of each prompt, which is read as the beginning of a document; the prompt is in it."""
    texts = []
    for number, prompt in enumerate(prompts):
        ids = [tokenizer.special.ids[END], *tokenizer.encode(prompt)]
        generator = torch.Generator(next(model.parameters()).device).manual_seed(seed + number)
        source = torch.tensor([ids], device=next(model.parameters()).device)
        drawn = sample(
            model,
            source,
            max_length=max_length,
            eos_id=tokenizer.special.ids[END],
            temperature=temperature,
            top_p=top_p,
            generator=generator,
        )
        new = drawn.tokens[0][drawn.drawn[0]].tolist()
        texts.append(prompt + tokenizer.decode([token for token in new if token != tokenizer.special.ids[END]]))
    return texts


def pieces(documents: Mapping[str, Documents], n_tokens: int, length: int, seed: int = 0) -> dict[str, Documents]:
    """Of each source, stretches of `length` tokens from its held-out documents, drawn: `n_tokens` of them at most.

    For following a training at little cost: a document is cut into stretches, which are scored as documents.
    """
    require_whole(length, "length")
    rng = np.random.default_rng(seed)
    drawn = {}
    for name, of_source in documents.items():
        cut = [ids[at : at + length] for ids in of_source for at in range(0, len(ids), length)]
        found, total = [], 0
        for number in rng.permutation(len(cut)):
            if total >= n_tokens:
                break
            found.append(cut[number])
            total += len(cut[number])
        drawn[name] = found
    return drawn
