"""Wrong ways to do the exercise of the lesson `start_here`."""

from tests.exercises.wrong.collected import wrong_way

NAME = "start_here.tokens_per_second"


@wrong_way(NAME, says="seconds per token")
def the_other_way_round(ids, seconds):
    return seconds / len(ids)


@wrong_way(NAME, says="added up the ids")
def the_ids_added_up(ids, seconds):
    total = 0
    for token in ids:
        total += token
    return total / seconds


@wrong_way(NAME, says="`//` drops the fraction")
def whole_division(ids, seconds):
    return len(ids) // seconds


@wrong_way(NAME, says="`//` drops the fraction")
def made_an_integer(ids, seconds):
    return int(len(ids) / seconds)


@wrong_way(NAME, says="without `set`")
def each_token_once(ids, seconds):
    return len(set(ids)) / seconds


@wrong_way(NAME, says="to a whole number")
def rounded(ids, seconds):
    return round(len(ids) / seconds)


@wrong_way(NAME, says="two decimal places")
def as_money(ids, seconds):
    return float(f"{len(ids) / seconds:.2f}")


@wrong_way(NAME, says="one decimal place")
def to_tenths(ids, seconds):
    return round(len(ids) / seconds, 1)


@wrong_way(NAME, says="too few")
def index_of_the_last(ids, seconds):
    return (len(ids) - 1) / seconds


@wrong_way(NAME, says="**multiply**")
def times(ids, seconds):
    return len(ids) * seconds


@wrong_way(NAME, says="however long they took")
def only_counted(ids, seconds):
    return len(ids)


@wrong_way(NAME, says="per **minute**")
def a_minute(ids, seconds):
    return 60 * len(ids) / seconds


@wrong_way(NAME, says="generated **nothing**")
def one_for_nothing(ids, seconds):
    return max(len(ids), 1) / seconds


@wrong_way(NAME, says="type `str`")
def as_text(ids, seconds):
    return f"{len(ids) / seconds} tokens per second"


@wrong_way(NAME, says="`None`")
def printed(ids, seconds):
    print(len(ids) / seconds)
