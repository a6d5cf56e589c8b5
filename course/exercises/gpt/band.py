"""Exercise on locally banded attention: which keys a query sees within a window."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def band_mask(n_queries: int, n_keys: int, window: int) -> list[list[bool]]:
    """Which keys each query of a banded layer may see: the `window` keys that end with its own.

    There is a row for each query; True means visible. As in lesson 06 the queries are the **last**
    of the keys. A query with fewer keys before it sees all of them. window is 1 or more.

    >>> band_mask(4, 4, window=2)[3]
    [False, False, True, True]
    >>> band_mask(1, 5, window=3)
    [[False, False, True, True, True]]
    """
    before = n_keys - n_queries
    return [[before + query - window < key <= before + query for key in range(n_keys)] for query in range(n_queries)]


def _band_mask_cases() -> list[tuple]:
    square = [(4, 4, 2), (3, 3, 1), (5, 5, 3), (4, 4, 9), (6, 6, 4), (1, 1, 1)]
    return [*square, (1, 5, 3), (2, 5, 2), (3, 6, 4), (1, 4, 1), (2, 3, 7), (4, 7, 3)]


def _of_places(n_queries, n_keys, visible):
    before = n_keys - n_queries
    return [[visible(key, before + query) for key in range(n_keys)] for query in range(n_queries)]


def _causal(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place)


def _one_too_wide(n_queries, n_keys, window):
    return band_mask(n_queries, n_keys, window + 1)


def _one_too_narrow(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place - window + 1 < key <= place)


def _without_itself(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place - window <= key < place)


def _without_itself_narrow(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place - window < key < place)


def _both_sides(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: abs(place - key) < window)


def _future(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place <= key < place + window)


def _blocks(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place and key // window == place // window)


def _first_ones(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place and key < window)


def _last_ones(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place and key >= n_keys - window)


def _hidden_is_true(n_queries, n_keys, window):
    return [[not visible for visible in row] for row in band_mask(n_queries, n_keys, window)]


def _queries_come_first(n_queries, n_keys, window):
    return [[query - window < key <= query for key in range(n_keys)] for query in range(n_queries)]


def _queries_alone(n_queries, n_keys, window):
    return band_mask(n_queries, n_queries, window)


def _all_rows(n_queries, n_keys, window):
    return band_mask(n_keys, n_keys, window)


def _columns(n_queries, n_keys, window):
    return [list(column) for column in zip(*band_mask(n_queries, n_keys, window), strict=True)]


def _no_causality(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key > place - window)


def _outside(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place - window)


def _strided(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place and (place - key) % window == 0)


def _one_ahead(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place - window < key <= place + 1)


def _one_late(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: place + 1 - window < key <= place + 1)


def _half_on_each_side(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: abs(place - key) <= window // 2)


def _slice_from_below_0(n_queries, n_keys, window):
    rows = []
    for end in range(n_keys - n_queries + 1, n_keys + 1):
        row = [False] * n_keys
        row[end - window : end] = [True] * window
        rows.append(row)
    return rows


def _one_row_for_all(n_queries, n_keys, window):
    return [[any(column) for column in zip(*band_mask(n_queries, n_keys, window), strict=True)]] * n_queries


def _indices(n_queries, n_keys, window):
    return [[key for key, visible in enumerate(row) if visible] for row in band_mask(n_queries, n_keys, window)]


def _visible_alone(n_queries, n_keys, window):
    return [[visible for visible in row if visible] for row in band_mask(n_queries, n_keys, window)]


def _itself(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: key == place)


def _nothing(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: False)


def _everything(n_queries, n_keys, window):
    return _of_places(n_queries, n_keys, lambda key, place: True)


def _turned_round(n_queries, n_keys, window):
    before = n_queries - n_keys
    return [[before + query - window < key <= before + query for key in range(n_keys)] for query in range(n_queries)]


BAND_MASK = Exercise(
    name="gpt.band_mask",
    title=_("A mask with a band"),
    solution=band_mask,
    cases=_band_mask_cases,
    hints=(
        _(
            "Two limits: a key is not after its query, and at most window - 1 before it. "
            "Query 0 is key `n_keys - n_queries`."
        ),
        _("With `place = n_keys - n_queries + query`, a key is visible when `place - window < key <= place`."),
    ),
    mistakes=(
        Mistake(_causal, _("Your mask hides the future alone: keys **farther back** than the window are hidden, too.")),
        Mistake(_one_too_wide, _("Your band is **one key too wide**: the query's own key is one of the `window`.")),
        Mistake(_one_too_narrow, _("Your band is **one key too narrow**: it has `window` keys, with the query's own.")),
        Mistake(_without_itself, _("Your queries do not see **themselves**: the band ends with the query's own key.")),
        Mistake(_without_itself_narrow, _("The query's **own** key is missing in your band: use `<=` at its end.")),
        Mistake(
            _both_sides, _("Your band goes to **both sides**: the keys after the query are the future, and hidden.")
        ),
        Mistake(_future, _("Your band is that of the **future**: it ends with the query's own key.")),
        Mistake(_blocks, _("You cut the text into **blocks**: the band moves along with each query.")),
        Mistake(_first_ones, _("You show the **first** keys of the text: the band ends with the query's own key.")),
        Mistake(_last_ones, _("You show the **last** keys of the text: the band ends with the query's own key.")),
        Mistake(_hidden_is_true, _("Your mask is True where a key is **hidden**: here True means visible.")),
        Mistake(
            _queries_come_first,
            _("With more keys than queries, the queries are the **last** of them: add `n_keys - n_queries`."),
        ),
        Mistake(_queries_alone, _("Your rows are too **short**: they need an entry for each of the `n_keys` keys.")),
        Mistake(_all_rows, _("You give a row for each **key**: give those of the queries, the last ones.")),
        Mistake(_columns, _("Rows and columns are **exchanged**: there is a row for each query.")),
        Mistake(_no_causality, _("Your queries see the **future**: hide the keys after each query.")),
        Mistake(_outside, _("You show what is **outside** the band: it is the other way round.")),
        Mistake(
            _strided, _("You show every `window`-th key, the **strided** pattern: the band is `window` keys in a row.")
        ),
        Mistake(_one_ahead, _("Your band ends one key **after** the query: that is the token to be predicted.")),
        Mistake(
            _one_late, _("Your whole band is one key **late**: it ends with the query's own key, the last it may see.")
        ),
        Mistake(
            _half_on_each_side,
            _("Your band has **half** of the window on each side: it is before the query, with its own key."),
        ),
        Mistake(
            _slice_from_below_0,
            _("Your slice begins **below 0**, which Python counts from the end: begin at `max(0, …)`."),
        ),
        Mistake(
            _one_row_for_all,
            _("All your rows are **one** list: `[[False] * n] * m` repeats it. Build a new list for each query."),
        ),
        Mistake(_indices, _("You return the **indices** of the visible keys: True or False for each key is wanted.")),
        Mistake(_visible_alone, _("Your rows hold only what is **visible**: fill them up with False.")),
        Mistake(_itself, _("Your queries see only **themselves**: the band has `window` keys.")),
        Mistake(_nothing, _("**Nothing** is visible in your mask: a query sees at least itself.")),
        Mistake(
            _everything, _("**Everything** is visible in your mask: hide the future, and what is before the band.")
        ),
        Mistake(
            _turned_round, _("The difference is **turned round**: the first query is at key `n_keys - n_queries`.")
        ),
    ),
    explanation=_(
        "The band is the causal mask without its lower left part. With window ≥ n_keys nothing is cut off, and the "
        "layer is dense. A text that is read in pieces, with a cache, gives the same rows: places are counted in the "
        "whole text."
    ),
    corners=(
        Corner(
            lambda n_queries, n_keys, window: n_keys > n_queries,
            _("With as many keys as queries you are right. With more, the queries are the **last** of the keys."),
        ),
        Corner(
            lambda n_queries, n_keys, window: window >= n_keys,
            _("A window as wide as the text cuts nothing off: that is the causal mask."),
        ),
    ),
)
