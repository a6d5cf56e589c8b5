"""Exercise on bits per byte: what a language model's log-probabilities say of a text, whatever its tokens are."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def bits_per_byte(log_probs: list[float], text: str) -> float:
    """How many bits a language model needs for each byte of a text.

    log_probs: the natural logarithm of the probability that the model gave to each token of
    the text. A probability p costs -log2(p) bits, and log2(p) is ln(p) / ln(2). text: the text
    that the tokens make up; its bytes are those of UTF-8, of which "é" has two. It has one or
    more.

    >>> from math import log
    >>> bits_per_byte([log(1 / 16), log(1 / 4)], "cats")
    1.5
    >>> bits_per_byte([log(1 / 16)], "é")
    2.0
    """
    import math

    return -sum(log_probs) / math.log(2) / len(text.encode())


TEXTS = (
    "cats", "é", "The café is closed.", "naïve façade", "한국어", "a", "Zürich, 5 €", "two words", "日本語 text",
    "ÄÖÜ äöü ß", "plain words of ASCII alone", "no",
)  # fmt: skip


def _bits_per_byte_cases() -> list[tuple]:
    draw = random.Random(1904)
    cases: list[tuple] = [([math.log(1 / 16), math.log(1 / 4)], "cats"), ([math.log(1 / 16)], "é")]
    for text in TEXTS[2:]:
        n = max(2, round(len(text) / draw.choice([1, 2, 4])))
        cases.append(([-round(draw.expovariate(0.5) + 0.05, 3) for _token in range(n)], text))
    return [*cases, ([0.0, 0.0], "sure é"), ([0.0], "s")]


def _bits(log_probs):
    return -sum(log_probs) / math.log(2)


def _per_character(log_probs, text):
    return _bits(log_probs) / len(text)


def _per_token(log_probs, text):
    return _bits(log_probs) / len(log_probs)


def _per_word(log_probs, text):
    return _bits(log_probs) / len(text.split())


def _not_divided(log_probs, text):
    return _bits(log_probs)


def _nats_per_character(log_probs, text):
    return -sum(log_probs) / len(text)


def _nats_per_token(log_probs, text):
    return -sum(log_probs) / len(log_probs)


def _nats_not_divided(log_probs, text):
    return -sum(log_probs)


def _times_log_2(log_probs, text):
    return -sum(log_probs) * math.log(2) / len(text.encode())


def _mean_over_bytes(log_probs, text):
    return _bits(log_probs) / len(log_probs) / len(text.encode())


def _perplexity(log_probs, text):
    return math.exp(-sum(log_probs) / len(log_probs))


def _perplexity_of_bytes(log_probs, text):
    return 2 ** bits_per_byte(log_probs, text)


def _decimal(log_probs, text):
    return -sum(log_probs) / math.log(10) / len(text.encode())


def _utf_16(log_probs, text):
    return _bits(log_probs) / len(text.encode("utf-16"))


def _utf_16_without_a_mark(log_probs, text):
    return _bits(log_probs) / len(text.encode("utf-16-le"))


def _utf_32(log_probs, text):
    return _bits(log_probs) / len(text.encode("utf-32-le"))


def _ascii_alone(log_probs, text):
    return _bits(log_probs) / max(1, len(text.encode("ascii", errors="ignore")))


def _escaped(log_probs, text):
    return _bits(log_probs) / len(text.encode("unicode_escape"))


def _without_spaces(log_probs, text):
    return _bits(log_probs) / len("".join(text.split()).encode())


def _bytes_per_byte(log_probs, text):
    return bits_per_byte(log_probs, text) / 8


def _bits_of_bytes(log_probs, text):
    return _bits(log_probs) / (8 * len(text))


def _probabilities(log_probs, text):
    return -sum(map(math.exp, log_probs)) / math.log(2) / len(text.encode())


def _entropy(log_probs, text):
    return -sum(math.exp(x) * x for x in log_probs) / math.log(2) / len(text.encode())


def _largest(log_probs, text):
    return -min(log_probs) / math.log(2) / len(text.encode())


def _first_token_free(log_probs, text):
    return _bits(log_probs[1:]) / len(text.encode())


def _last_token_free(log_probs, text):
    return _bits(log_probs[:-1]) / len(text.encode())


def _one_byte_more(log_probs, text):
    return _bits(log_probs) / (len(text.encode()) + 1)


def _one_byte_less(log_probs, text):
    return _bits(log_probs) / max(1, len(text.encode()) - 1)


def _distinct_bytes(log_probs, text):
    return _bits(log_probs) / len(set(text.encode()))


def _bytes_per_bit(log_probs, text):
    return len(text.encode()) / _bits(log_probs) if sum(log_probs) else 0.0


def _each_token(log_probs, text):
    return [-x / math.log(2) / len(text.encode()) for x in log_probs]


def _sum_of_bytes(log_probs, text):
    return _bits(log_probs) / sum(text.encode())


def _bytes_per_token(log_probs, text):
    return len(text.encode()) / len(log_probs)


def _times_bytes(log_probs, text):
    return _bits(log_probs) * len(text.encode())


def _whole_bits(log_probs, text):
    return _bits(log_probs) // 1 / len(text.encode())


def _bytes(log_probs, text):
    return len(text.encode())


BITS_PER_BYTE = Exercise(
    name="evaluation.bits_per_byte",
    title=_("A loss that tokenizers can share"),
    solution=bits_per_byte,
    cases=_bits_per_byte_cases,
    hints=(
        _(
            "The logarithm of the whole text's probability is the sum of its tokens' logarithms. Bits are that sum, "
            "with the other sign, divided by ln(2)."
        ),
        _("`text.encode()` makes the bytes of UTF-8, and `len` counts them; `len(text)` counts characters."),
    ),
    mistakes=(
        Mistake(_per_character, _('You divide by the number of **characters**: "é" has two bytes, `text.encode()`.')),
        Mistake(_per_token, _("You return bits per **token**, which depend on the tokenizer: divide by the bytes.")),
        Mistake(_per_word, _("You return bits per **word**: divide by the bytes.")),
        Mistake(_not_divided, _("You return the bits of the **whole** text: divide by its bytes.")),
        Mistake(_nats_per_character, _("You return **nats** per character: bits per byte are wanted.")),
        Mistake(_nats_per_token, _("You return **nats** per token, the loss: bits per byte are wanted.")),
        Mistake(_nats_not_divided, _("You return the **nats** of the whole text: bits per byte are wanted.")),
        Mistake(_times_log_2, _("You **multiply** by ln(2): a bit is ln(2) nats, so divide by it.")),
        Mistake(
            _mean_over_bytes,
            _("You divide the **mean** over tokens by all bytes: divide the sum by them."),
        ),
        Mistake(_perplexity, _("You return the **perplexity** of a token: bits per byte are wanted.")),
        Mistake(_perplexity_of_bytes, _("You return 2 **to the power** of the bits, a perplexity of bytes.")),
        Mistake(_decimal, _("You take logarithms to base **10**: divide by ln(2).")),
        Mistake(_utf_16, _("You count the bytes of **UTF-16**: `text.encode()` makes those of UTF-8.")),
        Mistake(
            _utf_16_without_a_mark, _("You count **two** bytes a character: `text.encode()` makes those of UTF-8.")
        ),
        Mistake(_utf_32, _("You count **four** bytes a character: `text.encode()` makes those of UTF-8.")),
        Mistake(_ascii_alone, _("You leave out the bytes of **other letters**, such as é: all bytes count.")),
        Mistake(_escaped, _("You count letters such as é as they are **escaped**: count the bytes of UTF-8.")),
        Mistake(_without_spaces, _("You do not count **spaces**: the model predicts them, too.")),
        Mistake(
            _bytes_per_byte, _("You divide by **8**, too: bits for each byte are wanted, not the compressed share.")
        ),
        Mistake(_bits_of_bytes, _("You divide by **8** bits a character: divide by the bytes.")),
        Mistake(_probabilities, _("You add up **probabilities**: add up their logarithms.")),
        Mistake(_entropy, _("You weigh each logarithm by its **probability**: each token counts the same.")),
        Mistake(_largest, _("You take the **worst** token alone: add up all of them.")),
        Mistake(_first_token_free, _("Your **first** token costs nothing: all of them count.")),
        Mistake(_last_token_free, _("Your **last** token costs nothing: all of them count.")),
        Mistake(_one_byte_more, _("You count **one byte** too many.")),
        Mistake(_one_byte_less, _("You count **one byte** too few.")),
        Mistake(_distinct_bytes, _("You count **distinct** bytes: count all of them.")),
        Mistake(_bytes_per_bit, _("You return **bytes per bit**: exchange what is divided by what.")),
        Mistake(_each_token, _("You return a number for each **token**: add them up.")),
        Mistake(_sum_of_bytes, _("You **add up** the bytes' values: count them, with `len`.")),
        Mistake(_bytes_per_token, _("You return how many **bytes** a token has: the probabilities are wanted, too.")),
        Mistake(_whole_bits, _("You round the bits **down** before you divide: `/`, not `//`.")),
        Mistake(_bytes, _("You return the number of **bytes**: divide the bits by it.")),
        Mistake(_times_bytes, _("You **multiply** by the bytes: divide by them.")),
    ),
    corners=(
        Corner(
            lambda log_probs, text: not any(log_probs),
            _("Only tokens that were **certain** go wrong: a probability of 1 costs 0 bits."),
        ),
    ),
    explanation=_(
        "The bytes of a text are the same for every model, and its tokens are not: a tokenizer of long tokens has "
        "fewer of them, each harder to guess, and so a higher perplexity for the same prediction. A compressor that "
        "uses the model's probabilities needs about this many bits for each byte."
    ),
)
