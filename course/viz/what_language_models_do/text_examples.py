"""Texts to begin with: the notes' own examples, and one in which every task has something to do."""

from typing import NamedTuple

from course.messages import _


class TextExample(NamedTuple):
    """A text, and a question to it where it has one."""

    text: str
    question: str = ""


EXAMPLES: dict[str, TextExample] = {
    _("something for all five tasks"): TextExample(
        "I loved my week in Lisbon. Maria Santos showed us the old port, and the fish soup at Casa Nova was "
        "wonderful. Only the ferry of Atlantic Lines was late.\n기기를 찾을 수 없습니다.",
        "Who showed us the old port?",
    ),
    _("spam"): TextExample("You have won a free phone! Send us your bank details today to claim your prize."),
    _("an opinion"): TextExample("The acting is superb, but the story is dull, and the film is an hour too long."),
    _("Apple, in English"): TextExample("Apple is a company in California.", "Where is Apple?"),
    _("Apple, in Korean"): TextExample("Apple은 캘리포니아에 위치한 기업입니다"),
    _("Korean of the translator's kind"): TextExample("비밀번호가 올바르지 않습니다."),
    _("a short article"): TextExample(
        "The city of Brookfield will close its old swimming pool in May. The pool was built in 1961, and its roof has "
        "leaked for years. A repair would cost nine million dollars, the mayor, Helen Ward, said on Monday. A new "
        "pool beside the library will open in two years. Until then, swimmers can use the pool of the university.",
        "When was the pool built?",
    ),
    _("a passage with a question"): TextExample(
        "Honey bees tell each other where flowers are by a dance. The angle of the dance shows the direction, "
        "and its length shows how far away the flowers are.",
        "What does the length of the dance show?",
    ),
}
FIRST = next(iter(EXAMPLES.values()))
