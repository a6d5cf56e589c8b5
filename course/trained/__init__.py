"""Models and results that take longer than a lesson: trained by a script in `experiments/`, kept beside this file.

A run leaves a JSON file with what was measured and the command that repeats it; one seed of each model leaves its
weights too, as safetensors in half precision. The numbers were measured with the weights as they are stored.
"""

from course.trained import place
from course.trained.records import (
    SEARCH,
    TOKENIZER,
    add_to_search,
    best_row,
    best_settings,
    by_length,
    by_model,
    curve,
    has_results,
    has_searched_setting,
    item_scores,
    items,
    longest_rows,
    numbers,
    one_line,
    parameters,
    record_of,
    results,
    save_record,
    search,
    validation_score,
)
from course.trained.reports import Row, reports
from course.trained.weights import Model, load, load_from, load_method, round_weights, save, save_to

__all__ = [
    "SEARCH",
    "TOKENIZER",
    "Model",
    "Row",
    "add_to_search",
    "best_row",
    "best_settings",
    "by_length",
    "by_model",
    "curve",
    "has_results",
    "has_searched_setting",
    "item_scores",
    "items",
    "load",
    "load_from",
    "load_method",
    "longest_rows",
    "numbers",
    "one_line",
    "parameters",
    "place",
    "record_of",
    "reports",
    "results",
    "round_weights",
    "save",
    "save_record",
    "save_to",
    "search",
    "validation_score",
]
