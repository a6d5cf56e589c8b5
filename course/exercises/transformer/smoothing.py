"""Exercise on label smoothing: a smoothed target."""

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def smoothed_target(right: int, vocab_size: int, smoothing: float) -> list[float]:
    """The probabilities that label smoothing asks for, when the token `right` is right.

    A share `smoothing` is spread evenly over **all** tokens, the right one included; the right
    token also gets the rest.

    >>> smoothed_target(2, vocab_size=4, smoothing=0.2)
    [0.05, 0.05, 0.8500000000000001, 0.05]
    """
    each = smoothing / vocab_size
    return [each + (1 - smoothing) * (token == right) for token in range(vocab_size)]


def _smoothed_target_cases() -> list[tuple]:
    cases = [(2, 4, 0.2), (0, 5, 0.1), (1, 2, 0.5), (3, 4, 0.0), (9, 10, 0.1), (0, 3, 0.3), (4, 8, 1.0)]
    return [*cases, (1, 6, 0.4), (3, 5, 0.25), (2, 7, 0.1), (1, 4, 0.6)]


def _target(right, vocab_size, own, other):
    return [own if token == right else other for token in range(vocab_size)]


def _only_the_others(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / (vocab_size - 1))


def _without_padding(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / max(vocab_size - 2, 1))


def _others_share_all(right, vocab_size, smoothing):
    each = smoothing / (vocab_size - 1)
    return _target(right, vocab_size, 1 - smoothing + each, each)


def _more_than_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, smoothing / vocab_size)


def _added_to_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 + smoothing / vocab_size, smoothing / vocab_size)


def _less_than_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / vocab_size)


def _one_share_less(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing / vocab_size, smoothing / vocab_size)


def _made_to_add_up(right, vocab_size, smoothing):
    target = _less_than_one(right, vocab_size, smoothing)
    return [value / sum(target) for value in target]


def _added_and_made_to_add_up(right, vocab_size, smoothing):
    target = _added_to_one(right, vocab_size, smoothing)
    return [value / sum(target) for value in target]


def _not_shared_out(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing)


def _whole_share_added(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, smoothing)


def _not_smoothed(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, 0.0)


def _nothing_for_the_others(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, 0.0)


def _others_left_out(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing + smoothing / vocab_size, 0.0)


def _even_share_alone(right, vocab_size, smoothing):
    return [smoothing / vocab_size] * vocab_size


def _all_alike(right, vocab_size, smoothing):
    return [1 / vocab_size] * vocab_size


def _shares_exchanged(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, 1 - smoothing)


def _others_get_the_rest(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing, (1 - smoothing) / (vocab_size - 1))


def _all_but_the_right(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing / vocab_size, smoothing / vocab_size + 1 - smoothing)


def _share_on_top(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing / vocab_size + smoothing, smoothing / vocab_size)


def _rest_for_everyone(right, vocab_size, smoothing):
    return [smoothing / vocab_size + 1 - smoothing] * vocab_size


def _rest_with_a_plus(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing / vocab_size + 1 + smoothing, smoothing / vocab_size)


def _rest_subtracted(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing / vocab_size - (1 - smoothing), smoothing / vocab_size)


def _usual_smoothing(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, 0.1)


def _counted_from_one(right, vocab_size, smoothing):
    return smoothed_target(right - 1, vocab_size, smoothing)


def _first_is_right(right, vocab_size, smoothing):
    return smoothed_target(0, vocab_size, smoothing)


def _last_is_right(right, vocab_size, smoothing):
    return smoothed_target(vocab_size - 1, vocab_size, smoothing)


SMOOTHED_TARGET = Exercise(
    name="transformer.smoothed_target",
    title=_("A smoothed target"),
    solution=smoothed_target,
    cases=_smoothed_target_cases,
    compare=close,
    hints=(
        _("Every token gets `smoothing / vocab_size`. The right one gets `1 - smoothing` on top."),
        _("The probabilities must add up to 1: check it on your answer."),
    ),
    mistakes=(
        Mistake(
            _only_the_others,
            _(
                "You spread the share over the **other** tokens only. That is another form of it; the paper's (and "
                "PyTorch's) shares it among all tokens, the right one included."
            ),
        ),
        Mistake(_more_than_one, _("Your probabilities add up to more than 1: the right token must give up its share.")),
        Mistake(
            _less_than_one,
            _("Your probabilities add up to less than 1: the right token has a part in the even share as well."),
        ),
        Mistake(
            _not_shared_out,
            _("You give the whole share to every token. It is shared: divide it by the size of the vocabulary."),
        ),
        Mistake(
            _without_padding,
            _(
                "You spread the share over two tokens less than there are, as a well-known tutorial does, which leaves "
                "out the right one and padding. Here **all** tokens share it."
            ),
        ),
        Mistake(
            _others_share_all,
            _(
                "You divide by the number of the other tokens and give the right one its part too: together more than "
                "1."
            ),
        ),
        Mistake(
            _added_to_one,
            _(
                "You add the even share to a full 1. The right token first gives up `smoothing`: 1 − smoothing, plus "
                "its part."
            ),
        ),
        Mistake(
            _one_share_less,
            _("The right token gives up a single share. It gives up `smoothing`, and gets one share back."),
        ),
        Mistake(
            _made_to_add_up,
            _(
                "Your probabilities add up to 1 because you divide by their sum, which changes the shares. With "
                "1 − smoothing **plus** its part of the even share for the right token, they add up by themselves."
            ),
        ),
        Mistake(
            _added_and_made_to_add_up,
            _(
                "You add the share to the one-hot vector and divide by the sum, which makes the share smaller. "
                "Multiply "
                "the one-hot vector by 1 − smoothing: then nothing has to be divided."
            ),
        ),
        Mistake(
            _whole_share_added,
            _("You add the whole share to every token. Divide it by the size of the vocabulary first."),
        ),
        Mistake(_not_smoothed, _("This is the target without smoothing, one-hot. A share of it goes to all tokens.")),
        Mistake(
            _nothing_for_the_others,
            _("The right token gives up its share, and nobody gets it. Spread it over all tokens."),
        ),
        Mistake(
            _others_left_out, _("The right token is as it should be. The others have their part of the share, too.")
        ),
        Mistake(
            _even_share_alone, _("Every token has its even share. The right one also gets the rest, 1 − smoothing.")
        ),
        Mistake(_all_alike, _("Every token gets the same from you. Only the share `smoothing` is spread evenly.")),
        Mistake(
            _shares_exchanged,
            _(
                "The shares are exchanged: `smoothing` is spread evenly, and the rest, 1 − smoothing, goes to the "
                "right token."
            ),
        ),
        Mistake(
            _others_get_the_rest,
            _("The right token gets `smoothing` and the others the rest. It is the other way round."),
        ),
        Mistake(_all_but_the_right, _("Every token but the right one gets the rest. It belongs to the right one.")),
        Mistake(
            _share_on_top,
            _("The right token gets `smoothing` on top of its even share. It gets the rest, 1 − smoothing."),
        ),
        Mistake(
            _rest_for_everyone,
            _("Every token gets the rest, 1 − smoothing, on top of the even share. Only the right one does."),
        ),
        Mistake(_rest_with_a_plus, _("You add 1 + smoothing for the right token. The rest is 1 **−** smoothing.")),
        Mistake(_rest_subtracted, _("You subtract the rest from the right token's share. It is added.")),
        Mistake(_usual_smoothing, _("Your smoothing is always 0.1, the paper's. Take the one that is handed over.")),
        Mistake(
            _counted_from_one,
            _("You count the tokens from 1, so that the rest goes to the wrong one, or to none. Ids begin with 0."),
        ),
        Mistake(_first_is_right, _("The rest always goes to token 0. It belongs to the token `right`.")),
        Mistake(_last_is_right, _("The rest always goes to the last token. It belongs to the token `right`.")),
    ),
    explanation=_(
        "The logits that fit this target best are finite: the right one is above the others by a fixed amount, and to "
        "push it further costs. With a target of 1 and 0 the best logits are infinitely far apart."
    ),
    corners=(
        Corner(
            lambda right, vocab_size, smoothing: smoothing in (0, 1),
            _(
                "Only a smoothing of 0 or of 1 goes wrong: with 0 the target is one-hot, with 1 all tokens get the "
                "same."
            ),
        ),
    ),
)
