"""How good a model is, and how sure the number. Standard library only: README's tables are printed by it, too."""

from course.evaluation.repetition import repeated_ngrams
from course.evaluation.spread import Spread, three_digits

__all__ = ["Spread", "repeated_ngrams", "three_digits"]
