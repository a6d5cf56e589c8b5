"""How much of a word survives typing errors: corrupt the word, tokenize both versions, and compare the tokens."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from course.messages import _
from course.tokenization.tokenizer import Tokenizer

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # each row half a key further to the right than the one above
_LETTERS = "".join(_KEYBOARD)


def neighbouring_keys(letter: str) -> str:
    """The keys around a letter on a US keyboard, in the letter's case; for any other character, all the letters."""
    for row, keys in enumerate(_KEYBOARD):
        column = keys.find(letter.lower())
        if column >= 0:
            places = [(row, column - 1), (row, column + 1), (row - 1, column), (row - 1, column + 1)]
            places += [(row + 1, column - 1), (row + 1, column)]
            near = [_KEYBOARD[r][c] for r, c in places if 0 <= r < len(_KEYBOARD) and 0 <= c < len(_KEYBOARD[r])]
            return "".join(near).upper() if letter.isupper() else "".join(near)
    return _LETTERS


def add_typos(word: str, n_typos: int, generator: random.Random) -> str:
    """The word after `n_typos` random errors, one after another.

    Each error is, with equal probability, a wrong key, an extra key, a missing letter or two swapped letters, at a
    random position. A wrong or extra key is next to the right one on the keyboard. An error that would change nothing,
    leave nothing or undo the errors before it is drawn again. Raises `ValueError` for an empty word.
    """
    if not word:
        raise ValueError(_("An empty word has no letters to mistype."))
    mistyped = word
    for _typo in range(n_typos):
        before = mistyped
        while mistyped in (before, word, ""):
            mistyped = _one_typo(before, generator)
    return mistyped


def _one_typo(word: str, generator: random.Random) -> str:
    at = generator.randrange(len(word))
    head, letter, tail = word[:at], word[at], word[at + 1 :]
    match generator.choice(("replace", "insert", "delete", "swap")):
        case "replace":
            return head + generator.choice(neighbouring_keys(letter)) + tail
        case "insert":
            return head + letter + generator.choice(neighbouring_keys(letter)) + tail
        case "delete":
            return head + tail
        case _:  # swap
            return head + tail[:1] + letter + tail[1:]


def tokens_in_sentence(tokenizer: Tokenizer, word: str) -> list[tuple[str, int]]:
    """The tokens of the word in the middle of a sentence, each with the number of the word's bytes that it covers.

    Unknown tokens are left out: they say nothing about the word. A space at the start of a token is not counted.
    """
    before = "a "
    pieces = tokenizer.explain(before + word)
    inside = [piece for piece in pieces if piece.end > len(before) and piece.id != tokenizer.unknown_id]
    return [(piece.token, len(piece.data.removeprefix(b" "))) for piece in inside]


def kept_share(word: str, original: Sequence[tuple[str, int]], corrupted: Sequence[tuple[str, int]]) -> float:
    """The share of the word that is in tokens which are still there, in order, after the word was corrupted.

    Of all common subsequences of the two lists of tokens, the one that covers most of the word counts; each token
    counts with the bytes of the word in it (for an English word, its letters). 1 when no token is lost, 0 when all are;
    for a vocabulary of whole words nothing else is possible.
    """
    best = np.zeros((len(original) + 1, len(corrupted) + 1))
    for i, (token, size) in enumerate(original):
        for j, (other, _size) in enumerate(corrupted):
            same = best[i, j] + size if token == other else 0
            best[i + 1, j + 1] = max(same, best[i, j + 1], best[i + 1, j])
    return float(best[-1, -1]) / len(word.encode())


def typo_curve(
    tokenizers: Mapping[str, Tokenizer], words: Sequence[str], max_typos: int, seeds: Sequence[int]
) -> dict[str, Float[np.ndarray, "seed typos"]]:
    """For each tokenizer, the mean kept share of the words for every seed (row) and 0 to `max_typos` typos (column).

    With the same seed, all tokenizers see the same corrupted words, so that they can be compared word by word.
    """
    curves = {name: np.zeros((len(seeds), max_typos + 1)) for name in tokenizers}
    original = {name: [tokens_in_sentence(tokenizer, word) for word in words] for name, tokenizer in tokenizers.items()}
    for row, seed in enumerate(seeds):
        generator = random.Random(seed)
        for n_typos in range(max_typos + 1):
            corrupted = [add_typos(word, n_typos, generator) for word in words]
            for name, tokenizer in tokenizers.items():
                shares = [
                    kept_share(word, tokens, tokens_in_sentence(tokenizer, wrong))
                    for word, tokens, wrong in zip(words, original[name], corrupted, strict=True)
                ]
                curves[name][row, n_typos] = np.mean(shares)
    return curves


def mean_tokens(tokenizer: Tokenizer, words: Sequence[str]) -> float:
    """How many tokens one of the words takes inside a sentence, on average. Unknown tokens do not count."""
    return float(np.mean([len(tokens_in_sentence(tokenizer, word)) for word in words]))
