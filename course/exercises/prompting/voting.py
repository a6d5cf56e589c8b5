"""Exercise on self-consistency: the vote over sampled answers."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def majority(answers: list[str | None]) -> tuple[str | None, float]:
    """The most frequent of several sampled answers, and its share of all samples.

    An answer is None where none was found in what the model wrote. Such a sample has no vote,
    but it counts in the share, which is votes / all samples. Of answers with equally many
    votes, the one that comes first in the list wins. When there is no answer at all, the result
    is (None, 0.0).

    >>> majority(["18", None, "26", "18"])
    ('18', 0.5)
    """
    votes = {}
    for answer in answers:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    if not votes:
        return None, 0.0
    winner = max(votes, key=lambda answer: votes[answer])
    return winner, votes[winner] / len(answers)


def _majority_cases() -> list[tuple]:
    return [
        (["18", None, "26", "18"],),
        (["7", "9", "7"],),
        (["3", None, None, None, "4", "4"],),
        (["12", "5", "5", "12", None],),
        (["b", "a", "a", "b"],),
        (["9", "10", "11"],),
        ([None, "6", "2", "2", "6", "1"],),
        (["8", "31", "31", "8", "4"],),
        (["a", None, "c", "c"],),
        (["b", "c", "a", "c", "a", "b"],),
        (["yes"],),
        ([None, "yes", None],),
        ([None, None],),
        ([],),
        ([None],),
        (["", "no", ""],),
        (["0", None, "0", None, "1", None, None],),
        (["x", "y", "z", "z", "y", "z"],),
        (["u", "v", "u", "v"],),
        (["k", "h", None, "k", "h"],),
        (["1.5", "2.5", "2.5"],),
        (["n", "m", "m", "n"],),
        (["2", "3", None, "3", "2", "1"],),
        (["Paris", "paris", "paris", "Paris", "Rome"],),
    ]


def _votes(answers):
    votes = {}
    for answer in answers:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    return votes


def _share_of_votes(answers):
    votes = _votes(answers)
    winner, _share = majority(answers)
    return winner, votes[winner] / sum(votes.values()) if votes else 0.0


def _count(answers):
    winner, _share = majority(answers)
    return winner, _votes(answers).get(winner, 0)


def _percent(answers):
    winner, share = majority(answers)
    return winner, 100 * share


def _share_of_different(answers):
    winner, _share = majority(answers)
    return winner, _votes(answers)[winner] / len(set(answers)) if winner is not None else 0.0


def _none_votes(answers):
    winner = max(dict.fromkeys(answers), key=answers.count, default=None)
    return winner, answers.count(winner) / len(answers) if answers else 0.0


def _none_votes_and_is_0(answers):
    winner, share = _none_votes(answers)
    return winner, share if winner is not None else 0.0


def _last_of_ties(answers):
    votes = _votes(answers)
    if not votes:
        return None, 0.0
    winner = max(reversed(votes), key=lambda answer: votes[answer])
    return winner, votes[winner] / len(answers)


def _counted_backwards(answers):
    return majority(answers[::-1])


def _smallest_of_ties(answers):
    votes = _votes(answers)
    if not votes:
        return None, 0.0
    winner = max(sorted(votes), key=lambda answer: votes[answer])
    return winner, votes[winner] / len(answers)


def _largest_of_ties(answers):
    votes = _votes(answers)
    if not votes:
        return None, 0.0
    winner = max(sorted(votes, reverse=True), key=lambda answer: votes[answer])
    return winner, votes[winner] / len(answers)


def _first_answer(answers):
    found = [answer for answer in answers if answer is not None]
    return (found[0], found.count(found[0]) / len(answers)) if found else (None, 0.0)


def _last_answer(answers):
    found = [answer for answer in answers if answer is not None]
    return (found[-1], found.count(found[-1]) / len(answers)) if found else (None, 0.0)


def _rarest(answers):
    votes = _votes(answers)
    if not votes:
        return None, 0.0
    winner = min(votes, key=lambda answer: votes[answer])
    return winner, votes[winner] / len(answers)


def _largest_answer(answers):
    votes = _votes(answers)
    return (max(votes), votes[max(votes)] / len(answers)) if votes else (None, 0.0)


def _each_once(answers):
    votes = _votes(answers)
    return (next(iter(votes)), 1 / len(answers)) if votes else (None, 0.0)


def _share_one(answers):
    winner, _share = majority(answers)
    return winner, float(winner is not None)


def _share_of_the_others(answers):
    winner, share = majority(answers)
    return winner, 1 - share


def _answer_alone(answers):
    return majority(answers)[0]


def _share_alone(answers):
    return majority(answers)[1]


def _exchanged(answers):
    return majority(answers)[::-1]


def _whole_majority(answers):
    winner, share = majority(answers)
    return (winner, share) if share > 0.5 else (None, 0.0)


def _rounded(answers):
    winner, share = majority(answers)
    return winner, round(share)


def _whole_division(answers):
    winner, share = majority(answers)
    return winner, int(share)


def _empty_is_none(answers):
    return majority([answer or None for answer in answers])


def _small_letters(answers):
    return majority([answer and answer.lower() for answer in answers])


MAJORITY = Exercise(
    name="prompting.majority",
    title=_("The vote of several samples"),
    solution=majority,
    cases=_majority_cases,
    hints=(
        _(
            "Count the answers that are not None in a dictionary, which keeps them in the order in which they came. "
            "Without any, you are done. Otherwise divide the votes of the winner by `len(answers)`."
        ),
        _(
            "`max(votes, key=votes.get)` is the first of the answers with the most votes, since `max` keeps the first "
            "of equal ones. With a `Counter`, `most_common(1)` does the same."
        ),
    ),
    mistakes=(
        Mistake(
            _share_of_votes,
            _("You divide by the number of **votes**: divide by that of all samples, those without an answer too."),
        ),
        Mistake(_count, _("You return **how many** votes the answer has: divide by the number of all samples.")),
        Mistake(_percent, _("You return **percent**: the share is between 0 and 1.")),
        Mistake(_share_of_different, _("You divide by the number of **different** answers: divide by `len(answers)`.")),
        Mistake(_none_votes, _("**None** wins in your vote: a sample without an answer has no vote.")),
        Mistake(
            _none_votes_and_is_0, _("**None** wins over answers in your vote: a sample without an answer has no vote.")
        ),
        Mistake(
            _last_of_ties, _("Of answers with equally many votes you take the **last**: take the one that came first.")
        ),
        Mistake(
            _counted_backwards,
            _("You go through the list **backwards**: of equally many votes, the answer that comes first wins."),
        ),
        Mistake(
            _smallest_of_ties,
            _("You **sort** the answers: of those with equally many votes, the first in the list wins."),
        ),
        Mistake(
            _largest_of_ties,
            _("Of answers with equally many votes you take the **largest**: take the one that came first."),
        ),
        Mistake(_first_answer, _("You take the **first** answer that there is: take the one with the most votes.")),
        Mistake(_last_answer, _("You take the **last** answer that there is: take the one with the most votes.")),
        Mistake(_rarest, _("You take the **rarest** answer: take the one with the most votes.")),
        Mistake(_largest_answer, _("You take the **largest** answer: take the one with the most votes.")),
        Mistake(_each_once, _("Each answer has **one** vote in your count, however often it comes.")),
        Mistake(_share_one, _("Your share is always **1**: divide the votes of the winner by the number of samples.")),
        Mistake(_share_of_the_others, _("That is the share of the **other** samples: wanted is the winner's.")),
        Mistake(_answer_alone, _("You return the **answer** alone: return its share, too.")),
        Mistake(_share_alone, _("You return the **share** alone: return the answer in front of it.")),
        Mistake(_exchanged, _("Answer and share are **exchanged**: the answer comes first.")),
        Mistake(_whole_majority, _("You ask for **more than half** of the samples: the most votes are enough.")),
        Mistake(_rounded, _("You **round** the share: return it as it is.")),
        Mistake(_whole_division, _("`//` or `int` cuts the share to a **whole** number: divide with `/`.")),
    ),
    corners=(
        Corner(
            lambda answers: all(answer is None for answer in answers),
            _("Only lists **without an answer** go wrong: the result is (None, 0.0)."),
        ),
        Corner(
            lambda answers: "" in answers,
            _('Only lists with an **empty text** go wrong: "" is an answer, None is not. Ask `is not None`.'),
        ),
        Corner(
            lambda answers: not answers,
            _("Only the **empty list** goes wrong: the result is (None, 0.0)."),
        ),
    ),
    explanation=_(
        "A wrong solution can be reached in many ways, and most of them end somewhere else, so the answer on which "
        "samples agree is more often right than a single one. Its share says how much they agree: samples without an "
        "answer are part of it, or a model that hardly ever answers would look sure."
    ),
    results=("answer", "share"),
)
