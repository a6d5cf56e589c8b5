"""Exercise on how many numbers each method trains."""

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def count_trained(
    shapes: list[tuple[int, int]],
    rank: int,
    bottleneck: int,
) -> tuple[int, int, int, int]:
    """How many numbers four methods train on the same linear layers, each of which has a bias.

    shapes: the shape (d_out, d_in) of each layer's matrix; its bias has d_out numbers.
    The answer, in this order:
    - full fine-tuning: all matrices and biases
    - LoRA: A (rank, d_in) and B (d_out, rank) beside each matrix; all biases are frozen
    - adapters, one after each layer: a linear layer from d_out to `bottleneck` numbers and one
      back to d_out, each with its own bias; the layers themselves are frozen
    - BitFit: the biases of the layers alone

    >>> count_trained([(10, 20)], rank=2, bottleneck=3)
    (210, 60, 73, 10)
    """
    full = sum(d_out * d_in + d_out for d_out, d_in in shapes)
    lora = sum(rank * (d_in + d_out) for d_out, d_in in shapes)
    adapters = sum(2 * d_out * bottleneck + bottleneck + d_out for d_out, d_in in shapes)
    bitfit = sum(d_out for d_out, d_in in shapes)
    return full, lora, adapters, bitfit


def _count_trained_cases() -> list[tuple]:
    return [
        ([(10, 20)], 2, 3),
        ([(1, 2)], 1, 2),
        ([(384, 384)], 8, 16),
        ([(6, 2), (2, 6)], 1, 4),
        ([(5, 3), (5, 3), (7, 5)], 3, 2),
        ([(384, 384), (384, 384), (384, 384), (384, 384), (1536, 384), (384, 1536)], 4, 24),
        ([(4, 8), (9, 4)], 2, 1),
        ([(576, 576), (192, 576), (192, 576)], 16, 32),
    ]


def _changed(shapes, rank, bottleneck, full=None, lora=None, adapters=None, bitfit=None):
    """The right answer, with what is given in its place: each a function of d_out and d_in of one layer."""
    right = count_trained(shapes, rank, bottleneck)
    other = (full, lora, adapters, bitfit)
    return tuple(
        sum(change(d_out, d_in) for d_out, d_in in shapes) if change else value
        for change, value in zip(other, right, strict=True)
    )


def _full_without_biases(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, full=lambda d_out, d_in: d_out * d_in)


def _full_bias_of_d_in(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, full=lambda d_out, d_in: d_out * d_in + d_in)


def _full_one_bias_each(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, full=lambda d_out, d_in: d_out * d_in + 1)


def _lora_of_the_whole(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * d_out * d_in)


def _lora_copied(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: d_out * d_in)


def _lora_with_frozen(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: d_out * d_in + rank * (d_out + d_in))


def _lora_down_alone(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * d_in)


def _lora_up_alone(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * d_out)


def _lora_with_bias(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * (d_out + d_in) + d_out)


def _lora_with_two_biases(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * (d_out + d_in) + rank + d_out)


def _lora_with_a_core(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * (d_out + d_in) + rank * rank)


def _lora_multiplied(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, lora=lambda d_out, d_in: rank * d_in * d_out * rank)


def _adapters_without_biases(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: 2 * d_out * bottleneck)


def _adapters_bias_of_down(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: 2 * d_out * bottleneck + bottleneck)


def _adapters_bias_of_up(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: 2 * d_out * bottleneck + d_out)


def _adapters_down_alone(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: d_out * bottleneck + bottleneck)


def _adapters_up_alone(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: d_out * bottleneck + d_out)


def _adapters_one_matrix(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: d_out * bottleneck + bottleneck + d_out)


def _adapters_of_d_in(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, adapters=lambda d_out, d_in: 2 * d_in * bottleneck + bottleneck + d_in)


def _adapters_across(shapes, rank, bottleneck):
    return _changed(
        shapes, rank, bottleneck, adapters=lambda d_out, d_in: (d_in + d_out) * bottleneck + bottleneck + d_out
    )


def _adapters_two_each(shapes, rank, bottleneck):
    return _changed(
        shapes, rank, bottleneck, adapters=lambda d_out, d_in: 2 * (2 * d_out * bottleneck + bottleneck + d_out)
    )


def _bitfit_of_d_in(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, bitfit=lambda d_out, d_in: d_in)


def _bitfit_of_layers(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, bitfit=lambda d_out, d_in: 1)


def _bitfit_of_both(shapes, rank, bottleneck):
    return _changed(shapes, rank, bottleneck, bitfit=lambda d_out, d_in: d_out + d_in)


def _last_layer_alone(shapes, rank, bottleneck):
    return count_trained(shapes[-1:], rank, bottleneck)


def _first_layer_alone(shapes, rank, bottleneck):
    return count_trained(shapes[:1], rank, bottleneck)


def _sides_exchanged(shapes, rank, bottleneck):
    return count_trained([(d_in, d_out) for d_out, d_in in shapes], rank, bottleneck)


def _no_biases(shapes, rank, bottleneck):
    full, lora, adapters, bitfit = count_trained(shapes, rank, bottleneck)
    return full - bitfit, lora, adapters - bitfit - bottleneck * len(shapes), bitfit


COUNT_TRAINED = Exercise(
    name="peft.count_trained",
    title=_("How many numbers each method trains"),
    solution=count_trained,
    cases=_count_trained_cases,
    hints=(
        _("Write down the shapes of what is trained beside one layer, multiply each out, and add up over the layers."),
        _(
            "For one layer: `d_out * d_in + d_out`, `rank * (d_in + d_out)`, "
            "`2 * d_out * bottleneck + bottleneck + d_out`, and `d_out`."
        ),
    ),
    mistakes=(
        Mistake(_full_without_biases, _("Full fine-tuning trains the **biases**, too: d_out numbers for each layer.")),
        Mistake(_full_bias_of_d_in, _("The bias of a layer has **d_out** numbers: it is added to the output.")),
        Mistake(_full_one_bias_each, _("A layer's bias is a **vector**, d_out numbers, not one.")),
        Mistake(
            _lora_of_the_whole,
            _("For LoRA you counted rank times the **whole** matrix: A and B are thin, r · (d_in + d_out)."),
        ),
        Mistake(
            _lora_copied, _("For LoRA you counted a **copy** of the matrix: no copy is made, A and B are trained.")
        ),
        Mistake(_lora_with_frozen, _("For LoRA you counted the **frozen** matrix as well: A and B alone are trained.")),
        Mistake(_lora_down_alone, _("For LoRA you counted A alone: **B** is trained, too, d_out × rank.")),
        Mistake(_lora_up_alone, _("For LoRA you counted B alone: **A** is trained, too, rank × d_in.")),
        Mistake(
            _lora_with_bias, _("For LoRA you counted the **bias** of the layer: it is frozen, and the branch has none.")
        ),
        Mistake(_lora_with_two_biases, _("A and B are matrices **without biases**: count the matrices alone.")),
        Mistake(_lora_with_a_core, _("LoRA has nothing **between** A and B: no rank × rank matrix.")),
        Mistake(_lora_multiplied, _("You **multiplied** the sizes of A and B: both are trained, so add them.")),
        Mistake(
            _adapters_without_biases, _("The two layers of an adapter have **biases**: bottleneck + d_out numbers.")
        ),
        Mistake(_adapters_bias_of_down, _("The second layer of an adapter has a **bias**, too: d_out numbers.")),
        Mistake(_adapters_bias_of_up, _("The first layer of an adapter has a **bias**, too: `bottleneck` numbers.")),
        Mistake(_adapters_down_alone, _("An adapter goes down **and up again**: the second layer is missing.")),
        Mistake(_adapters_up_alone, _("An adapter goes **down** first: the first layer is missing.")),
        Mistake(_adapters_one_matrix, _("An adapter has **two** matrices, down and up: you counted one.")),
        Mistake(
            _adapters_of_d_in, _("An adapter is **after** the layer: it reads and returns d_out numbers, not d_in.")
        ),
        Mistake(
            _adapters_across,
            _("An adapter goes from d_out back to **d_out**: it does not replace the layer from d_in."),
        ),
        Mistake(_adapters_two_each, _("You counted **two adapters** for each layer: here there is one.")),
        Mistake(_bitfit_of_d_in, _("BitFit trains the biases, and a bias has **d_out** numbers, not d_in.")),
        Mistake(_bitfit_of_layers, _("For BitFit you counted the **layers**: each bias has d_out numbers.")),
        Mistake(_bitfit_of_both, _("For BitFit you counted **both sides** of the matrix: a bias has d_out numbers.")),
        Mistake(_last_layer_alone, _("You counted the **last** layer alone: add up over all layers.")),
        Mistake(_first_layer_alone, _("You counted the **first** layer alone: add up over all layers.")),
        Mistake(_sides_exchanged, _("You **exchanged** the sides: a shape is (d_out, d_in).")),
        Mistake(_no_biases, _("All **biases** are missing, those of the layers and those of the adapters.")),
    ),
    explanation=_(
        "A matrix grows with the product of its sides, what LoRA and adapters train with their sum, and BitFit with "
        "one side. So the larger the model, the smaller the share. In the lesson's tables a classifier's head comes on "
        "top, and is counted apart."
    ),
    results=("full", "LoRA", "adapters", "BitFit"),
)
