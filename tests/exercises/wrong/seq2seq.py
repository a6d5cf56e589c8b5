"""Wrong ways to do the exercises of the lesson `seq2seq`."""

import math
from collections import Counter

import torch

from tests.exercises.wrong.collected import wrong_way


def _parts(gates):
    return gates.chunk(4, dim=-1)


@wrong_way("seq2seq.rnn_step", says="has not been through **tanh**")
def no_function_at_all(x, hidden, input_weight, hidden_weight, bias):
    return torch.nn.functional.linear(x, input_weight) + torch.nn.functional.linear(hidden, hidden_weight, bias)


@wrong_way("seq2seq.rnn_step", says="You take **sigmoid**")
def sigmoid_of_the_sum(x, hidden, input_weight, hidden_weight, bias):
    return torch.sigmoid(x @ input_weight.T + hidden @ hidden_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="**ReLU**")
def relu_of_the_sum(x, hidden, input_weight, hidden_weight, bias):
    return torch.relu(x @ input_weight.T + hidden @ hidden_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="Add everything **first**")
def tanh_twice(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + bias) + torch.tanh(hidden @ hidden_weight.T)


@wrong_way("seq2seq.rnn_step", says="The **old state** is not in your sum")
def no_memory(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="The **bias** is not in your sum")
def no_bias(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden @ hidden_weight.T)


@wrong_way("seq2seq.rnn_step", says="You add the bias **after** tanh")
def bias_last(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden @ hidden_weight.T) + bias


@wrong_way("seq2seq.rnn_step", says="**twice**")
def a_bias_for_each_product(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + bias + hidden @ hidden_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="It goes through its own matrix first")
def state_added_as_it_is(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden + bias)


@wrong_way("seq2seq.rnn_step", says="`hidden @ hidden_weight.T`")
def columns_of_the_hidden_matrix(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden @ hidden_weight + bias)


@wrong_way("seq2seq.rnn_step", says="Here the new one **replaces** it")
def residual(x, hidden, input_weight, hidden_weight, bias):
    return hidden + torch.tanh(x @ input_weight.T + hidden @ hidden_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="number by number")
def hidden_matrix_summed(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden * hidden_weight.sum(1) + bias)


@wrong_way("seq2seq.rnn_step", says="first row's old state")
def one_state_for_the_batch(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T + hidden[0] @ hidden_weight.T + bias)


@wrong_way("seq2seq.rnn_step", says="changes its input")
def overwrites_the_state(x, hidden, input_weight, hidden_weight, bias):
    hidden.copy_(torch.tanh(x @ input_weight.T + hidden @ hidden_weight.T + bias))
    return hidden


@wrong_way("seq2seq.lstm_step", says="the second is the forget gate")
def forget_gate_first(gates, cell):
    f, i, g, o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="many papers")
def in_the_order_of_the_paper(gates, cell):
    f, i, o, g = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="**sigmoid** everywhere")
def everything_through_sigmoid(gates, cell):
    i, f, g, o = _parts(gates.sigmoid())
    cell = f * cell + i * g
    return o * cell.sigmoid(), cell


@wrong_way("seq2seq.lstm_step", says="gates go through **tanh**")
def everything_through_tanh(gates, cell):
    i, f, g, o = _parts(gates.tanh())
    cell = f * cell + i * g
    return o * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="**candidate** has no limits")
def candidate_not_squashed(gates, cell):
    i, f, g, o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="shows the cell as it is")
def hidden_without_tanh(gates, cell):
    i, f, g, o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell, cell


@wrong_way("seq2seq.lstm_step", says="show the whole cell")
def output_gate_forgotten(gates, cell):
    i, f, g, _o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="has been through **tanh**")
def cell_through_tanh(gates, cell):
    i, f, g, o = _parts(gates)
    cell = (f.sigmoid() * cell + i.sigmoid() * g.tanh()).tanh()
    return o.sigmoid() * cell, cell


@wrong_way("seq2seq.lstm_step", says="shows the **old** one")
def old_cell_shown(gates, cell):
    i, f, g, o = _parts(gates)
    new = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), new


@wrong_way("seq2seq.lstm_step", says="other order")
def cell_then_hidden(gates, cell):
    i, f, g, o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return cell, o.sigmoid() * cell.tanh()


@wrong_way("seq2seq.lstm_step", says="only one of 2 results")
def only_hidden(gates, cell):
    i, f, g, o = _parts(gates)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh()


@wrong_way("seq2seq.lstm_step", says="LSTM of 1997")
def forget_gate_forgotten(gates, cell):
    i, _f, g, o = _parts(gates)
    cell = cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="as a GRU does")
def gates_coupled_as_in_a_gru(gates, cell):
    _i, f, g, o = _parts(gates)
    f = f.sigmoid()
    cell = f * cell + (1 - f) * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="every fourth number")
def gates_interleaved(gates, cell):
    i, f, g, o = gates.reshape(*cell.shape, 4).unbind(dim=-1)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="rows of the batch get mixed")
def rows_mixed_by_view(gates, cell):
    i, f, g, o = gates.view(4, *cell.shape)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="unpack")
def cut_along_the_batch(gates, cell):
    i, f, g, o = gates.chunk(4, dim=0)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="Only **batches**")
def same_cell_for_all_rows(gates, cell):
    i, f, g, o = _parts(gates)
    cell = f.sigmoid() * cell[0] + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.lstm_step", says="changes its input")
def changes_the_old_cell(gates, cell):
    i, f, g, o = _parts(gates)
    cell *= f.sigmoid()
    cell += i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


def _fill(rows, pad_id, length):
    return [row + [pad_id] * (length - len(row)) for row in rows]


def _longest(rows):
    return max(map(len, rows))


def _mask(rows, length):
    return [[place < len(row) for place in range(length)] for row in rows]


@wrong_way("seq2seq.pad_batch", says="comparing with `pad_id`")
def mask_from_the_pad_id(rows, pad_id):
    table = _fill(rows, pad_id, _longest(rows))
    return table, [[token != pad_id for token in row] for row in table]


@wrong_way("seq2seq.pad_batch", says="keeps id 0 for nothing but padding")
def mask_from_the_pad_id_in_torch(rows, pad_id):
    from torch.nn.utils.rnn import pad_sequence

    table = pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=pad_id)
    return table, table != pad_id


@wrong_way("seq2seq.pad_batch", says="not **0** for a token")
def mask_from_truth(rows, pad_id):
    table = _fill(rows, pad_id, _longest(rows))
    return table, [[bool(token) for token in row] for row in table]


@wrong_way("seq2seq.pad_batch", says="True on the **padding**")
def mask_inverted(rows, pad_id):
    length = _longest(rows)
    return _fill(rows, pad_id, length), [[place >= len(row) for place in range(length)] for row in rows]


@wrong_way("seq2seq.pad_batch", says="True **everywhere**")
def mask_all_true(rows, pad_id):
    table = _fill(rows, pad_id, _longest(rows))
    return table, [[True] * len(row) for row in table]


@wrong_way("seq2seq.pad_batch", says="one position too many")
def mask_one_too_long(rows, pad_id):
    length = _longest(rows)
    return _fill(rows, pad_id, length), [[place <= len(row) for place in range(length)] for row in rows]


@wrong_way("seq2seq.pad_batch", says="**last token**")
def mask_one_too_short(rows, pad_id):
    length = _longest(rows)
    return _fill(rows, pad_id, length), [[place < len(row) - 1 for place in range(length)] for row in rows]


@wrong_way("seq2seq.pad_batch", says="**lengths** of the rows")
def mask_is_the_lengths(rows, pad_id):
    return _fill(rows, pad_id, _longest(rows)), [len(row) for row in rows]


@wrong_way("seq2seq.pad_batch", says="other order")
def mask_then_table(rows, pad_id):
    length = _longest(rows)
    return _mask(rows, length), _fill(rows, pad_id, length)


@wrong_way("seq2seq.pad_batch", says="only one of 2 results")
def table_alone(rows, pad_id):
    return _fill(rows, pad_id, _longest(rows))


@wrong_way("seq2seq.pad_batch", says="**in front**")
def padded_in_front(rows, pad_id):
    length = _longest(rows)
    table = [[pad_id] * (length - len(row)) + row for row in rows]
    return table, [[place >= length - len(row) for place in range(length)] for row in rows]


@wrong_way("seq2seq.pad_batch", says="shortest")
def cut_by_zip(rows, pad_id):
    table = [list(row) for row in zip(*zip(*rows, strict=False), strict=False)]
    return table, [[True] * len(row) for row in table]


@wrong_way("seq2seq.pad_batch", says="`pad_id` of **0**")
def filled_with_zero(rows, pad_id):
    length = _longest(rows)
    return _fill(rows, 0, length), _mask(rows, length)


@wrong_way("seq2seq.pad_batch", says="**first** row")
def length_of_the_first(rows, pad_id):
    length = len(rows[0])
    return _fill(rows, pad_id, length), _mask(rows, length)


@wrong_way("seq2seq.pad_batch", says="`max(rows)`")
def length_of_the_largest(rows, pad_id):
    length = len(max(rows))
    return _fill(rows, pad_id, length), _mask(rows, length)


@wrong_way("seq2seq.pad_batch", says="**one** padding id")
def one_pad_each(rows, pad_id):
    length = _longest(rows)
    return [row + [pad_id] * (len(row) < length) for row in rows], _mask(rows, length)


@wrong_way("seq2seq.pad_batch", says="**not filled up**")
def not_padded(rows, pad_id):
    return rows, [[True] * len(row) for row in rows]


@wrong_way("seq2seq.pad_batch", says="more than **two** rows")
def pads_first_shorter_row_only(rows, pad_id):
    length = _longest(rows)
    table = [list(row) for row in rows]
    for row in table:
        if len(row) < length:
            row.extend([pad_id] * (length - len(row)))
            break
    return table, [[place < len(row) for place in range(len(filled))] for row, filled in zip(rows, table, strict=False)]


@wrong_way("seq2seq.pad_batch", says="changes its input")
def changes_the_rows(rows, pad_id):
    length = _longest(rows)
    mask = _mask(rows, length)
    for row in rows:
        row.extend([pad_id] * (length - len(row)))
    return rows, mask


@wrong_way("seq2seq.pad_batch", says="True **everywhere**")
def mask_of_the_padded_rows(rows, pad_id):
    rows = _fill(rows, pad_id, _longest(rows))
    return rows, _mask(rows, _longest(rows))


@wrong_way("seq2seq.shift_target", says="**copy**")
def copied(target):
    both = ["<s>", *target, "</s>"]
    return both, both


@wrong_way("seq2seq.shift_target", says="nothing is shifted")
def copied_without_marks(target):
    return target, target


@wrong_way("seq2seq.shift_target", says="**without the special symbols**")
def shifted_without_marks(target):
    return target[:-1], target[1:]


@wrong_way("seq2seq.shift_target", says="the very symbol")
def reads_the_answer(target):
    return [*target, "</s>"], [*target, "</s>"]


@wrong_way("seq2seq.shift_target", says="other order")
def lists_swapped(target):
    return [*target, "</s>"], ["<s>", *target]


@wrong_way("seq2seq.shift_target", says="special symbols are exchanged")
def marks_exchanged(target):
    return ["</s>", *target], [*target, "<s>"]


@wrong_way("seq2seq.shift_target", says="has no `</s>`")
def no_end(target):
    return ["<s>", *target], target


@wrong_way("seq2seq.shift_target", says="decoder to **stop**")
def no_end_and_cut(target):
    return ["<s>", *target[:-1]], target


@wrong_way("seq2seq.shift_target", says="**first** item is missing")
def no_start(target):
    return target, [*target, "</s>"]


@wrong_way("seq2seq.shift_target", says="one symbol longer")
def end_is_read_too(target):
    return ["<s>", *target, "</s>"], [*target, "</s>"]


@wrong_way("seq2seq.shift_target", says="replaces the last symbol")
def last_symbol_replaced(target):
    return ["<s>", *target], [*target[:-1], "</s>"]


@wrong_way("seq2seq.shift_target", says="only one of 2 results")
def only_read(target):
    return ["<s>", *target]


@wrong_way("seq2seq.shift_target", says="come apart into letters")
def start_as_letters(target):
    return list("<s>") + target, target + list("</s>")


@wrong_way("seq2seq.shift_target", says="a list in a list")
def target_nested(target):
    return ["<s>", target], [target, "</s>"]


@wrong_way("seq2seq.shift_target", says="**other special symbols**")
def other_names_of_marks(target):
    return ["<bos>", *target], [*target, "<eos>"]


@wrong_way("seq2seq.shift_target", says="occurs **twice**")
def without_repeats(target):
    once = list(dict.fromkeys(target))
    return ["<s>", *once], [*once, "</s>"]


@wrong_way("seq2seq.shift_target", says="changes its input")
def inserts_into_the_target(target):
    written = [*target, "</s>"]
    target.insert(0, "<s>")
    return target, written


def _best(chances, last):
    return max(chances[last], key=chances[last].get)


@wrong_way("seq2seq.greedy", says="symbol that says stop")
def end_is_written(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length and last != "</s>":
        last = _best(chances, last)
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="never outputs it")
def start_is_written(chances, max_length):
    written = ["<s>"]
    while len(written) <= max_length:
        last = _best(chances, written[-1])
        if last == "</s>":
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="one symbol too early")
def start_is_counted(chances, max_length):
    written = ["<s>"]
    while len(written) < max_length:
        last = _best(chances, written[-1])
        if last == "</s>":
            break
        written.append(last)
    return written[1:]


@wrong_way("seq2seq.greedy", says="do not look at `max_length`")
def no_limit(chances, max_length):
    written, last = [], _best(chances, "<s>")
    while last != "</s>":
        written.append(last)
        last = _best(chances, last)
    return written


@wrong_way("seq2seq.greedy", says="do not look at `max_length`")
def recursion_without_limit(chances, max_length, last="<s>"):
    last = _best(chances, last)
    return [] if last == "</s>" else [last, *recursion_without_limit(chances, max_length, last)]


@wrong_way("seq2seq.greedy", says="one symbol too many")
def one_too_many(chances, max_length):
    written, last = [], "<s>"
    while len(written) <= max_length:
        last = _best(chances, last)
        if last == "</s>":
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="`max_length` of **0**")
def one_at_least(chances, max_length):
    written, last = [], "<s>"
    while True:
        last = _best(chances, last)
        if last == "</s>":
            break
        written.append(last)
        if len(written) >= max_length:
            break
    return written


@wrong_way("seq2seq.greedy", says="never reads")
def never_reads(chances, max_length):
    written = []
    for _place in range(max_length):
        symbol = _best(chances, "<s>")
        if symbol == "</s>":
            break
        written.append(symbol)
    return written


@wrong_way("seq2seq.greedy", says="never **choose**")
def end_does_not_stop(chances, max_length):
    written, last = [], "<s>"
    for _place in range(max_length):
        last = max((s for s in chances[last] if s != "</s>"), key=chances[last].get, default=last)
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="**possible**")
def stops_when_it_may_end(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length and "</s>" not in chances[last]:
        last = _best(chances, last)
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="**least** probable")
def least_probable(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length:
        last = min(chances[last], key=chances[last].get)
        if last == "</s>":
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="compares its **keys**")
def alphabetically_last(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length:
        last = max(chances[last])
        if last == "</s>":
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="names **first**")
def first_in_the_dictionary(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length:
        last = next(iter(chances[last]))
        if last == "</s>":
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="above one half")
def more_than_half(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length:
        likely = [symbol for symbol, chance in chances[last].items() if chance > 0.5]
        if not likely or likely[0] == "</s>":
            break
        last = likely[0]
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="come apart into letters")
def extended_by_letters(chances, max_length):
    written, last, steps = [], "<s>", 0
    while steps < max_length:
        last = _best(chances, last)
        if last == "</s>":
            break
        written += last
        steps += 1
    return written


@wrong_way("seq2seq.greedy", says="symbol **twice**")
def stops_at_a_repeat(chances, max_length):
    written, last = [], "<s>"
    while len(written) < max_length:
        last = _best(chances, last)
        if last == "</s>" or last in written:
            break
        written.append(last)
    return written


@wrong_way("seq2seq.greedy", says="are **cut**")
def nothing_when_cut(chances, max_length):
    written, last = [], "<s>"
    for _place in range(max_length):
        last = _best(chances, last)
        if last == "</s>":
            return written
        written.append(last)


@wrong_way("seq2seq.greedy", says="inside the loop")
def returns_in_the_loop(chances, max_length):
    written, last = [], "<s>"
    for _place in range(max_length):
        last = _best(chances, last)
        if last != "</s>":
            written.append(last)
        return written


@wrong_way("seq2seq.greedy", says="never looks ahead")
def most_probable_whole(chances, max_length):
    best = ([], -1.0)

    def go_on(written, last, total):
        nonlocal best
        if last == "</s>" or len(written) == max_length:
            if total > best[1]:
                best = (written, total)
            return
        for symbol, chance in chances.get(last, {}).items():
            go_on(written if symbol == "</s>" else [*written, symbol], symbol, total * chance)

    go_on([], "<s>", 1.0)
    return best[0]


def _all(beam, log_probabilities):
    return [
        ((*output, symbol), total + more)
        for (output, total), following in zip(beam, log_probabilities, strict=False)
        for symbol, more in following.items()
    ]


@wrong_way("seq2seq.beam_step", says="too long")
def no_cut(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities), key=lambda one: one[1], reverse=True)


@wrong_way("seq2seq.beam_step", says="Sort them")
def not_sorted(beam, log_probabilities, size):
    return _all(beam, log_probabilities)[:size]


@wrong_way("seq2seq.beam_step", says="from A to Z")
def sorted_by_symbols(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities))[:size]


@wrong_way("seq2seq.beam_step", says="from Z to A")
def sorted_by_symbols_from_the_end(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities), reverse=True)[:size]


@wrong_way("seq2seq.beam_step", says="least probable")
def lowest(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities), key=lambda one: one[1])[:size]


@wrong_way("seq2seq.beam_step", says="reverse")
def best_last(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities), key=lambda one: one[1])[-size:]


@wrong_way("seq2seq.beam_step", says="best continuation of **each**")
def best_of_each(beam, log_probabilities, size):
    new = []
    for (output, total), following in zip(beam, log_probabilities, strict=True):
        symbol = max(following, key=following.get)
        new.append(((*output, symbol), total + following[symbol]))
    return sorted(new, key=lambda one: -one[1])


@wrong_way("seq2seq.beam_step", says="`size` best of **each**")
def size_of_each(beam, log_probabilities, size):
    new = []
    for one, following in zip(beam, log_probabilities, strict=True):
        new += sorted(_all([one], [following]), key=lambda one: -one[1])[:size]
    return new


@wrong_way("seq2seq.beam_step", says="best output only")
def best_output_only(beam, log_probabilities, size):
    best = max(range(len(beam)), key=lambda i: beam[i][1])
    return sorted(_all([beam[best]], [log_probabilities[best]]), key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="last symbol alone")
def past_forgotten(beam, log_probabilities, size):
    new = [((*o, s), more) for (o, _total), f in zip(beam, log_probabilities, strict=True) for s, more in f.items()]
    return sorted(new, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="Rank by the total")
def ranked_by_the_last_symbol(beam, following, size):
    new = [
        (more, ((*o, s), total + more)) for (o, total), f in zip(beam, following, strict=True) for s, more in f.items()
    ]
    return [one for _more, one in sorted(new, key=lambda pair: -pair[0])[:size]]


@wrong_way("seq2seq.beam_step", says="logarithms **added**")
def multiplied(beam, following, size):
    new = [((*o, s), total * more) for (o, total), f in zip(beam, following, strict=True) for s, more in f.items()]
    return sorted(new, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="return probabilities")
def exponentials(beam, log_probabilities, size):
    new = [(output, math.exp(total)) for output, total in _all(beam, log_probabilities)]
    return sorted(new, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="new symbol alone")
def symbols_only(beam, following, size):
    new = [((s,), total + more) for (_o, total), f in zip(beam, following, strict=True) for s, more in f.items()]
    return sorted(new, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="**as one item**")
def nested_outputs(beam, following, size):
    new = [((o, s), total + more) for (o, total), f in zip(beam, following, strict=True) for s, more in f.items()]
    return sorted(new, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="as there **were**")
def as_many_as_before(beam, log_probabilities, size):
    return sorted(_all(beam, log_probabilities), key=lambda one: -one[1])[: len(beam)]


@wrong_way("seq2seq.beam_step", says="**first** one's probabilities")
def first_distribution_for_all(beam, log_probabilities, size):
    return sorted(_all(beam, [log_probabilities[0]] * len(beam)), key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="**overwrite**")
def overwritten_by_symbol(beam, log_probabilities, size):
    best = {}
    for output, total in _all(beam, log_probabilities):
        best[output[-1]] = (output, total)
    return sorted(best.values(), key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.beam_step", says="shorter wins")
def beam_kept_as_well(beam, log_probabilities, size):
    return sorted([*beam, *_all(beam, log_probabilities)], key=lambda one: -one[1])[:size]


def _distance(written, right, replace=1, insert=1, leave_out=1, first_row=None, first_column=None):
    row = [(first_row if first_row is not None else insert) * j for j in range(len(right) + 1)]
    for i, symbol in enumerate(written):
        new = [(first_column if first_column is not None else leave_out) * (i + 1)]
        for j, wanted in enumerate(right):
            new.append(min(row[j] + replace * (symbol != wanted), row[j + 1] + leave_out, new[j] + insert))
        row = new
    return row


@wrong_way("seq2seq.edit_distance", says="**position by position**")
def place_by_place(written, right):
    return sum(a != b for a, b in zip(written, right, strict=False)) + abs(len(written) - len(right))


@wrong_way("seq2seq.edit_distance", says="`zip` stops there")
def zip_alone(written, right):
    return sum(a != b for a, b in zip(written, right, strict=False))


@wrong_way("seq2seq.edit_distance", says="difference of the **lengths**")
def length_difference(written, right):
    return abs(len(written) - len(right))


@wrong_way("seq2seq.edit_distance", says="two edits")
def replaced_is_two(written, right):
    return _distance(written, right, replace=2)[-1]


@wrong_way("seq2seq.edit_distance", says="cost nothing")
def replaced_is_free(written, right):
    return _distance(written, right, replace=0)[-1]


@wrong_way("seq2seq.edit_distance", says="borders of your table")
def borders_at_zero(written, right):
    return _distance(written, right, first_row=0, first_column=0)[-1]


@wrong_way("seq2seq.edit_distance", says="**first row**")
def first_row_at_zero(written, right):
    return _distance(written, right, first_row=0)[-1]


@wrong_way("seq2seq.edit_distance", says="**first column**")
def first_column_at_zero(written, right):
    return _distance(written, right, first_column=0)[-1]


@wrong_way("seq2seq.edit_distance", says="never **inserts**")
def insert_missing(written, right):
    return _distance(written, right, insert=99, first_row=1)[-1]


@wrong_way("seq2seq.edit_distance", says="never **leaves out**")
def leave_out_missing(written, right):
    return _distance(written, right, leave_out=99, first_column=1)[-1]


@wrong_way("seq2seq.edit_distance", says="symbols that are equal")
def always_one_more(written, right):
    row = list(range(len(right) + 1))
    for i, _symbol in enumerate(written):
        new = [i + 1]
        for j in range(len(right)):
            new.append(1 + min(row[j], row[j + 1], new[j]))
        row = new
    return row[-1]


@wrong_way("seq2seq.edit_distance", says="Damerau")
def exchange_is_one(written, right):
    d = {(i, 0): i for i in range(len(written) + 1)} | {(0, j): j for j in range(len(right) + 1)}
    for i in range(1, len(written) + 1):
        for j in range(1, len(right) + 1):
            d[i, j] = min(d[i - 1, j - 1] + (written[i - 1] != right[j - 1]), d[i - 1, j] + 1, d[i, j - 1] + 1)
            if i > 1 and j > 1 and written[i - 1] == right[j - 2] and written[i - 2] == right[j - 1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return d[len(written), len(right)]


@wrong_way("seq2seq.edit_distance", says="which symbols")
def symbols_not_shared(written, right):
    return len(set(written) ^ set(right))


@wrong_way("seq2seq.edit_distance", says="how often each symbol")
def bags(written, right):
    a, b = Counter(written), Counter(right)
    return max((a - b).total(), (b - a).total())


@wrong_way("seq2seq.edit_distance", says="error rate of one word")
def divided_by_length(written, right):
    return _distance(written, right)[-1] / max(len(right), 1)


@wrong_way("seq2seq.edit_distance", says="**letters**")
def letters_of_the_symbols(written, right):
    return _distance("".join(written), "".join(right))[-1]


@wrong_way("seq2seq.edit_distance", says="both ends")
def inner_part(written, right):
    written, right = list(written), list(right)
    while written and right and written[0] == right[0]:
        written, right = written[1:], right[1:]
    while written and right and written[-1] == right[-1]:
        written, right = written[:-1], right[:-1]
    return max(len(written), len(right))


@wrong_way("seq2seq.edit_distance", says="one list is empty")
def empty_is_nothing(written, right):
    if not written or not right:
        return 0
    return _distance(written, right)[-1]


@wrong_way("seq2seq.edit_distance", says="borders of your table")
def transposed_borders(written, right):
    d = [[0] * (len(right) + 1) for _row in range(len(written) + 1)]
    for i in range(1, len(written) + 1):
        for j in range(1, len(right) + 1):
            if written[i - 1] == right[j - 1]:
                d[i][j] = d[i - 1][j - 1]
            else:
                d[i][j] = 1 + min(d[i - 1][j - 1], d[i - 1][j], d[i][j - 1])
    return d[-1][-1]


@wrong_way("seq2seq.shift_target", says="has no `</s>`")
def never_told_to_stop(target):
    return ["<s>", *target], target


@wrong_way("seq2seq.shift_target", says="only `read` is wrong. The **first** item is missing")
def read_without_a_beginning(target):
    return target, [*target, "</s>"]


@wrong_way("seq2seq.lstm_step", says="In each of your results: You return only the **first** item")
def one_sequence_of_the_batch(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates[0].chunk(4)
    new = forget_gate.sigmoid() * cell[0] + input_gate.sigmoid() * candidate.tanh()
    return output_gate.sigmoid() * new.tanh(), new


@wrong_way("seq2seq.rnn_step", says="**first** row of the batch alone")
def first_sequence_alone(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(input_weight @ x[0] + hidden_weight @ hidden[0] + bias)


@wrong_way("seq2seq.rnn_step", says="add up with the bias")
def tanh_of_products_and_a_bias(x, hidden, input_weight, hidden_weight, bias):
    return torch.tanh(x @ input_weight.T) + torch.tanh(hidden @ hidden_weight.T) + bias


@wrong_way("seq2seq.lstm_step", says="You **add** the input gate")
def plus_where_it_is_times(gates, cell):
    input_gate, forget_gate, candidate, output_gate = _parts(gates)
    cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() + candidate.tanh()
    return output_gate.sigmoid() * cell.tanh(), cell


@wrong_way("seq2seq.pad_batch", says="one False to its mask")
def one_id_and_one_false(rows, pad_id):
    longest = max(map(len, rows))
    table = [[*row, pad_id] if len(row) < longest else row for row in rows]
    return table, [[True] * len(row) + [False] * (len(row) < longest) for row in rows]


@wrong_way("seq2seq.shift_target", says="**two** symbols ahead")
def shifted_at_both_sides(target):
    return ["<s>", *target], [*target[1:], "</s>"]


@wrong_way("seq2seq.shift_target", says="There is `None` in your answer")
def what_append_returns(target):
    return ["<s>", *target], target.copy().append("</s>")


@wrong_way("seq2seq.beam_step", says="symbols **alone**, as texts")
def symbol_without_its_output(beam, log_probabilities, size):
    found = [(s, total + p) for (_o, total), d in zip(beam, log_probabilities, strict=True) for s, p in d.items()]
    return sorted(found, key=lambda one: -one[1])[:size]


@wrong_way("seq2seq.edit_distance", says="the **least** number of the last row")
def least_of_the_last_row(written, right):
    row = list(range(len(right) + 1))
    for i, symbol in enumerate(written):
        new = [i + 1]
        for j, other in enumerate(right):
            new.append(min(row[j] + (symbol != other), row[j + 1] + 1, new[j] + 1))
        row = new
    return min(row)
