"""GPT-2's printing alphabet: one visible character for each of the 256 bytes.

A byte that is a visible character in Latin-1 is printed as that character; the other 68 (controls, spaces, the soft
hyphen) are printed as the characters from number 256 on, in order. A space is therefore printed as Ġ and a line feed as
Ċ, and a person can read the vocabulary.

Source: Radford et al. 2019, section 2.2, and the `bytes_to_unicode` function of its published code.
"""

from course.messages import _

_VISIBLE = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
_HIDDEN = [byte for byte in range(256) if byte not in _VISIBLE]

PRINTED: dict[int, str] = {byte: chr(byte) for byte in _VISIBLE} | {b: chr(256 + i) for i, b in enumerate(_HIDDEN)}
BYTE_OF: dict[str, int] = {character: byte for byte, character in PRINTED.items()}


def print_bytes(data: bytes) -> str:
    """The bytes as visible characters."""
    return "".join([PRINTED[byte] for byte in data])


def read_bytes(printed: str) -> bytes:
    """The bytes that `printed` represents. Raises `ValueError` for a character that represents no byte."""
    try:
        return bytes([BYTE_OF[character] for character in printed])
    except KeyError as error:
        raise ValueError(
            _("The character {character} in the token {token!r} represents no byte. Is it a special token?").format(
                character=error, token=printed
            )
        ) from error
