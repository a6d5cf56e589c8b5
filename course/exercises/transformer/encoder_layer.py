"""Exercise on the encoder's layer: two sublayers, each with a residual connection and a norm of its own."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.transformer.formulas import (
    CENTERED,
    DOUBLED,
    HALVED,
    MEAN_OF_ALL,
    NEXT_ONE,
    POSITIVE,
    REVERSED,
    SHIFTED,
    SQUARED,
    SUM_SO_FAR,
    UNIT,
)
from course.messages import _


def encoder_layer(
    x: "Tensor",
    self_attention: "Callable",
    feed_forward: "Callable",
    norms: "tuple[Callable, Callable]",
    norm_first: bool,
) -> "Tensor":
    """One layer of the encoder: self-attention, then the feed-forward network.

    Each of the two has a residual connection and its own norm, the first and the second of `norms`.
    `norm_first` says, as in `residual`, whether a norm comes before its sublayer or after the sum.

    >>> import torch
    >>> double, add_three, same = lambda v: 2 * v, lambda v: v + 3, lambda v: v
    >>> encoder_layer(torch.tensor([[1.0]]), double, add_three, (same, same), True).tolist()
    [[9.0]]
    """
    for sublayer, norm in zip((self_attention, feed_forward), norms, strict=True):
        x = x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))
    return x


def _encoder_layer_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    cases = []
    for self_attention, feed_forward, norms, shape in [
        (MEAN_OF_ALL, SHIFTED, (HALVED, CENTERED), (2, 2)),
        (SUM_SO_FAR, SQUARED, (CENTERED, HALVED), (3, 2)),
        (NEXT_ONE, REVERSED, (UNIT, CENTERED), (3, 3)),
        (MEAN_OF_ALL, POSITIVE, (CENTERED, UNIT), (2, 3, 2)),
        (SUM_SO_FAR, DOUBLED, (HALVED, UNIT), (2, 2, 3)),
        (NEXT_ONE, SQUARED, (HALVED, HALVED), (1, 4, 2)),
    ]:
        for norm_first in (True, False):
            x = torch.randint(-4, 5, shape, generator=generator) / 2
            cases.append((x, self_attention, feed_forward, norms, norm_first))
    return cases


def _step(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


def _in_order(x, steps, norm_first):
    for sublayer, norm in steps:
        x = _step(x, sublayer, norm, norm_first)
    return x


def _other_order(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(feed_forward, norms[0]), (self_attention, norms[1])], norm_first)


def _norms_exchanged(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(self_attention, norms[1]), (feed_forward, norms[0])], norm_first)


def _backwards(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(feed_forward, norms[1]), (self_attention, norms[0])], norm_first)


def _first_norm_twice(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(self_attention, norms[0]), (feed_forward, norms[0])], norm_first)


def _second_norm_twice(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(self_attention, norms[1]), (feed_forward, norms[1])], norm_first)


def _attention_alone(x, self_attention, feed_forward, norms, norm_first):
    return _step(x, self_attention, norms[0], norm_first)


def _feed_forward_alone(x, self_attention, feed_forward, norms, norm_first):
    return _step(x, feed_forward, norms[1], norm_first)


def _attention_twice(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(self_attention, norms[0]), (self_attention, norms[1])], norm_first)


def _feed_forward_twice(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, [(feed_forward, norms[0]), (feed_forward, norms[1])], norm_first)


def _side_by_side(x, self_attention, feed_forward, norms, norm_first):
    if norm_first:
        return x + self_attention(norms[0](x)) + feed_forward(norms[1](x))
    return norms[1](x + self_attention(x) + feed_forward(x))


def _input_added_twice(x, self_attention, feed_forward, norms, norm_first):
    attended = _step(x, self_attention, norms[0], norm_first)
    return x + feed_forward(norms[1](attended)) if norm_first else norms[1](x + feed_forward(attended))


def _without_second_residual(x, self_attention, feed_forward, norms, norm_first):
    attended = _step(x, self_attention, norms[0], norm_first)
    return feed_forward(norms[1](attended)) if norm_first else norms[1](feed_forward(attended))


def _without_first_residual(x, self_attention, feed_forward, norms, norm_first):
    attended = self_attention(norms[0](x)) if norm_first else norms[0](self_attention(x))
    return _step(attended, feed_forward, norms[1], norm_first)


def _without_residuals(x, self_attention, feed_forward, norms, norm_first):
    if norm_first:
        return feed_forward(norms[1](self_attention(norms[0](x))))
    return norms[1](feed_forward(norms[0](self_attention(x))))


def _without_norms(x, self_attention, feed_forward, norms, norm_first):
    x = x + self_attention(x)
    return x + feed_forward(x)


def _always_post(x, self_attention, feed_forward, norms, norm_first):
    return encoder_layer(x, self_attention, feed_forward, norms, False)


def _always_pre(x, self_attention, feed_forward, norms, norm_first):
    return encoder_layer(x, self_attention, feed_forward, norms, True)


def _exchanged(x, self_attention, feed_forward, norms, norm_first):
    return encoder_layer(x, self_attention, feed_forward, norms, not norm_first)


def _second_always_post(x, self_attention, feed_forward, norms, norm_first):
    return _step(_step(x, self_attention, norms[0], norm_first), feed_forward, norms[1], False)


def _stream_normalized(x, self_attention, feed_forward, norms, norm_first):
    if not norm_first:
        return encoder_layer(x, self_attention, feed_forward, norms, False)
    for sublayer, norm in zip((self_attention, feed_forward), norms, strict=True):
        x = norm(x)
        x = x + sublayer(x)
    return x


def _sublayer_normalized(x, self_attention, feed_forward, norms, norm_first):
    for sublayer, norm in zip((self_attention, feed_forward), norms, strict=True):
        x = x + sublayer(norm(x)) if norm_first else x + norm(sublayer(x))
    return x


def _normalized_at_the_end(x, self_attention, feed_forward, norms, norm_first):
    out = encoder_layer(x, self_attention, feed_forward, norms, norm_first)
    return norms[1](out) if norm_first else out


def _subtracted(x, self_attention, feed_forward, norms, norm_first):
    for sublayer, norm in zip((self_attention, feed_forward), norms, strict=True):
        x = x - sublayer(norm(x)) if norm_first else norm(x - sublayer(x))
    return x


def _multiplied(x, self_attention, feed_forward, norms, norm_first):
    for sublayer, norm in zip((self_attention, feed_forward), norms, strict=True):
        x = x * sublayer(norm(x)) if norm_first else norm(x * sublayer(x))
    return x


def _functions_exchanged(x, self_attention, feed_forward, norms, norm_first):
    return _in_order(x, zip(norms, (self_attention, feed_forward), strict=True), norm_first)


def _one_residual_around_both(x, self_attention, feed_forward, norms, norm_first):
    if norm_first:
        return x + feed_forward(norms[1](self_attention(norms[0](x))))
    return norms[1](x + feed_forward(norms[0](self_attention(x))))


ENCODER_LAYER = Exercise(
    name="transformer.encoder_layer",
    title=_("The encoder's layer"),
    solution=encoder_layer,
    cases=_encoder_layer_cases,
    compare=close,
    hints=(
        _("Use your `residual` twice: around the attention, and around the feed-forward network."),
        _("The second sublayer reads, and is added to, what the first gave: `x = residual(x, …)` two times."),
    ),
    mistakes=(
        Mistake(
            _other_order, _("The feed-forward network comes first. The attention does; the norms keep their order.")
        ),
        Mistake(_norms_exchanged, _("The two norms are exchanged: the first belongs to the attention.")),
        Mistake(
            _backwards, _("Your layer runs backwards: the attention comes first, and then the feed-forward network.")
        ),
        Mistake(_first_norm_twice, _("You use the **first** norm twice. Each sublayer has its own.")),
        Mistake(_second_norm_twice, _("You use the **second** norm twice. Each sublayer has its own.")),
        Mistake(_attention_alone, _("The feed-forward network is missing: your layer ends after the attention.")),
        Mistake(
            _feed_forward_alone,
            _("The result of the attention is lost: the feed-forward network reads the layer's input."),
        ),
        Mistake(_attention_twice, _("You call `self_attention` twice, and `feed_forward` not at all.")),
        Mistake(_feed_forward_twice, _("You call `feed_forward` twice, and `self_attention` not at all.")),
        Mistake(
            _side_by_side,
            _("Both sublayers read the layer's input. The feed-forward network reads what the attention has changed."),
        ),
        Mistake(
            _input_added_twice,
            _("The second residual connection adds the layer's input. It adds what came **out of the first**."),
        ),
        Mistake(_without_second_residual, _("The residual connection around the feed-forward network is missing.")),
        Mistake(_without_first_residual, _("The residual connection around the attention is missing.")),
        Mistake(
            _without_residuals,
            _("Both residual connections are missing: each sublayer's output is added to its input."),
        ),
        Mistake(
            _one_residual_around_both,
            _("You have one residual connection around both sublayers. Each has its own."),
        ),
        Mistake(_functions_exchanged, _("Norms and sublayers are taken for each other.")),
        Mistake(_without_norms, _("The norms are missing.")),
        Mistake(_always_post, _("You always normalize the sums. With `norm_first` each sublayer reads `norm(x)`.")),
        Mistake(_always_pre, _("You always normalize before the sublayers. Without `norm_first` it is the sums.")),
        Mistake(_exchanged, _("Pre-norm and post-norm are exchanged: with `norm_first` the norm comes **first**.")),
        Mistake(
            _second_always_post,
            _("Around the feed-forward network you always normalize the sum. `norm_first` is for both."),
        ),
        Mistake(
            _stream_normalized,
            _(
                "With `norm_first` you add to the **normalized** `x`. Add to `x` as it is: only the sublayer "
                "reads `norm(x)`."
            ),
        ),
        Mistake(
            _sublayer_normalized,
            _("Without `norm_first` you normalize what a sublayer gives. It is the **sum** that is normalized."),
        ),
        Mistake(
            _normalized_at_the_end,
            _("With `norm_first` you normalize once more at the end. The model does that once, after its last layer."),
        ),
        Mistake(_subtracted, _("You subtract what the sublayers compute. It is **added**.")),
        Mistake(_multiplied, _("You multiply by what the sublayers compute. It is **added**.")),
    ),
    corners=(
        Corner(
            lambda x, self_attention, feed_forward, norms, norm_first: norm_first,
            _("Only `norm_first=True` goes wrong. There each sublayer reads `norm(x)` and is added to `x` as it is."),
        ),
        Corner(
            lambda x, self_attention, feed_forward, norms, norm_first: not norm_first,
            _("Only `norm_first=False` goes wrong. There each sum of `x` and a sublayer's output is normalized."),
        ),
    ),
    explanation=_(
        "The same two lines serve every layer: what changes is the sublayer. With your own functions the body is "
        "`x = residual(x, self_attention, norms[0], norm_first)` and the same for `feed_forward`."
    ),
)
