"""One model made smaller in many ways: score, size and time of the fine-tuned MiniLM on the same test reviews.

python -m experiments.compressed_models [reviews] --threads 1

float32 is the teacher of lesson 18. Rounded: int8 and int4 in groups of 32, by `course.compression.quantization`.
Pruned: 50 % and 90 % of its linear layers' weights, by magnitude in each layer, by one threshold for all, or by Wanda,
whose inputs are labelled training reviews; "tuned" ones are then trained for an epoch under their masks, and
"float32-tuned" is the control: as many steps without masks. Distilled: the students of `experiments.distillation`,
trained anew from labels alone, and from soft targets of all training reviews. Differences are of the same test reviews,
and times of the same turns; a time is processor seconds of one prediction. A file's bytes are counted twice: as it is,
and after gzip, as a format that knows of zeros might save. The seeds of training are 0: the intervals are over test
reviews, and do not say what another draw would change.
"""

import copy
import gzip
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import torch

from course import trained
from course.compression.pruning import Masks, input_norms, magnitude_masks, wanda_masks
from course.compression.quantization import INT4, INT8, file_bytes, memory_bytes, quantize
from course.compression.quantization.size import stored_tensors
from course.data.splits import draw
from course.fine_tuning import Recipe, SentenceClassifier, fine_tune, predict_logits
from course.intervals import mean_difference, share
from course.layers.parameters import count_parameters
from course.layers.tensor_files import save_tensors
from course.tasks.distilled import class_numbers, teacher, transfer_task
from experiments.distillation import StudentRecipe
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure
from experiments.turns import in_turns, interval, latency, times

NAME = "compressed_models"
TURNS = 9
SHARES = (0.5, 0.9)
N_READ = 128  # training reviews from which Wanda's norms come
TUNING = Recipe(2e-5, epochs=1)
LEFT = ("head", "pooler")  # two rows that decide, and a layer that nothing reads


def gzip_bytes(model: SentenceClassifier) -> int:
    """Of the model's file after gzip."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        save_tensors(stored_tensors(model), file, {})
        return len(gzip.compress(file.read_bytes(), compresslevel=1))


def pruned(exact: SentenceClassifier) -> dict[str, tuple[SentenceClassifier, Masks]]:
    """The teacher with zeros, by the name of the way, and what keeps them."""
    task = transfer_task("reviews")
    texts = draw(task.labelled.texts, N_READ)
    norms = input_norms(exact, lambda: [exact(exact.inputs([text])) for text in texts], skip=LEFT)
    ways: Mapping[str, Callable[[SentenceClassifier, float], Masks]] = {
        "layer": lambda model, amount: magnitude_masks(model, amount, skip=LEFT),
        "global": lambda model, amount: magnitude_masks(model, amount, scope="global", skip=LEFT),
        "wanda": lambda model, amount: wanda_masks(model, amount, norms),
    }
    found = {}
    for amount in SHARES:
        for way, masks_of in ways.items():
            model = copy.deepcopy(exact)
            masks = masks_of(model, amount)
            masks.apply()
            found[f"{way}-{round(100 * amount)}"] = model, masks
    return found


def tuned(model: SentenceClassifier, masks: Masks | None) -> SentenceClassifier:
    """The model after an epoch on the labelled training reviews; its zeros stay, where it has masks."""
    model = copy.deepcopy(model).requires_grad_(True)
    held = None if masks is None else Masks(model, masks.masks)
    fine_tune(
        model,
        transfer_task("reviews").labelled,
        TUNING,
        seed=0,
        after_step=None if held is None else lambda _step: held.apply(),
    )
    return model.requires_grad_(False).eval()


def compressed() -> dict[str, SentenceClassifier]:
    """All models by name, float32 first."""
    exact = teacher("reviews")
    zeros = pruned(exact)
    found = {"float32": exact, "int8": quantize(exact, INT8), "int4": quantize(exact, INT4)}
    found |= {name: model for name, (model, _masks) in zeros.items()}
    found["float32-tuned"] = tuned(exact, None)
    for name in ("layer-50", "layer-90"):
        found[f"{name}-tuned"] = tuned(*zeros[name])
    for name in ("labels", "soft-unlabelled"):
        student, _history = StudentRecipe("reviews", name).train(0)
        found[f"student-{name}"] = cast(SentenceClassifier, student).eval()
    return found


def reviews() -> dict[str, Any]:
    task = transfer_task("reviews")
    truth = class_numbers(task, task.test)
    models = compressed()
    sizes = {name: (file_bytes(model), gzip_bytes(model), memory_bytes(model)) for name, model in models.items()}
    right: dict[str, list[float]] = {}
    for name, model in models.items():
        logits = predict_logits(model, task.test.texts)
        right[name] = (logits.argmax(dim=1) == truth).float().tolist()
        print(name, sum(right[name]) / len(truth), flush=True)
    batches = {n: draw(task.test.texts, n) for n in (1, 32)}
    taken = {
        str(n): in_turns({name: latency(model, texts) for name, model in models.items()}, TURNS)
        for n, texts in batches.items()
    }
    found: dict[str, Any] = {}
    for name, model in models.items():
        in_file, zipped, in_memory = sizes[name]
        found[name] = {
            "parameters": count_parameters(model),
            "zeros": sum(int((weight == 0).sum()) for weight in model.parameters()),
            "correct": int(sum(right[name])),
            "accuracy": interval(share(sum(right[name]), len(truth), of="reviews")),
            "difference": interval(mean_difference(right[name], right["float32"], of="reviews")),
            "file": in_file,
            "file_gzip": zipped,
            "memory": in_memory,
            "milliseconds": {n: round(1000 * sorted(of[name])[TURNS // 2], 4) for n, of in taken.items()},
            "times_as_fast": {n: times(of["float32"], of[name]) for n, of in taken.items()},
            "items": {"right": trained.one_line([int(one) for one in right[name]])},
        }
    return {"reviews": len(truth), "turns": TURNS, "wanda_texts": N_READ, "arms": found}


def recipes() -> Mapping[str, Callable[[], dict[str, Any]]]:
    """What is measured, by the names of the records."""
    return {"reviews": reviews}


def main() -> None:
    arguments = parts_to_measure(NAME, list(recipes()), tests=1, most=1)
    torch.set_num_threads(arguments.threads)
    for part in arguments.parts:
        if arguments.missing and has_record(NAME, part):
            continue
        with cpu_seconds() as seconds:
            found = recipes()[part]()
        command = f"python -m experiments.{NAME} {part} --seeds 0 --threads {arguments.threads}"
        trained.save_record(NAME, part, 0, {"command": command, "cpu_seconds": seconds(), "tests": {}, **found})


if __name__ == "__main__":
    main()
