"""Exercise on bits per byte: a loss that does not depend on the tokenizer."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def bits_per_byte(losses: list[float], n_bytes: list[int]) -> float:
    """How many bits a language model needs for each byte of a text.

    losses[i] is the cross-entropy of token i in nats, n_bytes[i] how many bytes of text the token
    stands for: 0 for a special token, whose loss does not count. A bit is log(2) nats. Divide the
    bits of the whole text by its bytes. There is one byte or more.

    >>> from math import log
    >>> bits_per_byte([4 * log(2), 2 * log(2)], [2, 4])
    1.0
    >>> bits_per_byte([3 * log(2), 5 * log(2)], [3, 0])
    1.0
    """
    import math

    nats = sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size > 0)
    return nats / math.log(2) / sum(n_bytes)


def _bits_per_byte_cases() -> list[tuple]:
    draw = random.Random(7)
    bit = math.log(2)
    cases: list[tuple] = [
        ([4 * bit, 2 * bit], [2, 4]),
        ([3 * bit, 5 * bit], [3, 0]),
        ([2.0], [1]),
        ([0.0, 1.5], [2, 2]),
    ]
    cases += [([1.0, 2.0, 6.0], [4, 1, 0]), ([1.0, 2.0, 3.0, 4.0], [0, 5, 2, 0])]
    for n in (3, 5, 8, 12):
        sizes = [draw.choice([0, 1, 2, 3, 4, 7]) for _token in range(n - 1)] + [3]
        cases.append(([draw.expovariate(0.4) for _token in range(n)], sizes))
    return cases


def _counted(losses, n_bytes):
    return [(loss, size) for loss, size in zip(losses, n_bytes, strict=True) if size]


def _nats(losses, n_bytes):
    return bits_per_byte(losses, n_bytes) * math.log(2)


def _special_counts(losses, n_bytes):
    return sum(losses) / math.log(2) / sum(n_bytes)


def _special_has_a_byte(losses, n_bytes):
    return sum(losses) / math.log(2) / sum(max(size, 1) for size in n_bytes)


def _per_token(losses, n_bytes):
    counted = _counted(losses, n_bytes)
    return sum(loss for loss, _size in counted) / math.log(2) / len(counted)


def _per_token_of_all(losses, n_bytes):
    return sum(losses) / math.log(2) / len(losses)


def _nats_per_token(losses, n_bytes):
    return sum(losses) / len(losses)


def _mean_of_ratios(losses, n_bytes):
    counted = _counted(losses, n_bytes)
    return sum(loss / size for loss, size in counted) / math.log(2) / len(counted)


def _times_log(losses, n_bytes):
    return _nats(losses, n_bytes) * math.log(2)


def _decimal(losses, n_bytes):
    return _nats(losses, n_bytes) / math.log(10)


def _upside_down(losses, n_bytes):
    return 1 / (bits_per_byte(losses, n_bytes) or 1.0)


def _sum_of_bits(losses, n_bytes):
    return bits_per_byte(losses, n_bytes) * sum(n_bytes)


def _per_bit(losses, n_bytes):
    return bits_per_byte(losses, n_bytes) / 8


def _weighted(losses, n_bytes):
    return sum(loss * size for loss, size in zip(losses, n_bytes, strict=True)) / math.log(2) / sum(n_bytes)


def _byte_perplexity(losses, n_bytes):
    return 2 ** bits_per_byte(losses, n_bytes)


def _perplexity(losses, n_bytes):
    return math.exp(sum(losses) / len(losses))


def _long_tokens_only(losses, n_bytes):
    return sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size > 1) / math.log(2) / sum(n_bytes)


def _special_only(losses, n_bytes):
    return sum(loss for loss, size in zip(losses, n_bytes, strict=True) if not size) / math.log(2) / sum(n_bytes)


def _logarithms(losses, n_bytes):
    return sum(math.log2(loss) for loss, _size in _counted(losses, n_bytes) if loss) / sum(n_bytes)


def _sum_of_ratios(losses, n_bytes):
    return sum(loss / size for loss, size in _counted(losses, n_bytes)) / math.log(2)


def _by_all_tokens(losses, n_bytes):
    return bits_per_byte(losses, n_bytes) * sum(n_bytes) / len(losses)


def _without_the_last(losses, n_bytes):
    return sum(losses[:-1]) / math.log(2) / sum(n_bytes)


def _without_the_first(losses, n_bytes):
    return bits_per_byte([0.0, *losses[1:]], n_bytes)


BITS_PER_BYTE = Exercise(
    name="gpt.bits_per_byte",
    title=_("Bits per byte"),
    solution=bits_per_byte,
    cases=_bits_per_byte_cases,
    hints=(
        _("Two sums, divided at the end: the nats of all tokens that have bytes, and the bytes."),
        _("`sum(loss for loss, size in zip(losses, n_bytes) if size > 0)`, by `math.log(2)`, by `sum(n_bytes)`."),
    ),
    mistakes=(
        Mistake(_nats, _("These are **nats** per byte: divide by `math.log(2)`.")),
        Mistake(
            _special_counts,
            _("The loss of the **special tokens** is in your sum: they have no bytes, and do not count."),
        ),
        Mistake(
            _special_has_a_byte, _("You gave a special token a **byte**: it has none, and its loss does not count.")
        ),
        Mistake(_per_token, _("These are bits per **token**, which depends on the tokenizer: divide by the bytes.")),
        Mistake(_per_token_of_all, _("These are bits per **token**, special ones included: divide by the bytes.")),
        Mistake(
            _nats_per_token, _("That is the mean loss per token, in nats: take **bits**, and divide by the **bytes**.")
        ),
        Mistake(_mean_of_ratios, _("You averaged the ratios of the **tokens**: divide the two sums.")),
        Mistake(_times_log, _("You **multiplied** by log(2): a bit is log(2) nats, so divide.")),
        Mistake(_decimal, _("You divided by log(**10**): a bit is log(2) nats.")),
        Mistake(_upside_down, _("Your fraction is **upside down**: bits by bytes.")),
        Mistake(_sum_of_bits, _("These are the bits of the **whole** text: divide them by its bytes.")),
        Mistake(_per_bit, _("You divided by the **bits** of the text: divide by its bytes.")),
        Mistake(_weighted, _("You **weighted** each loss by its bytes: add the losses as they are.")),
        Mistake(_byte_perplexity, _("That is 2 to the **power** of it, a perplexity: bits are wanted.")),
        Mistake(_perplexity, _("That is the **perplexity** of a token: bits per byte are wanted.")),
        Mistake(
            _long_tokens_only, _("Tokens of **one byte** are missing in your sum: only those with 0 do not count.")
        ),
        Mistake(
            _special_only, _("You kept the **special** tokens and left out the others: it is the other way round.")
        ),
        Mistake(
            _logarithms, _("You took the **logarithm** of the losses: they are logarithms. Divide by `math.log(2)`.")
        ),
        Mistake(_sum_of_ratios, _("You added the ratios of the **tokens**: divide the two sums.")),
        Mistake(_by_all_tokens, _("You divided by the number of **tokens**: divide by the bytes.")),
        Mistake(
            _without_the_last,
            _("You left out the **last** loss, whatever it is: leave out those of tokens with 0 bytes."),
        ),
        Mistake(_without_the_first, _("The **first** loss is missing: all tokens with bytes count.")),
    ),
    explanation=_(
        "A tokenizer with long tokens has a higher loss for each of them and fewer of them. Per byte the two cancel, "
        "so models with different vocabularies can be compared. A file compressed with the model would have this many "
        "bits for each byte."
    ),
    corners=(
        Corner(
            lambda losses, n_bytes: 0 in n_bytes,
            _("A token of 0 bytes is a special one: its loss is not in the sum."),
        ),
    ),
)
