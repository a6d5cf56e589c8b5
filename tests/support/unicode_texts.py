"""Random texts from every corner of Unicode, to compare with a reference; no surrogates, which UTF-8 lacks."""

import random
import unicodedata
from collections.abc import Iterator

N_CODE_POINTS = 0x110000
SURROGATES = range(0xD800, 0xE000)

# fmt: off
SNIPPETS = (
    "the", "The", " unbelievable", "don't", "I'LL", " we've", "'s", "''s", "naïve", "Ångström", "straße", "İstanbul",
    "ΑΣ", "안녕하세요", " 대한민국", "각", "東京", " 日本語", "ｶﾞ", "مرحبا", "שלום", "नमस्ते", "ไทย",
    "\ufb01", "①", "½", "Ⅳ", "٣", "1234", "e\u0301", "a\u0323\u0308\u0303", "\u1112\u1161\u11ab",
    "👍🏽", "👩\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "🇰🇷", "❤\ufe0f", "\u200d",
    "\u200b", "\ufeff", "\ufe0f", "\u00ad",
    "\r\n", "\n\n", "\t", "\x0b", "\x0c", "\x85", "\x00", "\x1c", "\x7f", "\u00a0", "\u2028", "\u3000", " ", "  ",
    " " * 37, "!!!", "...", " --", "/**", "</s>", "http://a.b/?c=d&e", "_", "$5", "€", "+1", "«»", "\u2019s",
    "Ġ", "##ing", "\u2581the", "\u2581", "\ufffd", "\uffff", "a" * 101, "b" * 100, "xyz" * 60,
    "<|endoftext|>", "<|im_start|>", "<|im_end|", "|im_end|>", "<|IM_START|>", "<| im_end |>", "<repo_name>",
    "<file_sep>", "<unk>", "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[cls]", "[ MASK ]",
)
# fmt: on


def code_points(step_in_empty_planes: int = 1) -> Iterator[str]:
    """Every code point of Unicode, assigned or not, as a character.

    Planes 4 to 13 have no characters at all, 15 and 16 are for private use: they are all alike, and can be sampled.
    """
    for plane in range(17):
        step = step_in_empty_planes if plane in range(4, 14) or plane > 14 else 1
        yield from (chr(code) for code in range(plane << 16, (plane + 1) << 16, step) if code not in SURROGATES)


def random_texts(n_texts: int, seed: int) -> list[str]:
    """Texts of 1 to 12 parts; a part is a snippet from above or a few characters of one kind."""
    generator = random.Random(seed)
    assigned = [character for character in code_points() if unicodedata.category(character) not in ("Cn", "Co")]

    def any_character() -> str:
        while (code := generator.randrange(N_CODE_POINTS)) in SURROGATES:
            pass
        return chr(code)

    kinds = (
        any_character,
        lambda: generator.choice(assigned),
        lambda: chr(generator.randrange(0x80)),
        lambda: chr(generator.randrange(0x800)),
        lambda: generator.choice(" \t\n\r\u00a0\u3000"),
    )

    def part() -> str:
        if generator.random() < 0.5:
            return generator.choice(SNIPPETS)
        kind = generator.choice(kinds)
        return "".join(kind() for _character in range(generator.randint(1, 4)))

    return ["".join(part() for _part in range(generator.randint(1, 12))) for _text in range(n_texts)]
