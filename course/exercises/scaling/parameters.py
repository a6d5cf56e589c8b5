"""Exercise on counting a model's parameters three ways: which count is used decides the exponent of a law."""

import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def parameters(vocab: int, width: int, layers: int, hidden: int) -> dict[str, int]:
    """How many parameters a small decoder has, counted three ways.

    Each of its `layers` blocks has four matrices of width x width for attention (queries, keys,
    values, output) and three of width x hidden for the gated feed-forward layer. A table of
    vocab x width looks up the tokens; the output layer is another matrix of that size. There
    are no biases and no table of positions, and the gains of the norms are not counted.

    "all" counts all of these, "without_lookup" all but the table that looks up the tokens, and
    "body" the blocks alone.

    >>> parameters(vocab=512, width=16, layers=2, hidden=40)
    {'all': 22272, 'without_lookup': 14080, 'body': 5888}
    """
    body = layers * (4 * width * width + 3 * width * hidden)
    table = vocab * width
    return {"all": body + 2 * table, "without_lookup": body + table, "body": body}


def _parameters_cases() -> list[tuple]:
    draw = random.Random(901)
    cases: list[tuple] = [
        (512, 16, 2, 40),
        (512, 128, 5, 344),
        (10, 4, 1, 8),
        (100, 2, 3, 4),
        (32000, 4096, 32, 11008),
        (7, 3, 1, 5),
        (50, 8, 4, 8),
    ]
    for _case in range(8):
        width = draw.choice([6, 12, 24, 48, 96])
        cases.append(
            (draw.randint(20, 2000), width, draw.randint(2, 9), draw.randint(2, 4) * width + draw.randint(1, 9))
        )
    return cases


def _counts(body, table, tables=(2, 1, 0)):
    return {name: body + n * table for name, n in zip(("all", "without_lookup", "body"), tables, strict=True)}


def _body(width, layers, hidden, attention=4, feed_forward=3):
    return layers * (attention * width * width + feed_forward * width * hidden)


def _tied(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (1, 1, 0))


def _one_table_that_is_left_out(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (1, 0, 0))


def _without_both(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (2, 0, 0))


def _lookup_stays(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (2, 2, 0))


def _head_in_body(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (2, 1, 1))


def _three_tables(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * width, (3, 1, 0))


def _one_block(vocab, width, layers, hidden):
    return _counts(_body(width, 1, hidden), vocab * width)


def _tables_in_every_block(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), layers * vocab * width)


def _attention_once(vocab, width, layers, hidden):
    return _counts(4 * width * width + _body(width, layers, hidden, attention=0), vocab * width)


def _feed_forward_once(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, feed_forward=0) + 3 * width * hidden, vocab * width)


def _without_gate(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, feed_forward=2), vocab * width)


def _one_feed_forward(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, feed_forward=1), vocab * width)


def _four_feed_forward(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, feed_forward=4), vocab * width)


def _without_feed_forward(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, feed_forward=0), vocab * width)


def _without_attention(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, attention=0), vocab * width)


def _three_of_attention(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, attention=3), vocab * width)


def _one_of_attention(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, attention=1), vocab * width)


def _five_of_attention(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden, attention=5), vocab * width)


def _vector_of_attention(vocab, width, layers, hidden):
    return _counts(layers * (4 * width + 3 * width * hidden), vocab * width)


def _square_of_hidden(vocab, width, layers, hidden):
    return _counts(layers * (4 * width * width + 3 * hidden * hidden), vocab * width)


def _fourfold_hidden(vocab, width, layers, hidden):
    return _counts(layers * (4 * width * width + 3 * width * 4 * width), vocab * width)


def _twelve_squares(vocab, width, layers, hidden):
    return _counts(12 * layers * width * width, vocab * width)


def _gains(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden) + (2 * layers + 1) * width, vocab * width)


def _gains_without_the_last(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden) + 2 * layers * width, vocab * width)


def _biases(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden) + layers * (5 * width + 2 * hidden), vocab * width)


def _table_of_hidden(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * hidden)


def _table_of_vocab(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab)


def _table_is_a_square(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab * vocab)


def _table_of_width(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), width)


def _sizes_added(vocab, width, layers, hidden):
    return _counts(_body(width, layers, hidden), vocab + width)


def _turned_round(vocab, width, layers, hidden):
    found = parameters(vocab, width, layers, hidden)
    return {"all": found["body"], "without_lookup": found["without_lookup"], "body": found["all"]}


def _tables_alone(vocab, width, layers, hidden):
    return _counts(0, vocab * width)


def _tuple(vocab, width, layers, hidden):
    return tuple(parameters(vocab, width, layers, hidden).values())


def _all_alone(vocab, width, layers, hidden):
    return parameters(vocab, width, layers, hidden)["all"]


PARAMETERS = Exercise(
    name="scaling.parameters",
    title=_("Parameters, counted three ways"),
    solution=parameters,
    cases=_parameters_cases,
    hints=(
        _("Count one block first: four squares of the width, and three matrices of width x hidden."),
        _(
            "`body = layers * (4 * width * width + 3 * width * hidden)`. The other two counts add `vocab * width` once "
            "and twice."
        ),
    ),
    mistakes=(
        Mistake(_tied, _("You count **one** table for both ends: here the output layer has a matrix of its own.")),
        Mistake(
            _one_table_that_is_left_out,
            _("You count **no output layer**: it is a matrix of vocab x width beside the table that looks up."),
        ),
        Mistake(_without_both, _("You leave out **both** matrices of the vocabulary: the output layer is multiplied.")),
        Mistake(_lookup_stays, _("The table that looks up the tokens is **still in** `without_lookup`.")),
        Mistake(_head_in_body, _("The **output layer** is in your body: the body is the blocks alone.")),
        Mistake(_three_tables, _("You count **three** matrices of the vocabulary: there are two.")),
        Mistake(_one_block, _("You count **one** block: multiply by `layers`.")),
        Mistake(
            _tables_in_every_block, _("You count the vocabulary's matrices in **every** block: they are there once.")
        ),
        Mistake(_attention_once, _("You count attention in **one** block alone: put brackets round a block's sum.")),
        Mistake(
            _feed_forward_once,
            _("You count the feed-forward layer in **one** block alone: put brackets round the sum."),
        ),
        Mistake(_without_gate, _("You count **two** matrices in the feed-forward layer: a gated one has three.")),
        Mistake(_one_feed_forward, _("You count **one** matrix in the feed-forward layer: a gated one has three.")),
        Mistake(_four_feed_forward, _("You count **four** matrices in the feed-forward layer: it has three.")),
        Mistake(_without_feed_forward, _("The **feed-forward layer** is missing from your blocks.")),
        Mistake(_without_attention, _("**Attention** is missing from your blocks.")),
        Mistake(_three_of_attention, _("You count **three** matrices of attention: the output's is the fourth.")),
        Mistake(_one_of_attention, _("You count **one** matrix of attention: there are four.")),
        Mistake(_five_of_attention, _("You count **five** matrices of attention: there are four.")),
        Mistake(_vector_of_attention, _("Attention's matrices are **vectors** in yours: each has width x width.")),
        Mistake(_square_of_hidden, _("The feed-forward matrices are **squares** in yours: each has width x hidden.")),
        Mistake(_fourfold_hidden, _("You take **4 times the width** for the hidden size: it is given.")),
        Mistake(
            _twelve_squares, _("You count **12 · width²** a block, which is for another block: add up this one's.")
        ),
        Mistake(_gains, _("You count the **gains** of the norms: here they are left out.")),
        Mistake(_gains_without_the_last, _("You count the **gains** of the blocks' norms: here they are left out.")),
        Mistake(_biases, _("You count **biases**: these layers have none.")),
        Mistake(_table_of_hidden, _("The vocabulary's matrices have **hidden** columns in yours: they have width.")),
        Mistake(
            _table_of_vocab, _("You count **one** number for each token of the vocabulary: it has a whole vector.")
        ),
        Mistake(_table_is_a_square, _("The vocabulary's matrices are **squares** in yours: they are vocab x width.")),
        Mistake(_table_of_width, _("You count **one** vector for the whole vocabulary: each token has its own.")),
        Mistake(_sizes_added, _("You **add** vocab and width: a matrix has as many numbers as their product.")),
        Mistake(_turned_round, _("`all` and `body` are **exchanged** in your answer.")),
        Mistake(_tables_alone, _("The **blocks** are missing: you count the vocabulary's matrices alone.")),
        Mistake(_tuple, _("You return the counts **without their names**: return a dictionary.")),
        Mistake(_all_alone, _("You return **one** count: return a dictionary of three.")),
    ),
    explanation=_(
        "In the first example the two matrices of the vocabulary are three quarters of the model; in a model of "
        "billions they are a few percent. The counts of a small and a large model therefore have other ratios under "
        "another counting, and the exponent of a law that is fitted to them changes, although no run did."
    ),
)
