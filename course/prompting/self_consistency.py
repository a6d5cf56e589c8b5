"""Self-consistency: sample several outputs, read an answer out of each, and take the answer that most of them give."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course.messages import _


@dataclass(frozen=True)
class Vote:
    """What a number of outputs answer.

    `winners` are the answers with the most votes, more than one where they tie, in the order in which they were first
    given; none where no output had an answer. `unread` counts the outputs in which no answer was found.
    """

    counts: dict[str, int]
    unread: int

    @property
    def winners(self) -> tuple[str, ...]:
        most = max(self.counts.values(), default=0)
        return tuple(answer for answer, count in self.counts.items() if count == most)

    @property
    def answer(self) -> str | None:
        """The one answer with the most votes; None for a tie, and where there is no answer."""
        return self.winners[0] if len(self.winners) == 1 else None

    @property
    def share(self) -> float:
        """The share of all outputs, those without an answer included, that give a winner's answer."""
        return max(self.counts.values(), default=0) / (sum(self.counts.values()) + self.unread)


def majority_vote(outputs: Sequence[str], parse: Callable[[str], str | None]) -> Vote:
    """The vote of sampled outputs; `parse` reads the answer out of one, or gives None where there is none.

    Two answers are the same when they are equal after `parse`, so it should also take away what does not matter, such
    as capitals or a full stop. Draw the outputs at a temperature above 0: `course.decoding.sample` gives several of one
    prompt. Raises `ValueError` for no outputs, `TypeError` for one text in the place of several.

    Source: Wang et al. 2023, "Self-Consistency Improves Chain of Thought Reasoning", section 2 (unweighted sum).
    """
    if isinstance(outputs, str):
        raise TypeError(_("{text!r} is one output; give a list of outputs.").format(text=outputs))
    if not outputs:
        raise ValueError(_("There are no outputs to vote: draw one or more."))
    answers = [parse(output) for output in outputs]
    counts = Counter(answer for answer in answers if answer is not None)
    return Vote(dict(counts), len(answers) - sum(counts.values()))
