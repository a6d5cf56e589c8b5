"""From a model to a text: greedy and beam search, and sampling."""

from course.decoding.protocol import Searchable, State
from course.decoding.sampling import Step, generate, probabilities
from course.decoding.search import Hypothesis, beam_search, greedy_search

__all__ = [
    "Hypothesis",
    "Searchable",
    "State",
    "Step",
    "beam_search",
    "generate",
    "greedy_search",
    "probabilities",
]
