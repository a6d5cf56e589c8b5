"""A Transformer that reads points and labels as vectors: the course's GPT blocks with another way in and another out.

Source: Garg et al. 2022, "What Can Transformers Learn In-Context? A Case Study of Simple Function Classes";
a place of its own for the label: Akyürek et al. 2023, "What Learning Algorithm Is In-Context Learning? Investigations
with Linear Models".
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.gpt import Decoder, GPT2Config
from course.gpt.model import ADDED_TO_STREAM
from course.layers.linear import Linear
from course.layers.sizes import require_sizes
from course.messages import _

POSITION_STD = 0.5
FIRST_PREDICTIONS = 0.1  # about their standard deviation


@dataclass(frozen=True)
class RegressorConfig:
    """The sizes of a regressor. Raises `ValueError` when they don't fit together.

    `d_x` is how many numbers a point has, `n_points` the most points of a prompt; the rest is as in `GPT2Config`.
    """

    d_x: int = 5
    n_points: int = 11
    d_model: int = 64
    n_layers: int = 3
    n_heads: int = 2
    d_ff: int = 128

    def __post_init__(self) -> None:
        require_sizes(self, "d_x", "n_points")
        _checked = self.decoder

    @property
    def decoder(self) -> GPT2Config:
        """The decoder whose blocks, positions and last norm a regressor takes: two positions for each point."""
        return GPT2Config(
            vocab_size=1,  # its embedding is not used
            context_length=2 * self.n_points,
            d_model=self.d_model,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            d_ff=self.d_ff,
        )


class InContextRegressor(nn.Module):
    """Predict the label of each point from the points and labels before it. `generator` draws the first weights.

    The sequence is x₁, y₁, x₂, y₂, …, each a vector of d_x + 1 numbers: (x, 0) for a point, (0, …, 0, y) for a label.
    One linear layer reads both, and another reads the prediction off the last state at x.
    """

    def __init__(self, config: RegressorConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        stack = Decoder(config.decoder)
        self.read_in = Linear(config.d_x + 1, config.d_model, bias=True)
        self.positions = stack.embedding.positions
        self.blocks = stack.blocks
        self.norm = stack.norm
        self.read_out = Linear(config.d_model, 1, bias=True)
        init_weights(self, generator)

    def forward(
        self, x: Float[Tensor, "prompt point d_x"], y: Float[Tensor, "prompt point"]
    ) -> Float[Tensor, "prompt point"]:
        """The prediction at each point: the first sees no label, and the last label is seen by none.

        Raises `ValueError` for points of another size than the model's, for none, for more of them than it reads, and
        unless there is one label for each.
        """
        _n_prompts, n_points, d_x = x.shape
        if y.shape != x.shape[:2] or not n_points:
            raise ValueError(
                _("x has the shape {x} and y {y}: give one point or more, and one label for each.").format(
                    x=tuple(x.shape), y=tuple(y.shape)
                )
            )
        if d_x != self.config.d_x:
            raise ValueError(
                _("Each point has {d_x} numbers; this model reads points of {own}.").format(
                    d_x=d_x, own=self.config.d_x
                )
            )
        if n_points > self.config.n_points:
            raise ValueError(
                _("These prompts have {count} points; this model reads at most {limit}. Shorten them.").format(
                    count=n_points, limit=self.config.n_points
                )
            )
        points = torch.cat((x, torch.zeros_like(y)[:, :, None]), dim=2)
        labels = torch.cat((torch.zeros_like(x), y[:, :, None]), dim=2)
        sequence = torch.stack((points, labels), dim=2).flatten(1, 2)[:, :-1]
        state = self.positions.add_to_embeddings(self.read_in(sequence))
        for block in self.blocks:
            state = block(state)
        return self.read_out(self.norm(state[:, ::2]))[:, :, 0]


def init_weights(model: InContextRegressor, generator: torch.Generator | None) -> None:
    """Draw first weights that keep the size of what they read: a standard deviation of 1/√inputs; biases are 0.

    GPT-2's 0.02 suits a width of 768. At a width of 64 the states come out so small that attention starts almost even,
    and the loss falls much later. What adds to the residual stream is divided by √(2 · layers), as there, and the last
    layer by 10, so that the first predictions are near 0.
    """
    for name, parameter in model.named_parameters():
        if name.startswith("positions."):
            nn.init.normal_(parameter, std=POSITION_STD, generator=generator)
        elif parameter.ndim == 2:
            n_added = 2 * len(model.blocks) if name.endswith(ADDED_TO_STREAM) else 1
            factor = FIRST_PREDICTIONS if name == "read_out.weight" else n_added**-0.5
            nn.init.normal_(parameter, std=factor * parameter.shape[1] ** -0.5, generator=generator)
        elif name.endswith(".bias"):
            nn.init.zeros_(parameter)
