"""How a model knows the order of its tokens: sinusoidal, learned, rotary, ALiBi, or not at all.

Attention itself sees a set: it gives the same answers in whatever order the tokens come. A scheme breaks that in one of
three places, and `Positions` has a method for each: it adds to the embeddings, rotates queries and keys, or adds a bias
to the scores. A model calls all of them and need not know which scheme it has.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.sizes import require_heads, require_positive, require_whole
from course.messages import _

SCHEMES = ("sinusoidal", "learned", "rotary", "alibi", "none")
Rotation = tuple[Float[Tensor, "*rows position d_head"], Float[Tensor, "*rows position d_head"]]  # cosines and sines


def make_positions(scheme: str, n_positions: int, d_model: int, n_heads: int) -> "Positions":
    """One of `SCHEMES`, for sequences of up to `n_positions` tokens.

    Raises `ValueError` for another name, and for sizes that don't fit.
    """
    require_scheme(scheme)
    require_whole(n_positions, "n_positions")
    require_heads(d_model, n_heads, even=scheme == "rotary")  # it turns pairs
    match scheme:
        case "sinusoidal":
            return SinusoidalPositions(n_positions, d_model)
        case "learned":
            return LearnedPositions(n_positions, d_model)
        case "rotary":
            return RotaryPositions(n_positions, d_model // n_heads)
        case "alibi":
            return ALiBi(n_heads)
        case _none:
            return Positions()


def require_scheme(scheme: str) -> None:
    """Raises `ValueError` for a name that is not in `SCHEMES`."""
    if scheme not in SCHEMES:
        raise ValueError(
            _("There are no positions {scheme!r}. There are: {known}.").format(scheme=scheme, known=", ".join(SCHEMES))
        )


class AttentionPositions(NamedTuple):
    """What every attention layer of one pass needs of the positions: computed once, not in each layer."""

    rotation: Rotation | None
    bias: Float[Tensor, "#batch heads query key"] | None

    def rotate(self, x: Float[Tensor, "batch heads position d_head"]) -> Float[Tensor, "batch heads position d_head"]:
        """Queries or keys, rotated by their positions."""
        return x if self.rotation is None else rotate(x, *self.rotation)


class Positions(nn.Module):
    """No positions. Every scheme is one of these and changes what it needs to. `start` is the first position of `x`."""

    def add_to_embeddings(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """The embeddings `x` with their positions in them."""
        return x

    def rotation(self, start: int, end: int) -> Rotation | None:
        """The cosines and sines that rotate the queries and keys from `start` up to but without `end`."""
        return None

    def rotate(
        self, x: Float[Tensor, "batch heads position d_head"], start: int = 0
    ) -> Float[Tensor, "batch heads position d_head"]:
        """Queries or keys `x`, rotated by their positions."""
        rotation = self.rotation(start, start + x.shape[2])
        return x if rotation is None else rotate(x, *rotation)

    def score_bias(self, n_queries: int, n_keys: int) -> Float[Tensor, "1 heads query key"] | None:
        """What is added to the scores before softmax. The queries are the last of the keys."""
        return None

    def for_attention(self, start: int, end: int) -> AttentionPositions:
        """What attention needs for queries from `start` up to but without `end`, and all keys before `end`."""
        return AttentionPositions(self.rotation(start, end), self.score_bias(end - start, end))

    def add_places(
        self, x: Float[Tensor, "batch position d_model"], places: Int[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position d_model"]:
        """As `add_to_embeddings`, where the positions of each row are `places` and need not count from 0 up."""
        return x

    def for_places(self, places: Int[Tensor, "batch position"]) -> AttentionPositions:
        """As `for_attention`, where the positions of each row are `places`, of the queries and of the keys."""
        return AttentionPositions(None, None)


def _rows(table: Float[Tensor, "position width"], start: int, count: int) -> Float[Tensor, "count width"]:
    """The rows of the positions from `start` on. Raises `ValueError` for positions that the table does not have."""
    if not 0 <= start <= start + count <= len(table):
        raise ValueError(
            _("There are no positions {first} to {last}: this table has the positions 0 to {end}.").format(
                first=start, last=start + count - 1, end=len(table) - 1
            )
        )
    return table[start : start + count]


class SinusoidalPositions(Positions):
    """Add to each embedding a pattern of waves: the same for every sequence, a different one at every position.

    Source: Vaswani et al. 2017, section 3.5.
    """

    def __init__(self, n_positions: int, d_model: int) -> None:
        super().__init__()
        self.register_buffer("table", sinusoidal_table(n_positions, d_model), persistent=False)

    def add_to_embeddings(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        return x + _rows(self.table, start, x.shape[1])

    def add_places(
        self, x: Float[Tensor, "batch position d_model"], places: Int[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position d_model"]:
        return x + self.table[places]


def sinusoidal_table(n_positions: int, d_model: int, base: float = 10_000.0) -> Float[Tensor, "position d_model"]:
    """Column 2i is sin(position / base^(2i/d_model)), column 2i + 1 the cosine: slower waves to the right.

    Raises `ValueError` for sizes that are no whole numbers above 0, and a base that is not above 0.
    """
    require_whole(n_positions, "n_positions")
    require_whole(d_model, "d_model")
    require_positive(base, "base")
    frequencies = base ** (-torch.arange(0, d_model, 2, dtype=torch.float32) / d_model)
    angles = torch.outer(torch.arange(n_positions, dtype=torch.float32), frequencies)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[:, :d_model]


class LearnedPositions(Positions):
    """Add to each embedding one vector per position, learned with the rest: nothing is known beyond those trained.

    Source: Gehring et al. 2017, section 3.1.
    """

    def __init__(self, n_positions: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Embedding(n_positions, d_model)

    def add_to_embeddings(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        return x + _rows(self.table.weight, start, x.shape[1])

    def add_places(
        self, x: Float[Tensor, "batch position d_model"], places: Int[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position d_model"]:
        return x + self.table(places)


class ALiBi(Positions):
    """Lower each score in proportion to the distance of query and key; every head by a slope of its own.

    Where a query sees both sides, both sides count alike. For the slopes see `alibi_slopes`.

    Source: Press, Smith and Lewis 2022, section 3.
    """

    def __init__(self, n_heads: int) -> None:
        super().__init__()
        self.register_buffer("slopes", alibi_slopes(n_heads), persistent=False)

    def score_bias(self, n_queries: int, n_keys: int) -> Float[Tensor, "1 heads query key"]:
        keys = torch.arange(n_keys, device=self.slopes.device)
        queries = keys[n_keys - n_queries :]
        distance = (queries[:, None] - keys).abs()
        return -self.slopes[None, :, None, None] * distance

    def for_places(self, places: Int[Tensor, "batch position"]) -> AttentionPositions:
        distance = (places[:, None, :, None] - places[:, None, None]).abs()
        return AttentionPositions(None, -self.slopes[:, None, None] * distance)


def alibi_slopes(n_heads: int) -> Float[Tensor, "heads"]:
    """2^(−8/heads), 2^(−16/heads), ..., 2^(−8) for a power of 2; for other numbers those of the power below, and more.

    The paper's text has the one formula for any number of heads, and its models have powers of 2. Its authors' code
    takes, for another number, the slopes of the largest power below, and fills up with every second slope of twice that
    power; so do the published models (BLOOM, MPT), and so does this function. Raises `ValueError` for what is no number
    of heads.

    Source: Press, Smith and Lewis 2022, section 3; the other numbers: `get_slopes` in the authors' code.
    """
    require_whole(n_heads, "n_heads")
    power = 2 ** (n_heads.bit_length() - 1)
    first = torch.arange(1, power + 1) / power
    between = (2 * torch.arange(n_heads - power) + 1) / (2 * power)
    return 2.0 ** (-8.0 * torch.cat((first, between)))


class RotaryPositions(Positions):
    """Rotate each pair of a query's or key's numbers by an angle that grows with its position.

    The product of a rotated query and a rotated key depends on the distance between their positions alone. Pair i joins
    the numbers i and i + d_head/2 ("rotate half") and rotates by position · base^(−2i/d_head) radians. The tables of
    cosines and sines are computed once, for `n_positions` positions; they are not saved with the weights. `scale`
    multiplies every position: 1/2 makes a text of twice the length turn as far as one of the length itself. Raises
    `ValueError` for an odd `d_head` and for a `base` or `scale` that is not above 0.

    Source: Su et al. 2021, section 3.2.2, equation 15; the order of the pairs as in GPT-NeoX (Black et al. 2022);
    `scale` is position interpolation, Chen et al. 2023, section 2.3.
    """

    def __init__(self, n_positions: int, d_head: int, base: float = 10_000.0, scale: float = 1.0) -> None:
        super().__init__()
        require_whole(n_positions, "n_positions")
        require_whole(d_head, "d_head")
        if d_head % 2:
            raise ValueError(_("d_head is {value}; rotation turns pairs, so it must be even.").format(value=d_head))
        require_positive(base, "base")
        require_positive(scale, "scale")
        device = torch.get_default_device()
        device = torch.device("cpu") if device.type == "meta" else device  # the tables come from no file: they are real
        frequencies = 1.0 / base ** (torch.arange(0, d_head, 2, dtype=torch.float32, device=device) / d_head)
        places = torch.arange(n_positions, dtype=torch.float32, device=device) * scale
        angles = torch.outer(places, frequencies)
        self.register_buffer("cos", torch.cat((angles.cos(), angles.cos()), dim=-1), persistent=False)
        self.register_buffer("sin", torch.cat((-angles.sin(), angles.sin()), dim=-1), persistent=False)

    def rotation(self, start: int, end: int) -> Rotation:
        return _rows(self.cos, start, end - start), _rows(self.sin, start, end - start)

    def for_places(self, places: Int[Tensor, "batch position"]) -> AttentionPositions:
        return AttentionPositions((self.cos[places][:, None], self.sin[places][:, None]), None)


def rotate(
    x: Float[Tensor, "batch heads position d_head"],
    cos: Float[Tensor, "*rows position d_head"],
    sin: Float[Tensor, "*rows position d_head"],
) -> Float[Tensor, "batch heads position d_head"]:
    """Rotate the pairs (x₁, x₂) of the two halves to (x₁·cos − x₂·sin, x₂·cos + x₁·sin).

    `cos` and `sin` are rows of the tables of `RotaryPositions`, where the first half of `sin` carries the minus sign;
    where each text of the batch has other positions they are (batch, 1, position, d_head).
    """
    return x * cos + x.roll(x.shape[-1] // 2, dims=-1) * sin
