"""What each of the five tasks is measured by; the first measure of a task is the one that is reported."""

from collections.abc import Mapping

from course.evaluation import (
    SummedMeasure,
    accuracy_measure,
    bleu_measure,
    chrf_measure,
    exact_answer,
    mean_measure,
    rouge,
    span_f1_measure,
    word_f1,
)
from course.messages import _

MEASURES: Mapping[str, Mapping[str, SummedMeasure]] = {
    "classification": {"accuracy": accuracy_measure()},
    "names": {"span F1": span_f1_measure()},
    "translation": {"BLEU": bleu_measure(), "chrF": chrf_measure()},
    "summary": {
        "ROUGE-1": mean_measure("ROUGE-1", lambda right, found: rouge(found, right).rouge_1),
        "ROUGE-L": mean_measure("ROUGE-L", lambda right, found: rouge(found, right).rouge_l),
    },
    "questions": {
        "F1": mean_measure("F1", lambda right, found: word_f1(found, right)),
        "exact match": mean_measure(_("exact match"), lambda right, found: exact_answer(found, right)),
    },
}
