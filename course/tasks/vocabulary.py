"""The symbols of one side of a task, and their ids."""

from collections.abc import Iterable

from course.messages import _

MARKS = ("<pad>", "<s>", "</s>")


class Vocabulary:
    """Symbols with their ids, after three special symbols: padding 0, beginning 1, end 2."""

    pad_id, bos_id, eos_id = range(3)

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = [*MARKS, *sorted(set(symbols))]
        self._ids = {symbol: number for number, symbol in enumerate(self.symbols)}

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """The id of each symbol. Raises `ValueError` for nothing at all and for a symbol that is not known."""
        symbols = list(symbols)
        if not symbols:
            raise ValueError(_("There is nothing to read: type something."))
        for place, symbol in enumerate(symbols, 1):
            if symbol not in self._ids or symbol in MARKS:
                raise ValueError(
                    _("{symbol!r}, at position {place}, is not known here. Known: {known}").format(
                        symbol=symbol, place=place, known=" ".join(self.symbols[len(MARKS) :]).strip()
                    )
                )
        return [self._ids[symbol] for symbol in symbols]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The symbol of each id, without the special symbols."""
        return [self.symbols[one] for one in ids if one >= len(MARKS)]
