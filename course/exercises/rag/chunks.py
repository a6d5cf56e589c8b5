"""Exercise on chunks: where the parts of a document begin and end."""

import itertools
import re

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def chunk_words(text: str, size: int, overlap: int) -> list[tuple[int, int]]:
    """Where the chunks of a text begin and end, each of `size` words.

    A word is a run of characters without white space. Each chunk after the first begins `size -
    overlap` words after the one before it; overlap is less than size. The first chunk that
    reaches the last word of the text is the last chunk, and it may be shorter. Returns for each
    chunk the place of its first character and the place after its last one, so that
    `text[start:end]` is the chunk as it stands in the text. A text without words has no chunks.

    >>> chunk_words("to be or not  to be", size=3, overlap=1)
    [(0, 8), (6, 16), (14, 19)]
    """
    import re

    words = [match.span() for match in re.finditer(r"\S+", text)]
    chunks = []
    for first in range(0, len(words), size - overlap):
        some = words[first : first + size]
        chunks.append((some[0][0], some[-1][1]))
        if first + size >= len(words):
            break
    return chunks


def _chunk_words_cases() -> list[tuple]:
    return [
        ("to be or not  to be", 3, 1),
        ("one two three four five six seven", 3, 0),
        ("one two three four five six", 3, 1),
        ("a bc def ghij  klmno pq r st uvw", 4, 2),
        ("It rained, and rained;\nthen it stopped. Why?", 3, 1),
        ("  a space   in front and one after ", 4, 1),
        ("x-ray\tat 10.5 km/h\n\nand more of it", 2, 1),
        ("one two three four five six seven eight nine ten", 5, 3),
        ("one two three four five six seven eight nine", 4, 1),
        ("café au lait et un croissant, s'il vous plaît", 4, 2),
        ("a b c d e f g h i j k", 6, 4),
        ("every word is a chunk", 1, 0),
        ("few words", 5, 2),
        ("two words", 2, 1),
        ("", 3, 1),
        (" \n ", 2, 0),
        ("Seoul", 2, 1),
        ("five  words\nare here now", 5, 2),
        ("the cat and the dog and the end", 2, 0),
        ("so it goes, and so it went, and so it is", 3, 1),
        ("it's -- a -- test of dashes & signs", 3, 1),
    ]


def _spans(text, pattern=r"\S+"):
    return [match.span() for match in re.finditer(pattern, text)]


def _cut(words, size, step):
    """The solution for words of these places."""
    chunks = []
    for first in range(0, len(words), max(step, 1)):
        some = words[first : first + size]
        chunks.append((some[0][0], some[-1][1]))
        if first + size >= len(words):
            break
    return chunks


def _without_overlap(text, size, overlap):
    return _cut(_spans(text), size, size)


def _step_is_overlap(text, size, overlap):
    return _cut(_spans(text), size, overlap)


def _step_too_small(text, size, overlap):
    return _cut(_spans(text), size, size - overlap - 1)


def _step_too_large(text, size, overlap):
    return _cut(_spans(text), size, size - overlap + 1)


def _step_with_overlap_added(text, size, overlap):
    return _cut(_spans(text), size, size + overlap)


def _one_word_further(text, size, overlap):
    return _cut(_spans(text), size, 1)


def _larger_chunks(text, size, overlap):
    words = _spans(text)
    return [
        (words[first][0], words[min(first + size + overlap, len(words)) - 1][1]) for first in range(0, len(words), size)
    ]


def _smaller_chunks(text, size, overlap):
    return _cut(_spans(text), max(size - overlap, 1), size - overlap)


def _goes_on(text, size, overlap):
    words = _spans(text)
    return [
        (words[first][0], words[min(first + size, len(words)) - 1][1]) for first in range(0, len(words), size - overlap)
    ]


def _full_chunks_alone(text, size, overlap):
    words = _spans(text)
    return [(words[first][0], words[first + size - 1][1]) for first in range(0, len(words) - size + 1, size - overlap)]


def _last_chunk_full(text, size, overlap):
    words, chunks = _spans(text), chunk_words(text, size, overlap)
    return [*chunks[:-1], (words[-min(size, len(words))][0], words[-1][1])] if chunks else []


def _without_the_last(text, size, overlap):
    return chunk_words(text, size, overlap)[:-1]


def _first_alone(text, size, overlap):
    return chunk_words(text, size, overlap)[:1]


def _texts(text, size, overlap):
    return [text[start:end] for start, end in chunk_words(text, size, overlap)]


def _texts_joined(text, size, overlap):
    return [" ".join(text[start:end].split()) for start, end in chunk_words(text, size, overlap)]


def _lists_of_words(text, size, overlap):
    return [text[start:end].split() for start, end in chunk_words(text, size, overlap)]


def _numbers_of_words(text, size, overlap):
    return _cut([(number, number + 1) for number in range(len(text.split()))], size, size - overlap)


def _of_characters(text, size, overlap):
    return _cut([(place, place + 1) for place in range(len(text))], size, size - overlap)


def _place_of_last(text, size, overlap):
    return [(start, end - 1) for start, end in chunk_words(text, size, overlap)]


def _to_next_word(text, size, overlap):
    words = _spans(text)
    following = {end: start for (_start, end), (start, _end) in itertools.pairwise(words)}
    return [(start, following.get(end, len(text))) for start, end in chunk_words(text, size, overlap)]


def _from_the_word_before(text, size, overlap):
    words = _spans(text)
    before = {start: end for (_start, end), (start, _end) in itertools.pairwise(words)}
    return [(before.get(start, 0), end) for start, end in chunk_words(text, size, overlap)]


def _last_word_left_out(text, size, overlap):
    words = _spans(text)
    starts = {end: start for start, end in words}
    return [(start, starts[end]) for start, end in chunk_words(text, size, overlap)]


def _first_word_of_each(text, size, overlap):
    ends = dict(_spans(text))
    return [(start, ends[start]) for start, _end in chunk_words(text, size, overlap)]


def _single_spaces(text, size, overlap):
    return chunk_words(" ".join(text.split()), size, overlap)


def _cut_at_spaces(text, size, overlap):
    return _cut(_spans(text, "[^ ]+"), size, size - overlap)


def _cut_at_each_space(text, size, overlap):
    return _cut(_spans(text, r"(?:(?<=^)|(?<=\s))[^\s]*"), size, size - overlap)


def _letters_and_digits(text, size, overlap):
    return _cut(_spans(text, r"\w+"), size, size - overlap)


def _first_occurrence(text, size, overlap):
    """Looks each word up in the text, and finds its first place every time."""
    words = [(text.find(word), text.find(word) + len(word)) for word in text.split()]
    return _cut(words, size, size - overlap)


def _lengths(text, size, overlap):
    return [(start, end - start) for start, end in chunk_words(text, size, overlap)]


def _starts(text, size, overlap):
    return [start for start, _end in chunk_words(text, size, overlap)]


def _ends(text, size, overlap):
    return [end for _start, end in chunk_words(text, size, overlap)]


def _flat(text, size, overlap):
    return [place for chunk in chunk_words(text, size, overlap) for place in chunk]


def _exchanged(text, size, overlap):
    return [(end, start) for start, end in chunk_words(text, size, overlap)]


def _one_word_more(text, size, overlap):
    return _cut(_spans(text), size + 1, size - overlap)


def _one_word_less(text, size, overlap):
    return _cut(_spans(text), max(size - 1, 1), size - overlap)


CHUNK_WORDS = Exercise(
    name="rag.chunk_words",
    title=_("Cut a text into chunks"),
    solution=chunk_words,
    cases=_chunk_words_cases,
    hints=(
        _(
            "First find where each word begins and ends. A chunk is then a slice of that list: it begins where its "
            "first word does, and ends where its last one does."
        ),
        _(
            "`[match.span() for match in re.finditer(r'\\S+', text)]` are the places of the words. Begin at "
            "`range(0, len(words), size - overlap)`, and `break` after the chunk for which "
            "`first + size >= len(words)`."
        ),
    ),
    mistakes=(
        Mistake(_without_overlap, _("Your chunks do not **overlap**: begin `size - overlap` words further each time.")),
        Mistake(_step_is_overlap, _("You go **overlap** words further: go `size - overlap` words further.")),
        Mistake(_step_too_small, _("Your chunks have **one word too many** in common: go `size - overlap` further.")),
        Mistake(_step_too_large, _("Your chunks have **one word too few** in common: go `size - overlap` further.")),
        Mistake(
            _step_with_overlap_added,
            _("You **add** the overlap to the step, and words are left out: subtract it."),
        ),
        Mistake(_one_word_further, _("You go **one word** further each time: go `size - overlap` words.")),
        Mistake(
            _larger_chunks,
            _("Your chunks are **longer** by the overlap: each has `size` words, and the next begins earlier."),
        ),
        Mistake(_smaller_chunks, _("Your chunks are **shorter** by the overlap: each has `size` words.")),
        Mistake(
            _goes_on,
            _("You go on **after the last word** was reached: the chunks after that are in the one before."),
        ),
        Mistake(_full_chunks_alone, _("You leave out the words of the **shorter** last chunk: it counts, too.")),
        Mistake(_last_chunk_full, _("You **fill up** the last chunk from the front: it begins as the others do.")),
        Mistake(_without_the_last, _("The **last** chunk is missing: `break` after it is appended, not before.")),
        Mistake(_first_alone, _("You return the **first** chunk alone: is there a `return` in the loop?")),
        Mistake(_texts, _("You return the **texts** of the chunks: return where they begin and end.")),
        Mistake(
            _texts_joined,
            _("You return **words joined** by spaces: return places, so that a citation finds the text."),
        ),
        Mistake(_lists_of_words, _("You return **lists of words**: return where each chunk begins and ends.")),
        Mistake(_numbers_of_words, _("You count in **words**: return the places of characters.")),
        Mistake(_of_characters, _("You cut after **characters**: `size` and `overlap` count words.")),
        Mistake(_place_of_last, _("Your end is the place **of** the last character: return the place after it.")),
        Mistake(_to_next_word, _("Your chunks end with the **white space** after them: end with the last word.")),
        Mistake(
            _from_the_word_before,
            _("Your chunks begin with the **white space** before them: begin with the first word."),
        ),
        Mistake(_last_word_left_out, _("You end where the last word **begins**: end where it ends.")),
        Mistake(_first_word_of_each, _("You end with the **first** word of a chunk: end with its last.")),
        Mistake(
            _single_spaces,
            _("You count **one space** between words, whatever there is: take the places from the text itself."),
        ),
        Mistake(_cut_at_spaces, _("You cut at spaces alone: **line breaks** and tabs separate words, too.")),
        Mistake(_cut_at_each_space, _("Two spaces make an **empty word** in yours: a word has a character or more.")),
        Mistake(
            _letters_and_digits,
            _("You cut at **punctuation**: a word is all that is between white space, `\\S+`."),
        ),
        Mistake(
            _first_occurrence,
            _("You look each word up with `find`, which gives the **first** place of a word that comes twice."),
        ),
        Mistake(_lengths, _("You return start and **length**: return start and end.")),
        Mistake(_starts, _("You return the **beginnings** alone: return the ends with them.")),
        Mistake(_ends, _("You return the **ends** alone: return the beginnings with them.")),
        Mistake(_flat, _("You return **one list** of places: return a pair for each chunk, `append((start, end))`.")),
        Mistake(_exchanged, _("Start and end are **exchanged**.")),
        Mistake(_one_word_more, _("Your chunks have **size + 1** words: `words[first : first + size]` has size.")),
        Mistake(_one_word_less, _("Your chunks have **size - 1** words: `words[first : first + size]` has size.")),
    ),
    corners=(
        Corner(
            lambda text, size, overlap: not text.split(),
            _("Only texts **without words** go wrong: they have no chunks, `[]`."),
        ),
        Corner(
            lambda text, size, overlap: 0 < len(text.split()) < size,
            _("Only texts **shorter than a chunk** go wrong: they are one chunk, with all their words."),
        ),
        Corner(
            lambda text, size, overlap: len(text.split()) == size,
            _("Only texts of **exactly one chunk** go wrong: it reaches the last word, so there is no second."),
        ),
    ),
    explanation=_(
        "A chunk is two numbers, so what is found in it can be shown in the document, with all that is around it. "
        "A sentence at the edge of one chunk may be whole in the next, at the price of more chunks to embed and of "
        "words that are found twice."
    ),
)
