"""Exercise on the loss of distillation: T² · KL(teacher ‖ student), the mean over the rows."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


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
    teacher = (teacher_logits / temperature).log_softmax(dim=1)
    student = (student_logits / temperature).log_softmax(dim=1)
    return temperature**2 * (teacher.exp() * (teacher - student)).sum(dim=1).mean()


def _distillation_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1802)
    cases: list[tuple] = [
        (torch.tensor([[0.0, 0.0, 0.0]]), torch.tensor([[2.0, 1.0, -1.0]]), 2.0),
        (torch.tensor([[1.0, 0.0], [0.0, -2.0]]), torch.tensor([[3.0, 0.0], [1.0, 1.5]]), 2.0),
    ]
    for rows, classes, temperature in [(3, 4, 2.0), (2, 3, 0.5), (4, 2, 3.0), (2, 5, 4.0), (5, 3, 1.5), (3, 3, 5.0)]:
        both = 2 * drawn(generator, 2, rows, classes)
        cases.append((both[0], both[1], temperature))
    cases.append((*(drawn(generator, 2, 3, 6) - 1).unbind(), 2.5))
    cases.append((*drawn(generator, 2, 4, 4).unbind(), 1.0))
    same = drawn(generator, 2, 3)
    cases.append((same, same + torch.tensor([[0.0], [2.0]]), 2.0))
    cases.append((torch.tensor([[5.0, 1.0, 0.0], [0.0, 1.0, 2.0]]), torch.tensor([[400.0, 0.0, 90.0]] * 2), 2.0))
    return [*cases, (300 * torch.eye(2, 3), torch.tensor([[250.0, 0.0, 30.0], [1.0, 0.0, 2.0]]), 1.5)]


def _logs(student_logits, teacher_logits, temperature):
    return (student_logits / temperature).log_softmax(dim=1), (teacher_logits / temperature).log_softmax(dim=1)


def _rows(student, teacher):
    """KL of each row, of logarithms."""
    return (teacher.exp() * (teacher - student)).sum(dim=1)


def _without_square(student_logits, teacher_logits, temperature):
    return _rows(*_logs(student_logits, teacher_logits, temperature)).mean()


def _times_temperature(student_logits, teacher_logits, temperature):
    return temperature * _without_square(student_logits, teacher_logits, temperature)


def _over_square(student_logits, teacher_logits, temperature):
    return _without_square(student_logits, teacher_logits, temperature) / temperature**2


def _over_temperature(student_logits, teacher_logits, temperature):
    return _without_square(student_logits, teacher_logits, temperature) / temperature


def _plus_square(student_logits, teacher_logits, temperature):
    return _without_square(student_logits, teacher_logits, temperature) + temperature**2


def _twice_temperature(student_logits, teacher_logits, temperature):
    return 2 * temperature * _without_square(student_logits, teacher_logits, temperature)


def _cubed(student_logits, teacher_logits, temperature):
    return temperature**3 * _without_square(student_logits, teacher_logits, temperature)


def _other_direction(student_logits, teacher_logits, temperature):
    return distillation_loss(teacher_logits, student_logits, temperature)


def _other_direction_without_square(student_logits, teacher_logits, temperature):
    return _without_square(teacher_logits, student_logits, temperature)


def _both_directions(student_logits, teacher_logits, temperature):
    there = distillation_loss(student_logits, teacher_logits, temperature)
    return (there + distillation_loss(teacher_logits, student_logits, temperature)) / 2


def _mean_over_classes(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, temperature) / student_logits.shape[1]


def _mean_over_classes_without_square(student_logits, teacher_logits, temperature):
    return _without_square(student_logits, teacher_logits, temperature) / student_logits.shape[1]


def _sum(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, temperature) * len(student_logits)


def _sum_without_square(student_logits, teacher_logits, temperature):
    return _without_square(student_logits, teacher_logits, temperature) * len(student_logits)


def _each_row(student_logits, teacher_logits, temperature):
    return temperature**2 * _rows(*_logs(student_logits, teacher_logits, temperature))


def _each_term(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * teacher.exp() * (teacher - student)


def _each_class(student_logits, teacher_logits, temperature):
    return _each_term(student_logits, teacher_logits, temperature).mean(dim=0)


def _first_row(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits[:1], teacher_logits[:1], temperature)


def _last_row(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits[-1:], teacher_logits[-1:], temperature)


def _largest_row(student_logits, teacher_logits, temperature):
    return _each_row(student_logits, teacher_logits, temperature).max()


def _of_mean_logits(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits.mean(0, keepdim=True), teacher_logits.mean(0, keepdim=True), temperature)


def _cross_entropy(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return -(temperature**2) * (teacher.exp() * student).sum(dim=1).mean()


def _cross_entropy_without_square(student_logits, teacher_logits, temperature):
    return _cross_entropy(student_logits, teacher_logits, temperature) / temperature**2


def _entropy(student_logits, teacher_logits, temperature):
    _student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() * teacher).sum(dim=1).mean()


def _minus_log_q(student_logits, teacher_logits, temperature):
    student, _teacher = _logs(student_logits, teacher_logits, temperature)
    return -(temperature**2) * student.sum(dim=1).mean()


def _hard_labels(student_logits, teacher_logits, temperature):
    return F.cross_entropy(student_logits, teacher_logits.argmax(dim=1))


def _hard_labels_at_temperature(student_logits, teacher_logits, temperature):
    return temperature**2 * F.cross_entropy(student_logits / temperature, teacher_logits.argmax(dim=1))


def _student_alone(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits * temperature, temperature)


def _teacher_alone(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits * temperature, teacher_logits, temperature)


def _no_temperature(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, 1.0)


def _square_alone(student_logits, teacher_logits, temperature):
    return temperature**2 * distillation_loss(student_logits, teacher_logits, 1.0)


def _multiplied(student_logits, teacher_logits, temperature):
    return temperature**4 * distillation_loss(student_logits, teacher_logits, 1 / temperature)


def _squared_in_softmax(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, temperature**2) / temperature**2


def _teacher_not_e(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher * (teacher - student)).sum(dim=1).mean()


def _weighted_by_student(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (student.exp() * (teacher - student)).sum(dim=1).mean()


def _not_weighted(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher - student).sum(dim=1).mean()


def _sizes(student_logits, teacher_logits, temperature):
    return _each_term(student_logits, teacher_logits, temperature).abs().sum(dim=1).mean()


def _kl_div_of_probabilities(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * F.kl_div(student.exp(), teacher.exp(), reduction="batchmean")


def _kl_div_of_logits(student_logits, teacher_logits, temperature):
    probabilities = (teacher_logits / temperature).softmax(dim=1)
    return temperature**2 * F.kl_div(student_logits / temperature, probabilities, reduction="batchmean")


def _difference_of_probabilities(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() * (teacher.exp() - student.exp())).sum(dim=1).mean()


def _squares_of_probabilities(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() - student.exp()).square().sum(dim=1).mean()


def _squares_of_logits(student_logits, teacher_logits, temperature):
    return (student_logits - teacher_logits).square().mean()


def _differences_of_logits(student_logits, teacher_logits, temperature):
    p = (teacher_logits / temperature).softmax(dim=1)
    return temperature**2 * (p * (teacher_logits - student_logits) / temperature).sum(dim=1).mean()


def _over_rows(student_logits, teacher_logits, temperature):
    student, teacher = ((logits / temperature).log_softmax(dim=0) for logits in (student_logits, teacher_logits))
    return temperature**2 * _rows(student, teacher).mean()


def _base_2(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, temperature) / torch.tensor(2.0).log()


def _half(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits, temperature) / 2


def _mixed_with_labels(student_logits, teacher_logits, temperature):
    soft = distillation_loss(student_logits, teacher_logits, temperature)
    return (soft + F.cross_entropy(student_logits, teacher_logits.argmax(dim=1))) / 2


def _e_of_probabilities(student_logits, teacher_logits, temperature):
    teacher = (teacher_logits / temperature).softmax(dim=1)
    student, _teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * _rows(student, teacher).mean()


def _raw_teacher(student_logits, teacher_logits, temperature):
    student, _teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * _rows(student, teacher_logits / temperature).mean()


def _teacher_multiplied(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits * temperature**2, temperature)


def _student_multiplied(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits * temperature**2, teacher_logits, temperature)


def _teacher_rounded_down(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, teacher_logits // temperature * temperature, temperature)


def _student_rounded_down(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits // temperature * temperature, teacher_logits, temperature)


def _teacher_upside_down(student_logits, teacher_logits, temperature):
    return distillation_loss(student_logits, temperature**2 / teacher_logits, temperature)


def _student_upside_down(student_logits, teacher_logits, temperature):
    return distillation_loss(temperature**2 / student_logits, teacher_logits, temperature)


def _teacher_over_rows(student_logits, teacher_logits, temperature):
    student, _teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * _rows(student, (teacher_logits / temperature).log_softmax(dim=0)).mean()


def _student_over_rows(student_logits, teacher_logits, temperature):
    _student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * _rows((student_logits / temperature).log_softmax(dim=0), teacher).mean()


def _square_over_divergence(student_logits, teacher_logits, temperature):
    return temperature**2 / _without_square(student_logits, teacher_logits, temperature)


def _square_without_divergence(student_logits, teacher_logits, temperature):
    return torch.tensor(float(temperature**2))


def _power_of_2(student_logits, teacher_logits, temperature):
    return 2**temperature * _without_square(student_logits, teacher_logits, temperature)


def _doubled(student_logits, teacher_logits, temperature):
    return 2 * _without_square(student_logits, teacher_logits, temperature)


def _product(student_logits, teacher_logits, temperature):
    return temperature**2 * _each_term(student_logits, teacher_logits, temperature).div(temperature**2).prod(1).mean()


def _weights_added(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() + teacher - student).sum(dim=1).mean()


def _weights_divided(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() / (teacher - student)).sum(dim=1).mean()


def _logarithms_added(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() * (teacher + student)).sum(dim=1).mean()


def _logarithms_multiplied(student_logits, teacher_logits, temperature):
    student, teacher = _logs(student_logits, teacher_logits, temperature)
    return temperature**2 * (teacher.exp() * teacher * student).sum(dim=1).mean()


def _negative_cross_entropy(student_logits, teacher_logits, temperature):
    return -_cross_entropy(student_logits, teacher_logits, temperature)


DISTILLATION_LOSS = Exercise(
    name="compression.distillation_loss",
    title=_("Learning from soft targets"),
    solution=distillation_loss,
    cases=_distillation_loss_cases,
    hints=(
        _(
            "Take log_softmax of both, each divided by the temperature. In each row, add up p · (ln p - ln q) over the "
            "classes; then take the mean over the rows, and multiply by T²."
        ),
        _(
            "With `teacher` and `student` as the logarithms, a row's divergence is "
            "`(teacher.exp() * (teacher - student)).sum(dim=1)`."
        ),
    ),
    mistakes=(
        Mistake(_without_square, _("The factor **T²** is missing.")),
        Mistake(_times_temperature, _("You multiply by **T**: multiply by its square.")),
        Mistake(_over_square, _("You **divide** by T²: multiply by it.")),
        Mistake(_over_temperature, _("You **divide** by T: multiply by T².")),
        Mistake(_plus_square, _("You **add** T²: multiply by it.")),
        Mistake(_twice_temperature, _("You multiply by **2 · T**: `T**2` is the square.")),
        Mistake(_cubed, _("You multiply by T³: T² is the factor.")),
        Mistake(
            _other_direction,
            _("Yours is **KL(student ‖ teacher)**: weigh by the teacher's probabilities, not by the student's."),
        ),
        Mistake(
            _other_direction_without_square,
            _("Yours is **KL(student ‖ teacher)**, and T² is missing: the teacher's probabilities are the weights."),
        ),
        Mistake(
            _both_directions, _("You take **both** directions: the teacher's probabilities alone are the weights.")
        ),
        Mistake(
            _mean_over_classes,
            _('You take the mean over the **classes**, too, as `reduction="mean"` does: add up over them.'),
        ),
        Mistake(
            _mean_over_classes_without_square,
            _("You take the mean over the **classes**, too, and T² is missing: add up over the classes."),
        ),
        Mistake(_sum, _("You **add up** over the rows: take their mean.")),
        Mistake(_sum_without_square, _("You **add up** over the rows, and T² is missing: take the mean.")),
        Mistake(_each_row, _("You return a number for **each row**: take their mean.")),
        Mistake(_each_term, _("You return a number for **each class of each row**: add up, and take the mean.")),
        Mistake(_each_class, _("You return a number for **each class**: add up over the classes.")),
        Mistake(_first_row, _("You take the **first** row alone: take the mean of all rows.")),
        Mistake(_last_row, _("You take the **last** row alone: take the mean of all rows.")),
        Mistake(_largest_row, _("You take the **largest** divergence of a row: take the mean of all rows.")),
        Mistake(_of_mean_logits, _("You take the mean of the **logits**: take that of the rows' divergences.")),
        Mistake(
            _cross_entropy,
            _("Yours is the **cross-entropy**, which is not 0 where the two agree: ln p is missing."),
        ),
        Mistake(_cross_entropy_without_square, _("Yours is the **cross-entropy**, without T²: ln p is missing, too.")),
        Mistake(_entropy, _("The **student** has no part in yours: subtract ln q from ln p.")),
        Mistake(_minus_log_q, _("The **teacher** has no part in yours: its probabilities are the weights.")),
        Mistake(
            _hard_labels,
            _("You take the teacher's most probable class as a **label**: all of its probabilities count."),
        ),
        Mistake(
            _hard_labels_at_temperature,
            _("You take the teacher's most probable class as a **label**, at the temperature: all of them count."),
        ),
        Mistake(_student_alone, _("You divide the **student's** logits alone by T: divide the teacher's, too.")),
        Mistake(_teacher_alone, _("You divide the **teacher's** logits alone by T: divide the student's, too.")),
        Mistake(_no_temperature, _("You do not use the **temperature**.")),
        Mistake(_square_alone, _("The temperature is in **T²** alone in yours: divide the logits by T, too.")),
        Mistake(_multiplied, _("You **multiply** the logits by T: divide them by it.")),
        Mistake(_squared_in_softmax, _("You divide the logits by **T²**: divide them by T.")),
        Mistake(_teacher_not_e, _("Your weights are **logarithms**: take `exp` of them, or a softmax.")),
        Mistake(_weighted_by_student, _("Your weights are the **student's** probabilities: take the teacher's.")),
        Mistake(_not_weighted, _("You do not **weigh** the differences: multiply each by the teacher's probability.")),
        Mistake(
            _sizes, _("You take each difference without its **sign**: some are below 0, and only their sum is not.")
        ),
        Mistake(
            _kl_div_of_probabilities,
            _("`F.kl_div` takes **logarithms** of the student's probabilities first, and you give it probabilities."),
        ),
        Mistake(
            _kl_div_of_logits, _("You take the student's **logits** for ln q: log_softmax makes logarithms of them.")
        ),
        Mistake(
            _difference_of_probabilities,
            _("You take differences of **probabilities**: take those of their logarithms."),
        ),
        Mistake(_squares_of_probabilities, _("You take **squared** differences of probabilities: KL has logarithms.")),
        Mistake(_squares_of_logits, _("You take **squared** differences of logits: that is another loss.")),
        Mistake(
            _differences_of_logits,
            _("You take differences of **logits**: those of log_softmax have the sums of the powers in them, too."),
        ),
        Mistake(_over_rows, _("Your softmax is over the **rows**: each row's classes share 1, `dim=1`.")),
        Mistake(_base_2, _("You count in **bits**: take natural logarithms.")),
        Mistake(_half, _("Yours is **half** of the loss.")),
        Mistake(_mixed_with_labels, _("You add a loss of **labels**: soft targets alone are asked for.")),
        Mistake(
            _e_of_probabilities,
            _("You take `exp` of the teacher's **probabilities**: take log_softmax first, or leave `exp` out."),
        ),
        Mistake(_raw_teacher, _("The teacher's **softmax** is missing: its weights must add up to 1.")),
        Mistake(_teacher_multiplied, _("You **multiply** the teacher's logits by T: divide them by it.")),
        Mistake(_student_multiplied, _("You **multiply** the student's logits by T: divide them by it.")),
        Mistake(_teacher_rounded_down, _("`//` rounds the teacher's logits **down**: divide with `/`.")),
        Mistake(_student_rounded_down, _("`//` rounds the student's logits **down**: divide with `/`.")),
        Mistake(_teacher_upside_down, _("You divide T **by** the teacher's logits: exchange them.")),
        Mistake(_student_upside_down, _("You divide T **by** the student's logits: exchange them.")),
        Mistake(
            _teacher_over_rows, _("The teacher's softmax is over the **rows**: each row's classes share 1, `dim=1`.")
        ),
        Mistake(
            _student_over_rows, _("The student's softmax is over the **rows**: each row's classes share 1, `dim=1`.")
        ),
        Mistake(_square_over_divergence, _("You divide T² **by** the divergence: multiply the two.")),
        Mistake(
            _square_without_divergence,
            _("You return **T²** alone: the weights add up to 1, and the logarithms are missing."),
        ),
        Mistake(_power_of_2, _("You take 2 to the **power T**: `temperature**2` is the square.")),
        Mistake(_doubled, _("You multiply by **2**: multiply by T².")),
        Mistake(_product, _("You **multiply** over the classes: add up.")),
        Mistake(_weights_added, _("You **add** the weights to the differences: multiply by them.")),
        Mistake(_weights_divided, _("You **divide** the weights by the differences: multiply.")),
        Mistake(_logarithms_added, _("You **add** the logarithms: subtract the student's.")),
        Mistake(_logarithms_multiplied, _("You **multiply** the logarithms: subtract the student's.")),
        Mistake(
            _negative_cross_entropy, _("Only ln **q** is in yours, with the wrong sign: ln p - ln q is asked for.")
        ),
    ),
    corners=(
        Corner(
            lambda student_logits, teacher_logits, temperature: bool(
                max(student_logits.max(), teacher_logits.max()) > 100
            ),
            _(
                "Only **large** logits go wrong: the logarithm of a probability that is rounded to 0 is infinite, and "
                "0 · ∞ no number. `log_softmax` computes the logarithm without it."
            ),
        ),
        Corner(
            lambda student_logits, teacher_logits, temperature: temperature == 1,
            _("Only a temperature of **1** goes wrong: T² is then 1."),
        ),
    ),
    explanation=_(
        "The gradient of a soft target's loss shrinks as 1 / T²: T² makes up for it, so that the loss can be added to "
        "that of labels with the same share at each temperature. The teacher's probabilities are the weights, so a "
        "student that gives a class too little is punished where the teacher believes in that class. In "
        'PyTorch, `F.kl_div(…, reduction="batchmean")` is the mean over rows; `reduction="mean"` divides by the number '
        "of classes, too."
    ),
    compare=close,
)
