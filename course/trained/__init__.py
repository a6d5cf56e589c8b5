"""Models and results that take longer than a lesson: trained by a script in `experiments/`, kept beside this file.

A run leaves a JSON file with what it found, the command that repeats it in it; one seed of each model leaves its
weights too, as safetensors in half precision. The numbers were found with the weights as they are stored.
"""

from course.trained.records import by_length, by_model, curve, parameters, record, results, run
from course.trained.weights import load, round_weights, save

__all__ = [
    "by_length",
    "by_model",
    "curve",
    "load",
    "parameters",
    "record",
    "results",
    "round_weights",
    "run",
    "save",
]
