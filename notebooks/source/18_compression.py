# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 18 · Compression and distillation
#
# A model that is too large for a phone, too slow for a search box or too dear for a million requests has to become smaller.
# There are three ways: train a small model on what the large one says, store each weight in fewer bits, or leave weights out.
# Each saves something, each costs something, and what it saves is often not what one expects.
# After this lesson you can
#
# - compute soft targets and the loss of distillation, and say what each factor in it is for;
# - tell a student's gain from its teacher's knowledge apart from other causes, with controls;
# - train on labels and rationales as two tasks, and compare that at equal data;
# - round a matrix to whole numbers by row and by group, pack two numbers into a byte, and measure the error where it counts;
# - say why a quantized model is faster, or is not;
# - prune weights by magnitude or by what they are multiplied with, and keep them pruned while the model is trained.
#
# **Time**: 100 minutes; the cells run in about half a minute on two quiet processor cores.
# **Before this**: lessons 07 and 10; the KL divergence is in section 2 of lesson 14, Self-Instruct in section 8 of lesson 13.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import torch
import torch.nn.functional as F

from course import trained
from course.claims import Finding, claim
from course.data.splits import draw
from course.decoding import generate
from course.exercises import ask, check, hint, progress, solution, yours
from course.fine_tuning import Recipe, predict_logits
from course.intervals import (
    difference_of_rates,
    mean_difference,
    over_seeds,
    rate,
    share,
)
from course.pretrained import load
from course.viz import QuantizationStairs, TeacherTargets, use_course_style
from course.viz.compression.pareto import pareto_figure
from course.viz.show import say, table

use_course_style()

# %%
from course.compression import (
    DistillationLoss,
    StepByStepLoss,
    TransferSet,
    centred,
    distill,
    entropy,
    logit_matching_loss,
    side_by_side,
)
from course.compression import two_tasks as package_tasks
from course.compression.pruning import magnitude_masks
from course.compression.quantization import (
    INT4,
    INT8,
    INT8_PER_TENSOR,
    Q4_1,
    Scheme,
    channel_errors,
    file_bytes,
    memory_bytes,
    output_error,
    quantize,
    round_matrix,
    saturated_product,
)

# %%
from course.tasks.compressed_results import compressed_models, stored_interval
from course.tasks.distilled import class_numbers, new_student, teacher, transfer_task
from course.tasks.rationales import end_id, padding_id, student_tokenizer
from course.tasks.rationales import new_student as new_decoder
from course.tasks.stepwise import step_sets

# %% [markdown]
# ## 1 · Why smaller
#
# Two models read the same film reviews: the fine-tuned MiniLM of lesson 10, and an encoder of two blocks.
# "Size" is what the weights take in memory, in megabytes; *latency* is the time from a text to its answer, here in milliseconds of processor time for one text and for 32 together.

# %%
costs = trained.record_of("distillation", "costs")
table(
    {
        "model": name,
        "weights": costs[key]["parameters"],
        "size": f"{costs[key]['bytes'] / 1e6:.1f} MB",
        "1 text": f"{costs[key]['milliseconds']['1']:.1f} ms",
        "32 texts": f"{costs[key]['milliseconds']['32']:.0f} ms",
    }
    for name, key in (("MiniLM", "teacher"), ("two blocks", "student"))
)

# %%
n_times = costs["teacher"]["parameters"] / costs["student"]["parameters"]
say(f"{n_times:.0f} times fewer weights")
for size in ("1", "32"):
    turns = trained.numbers(costs["times_faster"][size])
    say(f"times faster with {size}:", over_seeds(turns, of="turns"))

# %% [markdown]
# Weights, memory and time are three different things: with one text at a time, the factor in time is far smaller than the factor in weights.
# The times are processor time of one thread, and begin with the text, so the tokenizer's part is in them.
# The one text is the first of the 32 test reviews, a short one.
# Section 9 measures without the tokenizer and with another review, so its times for MiniLM are others.
#
# A small model is easy to make.
# The question is how much of what the large one knows it can keep.
#
# ## 2 · What a teacher says beyond the label
#
# A label names one class.
# A model's output says something of all of them:

# %%
tiny = torch.tensor([[4.0, 2.0, 0.0]])
say("logits:", tiny[0].tolist())
for degrees in (1, 2, 4, 8):
    row = (tiny[0] / degrees).softmax(dim=0)
    say(f"temperature {degrees}:", [round(p, 3) for p in row.tolist()])

# %% [markdown]
# The second class is more probable than the third, and with the logits divided by a temperature one can see by how much.
# Such probabilities are *soft targets*: a small model, the student, is trained to give the same ones as the large model, its teacher.
# Training a small model on what a large one says is *knowledge distillation* (Hinton, Vinyals and Dean 2015).

# %%
ask("compression.temperature_order")


# %% tags=["exercise"]
def soft_targets(logits: "Tensor", temperature: float) -> "Tensor":
    """A teacher's probabilities of all classes, for a student to learn from.

    logits: (rows, classes). temperature: above 0; 1 leaves the usual probabilities, and more
    makes them more alike. Each logit is divided by it, and a softmax over the classes follows.
    Logits may be so large that their `exp` is infinite. Returns (rows, classes).

    >>> import torch
    >>> for temperature in (1.0, 4.0):
    ...     rows = soft_targets(torch.tensor([[2.0, 0.0], [1.0, 1.0]]), temperature)
    ...     print([round(p, 4) for p in rows[0].tolist()], rows[1].tolist())
    [0.8808, 0.1192] [0.5, 0.5]
    [0.6225, 0.3775] [0.5, 0.5]
    """
    ...


check("compression.soft_targets", soft_targets)

# %% [markdown]
# A teacher of eleven topics: MiniLM with a head that was trained on descriptions of encyclopedia articles.
# They are the same labelled descriptions from which the students below learn.
# Write a description of your own in the place of this one.

# %%
softened = yours("compression.soft_targets", soft_targets)
topics = transfer_task("topics")
topic_teacher = teacher("topics")
sentence = "Mathematician who built an early computer"
said = predict_logits(topic_teacher, [sentence])
at = {degrees: softened(said, float(degrees))[0] for degrees in (1, 2, 4)}
order = said[0].argsort(descending=True)[:5].tolist()
table(
    {"topic": topics.classes[number]}
    | {f"T = {degrees}": at[degrees][number].item() for degrees in at}
    for number in order
)

# %%
for degrees, row in at.items():
    say(f"T = {degrees}: entropy {entropy(row).item():.3f} nats")

# %% [markdown]
# The ranking of the wrong classes is what the label does not have.
# Move the temperature below: the bars become more alike, and their order stays.

# %%
teacher_targets = TeacherTargets(topic_teacher, text=sentence)
teacher_targets

# %% [markdown]
# ## 3 · The loss
#
# The student's soft targets are compared with the teacher's by their KL divergence, as in lesson 14, summed over the classes.
# Three things in it go wrong easily: the direction, the mean, and a factor.


# %% tags=["exercise"]
def distillation_loss(
    student_logits: "Tensor",
    teacher_logits: "Tensor",
    temperature: float,
) -> "Tensor":
    """How far a student's soft targets are from its teacher's: T² · KL(teacher ‖ student).

    student_logits, teacher_logits: (rows, classes). Both are divided by the temperature T. With
    p the teacher's probabilities and q the student's, KL is the sum of p · (ln p - ln q) over
    the classes. The mean over the rows, times T², is one number, 0 where the two agree. A
    probability may be so small that it is rounded to 0: such a p adds nothing.

    >>> import torch
    >>> student, teacher = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    >>> round(distillation_loss(student, teacher, 1.0).item(), 4)
    0.3278
    >>> round(distillation_loss(student, teacher, 2.0).item(), 4)
    0.4438
    """
    ...


check("compression.distillation_loss", distillation_loss)

# %%
loss_of = yours("compression.distillation_loss", distillation_loss)
of_student, of_teacher = torch.tensor([[1.0, 1.5, 0.0]]), torch.tensor([[4.0, 2.0, 0.0]])
say("the student's logits:", of_student[0].tolist(), "the teacher's:", of_teacher[0].tolist())
say(f"KL(teacher ‖ student): {loss_of(of_student, of_teacher, 1.0):.4f}")
say(f"KL(student ‖ teacher): {loss_of(of_teacher, of_student, 1.0):.4f}")

# %% [markdown]
# **Direction.** The first asks the student to give probability to every class to which the teacher gives some; the second asks it to give none where the teacher gives none.
# The teacher's probabilities are the targets, as labels are in cross-entropy, which differs from the first only by the teacher's entropy.
# So distillation takes the first.
#
# **Mean.** PyTorch's `kl_div` divides by the number of elements unless told otherwise, so with more classes its loss is smaller by their number.

# %%
logs = [each.log_softmax(dim=1) for each in (of_student, of_teacher)]
parts_of_it = F.kl_div(*logs, reduction="none", log_target=True)
say("one number a class:", [round(each, 4) for each in parts_of_it[0].tolist()])
say(f"batchmean, their sum over the rows: {parts_of_it.sum() / len(parts_of_it):.4f}")
say(f"mean, over rows and classes: {parts_of_it.mean():.4f}")

# %% [markdown]
# **Factor.** A higher temperature makes all probabilities more alike, and the gradients shrink.
# This is the length of the gradient for the student's logits, without and with T²:

# %%
for degrees in (1, 2, 4, 8, 16):
    logits = of_student.clone().requires_grad_(True)
    loss_of(logits, of_teacher, float(degrees)).backward()
    length = logits.grad.norm().item()
    say(f"T = {degrees:2}: without {length / degrees**2:.4f}, with T² {length:.4f}")

# %%
ask("compression.t_squared")

# %% [markdown]
# With T² the length goes to a limit, and so does the loss: at a high temperature it is half the mean squared difference of the logits, after each row's mean was taken off.

# %%
as_doubles = of_student.double(), of_teacher.double()
for degrees in (1, 4, 16, 64, 256):
    say(f"T = {degrees:3}: {loss_of(*as_doubles, float(degrees)):.5f}")
say(f"matching centred logits: {logit_matching_loss(*as_doubles):.5f}")
say("centred logits of the teacher:", centred(of_teacher)[0].tolist())

# %% [markdown]
# So the temperature moves between two ways to learn: at 1 what counts is what the teacher is sure of, and at a high one the logits of all classes count alike, also of those that it thinks impossible.
# Two more rules do not show in the formula.
# The teacher is in evaluation mode and gets no gradient: with dropout, it would change its mind at each step.
# And where rows are tokens, padding is left out of the mean, as in lesson 13.
#
# With labels as well, the loss is a share of this one and the rest of cross-entropy at temperature 1.

# %%
true_class = torch.tensor([1])
for part in (0.0, 0.5, 1.0):
    mixed = DistillationLoss(temperature=2, share=part)(of_student, of_teacher, true_class)
    say(f"share {part}: {mixed:.4f}")

# %% [markdown]
# ## 4 · Does it help?
#
# Below, two students learn from the same texts in the same order: one from the labels, the other from the teacher's soft targets alone.
# This short run, with half of the texts and fewer steps, is one example, and which of the two is ahead in it says little; the measurement comes after it.

# %%
texts = draw(list(topics.labelled.texts), 1000)
label_of = dict(zip(topics.labelled.texts, topics.labelled.labels, strict=True))
spoken = predict_logits(topic_teacher, texts)
arms = {
    "labels": (TransferSet(texts, None, [label_of[text] for text in texts]), 0.0),
    "soft targets": (TransferSet(texts, spoken), 1.0),
}
students = {}
for name, (transfer, part) in arms.items():
    students[name] = new_student("topics", seed=0)
    loss = DistillationLoss(temperature=2, share=part)
    distill(students[name], transfer, loss, Recipe(2e-3, batch_size=32), steps=100, seed=0)
held_out = draw(range(len(topics.test.texts)), 500)
truth = class_numbers(topics, topics.test)[held_out]
for name, model in students.items():
    found = predict_logits(model, [topics.test.texts[i] for i in held_out]).argmax(dim=1)
    say(f"{name}: {(found == truth).sum()} of {len(truth)} right")

# %%
both = side_by_side(sentence, topic_teacher, students["soft targets"], 2)
table(
    {
        "topic": both.classes[number],
        "teacher": both.teacher[number].item(),
        "student": both.student[number].item(),
    }
    for number in both.teacher.argsort(descending=True)[:5].tolist()
)

# %% [markdown]
# A gain of soft targets over labels can have other causes than the teacher's knowledge.
# So there are arms in which a part of it is taken away:
#
# - **smoothed**: label smoothing as in lesson 06, as much as gives the targets the teacher's mean entropy; they are soft, and owe nothing else to the teacher;
# - **hard**: the teacher's best class in the place of the label;
# - **shuffled**: the teacher's soft targets, with the logits of all classes but its best in a random order, drawn anew for each text;
# - **swapped**: what the teacher says of another text.

# %%
ask("compression.shuffled_control")

# %%
ARMS = {
    "teacher": "the teacher itself",
    "labels": "labels",
    "smoothed": "labels, smoothed",
    "hard": "its best class",
    "soft-1": "soft targets, T = 1",
    "soft-2": "soft targets, T = 2",
    "soft-4": "soft targets, T = 4",
    "soft-8": "soft targets, T = 8",
    "both": "half soft, half labels",
    "hard-unlabelled": "best class, more texts",
    "soft-unlabelled": "soft, more texts",
    "shuffled": "soft, shuffled",
    "swapped": "soft, of other texts",
}
records = trained.results("distillation")


def runs_of(task, arm):
    return [one for one in records if one["model"] == f"{task}-{arm}"]


def wrong(task, arm):
    return trained.items("distillation", f"{task}-{arm}", task)


# %% [markdown]
# The student, its labelled texts, the number of steps and the number of learning rates tried on validation are the same in all arms.
# The temperature of the arms that name none was chosen on validation, too.

# %%
first = runs_of("topics", "soft-unlabelled")[0]
chosen = f"soft-{first['temperature']}"
say(
    f"{first['labelled']:,} labelled texts; {first['texts']:,} with the unlabelled ones; {first['steps']} steps"
)
say("chosen on validation: T =", first["temperature"])
for task in ("topics", "reviews"):
    there = [arm for arm in ARMS if runs_of(task, arm)]
    n_seeds = sorted({len(runs_of(task, arm)) for arm in there if arm != "teacher"})
    say(f"{task}: {len(there)} rows, seeds {n_seeds}")

# %%
table(
    {"learned from": name, "wrong": rate(wrong("topics", arm))}
    | (
        {}
        if arm in ("teacher", "labels")
        else {
            "minus labels": difference_of_rates(wrong("topics", arm), wrong("topics", "labels"))
        }
    )
    for arm, name in ARMS.items()
    if runs_of("topics", arm)
)

# %%
claim(
    "compression.soft_targets",
    "At equal data and equal steps, a student that learns from soft targets makes fewer errors than one "
    "that learns from labels.",
    said_by="Hinton, Vinyals and Dean 2015; the notes: trained with the large model's soft targets, too",
    findings=[
        Finding(
            "errors, soft targets at the chosen temperature minus labels",
            difference_of_rates(wrong("topics", chosen), wrong("topics", "labels")),
            "below",
            0.0,
        ),
        Finding(
            "errors, half soft targets and half labels minus labels",
            difference_of_rates(wrong("topics", "both"), wrong("topics", "labels")),
            "below",
            0.0,
        ),
    ],
)

# %%
claim(
    "compression.false_ranking",
    "A false ranking of the wrong classes hurts: students make more errors than with the true one, and "
    "more than with labels.",
    said_by="this lesson, after Hinton, Vinyals and Dean 2015, who ask what the wrong classes teach",
    findings=[
        Finding(
            f"errors, shuffled minus {name}",
            difference_of_rates(wrong("topics", "shuffled"), wrong("topics", arm)),
            "above",
            0.0,
        )
        for arm, name in ((chosen, "the same in the true order"), ("labels", "labels"))
    ],
)

# %% [markdown]
# A shuffled ranking is not missing but false, and at this temperature the student tries to match it.
# So a part of what shuffling costs is harm, and no arm here leaves out the ranking alone.
# Smoothed labels have no ranking, and the mean entropy of the teacher at T = 1; they know nothing of single texts.
# The fair comparison with them, and with the best class, is that of soft targets at T = 1:

# %%
claim(
    "compression.more_than_smooth",
    "Soft targets at T = 1 are better than labels smoothed as much, and than the teacher's best class.",
    said_by="this lesson",
    findings=[
        Finding(
            f"errors, soft targets at T = 1 minus {name}",
            difference_of_rates(wrong("topics", "soft-1"), wrong("topics", arm)),
            "below",
            0.0,
        )
        for arm, name in (
            ("smoothed", "labels, smoothed"),
            ("hard", "the teacher's best class"),
        )
    ],
)

# %% [markdown]
# So the teacher passes on more than softness and more than its best class.
# How much of that is the ranking, and how much is how sure it is of each text, these arms do not take apart.

# %%
claim(
    "compression.temperature",
    "A temperature above 1 is better than 1.",
    said_by="a common saying",
    findings=[
        Finding(
            f"errors on {task}, T = {degrees} minus T = 1",
            difference_of_rates(wrong(task, f"soft-{degrees}"), wrong(task, "soft-1")),
            "below",
            0.0,
        )
        for task in ("topics", "reviews")
        for degrees in (2, 4, 8)
    ],
)

# %% [markdown]
# The sign depends on the task, and the differences are of about a point.
# The temperature of the other arms was chosen by the fewest wrong validation texts, of one seed, at the best of three learning rates.
# The lead of the chosen one is of a few texts:

# %%
tried = trained.search("distillation")


def wrong_on_validation(task, arm):
    n = len(transfer_task(task).validation.texts)
    rows = [one for one in tried if one["model"] == f"{task}-{arm}"]
    return {one["learning_rate"]: round(n * one["validation_error"]) for one in rows}


for task in ("topics", "reviews"):
    fewest = {t: min(wrong_on_validation(task, f"soft-{t}").values()) for t in (1, 2, 4, 8)}
    n_validation = len(transfer_task(task).validation.texts)
    found = ", ".join(f"T = {t}: {n}" for t, n in fewest.items())
    say(f"{task}, wrong of {n_validation:,}: {found}")

# %%
claim(
    "compression.unlabelled",
    "Texts without labels make the student better, and on them soft targets are better than the "
    "teacher's best class.",
    said_by="this lesson",
    findings=[
        Finding(
            "errors, soft targets on more texts minus on the labelled ones",
            difference_of_rates(wrong("topics", "soft-unlabelled"), wrong("topics", chosen)),
            "below",
            0.0,
        ),
        Finding(
            "errors on more texts, soft targets minus the best class",
            difference_of_rates(
                wrong("topics", "soft-unlabelled"), wrong("topics", "hard-unlabelled")
            ),
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# Errors are not all that a student learns.
# "Loss" is that of the labels, "ECE" the expected calibration error of lesson 10, "same" how often student and teacher agree on the first class, and "same second" how often they agree on the second, of the texts where they agree on the first.

# %%
MEASURES = {
    "log_loss": "loss",
    "calibration_error": "ECE",
    "agreement": "same",
    "second_agreement": "same second",
}


def of_seeds(arm, measure, task="topics"):
    return [one["tests"][task][measure] for one in runs_of(task, arm)]


table(
    {"learned from": name}
    | {
        short: sum(values := of_seeds(arm, measure)) / len(values)
        for measure, short in MEASURES.items()
    }
    for arm, name in ARMS.items()
    if runs_of("topics", arm)
)


# %%
def per_seed(measure, arm, other):
    """A measure of one arm minus that of the other, for each seed that both have."""
    both_arms = of_seeds(arm, measure), of_seeds(other, measure)
    return over_seeds([a - b for a, b in zip(*both_arms, strict=False)])


# %%
claim(
    "compression.what_else",
    "A student of soft targets is better calibrated, and ranks the second class more often as its teacher does.",
    said_by="this lesson",
    findings=[
        *(
            Finding(
                f"expected calibration error, {arm} minus {other}",
                per_seed("calibration_error", arm, other),
                "below",
                0.0,
            )
            for arm, other in ((chosen, "labels"), (chosen, "smoothed"), ("soft-1", "smoothed"))
        ),
        Finding(
            f"same second class, {chosen} minus labels",
            per_seed("second_agreement", chosen, "labels"),
            "above",
            0.0,
        ),
    ],
)

# %%
gain = per_seed("calibration_error", "smoothed", "labels")
say("expected calibration error, smoothed minus labels:", gain)

# %% [markdown]
# Most of the gain in calibration comes with any soft target: labels that are only smoothed have it, too.

# %% [markdown]
# With two classes there is one wrong class, and nothing to rank: the film reviews.
# There is no "shuffled" here; soft targets can only say how sure the teacher is.

# %%
table(
    {"learned from": name, "wrong": rate(wrong("reviews", arm))}
    | (
        {"minus labels": difference_of_rates(wrong("reviews", arm), wrong("reviews", "labels"))}
        if arm not in ("teacher", "labels") and runs_of("reviews", "labels")
        else {}
    )
    for arm, name in ARMS.items()
    if runs_of("reviews", arm)
)

# %%
temperature_of_reviews = runs_of("reviews", "soft-unlabelled")[0]["temperature"]
say("chosen on validation of the reviews: T =", temperature_of_reviews)

# %%
claim(
    "compression.two_classes",
    "With two classes, where there are no wrong ones to rank, soft targets help as well.",
    said_by="this lesson",
    findings=[
        Finding(
            f"errors on reviews, {name} minus labels",
            difference_of_rates(wrong("reviews", arm), wrong("reviews", "labels")),
            "below",
            0.0,
        )
        for arm, name in (
            (f"soft-{temperature_of_reviews}", "soft targets at the chosen temperature"),
            ("both", "half soft targets and half labels"),
        )
    ],
)

# %%
claim(
    "compression.two_classes_more_than_best",
    "With two classes, a teacher's soft targets pass on more than its best class.",
    said_by="this lesson",
    findings=[
        Finding(
            "errors on reviews, soft targets at the chosen temperature minus the best class",
            difference_of_rates(
                wrong("reviews", f"soft-{temperature_of_reviews}"), wrong("reviews", "hard")
            ),
            "below",
            0.0,
        )
    ],
)

# %%
say("wrong validation texts by learning rate:", wrong_on_validation("reviews", "both"))
for arm in ("labels", "both"):
    say(f"{ARMS[arm]}, wrong in each seed:", [f"{x:.1%}" for x in wrong("reviews", arm).rates])

# %% [markdown]
# What "half soft, half labels" does here is open: its learning rate was chosen at the edge of the grid by a few validation texts, and its seeds differ far more than those of labels.
#
# More than the teacher's best class is passed on, and with two classes that can only be how sure the teacher is of each text.
# So the ranking of the wrong classes is not all there is to it.
# But this teacher was tuned on all training reviews with their labels, those among them that are unlabelled for the student.
# A part of what it passes on may be labels that the other students did not have.
#
# ### For comparison: DistilBERT
#
# DistilBERT (Sanh et al. 2019) distils before any task is known: the student has half of BERT's layers, starts from the teacher's weights, and learns masked words from soft targets, labels and a third loss that turns its hidden states towards the teacher's.
# The paper's abstract says 40 % smaller, 60 % faster, and 97 % of the language understanding; the authors' repository has these scores on the development sets of GLUE:
#
# | | weights | GLUE, mean |
# | --- | --- | --- |
# | BERT-base, uncased | 110 million | 79.5 |
# | DistilBERT, uncased | 66 million | 77.0 |

# %%
say(
    f"DistilBERT keeps {77.0 / 79.5:.1%} of its teacher's score with {66 / 110:.0%} of the weights"
)
for task in ("topics", "reviews"):
    kept = [1 - wrong(task, arm).rates.mean() for arm in ("soft-unlabelled", "teacher")]
    say(f"the student of {task} here keeps {kept[0] / kept[1]:.1%} with {1 / n_times:.1%}")

# %% [markdown]
# The two are not the same experiment: DistilBERT is pre-trained with the teacher's help and can be tuned for any task, and its share is that of a mean over nine tasks.
# A student here knows one task and started from random weights.
#
# ## 5 · Distilling what a model writes
#
# A language model has a soft target for every token, over its whole vocabulary.
# For a million tokens that is:

# %%
smollm2, letters = load("smollm2")
n_bytes = 1_000_000 * letters.vocab_size * 4
say(f"{letters.vocab_size:,} numbers a token; {n_bytes / 1e9:,.0f} GB for a million tokens")

# %% [markdown]
# In practice a few of the largest logits are stored for each token.
# *Sequence-level distillation* (Kim and Rush 2016) keeps only what the teacher writes: the student is trained on the teacher's texts with cross-entropy, as if they were labels.
# It needs no logits, so the teacher may be a model behind an API, with another tokenizer.

# %%
prompt = letters.encode("The capital of France is")
written = list(generate(smollm2, prompt, 8))
say("the teacher writes:", letters.decode([step.token for step in written]))

# %% [markdown]
# These tokens would be the student's labels.
# The other tokens that the teacher might have written are lost, as with "hard" in section 4.
# Self-Instruct in lesson 13 was of this kind, with the model as its own teacher.
#
# ## 6 · Rationales: distilling step by step
#
# The notes describe two steps:
#
# 1. have a large language model give a *rationale*, the steps that lead to an answer, with each label;
# 2. train a small model on the rationales and the labels, so that it learns to think before it answers.
#
# They have the large model trained for the first step; in the paper below and here it is not, and is shown solved problems in its prompt.
#
# First, problems whose steps are known, because a rule made them:

# %%
sets = step_sets()
for one in draw(sets.training, 3):
    say("question:", one.question)
    say("   steps:", one.rationale)
    say("   label:", one.label)

# %% [markdown]
# A model that writes the steps and then the label, a *chain of thought*, has to write all of it before anyone sees the answer.
# Distilling step by step (Hsieh et al. 2023) makes two tasks of it instead, told apart by the first word that the student reads.
# At test time only the label's task runs.


# %% tags=["exercise"]
def two_tasks(question: str, label: str, rationale: str) -> list[tuple[str, str]]:
    """What a student reads and what it is to write, in the task of labels and in that of steps.

    In the first, the student reads `predict: ` and the question, and writes the label. In the
    second, it reads `explain: ` and the question, and writes the rationale, the steps to the
    label. The prefix ends with one space; the texts stay as they are. A rationale may be empty
    or have white space alone: then there is only the first task. Returns pairs (input, target).

    >>> two_tasks("2 + 3 + 4?", "9", "2 + 3 is 5. 5 + 4 is 9.")
    [('predict: 2 + 3 + 4?', '9'), ('explain: 2 + 3 + 4?', '2 + 3 is 5. 5 + 4 is 9.')]
    >>> two_tasks("3 + 3?", "6", "")
    [('predict: 3 + 3?', '6')]
    """
    ...


check("compression.two_tasks", two_tasks)

# %%
as_tasks = yours("compression.two_tasks", two_tasks)
example = draw(sets.training, 1)[0]
for given, target in as_tasks(example.question, example.label, example.rationale):
    say(given, "→", target)

# %% [markdown]
# The loss is α · label + (1 − α) · rationale, each the mean over its own tokens, in two separate passes.

# %%
digits = student_tokenizer(sets.training)
decoder = new_decoder(digits, seed=0)
batch = package_tasks(digits, [example], end_id=end_id(digits), pad_id=padding_id(digits))
for alpha in (1.0, 0.5, 0.0):
    say(f"α = {alpha}: loss {StepByStepLoss(alpha)(decoder, batch).item():.4f}")

# %%
ask("compression.extra_compute")

# %% [markdown]
# ### Step 1: who writes the rationales?
#
# ASDiv has word problems with answers and without steps (its texts may not be passed on commercially, so none is printed here).
# A rule finds the steps of some: two numbers, one operation, and no other operation that gives the answer.
# Besides, SmolLM2 answered a hundred of the training problems, as the notes describe: it read four solved problems before each, with steps or without.
# Of what it wrote as steps, only the calculations are kept.

# %%
rule = trained.record_of("rationales_teacher", "rule")
say(f"{rule['problems']:,} problems; the rule finds the one step of {rule['one_step']:,}")
for name, key in (("with steps", "smollm2-steps"), ("without", "smollm2-direct")):
    found = trained.record_of("rationales_teacher", key)["tests"]["asdiv training"]
    say(f"SmolLM2 {name}, right:", share(found["right"], found["problems"], of="problems"))

# %% [markdown]
# Most of SmolLM2's answers are wrong, with steps and without, and a right answer can follow from wrong steps.
# Keeping only the problems with a right answer (rejection sampling; Self-Instruct filters in the same spirit) leaves few to learn from.
#
# ### Step 2: the students
#
# A decoder of two blocks learns from the problems that a rule made ("steps"), and from SmolLM2's ("notes").
# Within a data set, all ways have the same problems, the same number of steps and the same labels in the same order; "passes" and the tokens that are trained on differ, and are in the table.
# Only the students of the first table, with more problems, had a search for the learning rate: three rates, with one seed, on few validation problems.
# All other tables have one seed and one rate that nobody tuned.

# %%
of_rates = {}
for one in trained.search("rationales"):
    of_rates.setdefault(one["model"], []).append(
        (one["validation_error"], one["learning_rate"])
    )
n_validation = len(sets.validation)
for name, found in of_rates.items():
    fewest, best = min(found)
    say(f"{name}: rates {[each for _error, each in found]}")
    say(f"   best {best}, {round(fewest * n_validation)} of {n_validation} wrong")

# %% [markdown]
# Most of the picks are at an edge of the grid, so a rate beyond it may be better.

# %%
WAYS = {
    "labels": "labels",
    "labels-twice": "labels, twice",
    "rationales": "and rationales",
    "shuffled": "and shuffled ones",
    "chain": "chain of thought",
}
learned = trained.results("rationales")


def right_labels(data, way):
    """The wrong labels of all seeds, and the first record; None where there is no run."""
    found = [one for one in learned if one["model"] == f"{data}-{way}"]
    if not found:
        return None, None
    (test,) = found[0]["tests"]
    return trained.items("rationales", f"{data}-{way}", test, "problems"), found[0]


# %%
def wrong_share(errors):
    if errors.n_seeds > 1:
        return rate(errors)
    return share(errors.errors.sum(), errors.n_items, of="problems, one seed")


def fitted(data, way):
    """The share of training problems that are right after training, a mean over the seeds."""
    runs = [one for one in learned if one["model"] == f"{data}-{way}"]
    found = [test["training_exact_match"] for one in runs for test in one["tests"].values()]
    return sum(found) / len(found)


# %%
def ways_of(data):
    for way, name in WAYS.items():
        errors, record = right_labels(data, way)
        if record is not None:
            (test,) = record["tests"].values()
            yield {
                "learned from": name,
                "passes": record["passes"],
                "other tokens": record["other_tokens"],
                "written": f"{test['tokens_written']:.1f}",
                "training": f"{fitted(data, way):.0%}",
                "wrong": wrong_share(errors),
            }


# %%
def sizes_of(data):
    runs = [one for one in learned if one["data"] == data]
    sizes = {(one["problems"], one["steps"], one["learning_rate"]) for one in runs}
    for n, steps, learning_rate in sorted(sizes):
        say(f"{data}: {n:,} problems, {steps:,} steps, learning rate {learning_rate}")


sizes_of("steps-more")
table(ways_of("steps-more"))

# %% [markdown]
# "Other tokens" are those of rationales that were trained on; "written" is how many tokens the student writes for an answer at test time; "training" is the share of training problems that it has right after training.
# Right answers by kind of problem, of all seeds:


# %%
def learned_kinds():
    first_chain = next(one for one in learned if one["model"] == "steps-more-chain")
    (test,) = first_chain["tests"].values()
    return {kind: of["problems"] for kind, of in test["by_kind"].items()}


def by_kind(way):
    found = [
        one["tests"]["steps"]["by_kind"]
        for one in learned
        if one["model"] == f"steps-more-{way}"
    ]
    return {
        kind: sum(one[kind]["right"] for one in found)
        / sum(one[kind]["problems"] for one in found)
        for kind in found[0]
    }


say("problems of each kind, for each seed:")
for kind, there in learned_kinds().items():
    say(f"   {kind}: {there}")
table(({"learned from": name} | by_kind(way) for way, name in WAYS.items()), formats=".0%")

# %% [markdown]
# On the weekdays all ways but the chain are below a guess among seven.
# They are few problems, and their formulas are not those of the training problems.


# %%
def less_wrong(a, b, data="steps-more"):
    return difference_of_rates(right_labels(data, a)[0], right_labels(data, b)[0])


claim(
    "compression.step_by_step",
    "At equal problems, rationales as a second task lead to fewer wrong labels than ways with at least as "
    "many label tokens.",
    said_by="Hsieh et al. 2023, of models from 220 million weights on",
    findings=[
        Finding(
            f"wrong labels, with rationales minus {name}",
            less_wrong("rationales", way),
            "below",
            0.0,
        )
        for way, name in (
            ("labels", "labels alone"),
            ("labels-twice", "labels in both passes"),
            ("shuffled", "rationales of other problems"),
        )
    ],
)

# %%
claim(
    "compression.chain_of_thought",
    "A student that writes the steps before the label makes fewer errors than one that learned them as a "
    "second task.",
    said_by="the notes: the small model learns to think before it answers",
    findings=[
        Finding(
            "wrong labels, chain of thought minus rationales as a task",
            less_wrong("chain", "rationales"),
            "below",
            0.0,
        ),
        Finding(
            "wrong labels, chain of thought minus labels in both passes",
            less_wrong("chain", "labels-twice"),
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# The chain has a price: it writes several times as many tokens for an answer, and each is a pass through the model.
# Whether it is the steps that help, or the additional tokens to train on and to write, was not tested: no arm writes as many tokens without meaning.
#
# With fewer problems every way fails for most of the test, the chain as well:

# %%
sizes_of("steps")
table(ways_of("steps"))

# %% [markdown]
# These students had fewer steps, too, and a learning rate that nobody tuned, and the chain has not even its own training problems right.
# So this does not say that fewer problems are the cause.
#
# The rule of these problems is simple and their steps are short; that is not so for word problems.
# These students learned from what SmolLM2 wrote, as the notes have it, and are tested on the true answers:

# %%
for data in ("asdiv", "notes", "notes-kept"):
    sizes_of(data)
table(
    row | {"learned from": f"{name}: {row['learned from']}"}
    for data, name in (
        ("asdiv", "rule"),
        ("notes", "SmolLM2"),
        ("notes-kept", "SmolLM2, right"),
    )
    for row in ways_of(data)
)

# %% [markdown]
# Run as they are written, the notes' two steps end here with students that are nearly always wrong.
# The teacher is mostly wrong; but the rule's labels are right, of more problems, and lead no further.
# That student has next to none of its own training problems right: it was never fitted.
# So these runs do not say whether size, first weights, data or training is what is missing.
#
# The paper's students were pre-trained T5 models, encoder-decoder Transformers, and its rationales were written by PaLM, a language model of 540 billion weights.
# Its abstract says that a T5 of 770 million weights beats few-shot PaLM with 80 % of the data of a benchmark, and that the same T5 tuned on labels does not with all of it.
# Nothing here contradicts this; it was not tested at such sizes.
#
# ## 7 · Fewer bits a weight
#
# A weight in float32 takes 32 bits.
# *Quantization* stores whole numbers of 8 or 4 bits, and a scale that says what the number 1 stands for.


# %% tags=["exercise"]
def quantize_rows(weight: "Tensor") -> tuple["Tensor", "Tensor"]:
    """A matrix in whole numbers from -127 to 127, and for each row the scale they count in.

    weight: (rows, columns). The scale of a row is its largest absolute weight / 127. Each
    weight is divided by its row's scale and rounded to the nearest whole number; none is
    halfway between two. A row of zeros has the scale 1. Returns the whole numbers
    (rows, columns) and the scales (rows,): number · scale is about the weight.

    >>> import torch
    >>> numbers, scales = quantize_rows(torch.tensor([[2.54, -1.0, 0.2], [0.0, 0.0, 0.0]]))
    >>> numbers.tolist()
    [[127, -50, 10], [0, 0, 0]]
    >>> [round(scale, 4) for scale in scales.tolist()]
    [0.02, 1.0]
    """
    ...


check("compression.quantize_rows", quantize_rows)

# %%
rows_of = yours("compression.quantize_rows", quantize_rows)
small = torch.tensor([[2.54, -1.0, 0.205], [0.03, 0.001, -0.0127]])
numbers, scales = rows_of(small)
for row, number, scale in zip(small, numbers, scales, strict=True):
    back = [round(each, 4) for each in (number * scale).tolist()]
    say([round(each, 4) for each in row.tolist()], "→", number.tolist(), "→", back)

# %% [markdown]
# With one scale for the whole matrix, the second row would be whole numbers of a scale made for the first:

# %%
say(round_matrix(small, INT8_PER_TENSOR).numbers().tolist())
say(round_matrix(small, INT8).numbers().tolist())

# %% [markdown]
# −128 is left out, so that every number has its negative and 0 stays 0.
# With 4 bits there are fifteen levels, too few for a whole row, so neighbouring columns share a scale: groups, of 32 here.
# PyTorch has types of 4 bits (`torch.int4` and others) with hardly any operations, so two numbers share a byte of `uint8`.
# Half a byte is called a nibble.
# Sixteen patterns of 4 bits count from 0 to 15; in two's complement the upper eight of them stand for −8 to −1, each 16 less.


# %% tags=["exercise"]
def pack_nibbles(values: list[int]) -> list[int]:
    """Two numbers of 4 bits in each byte.

    values: whole numbers from -8 to 7, in two's complement: v and v + 16 have the same 4 bits,
    so that -1 has those of 15 and -8 those of 8. The first two numbers make the first byte, of
    which the earlier number is the lower half, worth up to 15, and the later the upper half,
    worth 16 times as much. Where one number is left over at the end, the upper half is 0.
    Returns the bytes as numbers from 0 to 255.

    >>> pack_nibbles([1, 2, -1])
    [33, 15]
    >>> pack_nibbles([-8, -8, 0, 7])
    [136, 112]
    """
    ...


check("compression.pack_nibbles", pack_nibbles)

# %%
packed_by = yours("compression.pack_nibbles", pack_nibbles)
say([3, -2, 7, 0, -7], "→", packed_by([3, -2, 7, 0, -7]))
weight = torch.randn(4, 80, generator=torch.Generator().manual_seed(0))
for name, scheme in (("int8", INT8), ("int4, groups of 32", INT4)):
    rounded = round_matrix(weight, scheme)
    say(f"{name}: numbers {list(rounded.values.shape)}, scales {list(rounded.scales.shape)}")
    say(f"   {rounded.n_bytes} bytes instead of {weight.nbytes}")

# %% [markdown]
# ### Errors of outputs
#
# What a rounded weight does depends on what it is multiplied with.
# The error of outputs is ‖rounded − exact‖ / ‖exact‖ over all inputs; "worst" is the same of that single output of the layer where it is largest.
# "With a minimum" means that a group's levels lie evenly from its smallest weight to its largest, and that the smallest is stored beside the scale.

# %%
ask("compression.errors_on_outputs")

# %%
layer = torch.nn.Linear(2, 1, bias=False)
layer.weight.data = torch.tensor([[1.0, 0.5]])
for shift in ([0.1, 0.0], [0.0, 0.1]):
    moved = torch.nn.Linear(2, 1, bias=False)
    moved.weight.data = layer.weight.data + torch.tensor([shift])
    for x in ([[10.0, 0.1]], [[0.1, 10.0]]):
        say(
            f"weights moved by {shift}, inputs {x[0]}: {output_error(layer, moved, torch.tensor(x)):.3f}"
        )

# %% [markdown]
# A layer of the fine-tuned MiniLM, whose weights are true float32, on what it really reads in a few reviews.
# A hook, a function that PyTorch calls each time before the layer runs, collects what it reads:

# %%
classifier = trained.load("fine_tuning/upper-all").eval()
reviews = draw(list(transfer_task("reviews").test.texts), 8)
read = []
place = classifier.get_submodule("body.blocks.0.feed_forward.up")
handle = place.register_forward_pre_hook(lambda _layer, given: read.append(given[0].detach()))
predict_logits(classifier, reviews)
handle.remove()
seen = torch.cat([each.flatten(0, -2) for each in read])
say("inputs:", list(seen.shape), "weights:", list(place.weight.shape))

# %%
SCHEMES = {
    "int8, one scale": INT8_PER_TENSOR,
    "int8, by row": INT8,
    "int4, by row": Scheme(4),
    "int4, groups of 32": INT4,
    "the same, with a minimum": Q4_1,
    "int3, groups of 32": Scheme(3, group_size=32),
}
rows = []
for name, scheme in SCHEMES.items():
    rounded = quantize(torch.nn.Sequential(place), scheme)
    back = round_matrix(place.weight, scheme).dequantize()
    by_channel = channel_errors(place, rounded, seen)
    rows.append(
        {
            "weights": name,
            "error of weights": ((back - place.weight).norm() / place.weight.norm()).item(),
            "of outputs": output_error(place, rounded, seen),
            "worst output": by_channel.max().item(),
        }
    )
table(rows)

# %% [markdown]
# At the same number of bits, by row or by group is better than one scale for all, and some outputs suffer far more than the average says.
# Move the bits, write your own sentences, and see whose label changes first:

# %%
quantization_stairs = QuantizationStairs(classifier, texts=reviews[:4])
quantization_stairs

# %% [markdown]
# ### SmolLM2 in int8
#
# The whole model: each matrix by row, and the activations rounded, too, row by row as they come.
# Its embedding is also its output layer, so that matrix is rounded once and shared.

# %%
smaller = quantize(smollm2)
say(f"in memory: {memory_bytes(smollm2) / 1e6:.0f} and {memory_bytes(smaller) / 1e6:.0f} MB")

# %% [markdown]
# That is before the first product.
# The kernel reads the numbers in an order of its own, and makes a packed copy of them when it is first used, as large as they are.
# In use, int8 therefore takes about half of float32's memory here, not a quarter; the table of sizes below has both.

# %% tags=["nbval-ignore-output"]
for name, model in (("float32", smollm2), ("int8", smaller)):
    steps = list(
        generate(model, letters.encode("Once upon a time there was a bicycle that"), 16)
    )
    say(f"{name}: …{letters.decode([step.token for step in steps])}")

# %% [markdown]
# (The int8 text may be another one on your processor, whose kernel may round the activations to 7 bits.)
#
# Two texts that differ may be equally good.
# What counts is how well the model predicts texts, in nats for each byte of text; "more" is the difference from float32 on the same texts.

# %%
NAMES = {
    "float32": "float32",
    "int8": "int8, by row",
    "int8-tensor": "int8, one scale",
    "int8-weights": "int8, activations exact",
    "int4-32": "int4, groups of 32",
    "int4-128": "int4, groups of 128",
    "int4-minimum-32": "int4, 32, with a minimum",
    "int4-minimum-32-but-output": "the same, output layer exact",
    "int3-32": "int3, groups of 32",
}

# %%
quality = trained.record_of("quantized_speed", "quality")


def to_thousandths(found):
    rounded = {end: round(found[end], 3) + 0.0 for end in ("mean", "low", "high")}
    return stored_interval(found | rounded)


table(
    {"weights": name, "nats": stored_interval(found["nats_per_byte"])}
    | ({"more": to_thousandths(found["more"])} if "more" in found else {})
    for key, name in NAMES.items()
    for found in [quality["arms"][key]]
)

# %% [markdown]
# ### Four bits, which it had already
#
# One row of the table looks too good: 4 bits with a minimum, all but the output layer, lose nothing.

# %%
ask("compression.four_bits_again")

# %%
errors = quality["weight_errors"]
table(
    {
        "first matrix of": name,
        "int4": errors[key]["int4-32"],
        "int4 with a minimum": errors[key]["int4-minimum-32"],
    }
    for key, name in (("smollm2", "SmolLM2"), ("minilm", "MiniLM"))
)

# %% [markdown]
# The matrices in the layers of SmolLM2's file that this course uses are of llama.cpp's type Q4_1: blocks of 32 weights in 4 bits, each block with a scale and a minimum.
# The token embedding, which is the output layer, too, is of type Q8_0, 8 bits: that is why 4 bits with a minimum lose a little where it is rounded as well.
# The "float32" weights of SmolLM2 are these levels, read as floats; rounding them the same way gives the same levels back.
# So nothing about 4 bits can be learned from this model in this format, and the size of its float32 is the size of a copy.
# The table's other rows of 4 and 3 bits round weights for a second time.
# MiniLM was never rounded, so its rows say what rounding float weights costs; "points" are of accuracy, minus float32:

# %%
of_minilm = trained.record_of("quantized_speed", "reviews")["arms"]
table(
    {
        "MiniLM": NAMES[key],
        "error of logits": of_minilm[key]["logit_error"],
        "points": stored_interval(of_minilm[key]["difference"], "points"),
    }
    for key in ("int8", "int8-tensor", "int4-32", "int4-minimum-32", "int4-128", "int3-32")
)

# %% [markdown]
# With so few reviews most of these differences of accuracy cannot be told from none; the errors of the logits can be compared.
#
# ### Why is my quantized model not faster?

# %%
ask("compression.not_faster")

# %%
writing = trained.record_of("quantized_speed", "writing")
medians = writing["median_seconds"]
SIDES = {
    "float32": "float32",
    "int8": "int8, whole numbers multiplied",
    "int8-weights": "int8, made float for each product",
    "int4-32": "int4, made float for each product",
    "no-products": "int8, its products left out",
    "read-135-mb": "reading 135 MB once",
    "llama.cpp": "llama.cpp, the 4-bit file",
}
table(
    {"one token of SmolLM2": name, "time": f"{1000 * medians[key]:.1f} ms"}
    for key, name in SIDES.items()
    if key in medians
)

# %% [markdown]
# Writing one token reads every weight once, so fewer bytes should take less time.
# They do where the product itself reads the small numbers.
# The rows "made float" are quantization of weights only, without a kernel that does both at once: for each product, every weight is converted, and a float matrix is written and read.
# That saves memory and costs time; how its time splits was not measured, and these two rows are of two turns of three tokens.
#
# Where does the time of int8 go?

# %%
spent = medians["int8"] - medians["no-products"]
say(f"int8: {1000 * medians['int8']:.1f} ms a token")
say(f"   beside the products: {1000 * medians['no-products']:.1f} ms")
say(f"   in the layers of rounded weights: {1000 * spent:.1f} ms")
say(f"   to read as many bytes once: {1000 * medians['read-135-mb']:.1f} ms")
files = {name: found["file"] / 1e6 for name, found in writing["bytes"].items()}
say(f"llama.cpp reads {files['gguf']:.0f} MB a token, int8 here {files['int8']:.0f} MB")

# %% [markdown]
# What is beside the products (norms, attention, Python) does not shrink with the weights.
# The layers take longer than reading their bytes, so memory alone is not their bound.
# In them the activations are rounded, the kernel is called, and it multiplies; how the time splits between the three was not measured.
# llama.cpp has fewer bytes to read; the rest of its lead was not taken apart.

# %%
claim(
    "compression.int8_speed",
    "SmolLM2 writes at least 1.6 times as fast with int8 weights as with float32, one text at a time.",
    said_by="this course, which set the number before it measured",
    findings=[
        Finding(
            "times as fast, int8 to float32",
            stored_interval(writing["times_as_fast"]["int8/float32"]),
            "above",
            1.6,
        )
    ],
)

# %%
claim(
    "compression.llama_cpp",
    "It writes at least 0.8 times as fast as llama.cpp does from its 4-bit file.",
    said_by="this course, which set the number before it measured",
    findings=[
        Finding(
            "times as fast, int8 here to llama.cpp",
            stored_interval(writing["times_as_fast"]["int8/llama.cpp"]),
            "above",
            0.8,
        )
    ],
)

# %%
claim(
    "compression.rounding_by_row",
    "With a scale for each row, int8 costs less than 0.01 nats a byte; with one scale for a matrix, more.",
    said_by="this lesson",
    findings=[
        Finding(
            "nats a byte, int8 by row minus float32",
            stored_interval(quality["arms"]["int8"]["more"]),
            "below",
            0.01,
        ),
        Finding(
            "nats a byte, int8 with one scale minus float32",
            stored_interval(quality["arms"]["int8-tensor"]["more"]),
            "above",
            0.01,
        ),
    ],
)

# %% [markdown]
# **Whole numbers can overflow, too.**
# Fast kernels for x86 processors multiply unsigned by signed bytes.
# Activations are signed, so they are shifted up by 128 first, and what the shift adds is taken off the sums again.
# A processor without the instructions called VNNI adds two neighbouring products in 16 bits, which end at 32,767, and cuts off what is larger, without a word:

# %%
ones = torch.full((1, 2), 255, dtype=torch.uint8), torch.full((1, 2), 127, dtype=torch.int8)
halves = torch.full((1, 2), 127, dtype=torch.uint8), ones[1]
for name, (x, w) in (("8 bits", ones), ("7 bits", halves)):
    exact = int((x[0].int() * w[0].int()).sum())
    say(
        f"activations of {name}: exact {exact:,}, in 16 bits {saturated_product(x, w).item():,}"
    )

# %% [markdown]
# So there the activations get 7 bits; the course's layers ask the kernel what fits before they use it.
#
# **Size** is measured where it is needed.
# "Once it ran" is with the packed copy that the kernel reads:

# %%
sizes = writing["bytes"]
table(
    {
        "SmolLM2": name,
        "file": f"{found['file'] / 1e6:.0f} MB",
        "memory": f"{found['memory'] / 1e6:.0f} MB" if "memory" in found else None,
        "once it ran": f"{found['memory_packed'] / 1e6:.0f} MB"
        if "memory_packed" in found
        else None,
    }
    for name, found in sizes.items()
)

# %% [markdown]
# MiniLM has no tied output layer, and its embedding, half of all its weights, stays in float32: its file does not shrink to a quarter.

# %%
say(f"written now, float32: {file_bytes(classifier) / 1e6:.1f} MB")
for name, scheme in (("int8", INT8), ("int4", INT4)):
    small_file = file_bytes(quantize(classifier, scheme))
    with_table = file_bytes(quantize(classifier, scheme, embeddings=True))
    say(f"{name}: {small_file / 1e6:.1f} MB; with the embedding {with_table / 1e6:.1f} MB")

# %% [markdown]
# ## 8 · Fewer weights
#
# *Magnitude pruning* sets the smallest weights to 0.


# %% tags=["exercise"]
def prune_mask(weight: "Tensor", share: float) -> "Tensor":
    """Which weights stay, when a share of them is pruned: those of the smallest magnitude.

    weight: (rows, columns). share: from 0 to 1. Of the n weights of the whole matrix,
    round(share * n) are pruned, no more and no less; share * n is never halfway between two
    whole numbers. The magnitude is the absolute value. Of equal ones, the first in the order of
    reading is pruned first, row by row. Returns (rows, columns): True where a weight stays.

    >>> import torch
    >>> prune_mask(torch.tensor([[0.3, -2.0, 0.1], [-0.2, 0.1, 1.0]]), 0.5).tolist()
    [[True, True, False], [False, False, True]]
    >>> prune_mask(torch.tensor([[1.0, -1.0, 1.0]]), 0.34).tolist()
    [[False, True, True]]
    """
    ...


check("compression.prune_mask", prune_mask)

# %%
mask_of = yours("compression.prune_mask", prune_mask)
weight = torch.tensor([[0.3, -2.0, 0.1], [-0.2, 0.1, 1.0]])
kept_ones = mask_of(weight, 0.5)
say("kept:", kept_ones.int().tolist())
for row in weight.masked_fill(~kept_ones, 0.0).tolist():
    say("pruned:", [f"{each:.1f}" for each in row])

# %% [markdown]
# The same share of each matrix, or one threshold for all of them together?
# With one threshold, a matrix of small weights loses more than one of large weights.
# The head is left out, and the pooler, a layer that nothing reads:

# %%
for scope in ("layer", "global"):
    masks = magnitude_masks(classifier, 0.5, scope=scope, skip=("head", "pooler"))
    gone = {name: (~mask).float().mean().item() for name, mask in masks.masks.items()}
    most = max(gone, key=gone.__getitem__)
    say(f"{scope}: {masks.pruned_share:.3f} of these weights; least {min(gone.values()):.3f}")
    say(f"   most {gone[most]:.4f}, of {most}")

# %% [markdown]
# A small weight that meets large inputs may do more than a large one that meets none.
# *Wanda* (Sun et al. 2023) differs from magnitude in two ways: it multiplies each weight with the size of its inputs, and it compares within each output, a row of the matrix.


# %% tags=["exercise"]
def wanda_mask(weight: "Tensor", inputs: "Tensor", share: float) -> "Tensor":
    """Which weights of a linear layer stay, when a share of each row is pruned as in Wanda.

    weight: (outputs, columns). inputs: (tokens, columns), what the layer reads on some texts;
    column j of the weight is multiplied with column j of the inputs. The score of a weight is
    its absolute value times the norm of its column of the inputs, the root of the sum of
    squares. In each row, the round(share * columns) weights of the lowest score are pruned, of
    equal ones the first; share * columns is never halfway between two whole numbers. Returns
    (outputs, columns): True where a weight stays.

    >>> import torch
    >>> weight = torch.tensor([[3.0, -2.0, 1.0], [0.1, 0.2, -0.3]])
    >>> wanda_mask(weight, torch.tensor([[0.1, 3.0, 0.0], [0.0, -4.0, 1.0]]), 0.34).tolist()
    [[False, True, True], [False, True, True]]
    """
    ...


check("compression.wanda_mask", wanda_mask)

# %%
by_inputs = yours("compression.wanda_mask", wanda_mask)
for name, mask in (
    ("magnitude", mask_of(place.weight.detach(), 0.5)),
    ("magnitude in each row", by_inputs(place.weight.detach(), torch.ones_like(seen), 0.5)),
    ("Wanda", by_inputs(place.weight.detach(), seen, 0.5)),
):
    thinner = torch.nn.Linear(*reversed(place.weight.shape))
    thinner.load_state_dict(
        {"weight": place.weight.detach() * mask, "bias": place.bias.detach()}
    )
    say(f"{name}: error of outputs {output_error(place, thinner, seen):.3f}")

# %% [markdown]
# Comparing within each row alone does not help this layer; the inputs do.
#
# ### Zeros that come back
#
# After pruning, the weights that stay can be trained again.

# %%
ask("compression.zeros_come_back")

# %%
pulled = torch.tensor([1.0, 0.5])
stays = torch.tensor([1.0, 0.0])
for name, hold_on in (("mask once", False), ("mask after each step", True)):
    trained_one = torch.nn.Parameter(torch.tensor([1.0, 0.1]))
    adamw = torch.optim.AdamW([trained_one], lr=0.1)
    for step in range(4):
        if step == 2:
            trained_one.data *= stays
        trained_one.grad = (trained_one.detach() - pulled) * (stays if step >= 2 else 1)
        adamw.step()
        if hold_on and step >= 2:
            trained_one.data *= stays
    say(f"{name}: the pruned weight is {trained_one[1].item():.3f}")

# %% [markdown]
# After pruning its gradient was 0 in both runs, and without the mask it came back all the same: AdamW moves a weight by a running mean of earlier gradients.
# `Masks.hold(optimizer)` of the course sets the pruned weights to 0 after each step.
#
# ## 9 · Size, time and score together
#
# The fine-tuned MiniLM on the same test reviews, made smaller in each way; "tuned" models were trained again after pruning, with their masks held.
# That was one epoch on the labelled texts with one learning rate and no search, so nothing follows about longer training; "float32, tuned" is its control, without a mask.
# Percents are of the weights in linear layers without the head; "zeros" is the share of all weights.
# Wanda's norms are from a few training reviews, and the students are those of one seed of five.
# "Zipped" is the file after gzip, "1" and "32" are how many times as fast as float32 one review and 32 are read, without the tokenizer.

# %%
ask("compression.zeros_save")

# %%
SMALLER = {
    "float32": "float32",
    "float32-tuned": "float32, tuned",
    "int8": "int8",
    "int4": "int4",
    "layer-50": "50 % pruned",
    "global-50": "50 %, global",
    "wanda-50": "50 %, Wanda",
    "layer-50-tuned": "50 %, tuned",
    "layer-90": "90 % pruned",
    "wanda-90": "90 %, Wanda",
    "layer-90-tuned": "90 %, tuned",
    "student-labels": "student, labels",
    "student-soft-unlabelled": "student, distilled",
}
compressed = compressed_models()
n_read = trained.record_of("compressed_models", "reviews")["wanda_texts"]
say(f"Wanda's norms: of {n_read} training reviews")
say(f"tuned: on {runs_of('reviews', 'labels')[0]['labelled']:,} texts")

# %%
table(
    {
        "model": name,
        "file": f"{compressed[key].file / 1e6:.0f} MB",
        "zipped": f"{compressed[key].zipped / 1e6:.0f} MB",
        "zeros": f"{compressed[key].zeros / compressed[key].parameters:.0%}",
        "1": f"{compressed[key].times_as_fast[1].estimate:.2f}",
        "32": f"{compressed[key].times_as_fast[32].estimate:.2f}",
        "right": compressed[key].accuracy,
    }
    for key, name in SMALLER.items()
    if key in compressed
)

# %% [markdown]
# Int4 is slower than float32 with one review: it unpacks its numbers for each product.
# The teacher of "student, distilled" is this float32 model, which was tuned on all training reviews with their labels, those among them that are unlabelled for the student.

# %%
claim(
    "compression.zeros",
    "Zeros in half of the linear layers' weights save no time: the model is less than 1.05 times as fast.",
    said_by="this lesson",
    findings=[
        Finding(
            f"times as fast, 50 % pruned to float32, {name}",
            compressed["layer-50"].times_as_fast[n],
            "below",
            1.05,
        )
        for n, name in ((1, "one review at a time"), (32, "32 at a time"))
    ],
)

# %%
right_of = {
    key: trained.numbers(arm["items"]["right"])
    for key, arm in trained.record_of("compressed_models", "reviews")["arms"].items()
}
claim(
    "compression.wanda",
    "Without training again, Wanda's pruning costs less accuracy than pruning by magnitude.",
    said_by="Sun et al. 2023, of LLaMA models from seven billion weights on",
    findings=[
        Finding(
            f"accuracy, {part} % pruned, Wanda minus magnitude in each matrix",
            mean_difference(
                right_of[f"wanda-{part}"],
                right_of[f"layer-{part}"],
                unit="points",
                of="reviews",
            ),
            "above",
            0.0,
        )
        for part in (50, 90)
    ],
)

# %%
claim(
    "compression.int8_for_nothing",
    "Int8 costs less than a point of accuracy and is faster, with one review and with 32.",
    said_by="a common saying",
    findings=[
        Finding("accuracy, int8 minus float32", compressed["int8"].difference, "above", -0.01),
        *(
            Finding(
                f"times as fast, int8 to float32, {name}",
                compressed["int8"].times_as_fast[n],
                "above",
                1.0,
            )
            for n, name in ((1, "one review at a time"), (32, "32 at a time"))
        ),
    ],
)

# %% [markdown]
# A model is on the *Pareto frontier* when no other is at least as good in both time and score, and better in one.
# Point at a model to read its name and numbers.

# %%
pareto_figure(
    {name: compressed[key] for key, name in SMALLER.items() if key != "float32-tuned"}
)

# %% [markdown]
# The control of the tuned models is left out of the figure.
# The two models on the frontier are far apart in both time and score.
# What this sample cannot tell is int8 against float32: which of the two has more right on other reviews.
#
# ## 10 · The notes, and what held
#
# - **"Makes a model smaller or cheaper, for memory and computing power of a device"**: these are two things. Pruned weights save neither here; int8 saved both, and in use half of the memory rather than three quarters, with the packed copy; a student of two blocks saves the most, distilled or not, with the scores below, and knows one task. No phone and no embedded device was measured.
# - **"Rationales and labels of a language model, then a small model learns from both"**: run as written, with a hundred problems and a teacher that is mostly wrong, the student has next to nothing right; whether size, first weights, data or training is what is missing, these runs do not say. Where the steps are right and there are more problems, a student that writes them before the answer is far better; one that has them as a second task may be, and these seeds cannot tell.
# - **"Trained with the large model's soft targets, not the label alone"**: held, at equal data and steps. A false ranking of the wrong classes hurts; whether the true one helps beyond best class and confidence was not isolated. Whether a higher temperature helps depends on the task, by about a point, and on more texts the teacher's best class was no worse.

# %%
for key in ("float32", "int8", "student-labels", "student-soft-unlabelled"):
    say(
        f"{SMALLER[key]}: {compressed[key].file / 1e6:.0f} MB, right:", compressed[key].accuracy
    )

# %% [markdown]
# What was not tested: students that begin with pre-trained weights, larger teachers, pruning in blocks that a kernel can skip, methods that choose the rounding by data (GPTQ, AWQ), and any device but one x86 processor.
#
# ## What to remember
#
# - Soft targets rank the wrong classes. KL from teacher to student, summed over classes, times T².
# - A gain needs controls: smoothed labels, the teacher's best class, shuffled classes, equal steps.
# - Rationales as a second task cost nothing at test time; a chain of thought costs its tokens.
# - Round by row or by group, and measure errors of outputs.
# - Fewer bytes save time only if the product itself reads them; zeros in a dense matrix save none.
# - Compare size, time and score together, on the machine that will run the model.
#
# **Read on**: Hinton, Vinyals and Dean 2015, *Distilling the Knowledge in a Neural Network*; Kim and Rush 2016, *Sequence-Level Knowledge Distillation*; Sanh et al. 2019, *DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter*; Hsieh et al. 2023, *Distilling Step-by-Step! Outperforming Larger Language Models with Less Training Data and Smaller Model Sizes*; Han et al. 2015, *Learning both Weights and Connections for Efficient Neural Networks*; Sun et al. 2023, *A Simple and Effective Pruning Approach for Large Language Models*.
# In the code: `course/compression/distillation.py`, `course/compression/step_by_step.py`, `course/compression/quantization/rounding.py`, `course/compression/pruning/masks.py`, `experiments/distillation.py`, `experiments/quantized_speed.py`.
#
# **Next**: lesson 19, *Evaluation*.

# %%
progress.table()
