"""How long a training step of our Transformer takes beside `torch.nn.Transformer` of the same size: times and ratio.

    python -m benchmarks.transformer [--threads 2] [--repetitions 30]

d_model 128, 4 heads, feed-forward 512, 2 + 2 layers, a batch of 64 × 20 → 20 tokens of 100, some of them padding. A
step is forward, loss, backward and Adam. Both sides have the same embeddings, output layer, masks, loss and optimizer,
and take turns in one process; the median counts. Dropout 0 compares the same arithmetic, but for one normalization at
the end of each half that `nn.Transformer` adds to post-norm. With dropout 0.1 ours drops what the paper drops;
`nn.Transformer` drops attention weights and the inside of the feed-forward layer as well.
"""

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course.training import label_smoothed_loss
from course.transformer import Transformer, TransformerConfig

VOCAB_SIZE, BATCH, LENGTH = 100, 64, 20


class Reference(nn.Module):
    """`nn.Transformer` between the embeddings and the output layer of `model`."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        config = model.config
        self.source, self.target, self.output = model.encoder.embedding, model.decoder.embedding, model.output
        self.pad_id = config.pad_id
        self.transformer = nn.Transformer(
            config.d_model,
            config.n_heads,
            config.n_layers,
            config.n_layers,
            config.d_ff,
            config.dropout,
            batch_first=True,
            norm_first=config.norm == "pre",
        )
        self.register_buffer("causal", nn.Transformer.generate_square_subsequent_mask(LENGTH, dtype=torch.bool))

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        padding = source == self.pad_id
        hidden = self.transformer(
            self.source(source),
            self.target(target),
            tgt_mask=self.causal,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_is_causal=True,
        )
        return self.output(hidden)


def training_step(model: nn.Module) -> Callable[[], None]:
    generator = torch.Generator().manual_seed(0)
    source, target = torch.randint(1, VOCAB_SIZE, (2, BATCH, LENGTH + 1), generator=generator)
    for row in range(BATCH):
        source[row, LENGTH - row % 8 :] = 0
    source = source[:, :LENGTH]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        label_smoothed_loss(model(source, target[:, :-1]), target[:, 1:], pad_id=0).backward()
        optimizer.step()

    return step


def seconds(step: Callable[[], None]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.filterwarnings("ignore", message="enable_nested_tensor")  # a remark on inference
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {os.cpu_count()} cores")
    for norm in ("post", "pre"):
        for dropout in (0.0, 0.1):
            config = TransformerConfig(
                VOCAB_SIZE, VOCAB_SIZE, d_model=128, n_heads=4, d_ff=512, n_layers=2, dropout=dropout, norm=norm
            )
            ours = training_step(Transformer(config).train())
            reference = training_step(Reference(Transformer(config)).train())
            times = [(seconds(ours), seconds(reference)) for _ in range(options.repetitions + 3)][3:]
            own, other = (statistics.median(side) for side in zip(*times, strict=True))
            print(
                f"{norm}-norm, dropout {dropout}: ours {own * 1e3:.1f} ms, nn.Transformer {other * 1e3:.1f} ms, "
                f"ratio {statistics.median(a / b for a, b in times):.3f}"
            )


if __name__ == "__main__":
    main()
