"""Wrong ways to do the exercise of the lesson `start_here`."""

from tests.exercises.wrong.collected import wrong_way


@wrong_way("start_here.tokens_per_second", says="seconds per token")
def the_other_way_round(ids, seconds):
    return seconds / max(len(ids), 1)
