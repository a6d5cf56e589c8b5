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
# # 03 · Sequence to sequence
#
# A word goes in as letters and comes out as sounds.
# The two sequences have different symbols and different lengths, and that is the case of most language tasks.
# After this lesson you can
#
# - follow a word through an encoder and a decoder, with the numbers that pass between them;
# - train such a model, and say what each line of the usual training program does;
# - write an output greedily and with a beam, and measure how far it is from the right one;
# - say what is lost when a whole word has to pass through one vector, and what is not.
#
# **Time**: 90 minutes; the cells run in about a minute on two processor cores.
# **Before this**: lesson 02.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import random
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

import course
from course import trained
from course.decoding import beam_search, greedy_search
from course.exercises import check, progress
from course.interpretability.probing import linear_probe
from course.layers.parameters import count_parameters
from course.seq2seq import (
    CellWeights,
    Recurrent,
    Seq2Seq,
    Seq2SeqConfig,
    Seq2SeqState,
    gru_cell,
    lstm_cell,
)
from course.seq2seq.model import RecurrentDecoder, RecurrentEncoder
from course.tasks import (
    Vocabulary,
    compare,
    date_task,
    error_rate,
    evaluate,
    exact_match,
    pronunciation_task,
    without_stress,
    write,
)
from course.tasks.g2p_en import g2p_en
from course.training import ShuffledBatches, train
from course.viz import DecoderStepper, use_course_style
from course.viz.figures.error_by_length import error_by_length
from course.viz.seq2seq.figures import linear_probe_curves, state_strips
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 10: ten times the training steps and test words; some minutes.
SAMPLE = 1000 * BUDGET
SEEDS = range(2)

# %% [markdown]
# ## 1 · Letters in, sounds out
#
# A *sequence-to-sequence* model, seq2seq for short, reads a sequence from one domain and writes one in another: a question and its answer in a chatbot, a sentence and its translation.
# To see everything that happens inside we take a small task with real data: the spelling of an English word and its pronunciation.
# The CMU Pronouncing Dictionary writes sounds in ARPAbet, one sign for each *phoneme*, the smallest unit of sound that tells two words apart.

# %%
task = pronunciation_task()
test_words = task.tests["test"]
usual = {e.source: e.targets[0] for e in (*task.train, *task.validation, *test_words)}
examples = ("rough", "through", "though", "knight", "box", "queue", "colonel")
table(
    {"word": w, "letters": len(w), "phonemes": len(sounds), "pronunciation": " ".join(sounds)}
    for w in examples
    for sounds in [usual[tuple(w)]]
)

# %% [markdown]
# Look at `ough`: one spelling, three sounds.
# No table from letter to sound can do this task.
# The model must look at the whole word, and how many phonemes it has to write is not known in advance.
#
# The words are split three ways.
# The model learns from the first part, settings are chosen on the second, and every number in this lesson is from the third, of which no model trained here has seen a word.

# %%
parts = {
    "to train on": task.train,
    "to choose by": task.validation,
    "to be judged by": test_words,
}
table(
    {"part": name, "words": len(part), "pronunciations": sum(len(e.targets) for e in part)}
    for name, part in parts.items()
)

# %% [markdown]
# ## 2 · Encoder, context vector, decoder
#
# The model has two halves.
# The *encoder* reads, the *decoder* writes, and between them goes one vector:
#
# > letters → embedding → **encoder** → *context vector* → **decoder** → phonemes
#
# Here is the encoder.
# An *embedding* gives each letter a vector that training has chosen.
# A recurrent network reads these vectors one after the other, and after each letter it has a *hidden state*: a vector that sums up what has been read so far.

# %%
source(RecurrentEncoder.forward)

# %% [markdown]
# A model that was trained for longer than a lesson lasts is stored with the course, and with it the command that repeats the training.
# Type your own word instead of `through` and run the cells again.

# %%
lstm = trained.load("pronunciation/lstm")
record = trained.record_of("pronunciation", "lstm", seed=0)
say(record["command"])
say(
    f"{record['parameters']:,} parameters, {record['epochs']} passes over the words to train on"
)

# %%
word = "through"
ids = task.sources([word])
with torch.no_grad():
    embedded = lstm.encoder.embedding(ids)
    encoded = lstm.encoder(ids)
tensors = {
    "ids of the letters": ids,
    "their embeddings": embedded,
    "hidden states, one after each letter": encoded.memory,
    "the end state: hidden": encoded.cell[0],
    "the end state: cell": encoded.cell[1],
}
table({"what": what, "shape": tensor.shape} for what, tensor in tensors.items())

# %%
letters = task.symbols_from(word)
state_strips(
    ["".join(letters[: i + 1]) for i in range(len(letters))],
    encoded.memory[0].cpu().numpy(),
    title="The hidden state after each letter; the last row is all that the decoder gets",
)

# %% [markdown]
# Each row is one hidden state, 256 numbers.
# The last one, after the last letter, stands for the whole word: it is the *context vector*.
# (An LSTM keeps a second vector, the cell state, which is handed over too; section 3.) A larger model makes it longer, but it does not grow with the word: *a* and *incomprehensibility* get the same number of numbers.
#
# The decoder starts from the context vector and writes one symbol at a time:
#
# - first symbol: from the context vector, and a mark `<s>` that says *begin*;
# - second symbol: from the first symbol, and the hidden state after the first step;
# - third symbol: from the second symbol, and the hidden state after the second step; and so on, until it writes the mark `</s>`.

# %%
source(RecurrentDecoder.forward)

# %% [markdown]
# At every step it gives each phoneme a probability.
# `start` reads the word and the mark of the beginning, `step` the symbol that was chosen last.
# Both return the log-probabilities of the next symbol and the state that the decoder is then in:

# %%
token, steps = Vocabulary.bos_id, []
log_probabilities, state = lstm.start(ids, task.max_length)
while token != Vocabulary.eos_id and len(steps) < task.max_length:
    chances, best = log_probabilities[0].exp().topk(3)
    step = {"step": len(steps) + 1, "reads": f"`{task.target.symbols[token]}`"}
    for place, i, p in zip(("likeliest", "second", "third"), best, chances, strict=True):
        step[place] = f"`{task.target.symbols[i]}` {p:.0%}"
    steps.append(step)
    token = int(best[0])
    log_probabilities, state = lstm.step(state, torch.tensor([token], device=course.device()))
table(steps)

# %% [markdown]
# Now move it yourself.
# **Forward** writes one symbol, **Back** takes it back.
# The strips are the state that the decoder carries from step to step.
# Press another candidate: the decoder reads what you chose, and everything after it follows from that.
# **Teacher forcing** is explained in section 5; at 1 the decoder reads the right symbol at every place, whatever it would have written.

# %%
stepper = DecoderStepper(lstm, task, text="colonel", step=3)
stepper

# %% [markdown]
# Things to try: your name; a word that does not exist (*blorfing*); *read*, which is said in two ways; a long word.
# Where does the model hesitate?
# After a wrong choice of yours, does it find back, or does it go on as if it had read another word?
#
# ## 3 · One cell, written out
#
# A plain recurrent network has one state, and computes it anew at every step.
# What is far back is soon overwritten.
# A *long short-term memory*, LSTM, has two: the hidden state, and a *cell state* that is carried on almost untouched.
# Three *gates*, numbers from 0 to 1, decide how much: the forget gate what stays of the cell, the input gate how much of a new candidate is added, the output gate how much of the cell is shown.

# %%
source(lstm_cell)

# %% [markdown]
# In the strips of the widget above, compare the two states: in the cell state many columns keep their color from row to row, in the hidden state few do.
# The two matrix products come first and give all four parts at once.
# What is done with them is yours:


# %% tags=["exercise"]
def lstm_step(gates, cell):
    """The new (hidden, cell) of an LSTM, from its four gates and the old cell.

    gates: tensor (batch, 4 · d_hidden), what the matrices and biases have made of the input and the
    old hidden state: along the last dimension the input gate, the forget gate, the candidate and
    the output gate, none of them through sigmoid or tanh yet. cell: tensor (batch, d_hidden).
    Returns two tensors (batch, d_hidden).

    >>> import torch
    >>> hidden, cell = lstm_step(torch.zeros(1, 4), torch.tensor([[2.0]]))
    >>> cell.item(), round(hidden.item(), 3)
    (1.0, 0.381)
    """
    ...


check("seq2seq.lstm_step", lstm_step)

# %% [markdown]
# The *gated recurrent unit*, GRU (Cho et al. 2014), has one state and two gates: at each of its numbers it mixes the old state and a candidate.
# Both are layers of PyTorch, which are faster than the same steps in Python.
# Are they the same numbers?
# Below, our cells read the word letter by letter with the weights of PyTorch's layers.

# %%
source(gru_cell)

# %%
torch.manual_seed(0)
compared = []
for layer in (nn.LSTM(64, 256, batch_first=True), nn.GRU(64, 256, batch_first=True)):
    weights = CellWeights.of(layer.to(course.device()))
    hidden = cell = torch.zeros(1, 256, device=course.device())
    with torch.no_grad():
        for x in embedded.unbind(dim=1):
            if isinstance(layer, nn.LSTM):
                hidden, cell = lstm_cell(x, (hidden, cell), weights)
            else:
                hidden = gru_cell(x, hidden, weights)
        outputs, _end = layer(embedded)
    equal = torch.allclose(hidden, outputs[:, -1], atol=1e-6)
    compared.append((type(layer).__name__, count_parameters(layer), equal))
columns = ("layer", "parameters at 64 → 256", "our cell gives its numbers, to one in a million")
table(dict(zip(columns, row, strict=True)) for row in compared)

# %% [markdown]
# > **What the paper says / what PyTorch does.**
# > In Cho et al. (2014, section 2.3) the reset gate of a GRU acts on the hidden state before its matrix, in PyTorch after it.
# > Our cell follows PyTorch.
# > The forget gate of the LSTM is not in the paper of 1997 either; Gers, Schmidhuber and Cummins added it in 2000.
#
# ## 4 · Many words at once
#
# Words differ in length, and a batch is a table.
# So short rows are filled up, which is called *padding*.


# %% tags=["exercise"]
def pad_batch(rows: list[list[int]], pad_id: int) -> tuple[list[list[int]], list[list[bool]]]:
    """The rows as a table, the short ones filled up with `pad_id` at their end, and its mask.

    The mask has the shape of the table: True where a token of the row stands, False on padding.

    >>> pad_batch([[5, 6, 7], [8]], 0)
    ([[5, 6, 7], [8, 0, 0]], [[True, True, True], [True, False, False]])
    """
    ...


check("seq2seq.pad_batch", pad_batch)

# %% [markdown]
# An encoder that reads on through the padding ends in another state than it should.
# *Packing* stops each row at its own end (`lengths` in `Recurrent.forward`), so that a short word has the same state alone and beside a long one.
# Without packing:

# %%
together = task.sources([word, "incomprehensibility"])
with torch.no_grad():
    packed = lstm.encoder(together).cell[0][0]
    _outputs, (unpacked, _cell) = lstm.encoder.recurrent(lstm.encoder.embedding(together))
alone = encoded.cell[0][0]
table(
    {
        f"'{word}' beside 'incomprehensibility'": name,
        "same state as alone": torch.allclose(end, alone, atol=1e-5),
        "largest difference": (end - alone).abs().max(),
    }
    for name, end in {"packed": packed, "read on through the padding": unpacked[0]}.items()
)

# %% [markdown]
# ## 5 · Training
#
# The decoder learns to give the next right symbol a high probability.
# But which symbols has it read before?
# If it read its own, which are nonsense at first, it would learn to go on from nonsense.
# So in training it reads the **right** symbols: *teacher forcing*.
# Input and goal are then the same sequence, shifted by one.


# %% tags=["exercise"]
def shift_target(target: list[str]) -> tuple[list[str], list[str]]:
    """What the decoder reads, and what it should write at each place, under teacher forcing.

    It reads `<s>` and then the right symbols; after each it should write the next one, and after
    the last `</s>`. Both lists have the same length.

    >>> shift_target(["TH", "R", "UW"])
    (['<s>', 'TH', 'R', 'UW'], ['TH', 'R', 'UW', '</s>'])
    """
    ...


check("seq2seq.shift_target", shift_target)

# %% [markdown]
# The Korean notes that this course grew from train such a model with Keras.
# Their program, line by line, and ours:
#
# | the notes (Keras) | ours (PyTorch) | what it does |
# |:---|:---|:---|
# | `Input(shape=(None, src_vocab_size))` | `one_hot(source, src_vocab_size).float()` | each letter: one 1 among zeros, no embedding |
# | `LSTM(units=256, return_state=True)` | `Recurrent("lstm", src_vocab_size, 256)` | the encoder; its state comes out too |
# | `_, state_h, state_c = encoder_lstm(encoder_inputs)` | `_, states = self.encoder_lstm(inputs)` | the outputs are dropped, hidden and cell state kept |
# | `Input(shape=(None, tar_vocab_size))` | `one_hot(read, tar_vocab_size).float()` | what the decoder reads: `<s>` and the right symbols |
# | `LSTM(256, return_sequences=True, return_state=True)` | `Recurrent("lstm", tar_vocab_size, 256)` | the decoder; a hidden state at each place |
# | `decoder_lstm(decoder_inputs, initial_state=encoder_states)` | `self.decoder_lstm(inputs, states)` | it starts from the encoder's two states |
# | `Dense(tar_vocab_size, activation='softmax')` | `nn.Linear(256, tar_vocab_size)` | one number for each phoneme; our loss takes the softmax |
# | `compile(optimizer="rmsprop")` | `torch.optim.RMSprop(lr=1e-3, alpha=0.9, eps=1e-7)` | Keras' settings; PyTorch's own differ |
# | `loss="categorical_crossentropy"` | `cross_entropy(logits, write, ignore_index=0)` | −log of the right symbol's probability, not on padding |
# | `x=[encoder_input, decoder_input], y=decoder_target` | `task.batch(pairs)` | letters; `<s>` + phonemes; phonemes + `</s>` |
# | `batch_size=64, epochs=40` | `ShuffledBatches(pairs, 64)`, as many steps as there is time | 64 words at a time |
# | `validation_split=0.2` | `pairs[: 4 * len(pairs) // 5]` | Keras keeps the last fifth back, unshuffled |
#
# The one-hot vector is multiplied by a matrix inside the LSTM, which picks out one column: it is an embedding in disguise.
# The notes' program has no mask, so its encoder reads the padding of a batch too; packing, as above, is what we add.
# And a caution on the last line: the dictionary is in alphabetical order.
# The *last fifth* would be the words from *s* to *z*, so we shuffle first.


# %%
class NotesModel(nn.Module):
    """The notes' model. `start` and `step` are how `course.decoding` decodes it."""

    def __init__(self, src_vocab_size, tar_vocab_size, units, generator):
        super().__init__()
        self.encoder_lstm = Recurrent("lstm", src_vocab_size, units)
        self.decoder_lstm = Recurrent("lstm", tar_vocab_size, units)
        self.decoder_softmax_layer = nn.Linear(units, tar_vocab_size)
        for lstm_layer in (self.encoder_lstm, self.decoder_lstm):
            lstm_layer.init_weights(generator)
        nn.init.xavier_uniform_(self.decoder_softmax_layer.weight, generator=generator)

    def encode(self, source):
        lengths = (source != Vocabulary.pad_id).sum(dim=1)
        return self.encoder_lstm(one_hot(source, len(task.source)).float(), lengths=lengths)

    def decode(self, read, states):
        outputs, states = self.decoder_lstm(one_hot(read, len(task.target)).float(), states)
        return self.decoder_softmax_layer(outputs), states

    def forward(self, source, read):
        _outputs, states = self.encode(source)
        return self.decode(read, states)[0]

    @torch.no_grad()
    def start(self, source, max_length):
        outputs, states = self.encode(source)
        state = Seq2SeqState(states, outputs, source != Vocabulary.pad_id)
        return self.step(
            state, torch.full((len(source),), Vocabulary.bos_id, device=source.device)
        )

    @torch.no_grad()
    def step(self, state, tokens):
        logits, states = self.decode(tokens[:, None], state.cell)
        return logits[:, 0].log_softmax(dim=-1), Seq2SeqState(states, state.memory, state.mask)


# %%
def loss(model, batch, **teacher):
    logits = model(batch.source, batch.read, **teacher)
    return cross_entropy(
        logits.flatten(0, 1), batch.write.flatten(), ignore_index=Vocabulary.pad_id
    )


pairs = task.pairs()
random.Random(0).shuffle(pairs)
fitting, kept_back = pairs[: 4 * len(pairs) // 5], pairs[4 * len(pairs) // 5 :]
batches = ShuffledBatches(fitting, 64, task.batch)
STEPS = 300 * BUDGET
say(f"The notes' 40 epochs are {40 * len(batches):,} steps. Here: {STEPS:,}, of 64 words each.")

# %%
notes_model = NotesModel(
    len(task.source), len(task.target), 256, torch.Generator().manual_seed(0)
).to(course.device())
optimizer = torch.optim.RMSprop(notes_model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
history = train(notes_model, batches, loss, optimizer, steps=STEPS)

# %% tags=["nbval-ignore-output"]
sample = random.Random(0).sample(list(test_words), SAMPLE)
three = ["hello", "kitchen", "through"]
with torch.no_grad():
    loss_kept_back = loss(notes_model, task.batch(kept_back[:1000])).item()
say(f"loss: {history.losses[0]:.1f} at first; {loss_kept_back:.1f} now, on words kept back")
models = {"the notes' program, here": notes_model, "the stored model": lstm}
table(
    {"model": name, "phonemes wrong": f"{error_rate(evaluate(model, task, sample)):.0%}"}
    | dict(zip(three, map(" ".join, write(model, task, three)), strict=True))
    for name, model in models.items()
)

# %% [markdown]
# In so short a time the program learns which sounds are frequent, and little of the word that it reads.
# That is no fault of the program: it is far from the 40 passes.
# The stored model has had six passes, with embeddings, packing, a faster optimizer (Adam) and a learning rate that rises and falls; it is the one we go on with.
#
# ### What teacher forcing leaves out
#
# The model is trained on right symbols and has to write after its own.
# After a wrong one it is where training never was.
# How much does that cost?
# Give the stored model the right symbols at every place and count the phonemes that it would get wrong; then let it write alone.

# %%
batch = task.batch([(example.source, example.targets[0]) for example in sample])
with torch.no_grad():
    likeliest = lstm(batch.source, batch.read).argmax(dim=-1)
real = batch.write != Vocabulary.pad_id
forced = (likeliest != batch.write)[real].float().mean()
on_its_own = evaluate(lstm, task, [e._replace(targets=e.targets[:1]) for e in sample])
symbols = sum(len(one.target) + 1 for one in on_its_own)
free = sum(one.errors for one in on_its_own) / symbols
table(
    {"the decoder reads": what, "errors in 100 symbols": f"{100 * rate:.1f}"}
    for what, rate in {"the right symbols": forced, "its own": free}.items()
)

# %% [markdown]
# The difference is called *exposure bias*.
# One remedy is to turn teacher forcing down: at each place the decoder reads the right symbol with a certain chance, else its own (*scheduled sampling*, Bengio et al. 2015).
# `teacher_forcing` of our model is that ratio.
# Change the ratios below; each trains a small model on short words from the same start.

# %%
RATIOS = (1.0, 0.75, 0.0)
short = [pair for pair in fitting if len(pair[0]) <= 5]
short_test = [example for example in test_words if len(example.source) <= 5][:SAMPLE]
config = Seq2SeqConfig(len(task.source), len(task.target), d_embedding=32, d_hidden=64)

# %% tags=["nbval-ignore-output"]
errors = {ratio: [] for ratio in RATIOS}
for ratio in RATIOS:
    for seed in SEEDS:
        small = Seq2Seq(config, torch.Generator().manual_seed(seed)).to(course.device())
        generator = torch.Generator(course.device()).manual_seed(seed)
        train(
            small,
            ShuffledBatches(short, 64, task.batch, seed=seed),
            partial(loss, teacher_forcing=ratio, generator=generator),
            torch.optim.Adam(small.parameters(), lr=1e-2),
            steps=200 * BUDGET,
            max_gradient_norm=1.0,
        )
        errors[ratio].append(error_rate(evaluate(small, task, short_test)))
table(
    {
        "teacher forcing": ratio,
        "phonemes wrong, mean of seeds": f"{np.mean(found):.0%}",
        "lowest and highest": f"{min(found):.0%} to {max(found):.0%}",
    }
    for ratio, found in errors.items()
)

# %% [markdown]
# With the right symbols at every place the small model is best, or as good as any.
# Fed with nothing but its own symbols it learns more slowly, since most of what it reads is wrong at first.
# Between 1 and 0.75 the difference is no larger than that between two seeds: at this size and in this time scheduled sampling does not pay.
# Bengio et al. lower the ratio slowly over a long training, and gain a little.
# The stored models were trained with a ratio of 1.
#
# ## 6 · Writing: greedy and beam search
#
# Training is over; now the model writes.
# The plainest way is *greedy search*: take the likeliest symbol, read it, go on.


# %% tags=["exercise"]
def greedy(chances: dict[str, dict[str, float]], max_length: int) -> list[str]:
    """What a small decoder writes when it takes the likeliest symbol at every step.

    The decoder's whole state is the symbol that it read last: `chances[last]` gives the
    probabilities of the next. It begins with `<s>` and ends with `</s>`, or after `max_length`
    symbols. Neither mark is in the answer.

    >>> chances = {"<s>": {"K": 0.9, "S": 0.1}, "K": {"AE": 0.6, "</s>": 0.4}, "AE": {"</s>": 1.0}}
    >>> greedy(chances, 10)
    ['K', 'AE']
    """
    ...


check("seq2seq.greedy", greedy)

# %% [markdown]
# But the likeliest first step need not lead to the likeliest whole.
# The probability of an output is the product over its symbols, so its log-probability is their sum.
# *Beam search* keeps the best few unfinished outputs, continues each of them by every symbol, and keeps the best few of all of these.


# %% tags=["exercise"]
def beam_step(
    beam: list[tuple[tuple[str, ...], float]],
    log_probabilities: list[dict[str, float]],
    size: int,
) -> list[tuple[tuple[str, ...], float]]:
    """One step of beam search: the `size` best continuations of all in the beam, best first.

    `beam` holds outputs with their log-probabilities; `log_probabilities[i]` gives those of each
    symbol that may come next in output `i`. An output's is the sum over its symbols.

    >>> beam = [(("K",), -0.5), (("S",), -1.0)]
    >>> beam_step(beam, [{"AE": -1.0, "AA": -2.0}, {"AE": -0.25, "AA": -3.0}], 2)
    [(('S', 'AE'), -1.25), (('K', 'AE'), -1.5)]
    """
    ...


check("seq2seq.beam_step", beam_step)

# %% [markdown]
# Your words here:

# %%
words = ["colonel", "chaos", "archive", "wednesday", "lasagna"]
limits = {"eos_id": Vocabulary.eos_id, "max_length": task.max_length}
sources = task.sources(words)
greedily = greedy_search(lstm, sources, **limits)
with_beam = beam_search(lstm, sources, beam_size=4, **limits)
SEARCHES = ("greedy", "beam 4, number 1", "beam 4, number 2")
table(
    {
        "word": w if search == "greedy" else "",
        "search": search,
        "output": " ".join(task.target.decode(found.tokens)),
        "log-probability": f"{found.log_probability:.2f}",
    }
    for w, plain, (first, second, *_others) in zip(words, greedily, with_beam, strict=True)
    for search, found in zip(SEARCHES, (plain, first, second), strict=True)
)

# %% [markdown]
# Two promises of the search are easy to check.
# A beam of one is greedy search.
# And the score of an output is the log-probability that the model gives it: read the output in one pass with teacher forcing, and add up.

# %%
sources_200 = [example.source for example in sample[:200]]
ids_200 = task.sources(sources_200)
greedy_200 = greedy_search(lstm, ids_200, **limits)
beam_1 = [found[0] for found in beam_search(lstm, ids_200, beam_size=1, **limits)]
beam_4 = [found[0] for found in beam_search(lstm, ids_200, beam_size=4, **limits)]
equal = [one.tokens for one in greedy_200] == [one.tokens for one in beam_1]

claimed = torch.tensor([one.log_probability for one in beam_4], device=course.device())
outputs = [task.target.decode(one.tokens) for one in beam_4]
batch_200 = task.batch(list(zip(sources_200, outputs, strict=True)))
with torch.no_grad():
    log_probabilities = lstm(batch_200.source, batch_200.read).log_softmax(dim=-1)
of_symbols = log_probabilities.gather(2, batch_200.write[..., None])[..., 0]
summed = of_symbols.masked_fill(batch_200.write == Vocabulary.pad_id, 0.0).sum(dim=1)
summed_up = torch.allclose(claimed, summed, atol=1e-3)
pairs_200 = zip(beam_4, greedy_200, strict=True)
likelier = [b.log_probability > g.log_probability + 1e-4 for b, g in pairs_200]
say(f"beam 1 equals greedy: {equal}")
say(f"scores are the log-probabilities, to 0.001: {summed_up}")
say(f"beam 4 found a likelier output than greedy for {sum(likelier)} of 200 words")

# %% [markdown]
# Likelier is not yet better.
# What counts is the distance to the right output, in *edits*: symbols to insert, leave out or replace.


# %% tags=["exercise"]
def edit_distance(written: list[str], right: list[str]) -> int:
    """The fewest edits that make one list the other: insert, leave out or replace one symbol.

    >>> edit_distance(["K", "AE", "T"], ["K", "AH", "T"])
    1
    >>> edit_distance(["AE", "T", "S"], ["K", "AE", "T", "S"])
    1
    """
    ...


check("seq2seq.edit_distance", edit_distance)

# %% [markdown]
# All edits over all right symbols are the *phoneme error rate*; the share of words without any is the *word accuracy*.
# A word that is said in several ways is compared with the nearest of them.

# %%
table(
    {
        "beam": size,
        "phoneme error rate": error_rate(outcomes),
        "word accuracy": exact_match(outcomes),
        "words": len(outcomes),
    }
    for size in (1, 2, 4, 8)
    for outcomes in [evaluate(lstm, task, sample, beam_size=size)]
)

# %% [markdown]
# The gain is small: from a beam of 1 to one of 4 the error falls by a few in a thousand phonemes, and a larger beam brings nothing more.
# For most words greedy search has found the likeliest output already.
# Where it has not, the model is in doubt, and the likelier output is not much more often right.
# See *colonel* and *lasagna* above: which of their outputs is nearer to what people say?
#
# ## 7 · Is that good?
#
# The package g2p-en, which speech programs use, contains a pretrained encoder–decoder: a GRU that reads and a GRU that writes, 256 numbers each, as ours.
# Its file is read into the course's own `Seq2Seq`, so that everything above works with it.
# On the same test words (it writes stress too, which is taken off):

# %%
g2p, g2p_task = g2p_en()


def evaluate_g2p(examples, beam_size=1):
    said = write(g2p, g2p_task, [example.source for example in examples], beam_size=beam_size)
    return compare(examples, [without_stress(output) for output in said])


by_lstm, by_g2p = evaluate(lstm, task, test_words), evaluate_g2p(test_words)
seen = random.Random(1).sample(list(task.train), 5 * SAMPLE)
judged = {
    ("LSTM, ours", "the test"): by_lstm,
    ("GRU, g2p-en", "the test"): by_g2p,
    ("GRU, g2p-en", "our training"): evaluate_g2p(seen),
    ("LSTM, ours, beam 4", "the sample"): evaluate(lstm, task, sample, beam_size=4),
    ("GRU, g2p-en, beam 4", "the sample"): evaluate_g2p(sample, beam_size=4),
}

# %%
table(
    {
        "model": name,
        "parameters": count_parameters(g2p if "g2p" in name else lstm),
        "words of": words_of,
        "count": len(outcomes),
        "phoneme error rate": error_rate(outcomes),
        "word accuracy": exact_match(outcomes),
        "±": (exact_match(outcomes) * (1 - exact_match(outcomes)) / len(outcomes)) ** 0.5,
    }
    for (name, words_of), outcomes in judged.items()
)

# %% [markdown]
# Per phoneme the two are close; of whole words g2p-en, with more parameters, gets more right.
# The comparison is not fair to our model: g2p-en was made with this very dictionary, and its package does not say which words were left out, so our test words were most probably among those it learned from.
# There is a trace of that.
# On words that we trained on it is about as good as on our test words (± is one standard error, from the number of words): it knows both equally well.
# Our model has seen none of the test words.
#
# > **What a paper reports.**
# > Yao and Zweig (2015) trained an LSTM encoder–decoder without attention on an older edition of the same dictionary: 7.53 % phoneme error rate, and 29.21 % of the words wrong.
# > The first row above is in that region, but the test words are not the same.
#
# ## 8 · What one vector loses
#
# The notes say: to press all information into one vector of fixed size loses some of it.
# If so, long words must suffer.
# Here is the phoneme error rate against the number of letters, of models trained with different seeds, as stored with the course.

# %%
lengths = [range(first, end) for first, end in pairwise((3, 5, 7, 9, 11, 13, 15, 21))]
records = trained.results("pronunciation")
g2p_by_length = [[o for o in by_g2p if len(o.example.source) in group] for group in lengths]
rates = {
    "LSTM": trained.curve(records, "lstm", lengths),
    "GRU": trained.curve(records, "gru", lengths),
    "GRU, g2p-en": np.array([[error_rate(outcomes) for outcomes in g2p_by_length]]),
}
counts = trained.by_length(trained.record_of("pronunciation", "lstm"), lengths)
error_by_length(
    np.array([np.mean(group) for group in lengths]),
    rates,
    title="Long words cost errors, from about twelve letters on",
    ylim=(0, 0.25),
    words=[group["examples"] for group in counts],
)

# %%
measures = {"phoneme error rate": "error_rate", "word accuracy": "exact_match"}
spreads = {n: trained.by_model("pronunciation", "test", m) for n, m in measures.items()}
table(
    {"model, all test words": name}
    | {measure: of_models[key] for measure, of_models in spreads.items()}
    for name, key in {"LSTM": "lstm", "GRU": "gru"}.items()
)

# %% [markdown]
# Numbers from a file have to be believed, unless one can repeat them.
# The stored model has been judged above, in this very run.
# Is that what its file says?
# And what does the word accuracy do?

# %%
lstm_by_length = [[o for o in by_lstm if len(o.example.source) in group] for group in lengths]
stored_by_length = trained.by_length(record, lengths)
right_phoneme = 1 - error_rate(by_lstm)  # the chance, if every phoneme had the same
table(
    {
        "letters": f"{group[0]} to {group[-1]}",
        "words": len(now),
        "error rate, stored": stored["errors"] / stored["symbols"],
        "evaluated now": error_rate(now),
        "word accuracy": exact_match(now),
        "if errors fell evenly": right_phoneme ** np.mean([len(one.target) for one in now]),
    }
    for group, now, stored in zip(lengths, lstm_by_length, stored_by_length, strict=True)
)

# %% [markdown]
# The claim holds for long words only.
# Up to about ten letters the error rate hardly moves: the vector is large enough for the words that English mostly has.
# From twelve letters on it rises, and for the longest words it is far above that of the others; in the GRUs, g2p-en's and ours, which hand over one vector where the LSTM has two, it rises more steeply.
# The last points stand for few words (see the column), so they are the least certain.
#
# The word accuracy falls all the way, but that alone shows nothing: a long word has more phonemes to get wrong.
# The last column is what it would be if every phoneme of every word had the same chance.
#
# Long words might be hard for another reason than the vector.
# Lesson 04 gives the decoder a way round it, and repeats this figure.
#
# ### Not length, but information
#
# English dates, to be written in Korean, are longer than words.
# The same kind of model, without attention, was trained on them:

# %%
date_tests = trained.record_of("dates", "lstm")["tests"]
table(
    {
        "test": name,
        "characters": f"{min(map(int, groups))} to {max(map(int, groups))}",
        "seeds": len(right),
        "exact match, lowest": min(right.values),
        "highest": max(right.values),
    }
    for name in ("new dates", "new combinations")
    for groups in [date_tests[name]["by_length"]]
    for right in [trained.by_model("dates", name, "exact_match")["lstm"]]
)

# %% [markdown]
# *New dates* are days that the training did not have; *new combinations* are also written in ways that it did not have.
# All of it goes through one vector, because a date says little, however long it is: a day of two centuries.
# The spelling of an English word is far harder to foresee.
# Type a date:

# %%
dates = date_task()
date_stepper = DecoderStepper(
    trained.load("dates/lstm"), dates, text="".join(dates.tests["new dates"][0].source), step=6
)
date_stepper

# %% [markdown]
# ### Reading the letters back
#
# The error rate is an indirect measure: the decoder knows English spelling, and can guess much that the vector does not hold.
# So ask the vector itself.
# From hidden and cell state at the end of the word, 512 numbers, read the letter at each place: a *linear probe*, one matrix for each place, fitted on words that the model was trained on, and tried on test words.

# %%
source(linear_probe)

# %%
draws = random.Random(0)


def end_states(examples):
    source_ids = task.sources([example.source for example in examples])
    with torch.no_grad():
        return torch.cat(lstm.encoder(source_ids).cell, dim=-1), source_ids


read_right = {}
for length in (4, 6, 8, 10, 12):
    to_fit, to_try = (
        [e for e in part if len(e.source) == length] for part in (task.train, test_words)
    )
    fitted, tried = end_states(draws.sample(to_fit, 1500)), end_states(to_try[:300])
    read_right[length] = linear_probe(*fitted, *tried).float().mean(dim=0).cpu().numpy()
places = {"first": 0, "second": 1, "in the middle": None, "last but one": -2, "last": -1}
table(
    {"letters": n}
    | {name: f"{right[n // 2 if i is None else i]:.0%}" for name, i in places.items()}
    for n, right in read_right.items()
)

# %%
linear_probe_curves(read_right)

# %% [markdown]
# The first and the last letter can be read off the vector of any word.
# The letters between fade: in words of four letters nearly all are there; in words of ten or twelve only about every second one in the middle is read right.
# The end is fresh, since it was read last.
# Why the beginning stays too, the figure does not say.
# (A linear probe finds what lies plainly in the vector.
# The decoder may find more.)
#
# Do the errors fall where the letters are lost?
# Give the model the right symbols, and count where in the word it would write a wrong one.

# %%
QUARTERS = ("first quarter of the phonemes", "second", "third", "last")
wrong_by_quarter = []
for first, end, name in [(4, 7, "4 to 6"), (7, 12, "7 to 11"), (12, 30, "12 and more")]:
    of_group = [e for e in test_words if first <= len(e.source) < end][:1000]
    batch_of_group = task.batch([(e.source, e.targets[0]) for e in of_group])
    with torch.no_grad():
        likeliest = lstm(batch_of_group.source, batch_of_group.read).argmax(dim=-1)
    wrong = {quarter: [] for quarter in QUARTERS}
    for row, example in zip(likeliest != batch_of_group.write, of_group, strict=True):
        n = len(example.targets[0])
        for place in range(n):
            wrong[QUARTERS[4 * place // n]].append(row[place].item())
    shares = {quarter: f"{np.mean(found):.1%}" for quarter, found in wrong.items()}
    wrong_by_quarter.append({"letters": name} | shares)
table(wrong_by_quarter)

# %% [markdown]
# Compare the rows.
# In short words most errors fall at the beginning, where the decoder has the vector and has read nothing else.
# The longer the word, the safer the beginning, and the more errors fall in the second half of the middle: there least can be read off the vector, and even a decoder that is told every phoneme before has to guess.
#
# ## What to remember
#
# - An encoder reads a sequence into one vector; a decoder starts from it and writes symbol by symbol, each step from the last symbol and its own state.
# - In training the decoder reads the right symbols (teacher forcing), which is fast, and leaves it untrained for its own mistakes.
# - Padding must not be read: packing, or a mask, stops each row at its own end.
# - Greedy search takes the likeliest symbol at each step, a beam keeps the likeliest few outputs.
#   A likelier output is not always a better one.
# - The vector has a fixed size, and the middle of a long word is the first to go.
#
# **Read on**: Sutskever, Vinyals and Le 2014, *Sequence to Sequence Learning with Neural Networks*, sections 2 and 3; Cho et al. 2014, *Learning Phrase Representations using RNN Encoder–Decoder*, section 2; Bengio et al. 2015, *Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks*, section 2; Yao and Zweig 2015, *Sequence-to-Sequence Neural Net Models for Grapheme-to-Phoneme Conversion*.
# In the code: `course/seq2seq/`, `course/decoding/search.py`, `course/tasks/`; the longer trainings in `experiments/`.
#
# **Next**: lesson 04, *Attention*, which lets the decoder look back at every letter.

# %%
progress.table()
