"""Exercise on SQuAD's normalization: what two answers may differ in and still be the same answer."""

import re
import string

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def normalized(answer: str) -> str:
    """An answer as SQuAD compares it: without capitals, punctuation and articles.

    In this order: small letters; then every character of `string.punctuation` is deleted, and
    nothing takes its place; then the text is split at white space, and the words a, an and the
    are dropped. What is left is joined with one space each, and is "" where nothing is left.

    >>> normalized("The  Apple, an iPhone's   maker")
    'apple iphones maker'
    >>> normalized("A-ha!")
    'aha'
    """
    import string

    kept = "".join(sign for sign in answer.lower() if sign not in string.punctuation)
    return " ".join(word for word in kept.split() if word not in ("a", "an", "the"))


def _normalized_cases() -> list[tuple]:
    texts = [
        "The  Apple, an iPhone's   maker",
        "A-ha!",
        "the end",
        "Denver Broncos",
        " The Netherlands ",
        "a theory of the atom",
        "an ant and a bee",
        "twenty-one",
        "U.S.A.",
        "$3.5 million",
        "The The",
        "A.",
        "an",
        "...",
        "",
        "Anna, the Anthem",
        "x_y  z",
        "Saint-Étienne (in the Loire)",
        "Panthera leo",
        "one\ttwo\nthe three",
        "THE A-TEAM",
        "the-end of a/b",
        'Is it a "quote"?',
        "Vitamin A",
        "Bath, the city",
        "no change",
        "  The   Banana  ",
        "in 1,066 AD; an army",
        "theatre",
        "A an the",
        "Athens & the Aegean",
        "the. end",
        '"A" and "the" B',
        "one (a) two, the, three",
        "file_name",
        "an_apple a day",
        "Café Zoë",
        "Müller & Söhne",
        "7 of 9",
        "Route 66",
        "Plan B",
        "x = y + 1",
        "World War I",
        "She's AN artist, isn't she?",
    ]
    return [(text,) for text in texts]


ARTICLES = ("a", "an", "the")


def _without(text, signs=string.punctuation, put=""):
    return "".join(put if sign in signs else sign for sign in text)


def _words(text, articles=ARTICLES):
    return " ".join(word for word in text.split() if word not in articles)


def _capitals(answer):
    return _words(_without(answer))


def _capitals_but_of_articles(answer):
    return " ".join(word for word in _without(answer).split() if word.lower() not in ARTICLES)


def _punctuation(answer):
    return _words(answer.lower())


def _articles(answer):
    return " ".join(_without(answer.lower()).split())


def _articles_cut_out(answer):
    text = _without(answer.lower())
    for article in ("the", "an", "a"):
        text = text.replace(article, "")
    return " ".join(text.split())


def _the_alone(answer):
    return _words(_without(answer.lower()), ("the",))


def _no_an(answer):
    return _words(_without(answer.lower()), ("a", "the"))


def _no_a(answer):
    return _words(_without(answer.lower()), ("an", "the"))


def _no_the(answer):
    return _words(_without(answer.lower()), ("a", "an"))


def _space_for_punctuation(answer):
    return _words(_without(answer.lower(), put=" "))


def _articles_first(answer):
    return " ".join(_without(_words(answer.lower())).split())


def _articles_first_at_borders(answer):
    return " ".join(_without(re.sub(r"\b(a|an|the)\b", " ", answer.lower())).split())


def _spaces_kept(answer):
    return re.sub(r"\b(a|an|the)\b", "", _without(answer.lower()))


def _spaces_kept_but_at_the_ends(answer):
    return _spaces_kept(answer).strip()


def _spaces_for_articles(answer):
    return re.sub(r"\b(a|an|the)\b", " ", _without(answer.lower()))


def _joined_without_spaces(answer):
    return normalized(answer).replace(" ", "")


def _in_a_list(answer):
    return normalized(answer).split()


def _first_article(answer):
    words = _without(answer.lower()).split()
    return " ".join(words[1:] if words and words[0] in ARTICLES else words)


def _some_signs(answer):
    return _words(_without(answer.lower(), ".,!?"))


def _some_more_signs(answer):
    return _words(_without(answer.lower(), ".,;:!?'\"()"))


def _at_the_ends_of_words(answer):
    return " ".join(w for w in (word.strip(string.punctuation) for word in answer.lower().split()) if w not in ARTICLES)


def _at_the_ends(answer):
    return _words(answer.lower().strip(string.punctuation))


def _word_characters(answer):
    return _words(re.sub(r"[^\w\s]", "", answer.lower()))


def _ascii_letters(answer):
    return _words(re.sub(r"[^a-z0-9\s]", "", answer.lower()))


def _digits_lost(answer):
    return _words(re.sub(r"[^a-zà-ÿ\s]", "", answer.lower()))


def _single_letters_lost(answer):
    return " ".join(word for word in normalized(answer).split() if len(word) > 1)


def _upper(answer):
    return normalized(answer).upper()


def _title(answer):
    return normalized(answer).title()


def _sorted(answer):
    return " ".join(sorted(normalized(answer).split()))


def _distinct(answer):
    return " ".join(dict.fromkeys(_without(answer.lower()).split()))


def _split_at_spaces(answer):
    return " ".join(word for word in _without(answer.lower()).split(" ") if word not in ARTICLES)


def _only_small(answer):
    return answer.lower()


def _only_spaces(answer):
    return " ".join(answer.lower().split())


def _punctuation_alone(answer):
    return _without(answer.lower())


def _articles_alone(answer):
    return " ".join(word for word in _without(answer.lower()).split() if word in ARTICLES)


def _punctuation_kept_alone(answer):
    return _words("".join(sign for sign in answer.lower() if sign in string.punctuation))


def _letters_spaced(answer):
    return " ".join(letter for letter in _without(answer.lower()) if letter not in ARTICLES)


NORMALIZED = Exercise(
    name="what_language_models_do.normalized",
    title=_("The same answer, written in another way"),
    solution=normalized,
    cases=_normalized_cases,
    hints=(
        _(
            "Go through the steps in the order of the docstring. Delete punctuation before you look for articles, and "
            "compare whole words with them."
        ),
        _(
            '`import string` gives `string.punctuation`. Join the characters that are not in it with `"".join(…)`; '
            '`text.split()` splits at any white space, and `" ".join(words)` puts the words together.'
        ),
    ),
    mistakes=(
        Mistake(_capitals, _("**Capital letters** stay in yours: begin with `answer.lower()`.")),
        Mistake(
            _capitals_but_of_articles,
            _("You look at small letters for the **articles** alone: the answer has small letters, too."),
        ),
        Mistake(_punctuation, _("**Punctuation** stays in yours: delete every character of `string.punctuation`.")),
        Mistake(_articles, _("The **articles** stay in yours: drop the words a, an and the.")),
        Mistake(_articles_cut_out, _("You cut articles out of **other words**: compare whole words.")),
        Mistake(_the_alone, _("You drop **the** alone: a and an are articles, too.")),
        Mistake(_no_an, _("The article **an** stays in yours.")),
        Mistake(_no_a, _("The article **a** stays in yours.")),
        Mistake(_no_the, _("The article **the** stays in yours.")),
        Mistake(_space_for_punctuation, _("You put a **space** in the place of punctuation: delete it.")),
        Mistake(
            _articles_first,
            _('You drop articles **before** punctuation: "A." is an article after its full stop is deleted.'),
        ),
        Mistake(
            _articles_first_at_borders,
            _('You look for articles **before** you delete punctuation: "A-ha" has none after it.'),
        ),
        Mistake(_spaces_kept, _("**Spaces** stay where articles were: split the text and join it with one space.")),
        Mistake(
            _spaces_kept_but_at_the_ends,
            _("**Several spaces** stay inside yours: split the text and join it with one space."),
        ),
        Mistake(
            _spaces_for_articles,
            _("A **space** replaces each article in yours, and stays: split the text and join it with one space."),
        ),
        Mistake(_joined_without_spaces, _("You join the words **without** a space: put one between them.")),
        Mistake(_in_a_list, _("You return the words as a **list**: join them with one space.")),
        Mistake(_first_article, _("You drop an article at the **beginning** alone: drop all of them.")),
        Mistake(_some_signs, _("**Some** punctuation stays in yours: `string.punctuation` has 32 characters.")),
        Mistake(_some_more_signs, _("Punctuation **such as - and $** stays in yours: use `string.punctuation`.")),
        Mistake(
            _at_the_ends_of_words,
            _("You delete punctuation at the ends of **words**: delete it inside them, too."),
        ),
        Mistake(_at_the_ends, _("You delete punctuation at the ends of the **text**: delete it everywhere.")),
        Mistake(_word_characters, _("The **underscore** stays in yours, as a word character: it is punctuation.")),
        Mistake(_ascii_letters, _("**Other letters** such as é are lost in yours: delete punctuation alone.")),
        Mistake(_digits_lost, _("**Digits** are lost in yours: delete punctuation alone.")),
        Mistake(_single_letters_lost, _("Words of **one letter** are lost in yours: drop a, an and the alone.")),
        Mistake(_upper, _("Yours has **capital** letters: small ones are wanted, `answer.lower()`.")),
        Mistake(_title, _("Words **begin** with capital letters in yours: small ones are wanted.")),
        Mistake(_sorted, _("You **sort** the words: keep their order.")),
        Mistake(_distinct, _("You drop words that are **repeated**: drop the articles alone.")),
        Mistake(
            _split_at_spaces,
            _("You split at **single** spaces: `text.split()` splits at any white space, of any length."),
        ),
        Mistake(_only_small, _("You do the **first** step alone: punctuation, articles and spaces are left.")),
        Mistake(_only_spaces, _("Punctuation and **articles** stay in yours.")),
        Mistake(_punctuation_alone, _("Articles and **spaces** stay in yours.")),
        Mistake(_articles_alone, _("You keep the **articles** alone: these are dropped.")),
        Mistake(_punctuation_kept_alone, _("You keep **punctuation** alone: this is deleted.")),
        Mistake(_letters_spaced, _("You go through the **letters** of the text: split it into words.")),
    ),
    corners=(
        Corner(
            lambda answer: normalized(answer) == "",
            _('Only answers of which **nothing** is left go wrong: the answer is "".'),
        ),
        Corner(
            lambda answer: "\t" in answer or "\n" in answer,
            _("Only **tabs and line ends** go wrong: they are white space, as a space is."),
        ),
        Corner(
            lambda answer: "-" in answer or "/" in answer,
            _("Only words **joined** by a sign go wrong: the sign is deleted, and nothing takes its place."),
        ),
    ),
    explanation=_(
        "The order matters: `A-ha` becomes `aha`, which has no article; with the articles first it would become `ha`. "
        "The rules are those of English. For Korean, articles are nothing to drop, and a particle at a word's end "
        "makes it another word."
    ),
)
