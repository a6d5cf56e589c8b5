"""Exercises on writing: the greedy loop, and one step of beam search."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def greedy(chances: dict[str, dict[str, float]], max_length: int) -> list[str]:
    """What a small decoder outputs when it takes the most probable symbol at every step.

    The decoder's whole state is the symbol that it read last: `chances[last]` gives the
    probabilities of the next. It begins with `<s>` and ends with `</s>`, or after `max_length`
    symbols. Neither special token is in the answer.

    >>> chances = {"<s>": {"K": 0.9, "S": 0.1}, "K": {"AE": 0.6, "</s>": 0.4}, "AE": {"</s>": 1.0}}
    >>> greedy(chances, 10)
    ['K', 'AE']
    """
    written, last = [], "<s>"
    while len(written) < max_length:
        last = max(chances[last], key=chances[last].get)
        if last == "</s>":
            break
        written.append(last)
    return written


def _chances(generator: random.Random, symbols: str) -> dict[str, dict[str, float]]:
    table = {}
    for last in ("<s>", *symbols.split()):
        following = generator.sample([*symbols.split(), "</s>"], len(symbols.split()) + 1)
        weights = {symbol: generator.random() for symbol in following}
        table[last] = {symbol: round(weight / sum(weights.values()), 3) for symbol, weight in weights.items()}
    return table


def _greedy_cases() -> list[tuple]:
    small = {"<s>": {"K": 0.9, "S": 0.1}, "K": {"AE": 0.6, "</s>": 0.4}, "AE": {"</s>": 1.0}, "S": {"</s>": 1.0}}
    long = {
        "<s>": {"T": 0.4, "S": 0.6},
        "S": {"</s>": 0.2, "T": 0.8},
        "T": {"</s>": 0.3, "R": 0.7},
        "R": {"AE": 0.4, "EY": 0.6},
        "EY": {"</s>": 0.4, "N": 0.6},
        "N": {"</s>": 0.9, "S": 0.1},
        "AE": {"N": 0.9, "</s>": 0.1},
    }
    around = {"<s>": {"AH": 0.8, "</s>": 0.2}, "AH": {"N": 0.7, "</s>": 0.3}, "N": {"AH": 0.9, "</s>": 0.1}}
    silent = {"<s>": {"</s>": 0.9, "AH": 0.1}, "AH": {"</s>": 1.0}}
    cases = [(small, 10), (small, 1), (long, 10), (long, 2), (long, 3), (long, 1), (silent, 5)]
    generator = random.Random(1)
    cases += [(_chances(generator, "K AE S IY"), length) for length in (4, 5, 6, 8, 6)]
    return [*cases, (around, 6), (around, 3), (small, 0)]


def _with_the_end(chances, max_length):
    written, last = [], "<s>"
    while last != "</s>" and len(written) < max_length:
        last = max(chances[last], key=chances[last].get)
        written.append(last)
    return written


def _state_stays(chances, max_length):
    best = max(chances["<s>"], key=chances["<s>"].get)
    return [] if best == "</s>" else [best] * max_length


def _one_too_many(chances, max_length):
    return greedy(chances, max_length + 1)


def _one_too_few(chances, max_length):
    return greedy(chances, max(max_length - 1, 0))


def _without_limit(chances, max_length):
    return greedy(chances, 1000)


def _with_the_beginning(chances, max_length):
    return ["<s>", *greedy(chances, max_length)]


def _with_the_beginning_counted(chances, max_length):
    return ["<s>", *greedy(chances, max_length - 1)]


def _chosen_by(choose, stop=lambda last, best: best == "</s>"):
    """The mistake of another choice: `choose` gives the next symbol from the probabilities, `stop` ends the loop."""

    def wrong(chances, max_length):
        written, last = [], "<s>"
        while len(written) < max_length:
            best = choose(chances[last])
            if stop(chances[last], best):
                break
            written.append(best)
            last = best
        return written

    return wrong


def _least_probable(chances, max_length):
    return _chosen_by(lambda following: min(following, key=following.get))(chances, max_length)


def _last_of_the_alphabet(chances, max_length):
    return _chosen_by(max)(chances, max_length)


def _first_named(chances, max_length):
    return _chosen_by(lambda following: next(iter(following)))(chances, max_length)


def _second_best(chances, max_length):
    return _chosen_by(lambda following: sorted(following, key=following.get)[-2:][0])(chances, max_length)


def _probable_enough(chances, max_length):
    return _chosen_by(lambda following: next((s for s in following if following[s] > 0.5), "</s>"))(chances, max_length)


def _stops_when_it_may(chances, max_length):
    return _chosen_by(lambda following: max(following, key=following.get), lambda following, best: "</s>" in following)(
        chances, max_length
    )


def _best_besides_the_end(following):
    return max((symbol for symbol in following if symbol != "</s>"), key=following.get, default="</s>")


def _ends_only_if_it_must(chances, max_length):
    return _chosen_by(_best_besides_the_end)(chances, max_length)


def _ends_above_a_half(chances, max_length):
    return _chosen_by(_best_besides_the_end, lambda following, best: following.get("</s>", 0) >= 0.5)(
        chances, max_length
    )


def _stops_at_a_repeat(chances, max_length):
    return list(dict.fromkeys(greedy(chances, max_length)))


def _the_most_probable_whole(chances, max_length):
    ended, unfinished = (0.0, []), {"<s>": (1.0, [])}
    for _step in range(max_length):
        continued = {}
        for last, (chance, written) in unfinished.items():
            for symbol, more in chances[last].items():
                if symbol == "</s>":
                    ended = max(ended, (chance * more, written))
                else:
                    continued[symbol] = max(continued.get(symbol, (0.0, [])), (chance * more, [*written, symbol]))
        unfinished = continued
    return max([ended, *unfinished.values()])[1]


def _first_alone(chances, max_length):
    return greedy(chances, 1)


def _nothing_when_cut(chances, max_length):
    written = greedy(chances, max_length)
    return written if greedy(chances, max_length + 1) == written else []


def _filled_up(chances, max_length):
    written = greedy(chances, max_length)
    return written + ["</s>"] * (max_length - len(written))


def _in_letters(chances, max_length):
    return list("".join(greedy(chances, max_length)))


def _chances_written(chances, max_length):
    written = greedy(chances, max_length)
    return [chances[last][symbol] for last, symbol in zip(["<s>", *written], written, strict=False)]


def _with_chances(chances, max_length):
    return list(zip(greedy(chances, max_length), _chances_written(chances, max_length), strict=True))


GREEDY = Exercise(
    name="seq2seq.greedy",
    title=_("Decode greedily"),
    solution=greedy,
    cases=_greedy_cases,
    hints=(
        _("Two things change from step to step: what has been decoded so far, and the symbol that was read last."),
        _(
            "`max(chances[last], key=chances[last].get)` is the most probable next symbol. Look at it before you "
            "append it."
        ),
    ),
    mistakes=(
        Mistake(
            _with_the_end,
            _("`</s>` is in your answer. It is a special symbol that says stop, not a symbol of the output."),
        ),
        Mistake(
            _state_stays,
            _(
                "You output the same symbol again and again: the decoder never reads its own output. "
                "Each step starts from the symbol that was decoded **last**."
            ),
        ),
        Mistake(
            _without_limit,
            _(
                "You go on until `</s>`, however long that takes, and do not look at `max_length`. "
                "Some decoders never reach their end: after `max_length` symbols, stop."
            ),
        ),
        Mistake(
            _one_too_many, _("Your loop goes on for one symbol too many: at most `max_length` symbols are decoded.")
        ),
        Mistake(
            _one_too_few,
            _("Your loop stops one symbol too early: `max_length` symbols may be decoded, and `<s>` is not one."),
        ),
        Mistake(_with_the_beginning, _("`<s>` is in your answer. The decoder reads it, but never outputs it.")),
        Mistake(
            _with_the_beginning_counted,
            _("`<s>` is in your answer and counts towards `max_length`. Only the output is in it, and counts."),
        ),
        Mistake(_least_probable, _("You take the **least** probable symbol at every step.")),
        Mistake(
            _last_of_the_alphabet,
            _(
                "`max` of a dictionary compares its **keys**, and you get the last symbol of the alphabet. "
                "Compare their probabilities: `key=chances[last].get`."
            ),
        ),
        Mistake(
            _first_named,
            _("You take the symbol that the dictionary names **first**. The most probable one may be anywhere in it."),
        ),
        Mistake(_second_best, _("You take the **second** best symbol where there is one. Greedy takes the best.")),
        Mistake(
            _probable_enough,
            _(
                "You ask for a probability above one half. The **most probable** one may have less, with many to "
                "choose from."
            ),
        ),
        Mistake(
            _stops_when_it_may,
            _("You stop as soon as `</s>` is **possible**. Stop when it is the most probable of all."),
        ),
        Mistake(
            _ends_only_if_it_must,
            _(
                "You never **choose** `</s>`. It takes part like any symbol: when it is the most probable, the "
                "output ends."
            ),
        ),
        Mistake(
            _ends_above_a_half,
            _("You wait until `</s>` has one half. The output ends as soon as `</s>` is the **most probable** of all."),
        ),
        Mistake(
            _stops_at_a_repeat,
            _("You stop at, or leave out, a symbol that is there already. An output may hold a symbol **twice**."),
        ),
        Mistake(
            _the_most_probable_whole,
            _(
                "You look for the most probable output as a **whole**. Greedy search takes the most probable symbol "
                "at each step and never looks ahead; that it may miss the best is its weakness, and the next exercise."
            ),
        ),
        Mistake(
            _first_alone,
            _("You stop after the **first** symbol. Is there a `return` inside the loop?"),
        ),
        Mistake(
            _nothing_when_cut,
            _("You return nothing when `max_length` is reached. Return what has been decoded **so far**."),
        ),
        Mistake(
            _filled_up,
            _("You fill the answer up to `max_length`. It ends before `</s>`, however short it is."),
        ),
        Mistake(
            _in_letters,
            _("Your symbols have come apart into letters. Use `append`: `+=` and `extend` add a string's letters."),
        ),
        Mistake(
            _chances_written,
            _("You return the **probabilities** of the symbols. The answer is the symbols themselves."),
        ),
        Mistake(
            _with_chances,
            _("You return each symbol with its probability. The answer is a list of the symbols **alone**."),
        ),
    ),
    corners=(
        Corner(
            lambda chances, max_length: max_length == 0,
            _("Only a `max_length` of **0** goes wrong. Then nothing is decoded."),
        ),
        Corner(
            lambda chances, max_length: greedy(chances, max_length + 1) != greedy(chances, max_length),
            _("Only outputs that are **cut** at `max_length` go wrong. What then is the answer?"),
        ),
        Corner(
            lambda chances, max_length: greedy(chances, max_length + 1) == greedy(chances, max_length),
            _("Only outputs that **end** before `max_length` go wrong. `</s>` ends them, and is not in the answer."),
        ),
        Corner(
            lambda chances, max_length: len(set(greedy(chances, max_length))) < len(greedy(chances, max_length)),
            _("Only outputs go wrong that hold a symbol **twice**."),
        ),
    ),
    explanation=_(
        "This is the loop of `course.decoding.search.greedy_search`; there the state is a network's, and a whole "
        "batch goes through it at once. A decoder that never finds its end is cut at the greatest length."
    ),
)


def beam_step(
    beam: list[tuple[tuple[str, ...], float]],
    log_probabilities: list[dict[str, float]],
    size: int,
) -> list[tuple[tuple[str, ...], float]]:
    """One step of beam search: the `size` best continuations of all in the beam, best first.

    `beam` holds outputs with their log-probabilities; `log_probabilities[i]` gives those of each
    symbol that may come next in output `i`. An output's log-probability is the sum of its symbols'.

    >>> beam = [(("K",), -0.5), (("S",), -1.0)]
    >>> beam_step(beam, [{"AE": -1.0, "AA": -2.0}, {"AE": -0.25, "AA": -3.0}], 2)
    [(('S', 'AE'), -1.25), (('K', 'AE'), -1.5)]
    """
    continued = [
        ((*output, symbol), total + log_probability)
        for (output, total), following in zip(beam, log_probabilities, strict=True)
        for symbol, log_probability in following.items()
    ]
    return sorted(continued, key=lambda one: -one[1])[:size]


def _beam_step_cases() -> list[tuple]:
    beam = [(("K",), -0.5), (("S",), -1.0)]
    cases: list[tuple] = [
        (beam, [{"AE": -1.0, "AA": -2.0}, {"AE": -0.25, "AA": -3.0}], 2),
        (beam, [{"AE": -0.1, "AA": -0.2}, {"AE": -0.75, "AA": -2.0}], 2),
        (beam, [{"AE": -1.5, "AA": -1.75}, {"AE": -0.125, "AA": -0.25}], 3),
        ([((), 0.0)], [{"K": -0.25, "S": -1.5, "TH": -3.0}], 2),
        ([(("TH", "R"), -1.25), (("T", "R"), -0.5)], [{"UW": -0.5, "OW": -2.5}, {"UW": -1.0, "OW": -4.0}], 1),
        ([(("AH",), -0.75)], [{"N": -1.0, "T": -0.5}], 4),
        ([(("K", "AE"), -0.5), (("K", "AH"), -0.75)], [{"T": -0.25, "S": -3.0}, {"T": -0.125, "P": -2.5}], 2),
    ]
    generator = random.Random(7)
    for size in (2, 3, 4, 2, 3):
        outputs = [(*generator.choices(["K", "AE", "T"], k=3), sound) for sound in ["IY", "S", "N", "OW"][:size]]
        following = []
        for _output in outputs:
            weights = {symbol: generator.random() ** 3 for symbol in generator.sample(["K", "AE", "T", "S", "IY"], 3)}
            total = sum(weights.values())
            following.append({symbol: round(math.log(weight / total), 3) for symbol, weight in weights.items()})
        totals = [-round(generator.uniform(0.5, 3), 3) for _output in outputs]
        cases.append((list(zip(outputs, totals, strict=True)), following, size))
    return cases


def _ranked(continued, size=None):
    """Continuations, the most probable first, the first `size` of them."""
    return sorted(continued, key=lambda one: -one[1])[:size]


def _continued_by(continuation):
    """The mistake of other continuations: made from output, its total, the symbol and the symbol's log-probability."""

    def wrong(beam, log_probabilities, size):
        continued = [
            continuation(output, total, symbol, more)
            for (output, total), following in zip(beam, log_probabilities, strict=True)
            for symbol, more in following.items()
        ]
        return _ranked(continued, size)

    return wrong


def _every(beam, log_probabilities):
    """All continuations, in the order in which they are made."""
    return [one for each in zip(beam, log_probabilities, strict=True) for one in _of_one(*each)]


def _of_one(output, following):
    return [((*output[0], symbol), output[1] + more) for symbol, more in following.items()]


def _best_of_each(beam, log_probabilities, size):
    best = [_ranked(_of_one(*each), 1)[0] for each in zip(beam, log_probabilities, strict=True)]
    return _ranked(best, size)


def _best_of_each_unsorted(beam, log_probabilities, size):
    return [_ranked(_of_one(*each), 1)[0] for each in zip(beam, log_probabilities, strict=True)][:size]


def _size_of_each(beam, log_probabilities, size):
    return [one for each in zip(beam, log_probabilities, strict=True) for one in _ranked(_of_one(*each), size)]


def _forgets_the_past(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((*output, symbol), more))(beam, log_probabilities, size)


def _keeps_the_past_alone(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((*output, symbol), total))(beam, log_probabilities, size)


def _ranks_by_the_last_symbol(beam, log_probabilities, size):
    gains = [more for following in log_probabilities for more in following.values()]
    ranked = sorted(zip(gains, _every(beam, log_probabilities), strict=True), key=lambda pair: -pair[0])
    return [one for _gain, one in ranked][:size]


def _multiplied(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((*output, symbol), total * more))(
        beam, log_probabilities, size
    )


def _probabilities(beam, log_probabilities, size):
    return [(output, math.exp(total)) for output, total in beam_step(beam, log_probabilities, size)]


def _without_the_sign(beam, log_probabilities, size):
    return [(output, -total) for output, total in beam_step(beam, log_probabilities, size)]


def _divided_by_the_length(beam, log_probabilities, size):
    return _ranked([(output, total / len(output)) for output, total in _every(beam, log_probabilities)], size)


def _new_symbol_alone(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((symbol,), total + more))(beam, log_probabilities, size)


def _old_output_alone(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: (output, total + more))(beam, log_probabilities, size)


def _symbol_in_front(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((symbol, *output), total + more))(
        beam, log_probabilities, size
    )


def _output_in_output(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((output, symbol), total + more))(
        beam, log_probabilities, size
    )


def _symbol_in_letters(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: ((*output, *symbol), total + more))(
        beam, log_probabilities, size
    )


def _worst_first(beam, log_probabilities, size):
    return _ranked(_every(beam, log_probabilities))[::-1][:size]


def _not_ranked(beam, log_probabilities, size):
    return _every(beam, log_probabilities)[:size]


def _neither_ranked_nor_cut(beam, log_probabilities, size):
    return _every(beam, log_probabilities)


def _by_the_alphabet(beam, log_probabilities, size):
    return sorted(_every(beam, log_probabilities))[:size]


def _by_the_alphabet_from_its_end(beam, log_probabilities, size):
    return sorted(_every(beam, log_probabilities), reverse=True)[:size]


def _all_of_the_best(beam, log_probabilities, size):
    best = max(range(len(beam)), key=lambda i: beam[i][1])
    return _ranked(_of_one(beam[best], log_probabilities[best]), size)


def _all_of_the_first(beam, log_probabilities, size):
    return _ranked(_of_one(beam[0], log_probabilities[0]), size)


def _all_of_the_last(beam, log_probabilities, size):
    return _ranked(_of_one(beam[-1], log_probabilities[-1]), size)


def _first_probabilities_for_all(beam, log_probabilities, size):
    return beam_step(beam, log_probabilities[:1] * len(beam), size)


def _all_with_all(beam, log_probabilities, size):
    return _ranked([one for output in beam for following in log_probabilities for one in _of_one(output, following)])[
        :size
    ]


def _each_symbol_once(beam, log_probabilities, size):
    best = {}
    for output, total in _ranked(_every(beam, log_probabilities)):
        best.setdefault(output[-1], (output, total))
    return list(best.values())[:size]


def _overwritten(beam, log_probabilities, size):
    return _ranked({output[-1]: (output, total) for output, total in _every(beam, log_probabilities)}.values(), size)


def _beam_competes(beam, log_probabilities, size):
    return _ranked([*beam, *_every(beam, log_probabilities)], size)


def _as_many_as_before(beam, log_probabilities, size):
    return beam_step(beam, log_probabilities, len(beam))


def _strings(beam, log_probabilities, size):
    return [(" ".join(output), total) for output, total in beam_step(beam, log_probabilities, size)]


def _new_symbol_as_text(beam, log_probabilities, size):
    return _continued_by(lambda output, total, symbol, more: (symbol, total + more))(beam, log_probabilities, size)


BEAM_STEP = Exercise(
    name="seq2seq.beam_step",
    title=_("One step of beam search"),
    solution=beam_step,
    cases=_beam_step_cases,
    hints=(
        _("First make **all** continuations, each output with each symbol, then choose among all of them together."),
        _("A continuation's log-probability is the output's plus the symbol's. Sort by it and keep the first `size`."),
    ),
    mistakes=(
        Mistake(
            _best_of_each,
            _(
                "You keep the best continuation of **each** output. The outputs compete: a good one may keep two "
                "continuations, a poor one none."
            ),
        ),
        Mistake(
            _best_of_each_unsorted,
            _(
                "You keep the best continuation of **each** output, in the beam's order. Choose among all "
                "continuations of all outputs, and put the best first."
            ),
        ),
        Mistake(
            _size_of_each,
            _("You keep the `size` best of **each** output. The beam would grow at every step: `size` in all."),
        ),
        Mistake(
            _forgets_the_past,
            _("You rank by the last symbol alone. Add the output's own log-probability: a beam ranks whole outputs."),
        ),
        Mistake(
            _keeps_the_past_alone,
            _("Your totals are those of the beam. Add the log-probability of the **new** symbol to each."),
        ),
        Mistake(
            _ranks_by_the_last_symbol,
            _("Your totals are right, but you **rank** by the last symbol's log-probability. Rank by the total."),
        ),
        Mistake(
            _multiplied,
            _("You multiply log-probabilities. Probabilities are multiplied, and their logarithms **added**."),
        ),
        Mistake(
            _probabilities,
            _("You return probabilities. They become too small for a computer soon: stay with **log**-probabilities."),
        ),
        Mistake(
            _without_the_sign,
            _("Your totals are positive. A log-probability is at most 0, and its sign belongs to it."),
        ),
        Mistake(
            _divided_by_the_length,
            _(
                "You divide by the number of symbols. That is a good way to compare outputs of different lengths; "
                "here the answer is the plain **sum**."
            ),
        ),
        Mistake(
            _new_symbol_alone,
            _("Your outputs are the new symbol alone. Append it to the output: `(*output, symbol)`."),
        ),
        Mistake(_old_output_alone, _("Your outputs lack the **new** symbol: `(*output, symbol)`.")),
        Mistake(_symbol_in_front, _("You put the new symbol in **front**. It comes after those of the output.")),
        Mistake(
            _output_in_output,
            _("You put the old output **as one item** into the new one. Its symbols go in one by one: `*output`."),
        ),
        Mistake(
            _symbol_in_letters,
            _("Your symbols have come apart into letters: `tuple(symbol)` and `*symbol` do that. Write `(symbol,)`."),
        ),
        Mistake(
            _worst_first,
            _("You keep the least probable. Log-probabilities are negative, and the one nearest to 0 is the best."),
        ),
        Mistake(
            _not_ranked,
            _("You keep the **first** continuations, whichever they are. Sort them by log-probability before the cut."),
        ),
        Mistake(
            _neither_ranked_nor_cut,
            _("You return **all** continuations, as they were made. Sort them, best first, and keep `size` of them."),
        ),
        Mistake(
            _by_the_alphabet,
            _(
                "You sort the pairs as they are, which is by their **symbols**, from A to Z. "
                "Sort by the log-probability, the second of each pair."
            ),
        ),
        Mistake(
            _by_the_alphabet_from_its_end,
            _(
                "You sort the pairs as they are, which is by their **symbols**, from Z to A. "
                "Sort by the log-probability, the second of each pair."
            ),
        ),
        Mistake(
            _all_of_the_best,
            _("You continue the best output only: that is greedy search with spare answers. Continue all of them."),
        ),
        Mistake(_all_of_the_first, _("You continue the **first** output only. Continue all of them.")),
        Mistake(_all_of_the_last, _("You continue the **last** output only. Continue all of them.")),
        Mistake(
            _first_probabilities_for_all,
            _("You continue every output by the **first** one's probabilities. Output `i` has its own, at `i`."),
        ),
        Mistake(
            _all_with_all,
            _("You continue every output by the probabilities of **every** output. Go through both lists together."),
        ),
        Mistake(
            _each_symbol_once,
            _("You keep only one output for each last symbol. Two outputs may end **alike**."),
        ),
        Mistake(
            _overwritten,
            _(
                "Outputs that end in the same symbol **overwrite** each other: the symbol alone cannot be a key of a "
                "dictionary."
            ),
        ),
        Mistake(
            _beam_competes,
            _("The old outputs compete with their continuations, and the shorter wins. Keep **continuations** only."),
        ),
        Mistake(
            _as_many_as_before,
            _("You keep as many as there **were**. `size` says how many are kept; a beam begins with one."),
        ),
        Mistake(_strings, _("Your outputs are strings. An output is a **tuple** of symbols, as in `beam`.")),
        Mistake(
            _new_symbol_as_text,
            _("Your outputs are the new symbols **alone**, as texts. An output is a tuple: `(*output, symbol)`."),
        ),
    ),
    corners=(
        Corner(
            lambda beam, log_probabilities, size: size > sum(map(len, log_probabilities)),
            _("Only a `size` that is larger than the number of continuations goes wrong. Then all of them are kept."),
        ),
        Corner(
            lambda beam, log_probabilities, size: size != len(beam),
            _("It goes wrong only where `size` is not the number of outputs in `beam`. The two may differ."),
        ),
        Corner(
            lambda beam, log_probabilities, size: beam != _ranked(beam),
            _("Only beams that do not come in with the best **first** go wrong. Look at every output's own number."),
        ),
        Corner(
            lambda beam, log_probabilities, size: len(beam) > 1,
            _("Only beams of **several** outputs go wrong. Output `i` goes on by `log_probabilities[i]`."),
        ),
    ),
    explanation=_(
        "With a size of 1 this is greedy search. `course.decoding.beam_search` does the same for a batch of sources "
        "with one `topk`, and sets outputs aside when they end."
    ),
)
