"""Exercise on masks: hide the future."""

import torch

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def causal_mask(n_queries: int, n_keys: int) -> list[list[bool]]:
    """Which keys each query may see: itself and those before it.

    There is a row for each query; True means visible. The queries are the **last** of the keys:
    when a text is written with a cache, the keys of the tokens read before are there as well.

    >>> causal_mask(3, 3)
    [[True, False, False], [True, True, False], [True, True, True]]
    >>> causal_mask(1, 4)
    [[True, True, True, True]]
    """
    before = n_keys - n_queries
    return [[key <= before + query for key in range(n_keys)] for query in range(n_queries)]


def _causal_mask_cases() -> list[tuple]:
    with_more_keys = [(1, 4), (2, 5), (3, 4), (4, 7), (1, 6)]
    return [(3, 3), *with_more_keys, *((n, n) for n in (1, 2, 4, 5, 6, 7, 8))]


def _of_places(n_queries, n_keys, visible):
    """A table of `visible(key, place)`, where the place is the query's among the keys."""
    before = n_keys - n_queries
    return [[visible(key, before + query) for key in range(n_keys)] for query in range(n_queries)]


def _sees_the_future(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key >= place)


def _blind_to_itself(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key < place)


def _hidden_is_true(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key > place)


def _one_ahead(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key <= place + 1)


def _itself_only(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key == place)


def _itself_and_one(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: place - 1 <= key <= place)


def _without_the_cache(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: n_keys - n_queries <= key <= place)


def _cache_alone(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: key <= n_keys - n_queries)


def _queries_come_first(n_queries, n_keys):
    return [[key <= query for key in range(n_keys)] for query in range(n_queries)]


def _hidden_and_queries_first(n_queries, n_keys):
    return [[key > query for key in range(n_keys)] for query in range(n_queries)]


def _difference_turned_round(n_queries, n_keys):
    return [[key <= n_queries - n_keys + query for key in range(n_keys)] for query in range(n_queries)]


def _very_low_added(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 0.0 if key <= place else -1e9)


def _lowest_added(n_queries, n_keys):
    return _of_places(n_queries, n_keys, lambda key, place: 0.0 if key <= place else torch.finfo(torch.float32).min)


def _all_visible(n_queries, n_keys):
    return [[True] * n_keys for _query in range(n_queries)]


def _none_visible(n_queries, n_keys):
    return [[False] * n_keys for _query in range(n_queries)]


def _among_the_queries(n_queries, n_keys):
    return causal_mask(n_queries, n_queries)


def _a_row_for_each_key(n_queries, n_keys):
    return causal_mask(n_keys, n_keys)


def _rows_of_keys(n_queries, n_keys):
    return [list(column) for column in zip(*causal_mask(n_queries, n_keys), strict=True)]


def _visible_alone(n_queries, n_keys):
    return [[True] * (n_keys - n_queries + query + 1) for query in range(n_queries)]


def _numbers_of_keys(n_queries, n_keys):
    return [list(range(n_keys - n_queries + query + 1)) for query in range(n_queries)]


CAUSAL_MASK = Exercise(
    name="transformer.causal_mask",
    title=_("Hide the future"),
    solution=causal_mask,
    cases=_causal_mask_cases,
    hints=(
        _("Query number 0 is not always key number 0: there are `n_keys - n_queries` keys before it."),
        _("The entry of a query and a key is `key <= (n_keys - n_queries) + query`."),
    ),
    mistakes=(
        Mistake(
            _sees_the_future,
            _("Your mask shows each query the future and hides the past. Visible is what comes **before** it."),
        ),
        Mistake(
            _blind_to_itself,
            _(
                "Your queries do not see themselves, and the first one sees nothing, for which softmax has no answer. "
                "Use `<=`, not `<`."
            ),
        ),
        Mistake(
            _hidden_is_true,
            _("Your mask is True where a key is **hidden**, as in PyTorch's layers. Here True means visible."),
        ),
        Mistake(
            _queries_come_first,
            _(
                "With as many keys as queries this is right. With more keys, the queries are the **last** of them: "
                "a single query sees every key."
            ),
        ),
        Mistake(
            _hidden_and_queries_first,
            _(
                "Your mask is True where a key is hidden; here True means visible. And with more keys than queries, "
                "the queries are the **last** of them."
            ),
        ),
        Mistake(_one_ahead, _("Your queries see one key too many, the next one: the token that is to be predicted.")),
        Mistake(_itself_only, _("Your queries see only themselves. All keys before them are visible as well.")),
        Mistake(_itself_and_one, _("Your queries see only themselves and one key before. **All** before are visible.")),
        Mistake(
            _without_the_cache,
            _("The keys before the first query are hidden in your mask. They have been read: every query sees them."),
        ),
        Mistake(
            _cache_alone,
            _("All your rows are that of the first query. Each further one sees one key more: add `query`."),
        ),
        Mistake(
            _difference_turned_round,
            _("The difference is turned round: the first query is at key `n_keys - n_queries`, which is 0 or more."),
        ),
        Mistake(
            _very_low_added,
            _(
                "This is a mask to be **added** to the scores, 0 where visible and −1e9 where hidden. Asked for is "
                "True where visible and False where hidden."
            ),
        ),
        Mistake(
            _lowest_added,
            _(
                "This is a mask to be **added** to the scores, 0 where visible and the lowest float where hidden. "
                "The answer is True where visible and False where hidden."
            ),
        ),
        Mistake(_all_visible, _("Everything is visible in your mask. Hide the keys after each query.")),
        Mistake(_none_visible, _("Nothing is visible in your mask. Each query sees itself and all keys before.")),
        Mistake(
            _among_the_queries,
            _(
                "Your rows are too short: they need an entry for each of the `n_keys` keys, also those before the "
                "queries."
            ),
        ),
        Mistake(_a_row_for_each_key, _("You give a row for each key. Give only those of the queries, the last ones.")),
        Mistake(
            _rows_of_keys,
            _("Rows and columns are exchanged: there is a row for each **query**, and in it an entry for each key."),
        ),
        Mistake(
            _visible_alone,
            _("Your rows hold only what is visible. Fill each up with False: all have `n_keys` entries."),
        ),
        Mistake(_numbers_of_keys, _("You list the numbers of the visible keys. Give True or False for each key.")),
    ),
    explanation=_(
        "With `n_queries == n_keys` it is the lower triangle. With a cache the queries are moved to the right by the "
        "number of keys before them, so that a single new token sees everything."
    ),
    corners=(
        Corner(
            lambda n_queries, n_keys: n_keys > n_queries,
            _("With as many keys as queries you are right. With more, the queries are the **last** of the keys."),
        ),
    ),
)
