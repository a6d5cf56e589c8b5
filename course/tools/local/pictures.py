"""A tool that answers words with a moving picture, which it draws itself: cats that dance, for example."""

import html
import re

from course.messages import _

# What is drawn of an animal around its middle, on 60 × 80 points: ears first, then what all have in common.
EARS = {
    "cat": "M-18-18L-16-40L-2-28ZM18-18L16-40L2-28Z",
    "dog": "M-16-28Q-32-26-26-4L-14-14ZM16-28Q32-26 26-4L14-14Z",
    "rabbit": "M-13-26Q-20-62-8-58Q-2-50-3-28ZM13-26Q20-62 8-58Q2-50 3-28Z",
}
COLORS = ("#e69f00", "#56b4e9", "#cc79a7")
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
MOVES = {  # type and values of the movement, and the words that ask for it
    "dancing": ("rotate", "-14;14;-14", ("danc", "swing", "party")),
    "jumping": ("translate", "0 0;0 -16;0 0", ("jump", "hop", "leap", "bounc")),
}
CONFETTI = ("celebrat", "party", "birthday", "confetti", "congratulat", "festiv")
SECONDS, TURNS = 0.8, 6  # a movement and how often: it is over within five seconds


def show_animation(query: str) -> str:
    """A picture for these words as SVG: up to three cats, dogs or rabbits, dancing, jumping or still, with confetti.

    Raises `ValueError`, with what can be drawn, for words without one of the animals.
    """
    words = re.findall("[a-z]+", query.lower())
    animal, plural = _animal(words)
    move = next((name for name, (_type, _values, stems) in MOVES.items() if _asked(words, stems)), "")
    count = next((NUMBERS[word] for word in words if word in NUMBERS), 3 if plural else 1)
    drawn = "".join(_drawn(animal, move, number) for number in range(count))
    title = " ".join(filter(None, (str(count), f"{animal}s" if count > 1 else animal, move)))
    confetti = ""
    if _asked(words, CONFETTI):
        title, confetti = f"{title}, with confetti", _confetti(80 * count)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {80 * count} 120" width="{120 * count}" '
        f'role="img" stroke-linecap="round"><title>{html.escape(title)}</title>{confetti}{drawn}</svg>'
    )


def _animal(words: list[str]) -> tuple[str, bool]:
    for word in words:
        for animal in EARS:
            if word in (animal, f"{animal}s"):
                return animal, word != animal
    raise ValueError(
        _("There is no picture for these words. What can be drawn: {known}.").format(
            known=", ".join(f"{animal}s" for animal in EARS)
        )
    )


def _asked(words: list[str], stems: tuple[str, ...]) -> bool:
    return any(word.startswith(stems) for word in words)


def _drawn(animal: str, move: str, number: int) -> str:
    moving = ""
    if move:
        kind, values, _stems = MOVES[move]
        moving = (
            f'<animateTransform attributeName="transform" type="{kind}" values="{values}" '
            f'dur="{SECONDS}s" begin="{number * 0.13:.2f}s" repeatCount="{TURNS}"/>'
        )
    return (
        f'<g transform="translate({40 + 80 * number} 66)"><g fill="{COLORS[number]}">{moving}<path d="{EARS[animal]}"/>'
        '<circle cy="-16" r="18"/><ellipse cy="22" rx="15" ry="24"/>'
        '<path d="M-12 8L-28-6M12 8L28-6M-8 42L-14 52M8 42L14 52M12 36Q32 40 28 18" stroke="#555" stroke-width="4" '
        'fill="none"/><path d="M-7-20v1M7-20v1M-5-9Q0-5 5-9" stroke="#222" stroke-width="3" '
        'fill="none"/></g></g>'
    )


def _confetti(width: int) -> str:
    places = " ".join(f"M{17 * n * n % width} {37 * n % 50 + 4}h5" for n in range(1, 22))
    return f'<path d="{places}" stroke="#009e73" stroke-width="5"/>'
