"""Exercise on what a training costs: six operations for each parameter and token, and attention's share."""

import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def training_flops(
    n_parameters: int,
    n_tokens: int,
    layers: int,
    width: int,
    length: int,
) -> int:
    """The floating-point operations of a training on `n_tokens` tokens, in windows of `length`.

    n_parameters: those that every token is multiplied with, so without the table that looks up
    the tokens. Each costs a token 2 operations forward, a multiplication and an addition, and
    4 backward. In each of the `layers` layers attention multiplies a token's query with
    `length` keys of `width` numbers, and as many weights with values: 4 · length · width
    operations forward, and twice as many backward.

    >>> training_flops(14080, 1000, layers=2, width=16, length=64)
    109056000
    >>> training_flops(100, 10, layers=0, width=16, length=64)
    6000
    """
    return n_tokens * (6 * n_parameters + 12 * layers * length * width)


def _training_flops_cases() -> list[tuple]:
    draw = random.Random(902)
    cases: list[tuple] = [
        (14080, 1000, 2, 16, 64),
        (100, 10, 0, 16, 64),
        (1000, 7, 1, 5, 3),
        (70_000_000_000, 1_400_000_000_000, 80, 8192, 2048),
        (14080, 2292224, 2, 16, 64),
        (5000, 1, 3, 8, 12),
        (2000, 13, 4, 6, 1),
    ]
    for _case in range(9):
        width = draw.choice([8, 16, 24, 48])
        cases.append(
            (
                draw.randint(1000, 90_000),
                draw.randint(50, 5000),
                draw.randint(2, 7),
                width,
                draw.choice([9, 32, 100, 256]),
            )
        )
    return cases


def _cost(per_parameter, per_pair):
    return lambda n, d, layers, width, length: d * (per_parameter * n + per_pair * layers * length * width)


def _six_n_d(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters * n_tokens


def _attention_alone(n_parameters, n_tokens, layers, width, length):
    return 12 * n_tokens * layers * length * width


def _attention_of_one_token(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters * n_tokens + 12 * layers * length * width


def _parameters_for_one_token(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters + 12 * n_tokens * layers * length * width


def _of_one_token(n_parameters, n_tokens, layers, width, length):
    return 6 * n_parameters + 12 * layers * length * width


def _forward(n, d, layers, width, length):
    return _cost(2, 4)(n, d, layers, width, length)


def _backward(n, d, layers, width, length):
    return _cost(4, 8)(n, d, layers, width, length)


def _attention_forward(n, d, layers, width, length):
    return _cost(6, 4)(n, d, layers, width, length)


def _attention_backward(n, d, layers, width, length):
    return _cost(6, 8)(n, d, layers, width, length)


def _parameters_forward(n, d, layers, width, length):
    return _cost(2, 12)(n, d, layers, width, length)


def _parameters_backward(n, d, layers, width, length):
    return _cost(4, 12)(n, d, layers, width, length)


def _multiplications_alone(n, d, layers, width, length):
    return _cost(3, 6)(n, d, layers, width, length)


def _scores_alone(n, d, layers, width, length):
    return _cost(6, 6)(n, d, layers, width, length)


def _twelve_for_both(n, d, layers, width, length):
    return _cost(12, 12)(n, d, layers, width, length)


def _multiplications_of_parameters(n, d, layers, width, length):
    return _cost(3, 12)(n, d, layers, width, length)


def _multiplications_of_scores_forward(n, d, layers, width, length):
    return _cost(6, 2)(n, d, layers, width, length)


def _one_operation(n, d, layers, width, length):
    return _cost(1, 12)(n, d, layers, width, length)


def _one_of_attention(n, d, layers, width, length):
    return _cost(6, 1)(n, d, layers, width, length)


def _seven(n, d, layers, width, length):
    return _cost(7, 12)(n, d, layers, width, length)


def _five(n, d, layers, width, length):
    return _cost(5, 12)(n, d, layers, width, length)


def _eleven(n, d, layers, width, length):
    return _cost(6, 11)(n, d, layers, width, length)


def _thirteen(n, d, layers, width, length):
    return _cost(6, 13)(n, d, layers, width, length)


def _length_squared(n, d, layers, width, length):
    return _cost(6, 12 * length)(n, d, layers, width, length)


def _width_squared(n, d, layers, width, length):
    return _cost(6, 12 * width)(n, d, layers, width, length)


def _without_length(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * width)


def _without_width(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * length)


def _without_layers(n, d, layers, width, length):
    return d * (6 * n + 12 * length * width)


def _all_in_every_layer(n, d, layers, width, length):
    return d * layers * (6 * n + 12 * length * width)


def _windows(n, d, layers, width, length):
    return d * length * (6 * n + 12 * layers * length * width)


def _attention_of_windows(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * length * width / length) / length


def _seen_pairs(n, d, layers, width, length):
    return d * (6 * n + 6 * layers * (length + 1) * width)


def _attention_subtracted(n, d, layers, width, length):
    return d * (6 * n - 12 * layers * length * width)


def _multiplied(n, d, layers, width, length):
    return d * 6 * n * 12 * layers * length * width


def _all_pairs_of_tokens(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * d * width)


def _sizes_added(n, d, layers, width, length):
    return d * (6 * n + 12 * (layers + length + width))


def _per_parameter(n, d, layers, width, length):
    return training_flops(n, d, layers, width, length) / n


def _in_petaflops(n, d, layers, width, length):
    return training_flops(n, d, layers, width, length) / 1e15


def _tokens_added(n, d, layers, width, length):
    return d + 6 * n + 12 * layers * length * width


def _parameters_added(n, d, layers, width, length):
    return d * (6 + n + 12 * layers * length * width)


def _width_added(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * length + width)


def _divided_by_width(n, d, layers, width, length):
    return d * (6 * n + 12 * layers * length / width)


def _divided_by_length(n, d, layers, width, length):
    return d * (6 * n + 12 * layers / length * width)


def _length_times_width(n, d, layers, width, length):
    return d * (6 * n + length * width)


def _width_alone(n, d, layers, width, length):
    return d * (6 * n + width)


TRAINING_FLOPS = Exercise(
    name="scaling.training_flops",
    title=_("What a training costs"),
    solution=training_flops,
    cases=_training_flops_cases,
    hints=(
        _("What does one token cost, forward and backward, in the layers and in attention? Multiply by the tokens."),
        _("A parameter costs 2 + 4 operations, attention (4 + 8) · length · width in each layer."),
    ),
    mistakes=(
        Mistake(_six_n_d, _("You return **6ND** alone: attention's products have no parameters, and are missing.")),
        Mistake(_attention_alone, _("You count **attention** alone: the parameters' 6ND is missing.")),
        Mistake(
            _attention_of_one_token, _("Attention is counted for **one** token in yours: put brackets round the sum.")
        ),
        Mistake(_parameters_for_one_token, _("The parameters are counted for **one** token in yours.")),
        Mistake(_of_one_token, _("You return what **one token** costs: multiply by the tokens.")),
        Mistake(_forward, _("You count the **forward** pass alone: the backward pass costs twice as much again.")),
        Mistake(_backward, _("You count **4** a parameter and **8** a pair: forward and backward are 6 and 12.")),
        Mistake(_attention_forward, _("Attention is counted **forward** alone: 4 + 8 = 12.")),
        Mistake(_attention_backward, _("Attention is counted **backward** alone: 4 + 8 = 12.")),
        Mistake(_parameters_forward, _("The parameters are counted **forward** alone: 2 + 4 = 6.")),
        Mistake(_parameters_backward, _("The parameters are counted **backward** alone: 2 + 4 = 6.")),
        Mistake(_multiplications_alone, _("You count multiplications **without additions**: 6 and 12, not 3 and 6.")),
        Mistake(_multiplications_of_parameters, _("A parameter costs **3** in yours: its additions are missing.")),
        Mistake(
            _scores_alone,
            _("Attention costs **6** in yours: keys and values are two products, each of 2 + 4 operations."),
        ),
        Mistake(_twelve_for_both, _("A parameter costs **12** in yours: 12 is attention's, a parameter's is 6.")),
        Mistake(
            _multiplications_of_scores_forward,
            _("Attention costs **2** in yours: two products of 2 operations forward, and twice as many backward."),
        ),
        Mistake(_one_operation, _("A parameter costs **1** in yours: it costs 2 + 4.")),
        Mistake(_one_of_attention, _("Attention costs **1** in yours: it costs 4 + 8.")),
        Mistake(_seven, _("A parameter costs **7** in yours: it costs 2 + 4.")),
        Mistake(_five, _("A parameter costs **5** in yours: it costs 2 + 4.")),
        Mistake(_eleven, _("Attention costs **11** in yours: it costs 4 + 8.")),
        Mistake(_thirteen, _("Attention costs **13** in yours: it costs 4 + 8.")),
        Mistake(_length_squared, _("You square the **length**: that is for a whole window, here it is for a token.")),
        Mistake(_width_squared, _("You square the **width**: a query and a key have width numbers.")),
        Mistake(_without_length, _("The **length** is missing: each query meets as many keys.")),
        Mistake(_without_width, _("The **width** is missing: each product of query and key has as many terms.")),
        Mistake(_without_layers, _("The **layers** are missing: each has its attention.")),
        Mistake(_all_in_every_layer, _("You multiply the **parameters** by the layers, too: N counts them all.")),
        Mistake(_windows, _("You multiply by the **length** once more: D counts tokens, not windows.")),
        Mistake(_attention_of_windows, _("You **divide** by the length: D counts tokens, each with length keys.")),
        Mistake(_seen_pairs, _("You count **seen** keys alone: a dense product computes all `length` of them.")),
        Mistake(_attention_subtracted, _("You **subtract** attention's part: add it.")),
        Mistake(_multiplied, _("You **multiply** the two parts: add them.")),
        Mistake(_all_pairs_of_tokens, _("A query meets **all** tokens in yours: it meets those of its window.")),
        Mistake(_sizes_added, _("You **add** layers, length and width: multiply them.")),
        Mistake(_per_parameter, _("You **divide** by the parameters: return all operations.")),
        Mistake(_in_petaflops, _("You return **petaFLOPs**: return operations.")),
        Mistake(_tokens_added, _("You **add** the tokens: multiply by them.")),
        Mistake(_parameters_added, _("You **add** 6 to the parameters: multiply.")),
        Mistake(_width_added, _("You **add** the width: multiply by it.")),
        Mistake(_divided_by_width, _("You **divide** by the width: multiply.")),
        Mistake(_divided_by_length, _("You divide attention's part by the **length**: multiply.")),
        Mistake(_length_times_width, _("Attention's **12 and the layers** are missing.")),
        Mistake(
            _width_alone, _("Attention's part is the **width** alone in yours: multiply it by 12, layers and length.")
        ),
    ),
    explanation=_(
        "The backward pass computes two products for each one of the forward pass: the gradient of the input and that "
        "of the weight. Attention's part does not depend on the parameters. In the smallest run of the sweep it is "
        "24,576 of 109,056 operations a token; 6ND would say 84,480."
    ),
)
