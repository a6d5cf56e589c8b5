"""From a model to an output, for every model of the course: greedy and beam search, and sampling."""

from course.decoding.constrained import Constrained
from course.decoding.padding import left_pad
from course.decoding.protocol import Decodable, DecodableModule, State
from course.decoding.responses import roll_out
from course.decoding.sampling import Samples, Step, generate, probabilities, sample
from course.decoding.search import Hypothesis, beam_search, greedy_search

__all__ = [
    "Constrained",
    "Decodable",
    "DecodableModule",
    "Hypothesis",
    "Samples",
    "State",
    "Step",
    "beam_search",
    "generate",
    "greedy_search",
    "left_pad",
    "probabilities",
    "roll_out",
    "sample",
]
