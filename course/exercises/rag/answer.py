"""Exercise on grounding: whether, and where, the words of an answer are in a passage."""

import re

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def answer_place(answer: str, passage: str) -> tuple[int, int]:
    """Where the words of an answer are in a passage, one directly after another.

    A word is a run of letters and digits; all else separates words and does not matter. Upper
    and lower case are the same. Returns the place of the first character of these words in the
    passage and the place after the last one, so that `passage[start:end]` are the words as they
    are there; the first such place counts. It is (0, 0), of no characters, where they are
    nowhere, and for an answer without words.

    >>> answer_place("the red fox!", "A fox. The red  fox ran.")
    (7, 19)
    >>> answer_place("ox", "A fox. The red  fox ran.")
    (0, 0)
    """
    import re

    wanted = re.findall(r"[^\W_]+", answer.lower())
    words = list(re.finditer(r"[^\W_]+", passage))
    for first in range(len(words) - len(wanted) + 1):
        some = words[first : first + len(wanted)]
        if wanted and [word.group().lower() for word in some] == wanted:
            return some[0].start(), some[-1].end()
    return 0, 0


def _answer_place_cases() -> list[tuple]:
    fox = "A fox. The red  fox ran."
    newt = "The Harvel newt lives in ponds near Ostrava; it was named in 1874 by Ilse Brandt, who lived in Ostrava."
    return [
        ("the red fox!", fox),
        ("1874", newt),
        ("Ilse Brandt", newt),
        ("ilse brandt.", newt),
        ("In ponds near Ostrava.", newt),
        ("OSTRAVA", newt),
        ("in Ostrava", newt),
        ("fox", fox),
        ("ox", fox),
        ("187", newt),
        ("Brandt Ilse", newt),
        ("Ilse lived", newt),
        ("ponds in Ostrava", newt),
        ("newt", newt),
        ("", newt),
        (" ... ", fox),
        ("Prague", newt),
        ("It was named by Ilse Brandt", newt),
        ("3.5 kg", "It weighs 13.5 kg; with food (3-5 kg) more."),
        ("x-ray", "Read file_x before X_ray and x ray."),
        ("red fox ran away", fox),
        ("Caf", "A café is no caf."),
        ("Élodie Noël", "Her name: ÉLODIE NOËL."),
        ("a a b", "A a a b; a a b."),
        ("who", newt),
        ("the", "Bathe the other, the last."),
        ("'Ostrava'", "(Ostrava)"),
        ("the last", "First the others, then the last"),
        ("7 B", "b 7 a 7-b"),
        ("was named in 1874", newt),
    ]


def _words(text, pattern=r"[^\W_]+"):
    return [(match.group().lower(), match.start(), match.end()) for match in re.finditer(pattern, text)]


def _place(wanted, words):
    """The solution for words with their places."""
    for first in range(len(words) - len(wanted) + 1):
        some = words[first : first + len(wanted)]
        if wanted and [word for word, _start, _end in some] == wanted:
            return some[0][1], some[-1][2]
    return 0, 0


def _with_pattern(answer, passage, pattern):
    return _place([word for word, _start, _end in _words(answer, pattern)], _words(passage, pattern))


def _with_find(answer, passage):
    start = passage.find(answer)
    return (0, 0) if start < 0 or not answer else (start, start + len(answer))


def _with_find_in_lower_case(answer, passage):
    return _with_find(answer.lower(), passage.lower())


def _with_find_of_words(answer, passage):
    """Joins the words by one space, and finds parts of words."""
    return _with_find(" ".join(re.findall(r"[^\W_]+", answer.lower())), passage.lower())


def _case_counts(answer, passage):
    words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"[^\W_]+", passage)]
    return _place(re.findall(r"[^\W_]+", answer), words)


def _answer_as_it_is(answer, passage):
    return _place(re.findall(r"[^\W_]+", answer), _words(passage))


def _passage_as_it_is(answer, passage):
    words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"[^\W_]+", passage)]
    return _place(re.findall(r"[^\W_]+", answer.lower()), words)


def _cut_at_spaces(answer, passage):
    return _with_pattern(answer, passage, r"\S+")


def _passage_cut_at_spaces(answer, passage):
    return _place(re.findall(r"[^\W_]+", answer.lower()), _words(passage, r"\S+"))


def _answer_cut_at_spaces(answer, passage):
    return _place(answer.lower().split(), _words(passage))


def _without_digits(answer, passage):
    return _with_pattern(answer, passage, r"[^\W\d_]+")


def _ascii(answer, passage):
    return _with_pattern(answer, passage, "[A-Za-z0-9]+")


def _last_place(answer, passage):
    wanted, words, found = re.findall(r"[^\W_]+", answer.lower()), _words(passage), (0, 0)
    for first in range(len(words) - len(wanted) + 1):
        place = _place(wanted, words[first : first + len(wanted)])
        found = place if any(place) else found
    return found


def _first_word_alone(answer, passage):
    return _place(re.findall(r"[^\W_]+", answer.lower())[:1], _words(passage))


def _last_word_alone(answer, passage):
    return _place(re.findall(r"[^\W_]+", answer.lower())[-1:], _words(passage))


def _any_word(answer, passage):
    wanted = set(re.findall(r"[^\W_]+", answer.lower()))
    return next(((start, end) for word, start, end in _words(passage) if word in wanted), (0, 0))


def _all_words_anywhere(answer, passage):
    wanted, words = set(re.findall(r"[^\W_]+", answer.lower())), _words(passage)
    if not wanted or not wanted <= {word for word, _start, _end in words}:
        return 0, 0
    first = {}
    for word, start, end in words:
        if word in wanted:
            first.setdefault(word, (start, end))
    return min(first.values())[0], max(first.values())[1]


def _with_gaps(answer, passage):
    wanted, places = re.findall(r"[^\W_]+", answer.lower()), []
    for word, start, end in _words(passage):
        if len(places) < len(wanted) and word == wanted[len(places)]:
            places.append((start, end))
    return (places[0][0], places[-1][1]) if wanted and len(places) == len(wanted) else (0, 0)


def _in_any_order(answer, passage):
    wanted, words = sorted(re.findall(r"[^\W_]+", answer.lower())), _words(passage)
    for first in range(len(words) - len(wanted) + 1):
        some = words[first : first + len(wanted)]
        if wanted and sorted(word for word, _start, _end in some) == wanted:
            return some[0][1], some[-1][2]
    return 0, 0


def _not_at_the_end(answer, passage):
    wanted, words = re.findall(r"[^\W_]+", answer.lower()), _words(passage)
    return _place(wanted, words[:-1])


def _changed(change):
    def wrong(answer, passage):
        found = answer_place(answer, passage)
        return change(*found, answer, passage) if any(found) else found

    return wrong


def _end_of_first_word(answer, passage):
    def change(start, end, answer, passage):
        return start, start + len(re.findall(r"[^\W_]+", answer)[0])

    return _changed(change)(answer, passage)


def _start_of_last_word(answer, passage):
    def change(start, end, answer, passage):
        return start, end - len(re.findall(r"[^\W_]+", answer)[-1])

    return _changed(change)(answer, passage)


def _length_of_answer(answer, passage):
    return _changed(lambda start, end, answer, passage: (start, start + len(answer)))(answer, passage)


def _place_of_last(answer, passage):
    return _changed(lambda start, end, answer, passage: (start, end - 1))(answer, passage)


def _length(answer, passage):
    return _changed(lambda start, end, answer, passage: (start, end - start))(answer, passage)


def _start_alone(answer, passage):
    return _changed(lambda start, end, answer, passage: start)(answer, passage)


def _text(answer, passage):
    return _changed(lambda start, end, answer, passage: passage[start:end])(answer, passage)


def _numbers_of_words(answer, passage):
    words = [(word, number, number + 1) for number, (word, _start, _end) in enumerate(_words(passage))]
    return _place(re.findall(r"[^\W_]+", answer.lower()), words)


def _whether(answer, passage):
    return any(answer_place(answer, passage))


def _minus_one(answer, passage):
    found = answer_place(answer, passage)
    return found if any(found) else (-1, -1)


def _whole_passage(answer, passage):
    found = answer_place(answer, passage)
    return found if any(found) else (0, len(passage))


def _exchanged(answer, passage):
    return answer_place(passage, answer)


def _passage_of_single_spaces(answer, passage):
    return answer_place(answer, " ".join(re.findall(r"[^\W_]+", passage)))


ANSWER_PLACE = Exercise(
    name="rag.answer_place",
    title=_("Is the answer in the passage?"),
    solution=answer_place,
    cases=_answer_place_cases,
    hints=(
        _(
            "Make a list of the answer's words in lower case, and one of the passage's words with their places. "
            "Then compare the first list with each part of the second that is as long."
        ),
        _(
            "`re.finditer(r'[^\\W_]+', passage)` gives the words, each with `group()`, `start()` and `end()`. "
            "For `range(len(words) - len(wanted) + 1)`, compare `words[first : first + len(wanted)]`."
        ),
    ),
    mistakes=(
        Mistake(_with_find, _("You look for the answer **as it is**: compare words, in lower case.")),
        Mistake(
            _with_find_in_lower_case,
            _("You look for the answer's **characters**, punctuation and all, also inside of words: compare words."),
        ),
        Mistake(
            _with_find_of_words,
            _("You look for words with **one space** between them, also inside others: compare lists of words."),
        ),
        Mistake(_case_counts, _("**Upper and lower case** differ in yours: `lower()` of both.")),
        Mistake(_answer_as_it_is, _("The **answer's** capital letters stay in yours: lower case for both.")),
        Mistake(_passage_as_it_is, _("The **passage's** capital letters stay in yours: lower case for both.")),
        Mistake(_cut_at_spaces, _("**Punctuation** stays at your words: a word is of letters and digits alone.")),
        Mistake(
            _passage_cut_at_spaces, _("Punctuation stays at the **passage's** words: they are of letters and digits.")
        ),
        Mistake(
            _answer_cut_at_spaces, _("Punctuation stays at the **answer's** words: they are of letters and digits.")
        ),
        Mistake(_without_digits, _("**Digits** are no part of your words: years and numbers are words, too.")),
        Mistake(_last_place, _("You return the **last** place: the first counts.")),
        Mistake(_first_word_alone, _("You look for the answer's **first** word alone: all must be there.")),
        Mistake(_last_word_alone, _("You look for the answer's **last** word alone: all must be there.")),
        Mistake(_any_word, _("**One** word of the answer is enough in yours: all must be there.")),
        Mistake(_all_words_anywhere, _("The words may be **anywhere** in yours: one directly after another.")),
        Mistake(_with_gaps, _("Other words may be **between** the answer's in yours: one directly after another.")),
        Mistake(_end_of_first_word, _("You end with the **first** word: end with the last.")),
        Mistake(_start_of_last_word, _("You end where the last word **begins**: end after it.")),
        Mistake(
            _length_of_answer,
            _("You add the length of the **answer**: in the passage, other spaces and signs may be between the words."),
        ),
        Mistake(_place_of_last, _("Your end is the place **of** the last character: return the place after it.")),
        Mistake(_length, _("You return start and **length**: return start and end.")),
        Mistake(_start_alone, _("You return the **start** alone: return start and end.")),
        Mistake(_text, _("You return the **text**: return where it begins and ends.")),
        Mistake(_numbers_of_words, _("You count in **words**: return the places of characters.")),
        Mistake(_whether, _("You return **True or False**: return the place.")),
        Mistake(_minus_one, _("You return **-1** where there is no such place: return (0, 0).")),
        Mistake(_whole_passage, _("You return the **whole passage** where there is no such place: return (0, 0).")),
        Mistake(_exchanged, _("You look for the passage in the **answer**: look for the answer in the passage.")),
        Mistake(
            _passage_of_single_spaces,
            _("Your places are in the passage **without** its signs and spaces: return those in the passage itself."),
        ),
    ),
    corners=(
        Corner(
            lambda answer, passage: not re.search(r"[^\W_]", answer),
            _("Only answers **without words** go wrong: their place is (0, 0)."),
        ),
        Corner(
            lambda answer, passage: not (answer + passage).isascii(),
            _("Only letters with **accents** go wrong: é is a letter, too, and `\\w` knows it."),
        ),
        Corner(
            lambda answer, passage: "_" in answer + passage,
            _("Only **underscores** go wrong: `\\w` counts them as letters, and here they separate words."),
        ),
        Corner(
            lambda answer, passage: (
                any(found := answer_place(answer, passage)) and not re.search(r"[^\W_]", passage[found[1] :])
            ),
            _("Only answers at the **end** of the passage go wrong: look at the last place that you try."),
        ),
        Corner(
            lambda answer, passage: not any(answer_place(answer, passage)) and bool(re.search(r"[^\W_]", answer)),
            _("Only answers that are **not there** go wrong: for them return (0, 0)."),
        ),
    ),
    explanation=_(
        "Whether the words are there can be computed, and it is no proof: the passage may say them about something "
        "else, and a true answer may say the same in other words. But an answer whose words are nowhere in what the "
        "model read is its own, and worth a second look."
    ),
)
