"""Other right ways to do the exercises of the lesson `seq2seq`."""

import collections
import functools
import heapq
import itertools
import math
import operator

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("seq2seq.rnn_step")
def by_pytorchs_plain_cell(x, hidden, input_weight, hidden_weight, bias):
    cell = torch.nn.RNNCell(x.shape[1], hidden.shape[1])
    with torch.no_grad():
        cell.weight_ih.copy_(input_weight)
        cell.weight_hh.copy_(hidden_weight)
        cell.bias_ih.copy_(bias)
        cell.bias_hh.zero_()
        return cell(x, hidden)


@other_way("seq2seq.rnn_step")
def one_matrix_for_both(x, hidden, input_weight, hidden_weight, bias):
    both = torch.cat((x, hidden), dim=1)
    return torch.tanh(torch.addmm(bias, both, torch.cat((input_weight, hidden_weight), dim=1).T))


@other_way("seq2seq.rnn_step")
def by_einsum(x, hidden, input_weight, hidden_weight, bias):
    products = torch.einsum("bi,hi->bh", x, input_weight) + torch.einsum("bj,hj->bh", hidden, hidden_weight)
    return (products + bias[None]).tanh()


@other_way("seq2seq.rnn_step")
def plain_network_in_float64(x, hidden, input_weight, hidden_weight, bias):
    x, hidden, u, w, b = (tensor.double().numpy() for tensor in (x, hidden, input_weight, hidden_weight, bias))
    return np.tanh(x @ u.T + hidden @ w.T + b)


@other_way("seq2seq.rnn_step")
def row_by_row_with_math(x, hidden, input_weight, hidden_weight, bias):
    new = []
    for read, old in zip(x.tolist(), hidden.tolist(), strict=True):
        rows = zip(input_weight.tolist(), hidden_weight.tolist(), bias.tolist(), strict=True)
        new.append(
            [math.tanh(sum(map(operator.mul, u, read)) + sum(map(operator.mul, w, old)) + b) for u, w, b in rows]
        )
    return new


@other_way("seq2seq.lstm_step")
def number_by_number(gates, cell):
    """With Python's lists instead of tensors, row by row."""
    hidden, new = [], []
    for row, old in zip(gates.tolist(), cell.tolist(), strict=True):
        parts = torch.tensor(row).view(4, len(old))
        share = 1 / (1 + torch.exp(-parts))
        kept = share[1] * torch.tensor(old) + share[0] * torch.tanh(parts[2])
        new.append(kept.tolist())
        hidden.append((share[3] * torch.tanh(kept)).tolist())
    return hidden, new


@other_way("seq2seq.lstm_step")
def by_pytorchs_cell(gates, cell):
    """The layer of PyTorch, with a matrix that changes nothing."""
    batch, d_hidden = cell.shape
    layer = torch.nn.LSTMCell(4 * d_hidden, d_hidden, bias=False)
    with torch.no_grad():
        layer.weight_ih.copy_(torch.eye(4 * d_hidden))
        layer.weight_hh.zero_()
        return layer(gates, (torch.zeros(batch, d_hidden), cell))


@other_way("seq2seq.lstm_step")
def in_numpy_and_float64(gates, cell):
    d = cell.shape[1]
    z, c = gates.double().numpy(), cell.double().numpy()
    share = 0.5 * (1 + np.tanh(z / 2))
    c = share[:, d : 2 * d] * c + share[:, :d] * np.tanh(z[:, 2 * d : 3 * d])
    return share[:, -d:] * np.tanh(c), c


@other_way("seq2seq.lstm_step")
def cut_by_view(gates, cell):
    i, f, g, o = gates.view(len(cell), 4, -1).unbind(dim=1)
    new = torch.lerp(torch.zeros_like(cell), cell, f.sigmoid()).addcmul(i.sigmoid(), g.tanh())
    return torch.stack((o.sigmoid() * new.tanh(), new))


@other_way("seq2seq.lstm_step")
def with_math_alone(gates, cell):
    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    hidden = [[0.0] * cell.shape[1] for _row in cell]
    new = [[0.0] * cell.shape[1] for _row in cell]
    for b, k in itertools.product(range(cell.shape[0]), range(cell.shape[1])):
        i, f, g, o = gates[b, k :: cell.shape[1]].tolist()
        new[b][k] = sigmoid(f) * cell[b, k].item() + sigmoid(i) * math.tanh(g)
        hidden[b][k] = sigmoid(o) * math.tanh(new[b][k])
    return [hidden, new]


@other_way("seq2seq.pad_batch")
def with_zip_longest(rows, pad_id):
    nothing = object()
    columns = list(itertools.zip_longest(*rows, fillvalue=nothing))
    table = [[pad_id if symbol is nothing else symbol for symbol in row] for row in zip(*columns, strict=True)]
    mask = [[symbol is not nothing for symbol in row] for row in zip(*columns, strict=True)]
    return torch.tensor(table), torch.tensor(mask)


@other_way("seq2seq.pad_batch")
def into_a_full_array(rows, pad_id):
    table = np.full((len(rows), max(map(len, rows))), pad_id)
    mask = np.zeros(table.shape, dtype=bool)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
        mask[i, : len(row)] = True
    return table, mask


@other_way("seq2seq.pad_batch")
def from_the_lengths(rows, pad_id):
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    table = torch.full(mask.shape, pad_id)
    table[mask] = torch.tensor([token for row in rows for token in row])
    return table, mask


@other_way("seq2seq.pad_batch")
def by_pytorch(rows, pad_id):
    def padded(tensors, value):
        return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=value)

    tokens = [torch.tensor(row, dtype=torch.long) for row in rows]
    return padded(tokens, pad_id), padded([torch.ones(len(row)) for row in rows], 0.0).bool()


@other_way("seq2seq.pad_batch")
def appending(rows, pad_id):
    table, mask = [list(row) for row in rows], [[True for _token in row] for row in rows]
    while len({len(row) for row in table}) > 1:
        longest = max(table, key=len)
        for row, masked in zip(table, mask, strict=True):
            if len(row) < len(longest):
                row.append(pad_id)
                masked.append(False)
    return table, mask


@other_way("seq2seq.pad_batch")
def with_ones_and_zeros(rows, pad_id):
    longest = len(sorted(rows, key=len)[-1])
    return (
        tuple((*row, *itertools.repeat(pad_id, longest - len(row))) for row in rows),
        tuple((1,) * len(row) + (0,) * (longest - len(row)) for row in rows),
    )


@other_way("seq2seq.shift_target")
def from_one_list(target):
    whole = ["<s>", *target, "</s>"]
    return whole[:-1], whole[1:]


@other_way("seq2seq.shift_target")
def by_adding_lists(target):
    return ["<s>"] + target, target + ["</s>"]  # noqa: RUF005


@other_way("seq2seq.shift_target")
def inserted_into_copies(target):
    read, write = target.copy(), target.copy()
    read.insert(0, "<s>")
    write.append("</s>")
    return [read, write]


@other_way("seq2seq.shift_target")
def pair_by_pair(target):
    pairs = list(itertools.pairwise(["<s>", *target, "</s>"]))
    return tuple(zip(*pairs, strict=True))


@other_way("seq2seq.shift_target")
def as_generators(target):
    yield itertools.chain(["<s>"], target)
    yield itertools.chain(target, ["</s>"])


@other_way("seq2seq.shift_target")
def with_a_deque(target):
    turned = collections.deque([*target, "<s>"])
    turned.rotate()
    return list(turned), [*target, "</s>"]


@other_way("seq2seq.greedy")
def step_by_step(chances, max_length):
    last = "<s>"
    for _place in range(max_length):
        _chance, last = max((chance, symbol) for symbol, chance in chances[last].items())
        if last == "</s>":
            return
        yield last


@other_way("seq2seq.greedy")
def by_recursion(chances, max_length, last="<s>"):
    best = sorted(chances[last].items(), key=operator.itemgetter(1))[-1][0]
    if max_length == 0 or best == "</s>":
        return []
    return [best, *by_recursion(chances, max_length - 1, best)]


@other_way("seq2seq.greedy")
def with_marks_cut_off(chances, max_length):
    written = ["<s>"]
    while written[-1] != "</s>" and len(written) <= max_length:
        following = chances[written[-1]]
        written.append(max(following, key=lambda symbol: following[symbol]))
    return [symbol for symbol in written if symbol not in ("<s>", "</s>")]


@other_way("seq2seq.greedy")
def by_taking_while(chances, max_length):
    def best(last, _step):
        return max(chances.get(last, {"</s>": 1.0}).items(), key=operator.itemgetter(1))[0]

    states = itertools.accumulate(range(max_length), best, initial="<s>")
    return tuple(itertools.takewhile(lambda symbol: symbol != "</s>", itertools.islice(states, 1, None)))


@other_way("seq2seq.greedy")
def by_hand(chances, max_length):
    written = []
    last = "<s>"
    while True:
        if len(written) >= max_length:
            return written
        best_symbol, best_chance = None, -1
        for symbol in chances[last]:
            if chances[last][symbol] > best_chance:
                best_symbol, best_chance = symbol, chances[last][symbol]
        if best_symbol == "</s>":
            return written
        written = written + [best_symbol]  # noqa: RUF005
        last = best_symbol


@other_way("seq2seq.greedy")
def going_on_at_the_end(chances, max_length):
    """The end is never read, so the same step comes out again until the loop is over."""
    written = []
    for _place in range(max_length):
        following = chances[written[-1] if written else "<s>"]
        symbols, weights = list(following), np.array(list(following.values()))
        if symbols[weights.argmax()] != "</s>":
            written.append(symbols[weights.argmax()])
    return written


@other_way("seq2seq.beam_step")
def with_a_heap(beam, log_probabilities, size):
    continued = {
        (*output, symbol): total + following[symbol]
        for (output, total), following in zip(beam, log_probabilities, strict=True)
        for symbol in following
    }
    return heapq.nlargest(size, continued.items(), key=lambda one: one[1])


@other_way("seq2seq.beam_step")
def with_two_loops(beam, log_probabilities, size):
    continued = []
    for i in range(len(beam)):
        output, total = beam[i]
        for symbol in log_probabilities[i]:
            continued.append((output + (symbol,), total + log_probabilities[i][symbol]))  # noqa: RUF005
    continued.sort(key=operator.itemgetter(1), reverse=True)
    return continued[:size]


@other_way("seq2seq.beam_step")
def best_after_best(beam, log_probabilities, size):
    left = [
        [[*output, symbol], total + more]
        for (output, total), following in zip(beam, log_probabilities, strict=True)
        for symbol, more in following.items()
    ]
    while left and size > 0:
        best = max(left, key=lambda one: one[1])
        left.remove(best)
        size -= 1
        yield best


@other_way("seq2seq.beam_step")
def with_topk(beam, log_probabilities, size):
    outputs = [(*output, symbol) for (output, _t), of in zip(beam, log_probabilities, strict=True) for symbol in of]
    totals = [total + more for (_o, total), of in zip(beam, log_probabilities, strict=True) for more in of.values()]
    top = torch.tensor(totals, dtype=torch.float64).topk(min(size, len(totals)))
    return [(outputs[i], total) for i, total in zip(top.indices.tolist(), top.values.tolist(), strict=True)]


@other_way("seq2seq.beam_step")
def cut_before_and_after(beam, log_probabilities, size):
    """No output can have more than `size` of the best."""
    kept = []
    for (output, total), following in zip(beam, log_probabilities, strict=True):
        for symbol in sorted(following, key=following.get, reverse=True)[:size]:
            kept.append(((*output, symbol), total + following[symbol]))
    order = np.argsort([-total for _output, total in kept])[:size]
    return [kept[i] for i in order]


@other_way("seq2seq.edit_distance")
def by_recursion_with_a_cache(written, right):
    @functools.cache
    def distance(i, j):
        if i == 0 or j == 0:
            return i + j
        replaced = distance(i - 1, j - 1) + (written[i - 1] != right[j - 1])
        return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(written), len(right))


@other_way("seq2seq.edit_distance")
def by_plain_recursion(written, right):
    if not written or not right:
        return len(written) + len(right)
    if written[0] == right[0]:
        return by_plain_recursion(written[1:], right[1:])
    return 1 + min(
        by_plain_recursion(written[1:], right[1:]),
        by_plain_recursion(written[1:], right),
        by_plain_recursion(written, right[1:]),
    )


@other_way("seq2seq.edit_distance")
def with_a_whole_table(written, right):
    table = np.zeros((len(written) + 1, len(right) + 1), dtype=int)
    table[:, 0], table[0, :] = range(len(written) + 1), range(len(right) + 1)
    for i, j in itertools.product(range(1, len(written) + 1), range(1, len(right) + 1)):
        same = written[i - 1] == right[j - 1]
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (not same))
    return table[-1, -1]


@other_way("seq2seq.edit_distance")
def by_search(written, right):
    """Breadth first: what can be reached with one edit more."""
    reached, edits = {(0, 0)}, 0
    while True:
        front = list(reached)
        while front:
            i, j = front.pop()
            if i < len(written) and j < len(right) and written[i] == right[j] and (i + 1, j + 1) not in reached:
                reached.add((i + 1, j + 1))
                front.append((i + 1, j + 1))
        if (len(written), len(right)) in reached:
            return edits
        reached |= {
            (i + a, j + b)
            for i, j in reached
            for a, b in ((1, 0), (0, 1), (1, 1))
            if i + a <= len(written) and j + b <= len(right)
        }
        edits += 1


@other_way("seq2seq.edit_distance")
def by_the_cheapest_alignment(written, right):
    """Over all choices of which symbols stay, in floats."""
    best = math.inf
    for kept in range(min(len(written), len(right)) + 1):
        for a in itertools.combinations(range(len(written)), kept):
            for b in itertools.combinations(range(len(right)), kept):
                cost = sum(written[i] != right[j] for i, j in zip(a, b, strict=True))
                best = min(best, cost + len(written) + len(right) - 2.0 * kept)
    return best
