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
# # 02 · Tokenization
#
# A model reads numbers.
# This lesson is about the step before the model: cutting a text into pieces and numbering them.
# After it you can
#
# - train and apply the three subword tokenizers in use today, byte-pair encoding, WordPiece and Unigram: you work one step of each by hand, and run the loop around it on functions of your own;
# - say what a typo, a rare word or a Korean sentence does to each of them, with numbers;
# - explain why a token often begins with a space, and why hardly any text is "unknown" to a model like SmolLM2.
#
# **Time**: 120 minutes; the cells run in about half a minute on two processor cores.
# **Before this**: lesson 00.
#
# Words in italics are explained where they first occur, and again in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import math
import re
from collections import Counter
from dataclasses import replace
from itertools import accumulate

from course import data
from course.claims import Finding, claim
from course.data.overlap import disjoint
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.intervals import RunCounts, exact, mean_difference, mean_over_items, rate
from course.pretrained import load_tokenizer
from course.tokenization import (
    ByteLevelBPE,
    CharacterTokenizer,
    Unigram,
    WordPiece,
    WordTokenizer,
    affixes,
    typos,
    unigram_training,
)
from course.tokenization.bpe_merging import encoding_steps
from course.tokenization.bpe_training import learn_merges
from course.tokenization.byte_alphabet import BYTE_OF, print_bytes
from course.tokenization.pre_tokens import GPT2_PATTERN, SMOLLM2_PATTERN, PreTokenizer
from course.tokenization.wordpiece_training import (
    learn_vocabulary,
    pair_count,
    pair_ratio,
    spell,
)
from course.viz import MergeStepper, TokenExplorer, figures, use_course_style
from course.viz.show import say, source, table

# %%
use_course_style()

BUDGET = 1  # 1: the lesson as printed; 10: ten times the text, larger vocabularies
TRAIN_BYTES = 300_000 * BUDGET
VOCAB_SIZE = 2_000 * BUDGET
SEEDS = range(5)

# %% [markdown]
# ## 1 · One sentence, cut in several ways
#
# A *token* is a piece of text that a model treats as one unit.
# The pieces a model knows are its *vocabulary*, and the number of a piece in it is its *id*.
# A *tokenizer* turns a text into ids and ids into a text.
# The plainest pieces are words and punctuation marks:

# %%
sentence = "Natural language processing is interesting!"
plain_words = WordTokenizer.train(sentence, vocab_size=100)
[piece.token for piece in plain_words.explain(sentence)]

# %% [markdown]
# Six tokens.
# Now the tokenizers of three real models on the same sentence: GPT-2 (2019), SmolLM2 (2024), and MiniLM (2020), a small relative of BERT (lesson 08).

# %%
keys = {"GPT-2": "gpt2", "SmolLM2": "smollm2", "MiniLM": "minilm"}
real = {name: load_tokenizer(key) for name, key in keys.items()}
table(
    {
        "tokenizer": name,
        "vocabulary": t.vocab_size,
        "tokens": len(t.encode(sentence)),
        "pieces": " ".join(piece.token for piece in t.explain(sentence)),
    }
    for name, t in real.items()
)

# %% [markdown]
# This sentence of common words is cut in the same places by all three.
# What differs is the notation.
# `Ġ` at the head of a token is a space: GPT-2 and SmolLM2 keep it as part of the word.
# MiniLM drops spaces and lowers the case before it cuts; such cleaning is called *normalization*.
# Instead, MiniLM marks where there was no space: `##` in front of a piece says that the piece continues a word.
#
# Type something less common: a name, a typo, an emoji, a line of code, another language.
# Hover over a token (or move to it with the arrow keys) to see its id, its entry in the vocabulary, its bytes and why the cut is there.
# The strip shows the text that a token covers, which normalization may have changed: for `Un`, MiniLM's entry is `un`.
# Where several tokens share one character, it shows their entries: MiniLM takes each Korean syllable apart into its letters, GPT-2 into bytes.

# %%
explorer = TokenExplorer(
    real, text="Unbelievably, the tokenizer survived a tpyo. 안녕하세요 🙂 x = 3.14159"
)
explorer

# %% [markdown]
# > **What the notes say.**
# > "Tokenization grasps the correlations between words and infers the meaning of the text."
# > It does not: a tokenizer is a fixed function of the characters, made by counting strings.
# > Below, "bank" has the same id beside a river and beside a loan.
# > Meanings are left to the model.
# >
# > "Splitting a text into tokens makes it easier to process, and helps a model to understand it."
# > Some tokens are needed, since a model reads numbers.
# > Which ones help a model most was not tested: no model is trained in this lesson.

# %%
for text in ("We sat on the bank of the river.", "The bank raised its loan."):
    say(text, [piece.id for piece in real["GPT-2"].explain(text) if piece.token == "Ġbank"])

# %% [markdown]
# ## 2 · A vocabulary of words, and where it ends
#
# Why not use words?
# This lesson's texts are the messages that presidents of the United States have sent to Congress since 1790.
# The earliest ones, 300 KB in all, are the training text; the later ones are for testing.
# `disjoint` makes sure that no text is in both sets, whole or as a part, and reports near copies.
# Twenty of the later messages, drawn at random, serve where one number for each message is needed.

# %%
messages = data.presidential_messages()
n_train = sum(
    size <= TRAIN_BYTES for size in accumulate(len(m.text.encode()) for m in messages)
)
sets = disjoint(messages[:n_train], messages[n_train:], text=lambda m: m.text)
train_messages, (later,) = sets
train_text = "\n\n".join(m.text for m in train_messages)
held_out = draw(later, 20, seed=0)
say(*sets.near_copies)
table(
    {"set": name, "messages": len(some), "years": f"{some[0].year}–{some[-1].year}"}
    for name, some in {
        "training": train_messages,
        "later": later,
        "20 of them": held_out,
    }.items()
)

# %% [markdown]
# From the training text comes a vocabulary of all its words.
# How many words of the later messages are missing from it?
# (Punctuation marks count as words here; they are hardly ever missing.)

# %%
ask("tokenization.new_words")


# %%
def share_unknown(tokenizer, text):
    ids = tokenizer.encode(text)
    return sum(i == tokenizer.unknown_id for i in ids) / len(ids)


all_words = WordTokenizer.train(train_text, vocab_size=1_000_000)
shares = [share_unknown(all_words, m.text) for m in later]
of_decade = {}
for message, share in zip(later, shares, strict=True):
    of_decade.setdefault(message.year // 10 * 10, []).append(share)
figures.hover_curves(
    list(of_decade),
    {"mean of a decade's messages": [sum(some) / len(some) for some in of_decade.values()]},
    title="A vocabulary of words goes out of date",
    xlabel="first year of the decade",
    ylabel="words not in the vocabulary",
    ylim=(0.0, 0.3),
    percent=True,
)

# %% [markdown]
# Hover over the figure to read off a value.
# Drag across a part to enlarge it; a double click brings back the whole.
#
# A model that reads words sees the *unknown token* `<unk>` in place of a missing word: "internet", "inflation" and "unemployment" all become the same token.

# %%
rise = sum(shares[-50:]) / 50 - sum(shares[:50]) / 50
claim(
    "tokenization.words_age",
    "A vocabulary of words goes out of date.",
    said_by="a common saying",
    findings=[
        Finding(
            "missing words, the 50 latest messages minus the 50 first after the training text",
            exact(rise, of="all messages of both groups", unit="points"),
            holds="above",
            bound=0.0,
        )
    ],
)

# %% [markdown]
# Every message of both groups was counted, so no other choice of messages would change the number.
# But it is one training text, and time is not all that changed.
# The latest messages are speeches to the whole nation as well, and their contractions are missing too (`ve`, `re`).
# Many of the missing words are not new at all, only a form that the training text happened not to use:

# %%
latest = all_words.explain(later[-1].text)
missing = dict.fromkeys(p.data.decode() for p in latest if p.id == all_words.unknown_id)
say(
    f"{all_words.vocab_size} words known; {len(missing)} others in the latest message, such as:"
)
say(", ".join([word for word in missing if word.isalpha() and word.islower()][:24]))

# %% [markdown]
# The other extreme is to use characters.
# Hardly any are unknown, but a text becomes long, and each token carries little.


# %%
def characters_per_token(tokenizer, text):
    return len(text) / len(tokenizer.encode(text))


def over_messages(measure, tokenizer, unit=""):
    values = [measure(tokenizer, m.text) for m in held_out]
    return mean_over_items(values, unit, of="messages")


characters = CharacterTokenizer.train(train_text, vocab_size=VOCAB_SIZE)
table(
    {
        "tokenizer": name,
        "vocabulary": t.vocab_size,
        "characters per token": over_messages(characters_per_token, t),
        "unknown": over_messages(share_unknown, t, "%"),
    }
    for name, t in {"words": all_words, "characters": characters}.items()
)

# %% [markdown]
# The brackets after a mean hold a 95 % *confidence interval*: were such intervals computed again and again from other data of the same kind, 95 in 100 would contain the true value.
# The line below the table says what the interval covers, here the choice of the messages, and it covers nothing else.
#
# The vocabularies in use today lie between the two: frequent words are one token, rare ones are composed of pieces, called *subwords*.
# The question is which pieces.
# Three answers follow.
#
# ## 3 · Byte-pair encoding
#
# *Byte-pair encoding* (BPE) starts from single symbols.
# It counts which two occur side by side most often, joins them into one new symbol, and repeats.
# The joined pairs, in order, are the *merges*; they are all that is learned.
# Gage described the method for compression in 1994; Sennrich, Haddow and Birch (2016, section 3.2) applied it to words.
#
# ### Why a space belongs to a token
#
# Before any pair is counted, the text is cut into *pre-tokens*, a step called *pre-tokenization*, and no merge crosses a cut.
# If spaces were thrown away here, decoding could not restore them: was it "can not" or "cannot"?
# So GPT-2's rule gives each word the space before it.
# Joined, the pieces are the text again, every character of it: encoding and decoding are a *round trip*.


# %% tags=["exercise"]
def split_words(text: str) -> list[str]:
    """Cut a text in front of every space.

    Each piece but the first begins with its space, and the pieces joined are the text again.

    >>> split_words("hug the pug")
    ['hug', ' the', ' pug']
    >>> split_words("two  spaces ")
    ['two', ' ', ' spaces', ' ']
    """
    ...


check("tokenization.split_words", split_words)

# %% [markdown]
# ### Count, then join
#
# A *corpus*, the text to learn from, is stored as its distinct words with their counts, so that a word that occurs a thousand times is looked at once.


# %% tags=["exercise"]
def count_pairs(words: dict[tuple[str, ...], int]) -> dict[tuple[str, str], int]:
    """How often each pair of neighbouring symbols occurs in a text.

    `words` gives each distinct word of the text, as a tuple of symbols, and how often the word
    occurs. A pair lies within one word; a pair that does not occur is not in the answer.

    >>> count_pairs({("h", "u", "g"): 10, ("h", "u", "m"): 5})
    {('h', 'u'): 15, ('u', 'g'): 10, ('u', 'm'): 5}
    """
    ...


check("tokenization.count_pairs", count_pairs)

# %% [markdown]
# Then the joining, within one word.
# Three equal symbols in a row are where it usually goes wrong.


# %% tags=["exercise"]
def apply_merge(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """The word after a merge: where the two symbols of `pair` are side by side, they become one.

    Goes from left to right; a symbol that has been joined is not joined again in the same merge.

    >>> apply_merge(("h", "u", "g", "h", "u"), ("h", "u"))
    ('hu', 'g', 'hu')
    >>> apply_merge(("a", "a", "a"), ("a", "a"))
    ('aa', 'a')
    """
    ...


check("tokenization.apply_merge", apply_merge)

# %% [markdown]
# With your three functions, the training is a loop of a dozen lines.
# Two things have to be settled.
# The first symbols here are *bytes*, the numbers from 0 to 255 in which every text is stored; `print_bytes` writes each as a visible character, and the space as `Ġ`.
# And of several equally frequent pairs, which one is joined?
# By convention, symbols are numbered: first the bytes, then the joined ones in the order of their merges.
# The pair whose left symbol has the smaller number wins, and of two such pairs the one whose right symbol has.

# %%
split = yours("tokenization.split_words", split_words)
count = yours("tokenization.count_pairs", count_pairs)
merge = yours("tokenization.apply_merge", apply_merge)


def train_bpe(text, n_merges):
    corpus = {tuple(print_bytes(w.encode())): n for w, n in Counter(split(text)).items()}
    number = {symbol: i for i, symbol in enumerate(sorted(BYTE_OF))}
    merges = []
    while len(merges) < n_merges:
        counts = count(corpus)
        best = min(counts, key=lambda pair: (-counts[pair], number[pair[0]], number[pair[1]]))
        merges.append(best)
        number["".join(best)] = len(number)
        corpus = {tuple(merge(word, best)): n for word, n in corpus.items()}
    return merges


first_merges = train_bpe(train_text[:100_000], n_merges=40)
say(" ".join("".join(pair) for pair in first_merges))
at_spaces = r" [^ ]*|[^ ]+"  # the rule of your split_words, as a regular expression
say("the package's trainer:", learn_merges(train_text[:100_000], 40, at_spaces) == first_merges)

# %% [markdown]
# Your loop learns the same merges as the package's trainer.
# It recounts every pair for each merge, which is slow.
# The package's trainer keeps the count of each pair and the words it occurs in, and after a merge updates only those; tests compare it with the `tokenizers` library, merge by merge.
#
# Watch the same on a text of your own.
# **Forward** makes one merge, **Back** takes it back, and the bars are the counts from which the next pair is chosen.
# Several equal bars are a tie.

# %%
stepper = MergeStepper(
    text="the newest tokens are the tokens that the other tokens made: the longest, the lowest, the newest",
    n_merges=40,
    step=6,
)
stepper

# %% [markdown]
# ### The pre-tokens of real models
#
# With spaces alone, a comma sticks to its word, and "tokens," would be learned apart from "tokens".
# GPT-2 cuts with a regular expression, read from left to right: English endings such as `'s`; an optional space and a run of letters; the same with digits; the same with other signs; and white space.
# SmolLM2 differs in one thing: every digit is a pre-token of its own.

# %%
say(GPT2_PATTERN)
for name, pattern in {"GPT-2": GPT2_PATTERN, "SmolLM2": SMOLLM2_PATTERN}.items():
    say(f"{name}:", PreTokenizer(pattern).split("It isn't 3.14159, is it?"))

# %% [markdown]
# With GPT-2's pattern and the fast trainer, here is the BPE vocabulary that the rest of the lesson uses.

# %%
bpe = ByteLevelBPE.train(train_text, n_merges=VOCAB_SIZE - 256)
table(
    {"merge": number, "left": left, "right": right, "new token": left + right}
    for number, (left, right) in enumerate(bpe.merges[:8])
)

# %% [markdown]
# What do more merges buy?
# Here is how many characters one token covers, in the training text and in two messages of the 2020s.

# %%
sizes = [len(bpe.merges) * i // 16 for i in range(17)]
cut_short = [ByteLevelBPE(bpe.tokens, bpe.merges[:size]) for size in sizes]
of_2020s = draw([message.text for message in later if message.year >= 2020], 2)
texts = {"training text": train_text[:80_000], "messages of the 2020s": " ".join(of_2020s)}
per_token = {
    name: [characters_per_token(t, text) for t in cut_short] for name, text in texts.items()
}
figures.hover_curves(
    sizes,
    per_token,
    title="Each further merge buys less",
    xlabel="merges",
    ylabel="characters per token",
)

# %%
table(
    {"merges": f"{sizes[i]} → {sizes[2 * i]}"}
    | {f"gain, {name}": curve[2 * i] - curve[i] for name, curve in per_token.items()}
    for i in (1, 2, 4, 8)
)

# %% [markdown]
# A single further merge adds less and less.
# But each row of the table doubles the number of merges, and the later rows do not gain less than the first: for the same gain on new text once more, about twice as many merges are needed.
# Real vocabularies have from 30,000 to more than 250,000 tokens (Gemma); each token also costs a row of numbers in the model.
#
# ### Encoding: the merges once more, in their order
#
# How is a new word cut?
# By repeating the training on it.
# Each merge has a *rank*, its number in the order of learning.
# Of all neighbouring symbols, the pair with the lowest rank is joined, again and again, until no pair has a rank.

# %%
ask("tokenization.lowest_rank")

# %%
ranks = {pair: rank for rank, pair in enumerate(bpe.merges)}
table(
    {
        "tokens": " ".join(step.tokens),
        "pairs with a rank": ", ".join(
            f"{a}+{b} {rank}" for (a, b), rank in step.ranked.items()
        ),
        "joined": "+".join(step.joined or ("",)),
    }
    for step in encoding_steps(tuple("Ġnotable"), ranks)
)

# %% [markdown]
# Neither the length of a token nor its place in the word decides, only the order of the training.


# %% tags=["exercise"]
def encode_word(
    symbols: tuple[str, ...],
    ranks: dict[tuple[str, str], int],
) -> tuple[str, ...]:
    """The tokens of a word, given its single symbols and the merges of the training.

    `ranks` numbers the merges in the order in which they were learned: 0 came first. As long as two
    neighbours have a rank, join the two with the lowest rank; of equal ones, those further left.

    >>> ranks = {("u", "g"): 0, ("h", "ug"): 1, ("p", "u"): 2, ("hug", "s"): 3}
    >>> encode_word(("h", "u", "g", "s"), ranks)
    ('hugs',)
    >>> encode_word(("p", "u", "g", "s"), ranks)
    ('p', 'ug', 's')
    """
    ...


check("tokenization.encode_word", encode_word)

# %%
encode = yours("tokenization.encode_word", encode_word)
words_of_test = sorted({w for m in held_out for w in re.findall(r"[a-z]+", m.text)})
test_words = draw(words_of_test, 1000, seed=0)
same = [
    list(encode(tuple("Ġ" + w), ranks)) == [bpe.tokens[i] for i in bpe.encode(" " + w)]
    for w in test_words
]
say(
    sum(same), "of", len(same), "words of later messages have the same tokens as in the package"
)

# %% [markdown]
# ### Why nothing is unknown
#
# The symbols that GPT-2 and SmolLM2 start from are bytes.
# *UTF-8* stores an English letter as one byte, a Korean syllable as three, an emoji as four.
# A text in a script that the training never saw falls apart into bytes, and decoding puts it together again.
# To print them, GPT-2 gives each of the 256 bytes a visible character of its own: `A` is printed as `A`, the space as `Ġ`, and the bytes EC 95 88 of 안 as `ì ķ Ī`.

# %%
rare = "naïve 안녕 🙂"
table(
    {
        "character": repr(c),
        "bytes in UTF-8": c.encode().hex(" ").upper(),
        "tokens of our BPE": " ".join(bpe.tokens[i] for i in bpe.encode(c)),
    }
    for c in rare
)

# %% [markdown]
# SentencePiece, a library of tokenizers by Kudo and Richardson (2018), starts from characters instead, and can use bytes for a character that the vocabulary lacks, written `<0xED>`; the tokenizer of Llama 2 does.
# This is *byte fallback*.


# %% tags=["exercise"]
def byte_fallback(text: str, vocabulary: set[str]) -> list[str]:
    """Cut a text into characters; one that is not in the vocabulary becomes its UTF-8 bytes.

    A byte is written as `<0xAB>`, with two capital hexadecimal digits.

    >>> byte_fallback("a한", {"a", "b"})
    ['a', '<0xED>', '<0x95>', '<0x9C>']
    """
    ...


check("tokenization.byte_fallback", byte_fallback)

# %%
fallback = yours("tokenization.byte_fallback", byte_fallback)
say(" ".join(fallback(rare, set(characters.tokens))))

# %% [markdown]
# ### The same code is SmolLM2's tokenizer
#
# A trained tokenizer is a vocabulary and a list of merges.
# Given those of SmolLM2 (they are in the same file as its parameters), the class above is its tokenizer.
# Tests compare it with the `tokenizers` library, on ten thousand generated texts from all of Unicode and on the English and Korean texts of this lesson, and allow no difference; MiniLM's WordPiece likewise.
#
# SmolLM2's own vocabulary lacks a few bytes that did not occur in its training text.
# Of these, only six control characters can occur in a text (the other bytes never occur in UTF-8, or only in code points that Unicode has not assigned), and they vanish without a trace:

# %%
smollm2 = real["SmolLM2"]
say("bytes without a token:", smollm2.missing_bytes.hex(" ").upper())
say([smollm2.decode(smollm2.encode(f"a{control}b")) for control in "\x04\x06\x13\x14\x16\x1d"])

# %% [markdown]
# One kind of token is not made from text: *special tokens* such as `<|im_end|>`, which tell the model that a turn of the conversation is over.
# A user who types those ten characters must not be able to end a turn.
# So `encode` reads them as ordinary text, unless the program asks for the special token.

# %%
for allow_special in (False, True):
    ids = smollm2.encode("Stop<|im_end|>now", allow_special=allow_special)
    say(f"{allow_special=!s:>5}", [smollm2.tokens[i] for i in ids])

# %% [markdown]
# ## 4 · WordPiece
#
# *WordPiece* (Schuster and Nakajima 2012), the tokenizer of BERT, also joins pairs, but it chooses them differently.
# Its symbols say where in a word they occur: `s` begins a word, `##s` continues one.
# Suppose tokens are drawn one by one, each with its share of the text as probability; the probability that they give to the whole text is its *likelihood*.
# Then two tokens $a$ and $b$ appear in a row with probability $p(a)\,p(b)$, and as one token with $p(ab)$.
# Joining the pair multiplies the likelihood by the ratio of the two at each occurrence.
# In logarithms, and to first order, since joining also changes the other counts:
#
# $$\text{gain}(a, b) = n_{ab} \, \log \frac{p(ab)}{p(a)\,p(b)} = n_{ab} \, \log \frac{n_{ab} \, N}{n_a \, n_b} ,$$
#
# with the counts $n$ and the number $N$ of all tokens.


# %% tags=["exercise"]
def pair_score(pair: int, left: int, right: int, total: int) -> float:
    """By how much the log-likelihood of a text rises when a pair is joined, to first order.

    `pair` is how often the two occur side by side (at least once), `left` and `right` how often
    each occurs, and `total` the number of all tokens. Each occurrence of the pair gains the natural
    logarithm of the ratio p(ab) / (p(a) p(b)).

    >>> round(pair_score(pair=6, left=6, right=20, total=400), 2)
    17.97
    >>> round(pair_score(pair=1, left=20, right=40, total=400), 2)
    -0.69
    """
    ...


check("tokenization.pair_score", pair_score)

# %% [markdown]
# Training is the same loop as in section 3, with another choice.
# Here it runs on eight words with made-up counts.

# %%
score = yours("tokenization.pair_score", pair_score)
tiny = {"sing": 9, "song": 6, "sung": 4, "ring": 5, "king": 3, "pin": 4, "sink": 3, "quip": 1}


def scored(corpus):
    """The count of each pair and of each symbol, and the score of each pair."""
    pairs, singles = count(corpus), Counter()
    for symbols, n in corpus.items():
        singles.update({symbol: n * symbols.count(symbol) for symbol in set(symbols)})
    n_all = singles.total()
    gain = {(a, b): score(n, singles[a], singles[b], n_all) for (a, b), n in pairs.items()}
    return pairs, singles, gain


def joined(corpus, left, right):
    """The corpus after a merge; inside a token, `##` disappears."""
    written, token = left + right, left + right.removeprefix("##")
    return {
        tuple(token if s == written else s for s in merge(symbols, (left, right))): n
        for symbols, n in corpus.items()
    }


# %%
def wordpiece_steps(words, n_merges):
    corpus = {tuple(spell(word)): n for word, n in words.items()}
    for _ in range(n_merges):
        pairs, singles, gain = scored(corpus)
        ratio = {(a, b): n / (singles[a] * singles[b]) for (a, b), n in pairs.items()}
        a, b = max(gain, key=gain.get)
        yield {
            "joined": f"{a}+{b}",
            "n_ab": pairs[a, b],
            "n_a": singles[a],
            "n_b": singles[b],
            "N": singles.total(),
            "gain": gain[a, b],
            "by count": "+".join(max(pairs, key=pairs.get)),
            "by ratio": "+".join(max(ratio, key=ratio.get)),
        }
        corpus = joined(corpus, a, b)


steps_of_tiny = list(wordpiece_steps(tiny, 4))
table(steps_of_tiny)

# %% [markdown]
# Take the first row.
# `##n` is followed by `##g` $n_{ab}$ times, and the two occur $n_a$ and $n_b$ times; the gain is your function of these numbers and of $N$.
# The last two columns show what other criteria would join: the pair with the highest count $n_{ab}$, and the one with the highest ratio $n_{ab} / (n_a n_b)$.
# In the third row and in the fourth all three differ.

# %%
alphabet = {symbol for word in tiny for symbol in spell(word)}
learned = learn_vocabulary(Counter(tiny).elements(), len(alphabet) + 4)[len(alphabet) :]
mine = [row["joined"].replace("+##", "") for row in steps_of_tiny]
say("the package's trainer joins the same:", learned == mine, learned)

# %% [markdown]
# > **What tutorials say, what the paper says.**
# > Many tutorials choose the pair with the highest ratio.
# > The paper chooses the pair that raises the likelihood of the text the most, which is your score.
# > The `tokenizers` library chooses by the count alone, as BPE does.
# > The trainer that made BERT's vocabulary was never published; TensorFlow Text has another trainer of Google's, which starts from whole words and works downwards.
#
# Here are the three criteria on the real text.
# The first vocabulary is trained with your function.

# %%
criteria = {"likelihood": score, "ratio": pair_ratio, "count": pair_count}
wordpieces = {
    name: WordPiece.train(train_text, vocab_size=VOCAB_SIZE, score=criterion)
    for name, criterion in criteria.items()
}
table(
    {
        "chosen by": name,
        "last tokens learned": " ".join(t.tokens[-7:]),
        "characters per token": over_messages(characters_per_token, t),
    }
    for name, t in wordpieces.items()
)

# %%
covered = {
    name: [characters_per_token(t, m.text) for m in held_out] for name, t in wordpieces.items()
}
claim(
    "tokenization.merge_criteria",
    "Of the three criteria, the count makes tokens that cover the most characters of new text.",
    said_by="this lesson",
    findings=[
        Finding(
            f"characters per token of later messages, count minus {other}",
            mean_difference(covered["count"], covered[other], of="messages"),
            holds="above",
            bound=0.0,
        )
        for other in ("likelihood", "ratio")
    ],
)

# %% [markdown]
# The ratio alone spends its vocabulary on rare strings, since two symbols that occur once, together, have the highest ratio of all.
# The count does a little better here than the paper's likelihood, on one training text and one size of vocabulary.
# ("Paired" in the card means that both vocabularies cut the same messages, and the interval is of their mean difference on a message.)
# From here on, WordPiece is the paper's.
#
# Encoding needs no merges.
# From the left, take the longest entry of the vocabulary that fits, then the longest `##` entry that fits what is left, and so on.
# A word whose rest fits nothing is `[UNK]`, as a whole.


# %% tags=["exercise"]
def wordpiece_greedy(word: str, vocabulary: set[str]) -> list[str]:
    """Cut a word into pieces of the vocabulary: from left to right, the longest that fits.

    A piece that does not begin the word is written with `##` in front, in the vocabulary and in
    the answer. When no piece fits somewhere, the answer for the whole word is `["[UNK]"]`. An empty
    word has no pieces.

    >>> wordpiece_greedy("unhugs", {"u", "un", "hug", "##hug", "##h", "##s"})
    ['un', '##hug', '##s']
    >>> wordpiece_greedy("unhugx", {"u", "un", "hug", "##hug", "##h", "##s"})
    ['[UNK]']
    """
    ...


check("tokenization.wordpiece_greedy", wordpiece_greedy)

# %%
wordpiece = wordpieces["likelihood"]
greedy = yours("tokenization.wordpiece_greedy", wordpiece_greedy)
same_pieces = [
    list(greedy(w, set(wordpiece.tokens))) == [wordpiece.tokens[i] for i in wordpiece.encode(w)]
    for w in test_words
]
say(sum(same_pieces), "of", len(same_pieces), "words have the same pieces as in the package")

# %% [markdown]
# ## 5 · Unigram
#
# *Unigram* (Kudo 2018, section 3.2) gives every piece a probability.
# Then each way to cut a word has a probability too, the product of its pieces', and the best cut is the most probable one.
# The probability of the word itself is the sum over all its cuts.
#
# ### Training: expect, then prune
#
# The vocabulary starts far too large, with all frequent substrings.
# Nobody knows which cut of a word is the right one, so each cut counts by its share of the word's probability.
# Below are the cuts of "sing", which occurs nine times in the eight words of section 4.
# `tiny_scores` are log-probabilities: logarithms of the pieces' shares of the text.

# %%
tiny_scores = unigram_training.seed_scores(tiny, size=20)


def all_cuts(word):
    """Every way to cut the word into pieces that have a score."""
    if not word:
        return [()]
    starts = [word[:end] for end in range(1, len(word) + 1) if word[:end] in tiny_scores]
    return [(piece, *rest) for piece in starts for rest in all_cuts(word[len(piece) :])]


cuts_of_sing = {cut: math.exp(sum(tiny_scores[p] for p in cut)) for cut in all_cuts("sing")}
p_sing = sum(cuts_of_sing.values())
table(
    (
        {
            "cut": " ".join(cut),
            "probability": p,
            "share": p / p_sing,
            "of 9 times": 9 * p / p_sing,
        }
        for cut, p in sorted(cuts_of_sing.items(), key=lambda item: -item[1])
    ),
    formats={"probability": ".5f", "of 9 times": ".2f"},
)

# %% [markdown]
# A piece's expected count is the sum of these parts over all cuts that contain it, and over all words.
# The new probability of a piece is its share of all expected counts.
# This is one step of *expectation–maximization*, or EM: expected counts from the probabilities (E), probabilities from the counts (M).
# Such a step never lowers the likelihood of the text.

# %%
expected = Counter()
for w, times in tiny.items():
    chances = {cut: math.exp(sum(tiny_scores[p] for p in cut)) for cut in all_cuts(w)}
    for cut, chance in chances.items():
        for piece in cut:
            expected[piece] += times * chance / sum(chances.values())
new_scores = {p: math.log(n / expected.total()) for p, n in expected.items()}
package_scores, before_step = unigram_training.em_step(tiny, tiny_scores)
after_step = unigram_training.em_step(tiny, new_scores)[1]
say(
    "equal to the package's:",
    all(math.isclose(new_scores[p], package_scores[p]) for p in expected),
)
say(
    f"log-likelihood of the words: {before_step:.1f} before the step, {after_step:.1f} after it"
)

# %% [markdown]
# After every second step the vocabulary is made smaller, by *pruning*.
# If a piece goes, its place in a word is taken by the best cut of the piece into others.
# The cost of losing it is its expected count times the difference of the two scores, and the quarter of the pieces that costs least goes.
# Single characters always stay.
# Both this and encoding need the best cut of a string.
#
# ### The best cut
#
# A long word has very many cuts.
# The *Viterbi algorithm* does not try them all.
# The best cut of the first ten letters ends with some piece, and what comes before that piece must itself be cut in the best way.
# So one pass from left to right is enough, if each position remembers its best score and where its last piece began.
# One step of that pass is yours:


# %% tags=["exercise"]
def viterbi_step(
    text: str,
    end: int,
    best: list[float],
    log_probs: dict[str, float],
) -> tuple[float, int]:
    """The best score of `text[:end]`, and where the last piece of its best cut begins.

    `best[start]` is the best score of `text[:start]`, for each `start` from 0 to `end - 1`;
    `log_probs` gives each piece its log-probability. The score of a cut is the sum over its pieces;
    of two equal scores, take the one with the earlier start. When `text[:end]` cannot be cut into
    known pieces, return `(float("-inf"), -1)`.

    >>> log_probs = {"hug": -2.5, "gs": -4.0, "s": -2.0, "hugs": -6.0}
    >>> viterbi_step("hugs", 4, [0.0, -3.0, -5.0, -2.5], log_probs)
    (-4.5, 3)
    """
    ...


check("tokenization.viterbi_step", viterbi_step)

# %%
step = yours("tokenization.viterbi_step", viterbi_step)


def best_cut(text, log_probs):
    """The pieces of the most probable cut, and its score."""
    best, begins = [0.0], [0]
    for end in range(1, len(text) + 1):
        best_score, start = step(text, end, best, log_probs)
        best.append(best_score)
        begins.append(start)
    pieces, end = [], len(text)
    while end > 0:
        pieces.insert(0, text[begins[end] : end])
        end = begins[end]
    return pieces, best[-1]


costs = []
for piece in [p for p in new_scores if len(p) > 1]:
    others = {p: log_p for p, log_p in new_scores.items() if p != piece}
    cut, cut_score = best_cut(piece, others)
    cost = expected[piece] * (new_scores[piece] - cut_score)
    costs.append(
        {"piece": piece, "expected": expected[piece], "otherwise": " ".join(cut), "cost": cost}
    )
costs.sort(key=lambda row: row["cost"])
table(costs[:3] + costs[-3:])

# %% [markdown]
# After one step, the first three rows are the pieces that the text would miss least, the last three those that it would miss most.
# The whole training is these steps in a loop:

# %%
source(unigram_training.learn_scores)

# %%
unigram = Unigram.train(train_text, vocab_size=VOCAB_SIZE)
spelled = {piece.replace(" ", "▁"): log_p for piece, log_p in unigram.scores.items()}
table(
    {"piece": p, "log-probability": spelled[p]}
    for p in best_cut("▁unconstitutionally", spelled)[0]
)

# %% [markdown]
# `▁` is SentencePiece's sign for the space.
# `▁un`, GPT-2's `Ġun` and WordPiece's `un` all stand for "un" at the beginning of a word.

# %%
same_cut = [
    best_cut("▁" + w, spelled)[0] == [piece.token for piece in unigram.explain(w)]
    for w in test_words
]
say(sum(same_cut), "of", len(same_cut), "words have the same cut as in the package")

# %% [markdown]
# Since every cut has a probability, cuts can also be drawn at random.
# A model that is trained on words cut now this way, now that way does not come to depend on one spelling; Kudo (2018) calls it *subword regularization*.
# `unigram.sample` draws them.

# %% [markdown]
# ## 6 · What is left of a word after a typo
#
# The notes say: "Even with a typo, subwords can be saved."
# Often one reads more, that subwords keep most of the word.
# Here is the experiment.
# Take frequent words of the later messages, of at least six letters, which the word vocabulary knows as well.
# Put one, two, three or four random typos into each: a letter replaced by its neighbour on the keyboard, left out, followed by an extra neighbour, or swapped with the next.
# Encode the word before and after.
# The letters in tokens that both encodings have, in the same order, count as kept.

# %%
ask("tokenization.typo")

# %%
in_later = Counter(w for m in later for w in re.findall(r"\b[a-z]{6,}\b", m.text))
known_words = [
    w for w, _ in in_later.most_common(3000) if all_words.encode(w) != [all_words.unknown_id]
]
frequent_words = draw(known_words, 200, seed=0)
trained = {
    "word": all_words,
    "character": characters,
    "BPE": bpe,
    "WordPiece": wordpiece,
    "Unigram": unigram,
}
figures.typo_curve(
    range(5), typos.typo_curve(trained, frequent_words, max_typos=4, seeds=SEEDS)
)

# %% [markdown]
# The band is one standard deviation to either side, over five seeds: the numbers that the random typos are drawn from.
# A word vocabulary loses the word at the first typo, by construction: the mistyped word is another word, or none.
# Characters keep the most, and carry the least.
# Below, one typo, and two groups of words: the same frequent ones, and rare ones of at least ten letters, which real tokenizers must compose from pieces.

# %%
rare_words = draw([w for w, n in in_later.items() if n <= 2 and len(w) >= 10], 200, seed=0)
subwords = {name: trained[name] for name in ("BPE", "WordPiece", "Unigram")} | real
kept = {}
for group, some in {"frequent": frequent_words, "rare": rare_words}.items():
    for name, shares_kept in typos.kept_shares(subwords, some, n_typos=1, seeds=SEEDS).items():
        kept[name, group] = mean_over_items(
            shares_kept.mean(axis=0), "%", of="words, 5 typos each"
        )
table(
    {
        "tokenizer": name,
        "vocabulary": t.vocab_size,
        "frequent: tokens": typos.mean_tokens(t, frequent_words),
        "frequent: kept": kept[name, "frequent"],
        "rare: tokens": typos.mean_tokens(t, rare_words),
        "rare: kept": kept[name, "rare"],
    }
    for name, t in subwords.items()
)

# %%
claim(
    "tokenization.typos",
    "Of a word with one typo, a subword vocabulary keeps more than half.",
    said_by="a common account",
    findings=[
        Finding(f"{name}, {group} words: share kept", interval, holds="above", bound=0.5)
        for (name, group), interval in kept.items()
    ],
)

# %% [markdown]
# In a large vocabulary a frequent word is nearly always a single token, and a typo in any letter breaks it.
# Broadly, the more tokens a word is cut into, the more of it is left.
# And is the word saved, as the notes say?
# In one sense yes, by construction: BPE and Unigram turn no word into `<unk>`, and WordPiece only a word with a character that it has not learned.
# The model still receives the letters, in pieces that it has met in other words.
# Whether it makes use of them was not measured here.
#
# ### Prefixes and suffixes
#
# The notes go on: with subwords, prefixes and suffixes can be detected.
# Take every word of the later messages that ends in `-ing`, `-ment`, `-ness`, … or begins with `un-`, `re-`, …, and whose rest is itself a word of the messages (`un` + `happy`).
# How often does a cut of the tokenizer lie exactly between the two?
# Chance is the same number of cuts at random places in the same words.
# Words that are one token have no cut and are left out.

# %%
affixed = affixes.affixed_words(w for w, n in in_later.items() if n >= 3)
say(len(affixed), "words, such as", ", ".join(draw(sorted(affixed), 8, seed=1)))
affix_cuts = {name: affixes.affix_cuts(t, affixed) for name, t in subwords.items()}
table(
    {
        "tokenizer": name,
        "words": found.n_words,
        "of these one token": found.uncut,
        "of the others cut at the affix": sum(found.hit) / len(found.hit),
        "by chance": sum(found.chance) / len(found.chance),
    }
    for name, found in affix_cuts.items()
)

# %%
claim(
    "tokenization.affixes",
    "Where a subword vocabulary cuts a word with an affix, it cuts at the affix more often than by chance.",
    said_by="the notes",
    findings=[
        Finding(
            f"{name}: cut at the affix minus by chance",
            mean_difference(found.hit, found.chance, "points", of="words"),
            holds="above",
            bound=0.0,
        )
        for name, found in affix_cuts.items()
    ],
)

# %% [markdown]
# Nobody told the tokenizers about prefixes and suffixes.
# Of the three trained here, Unigram cuts at the affix most often, in line with Bostrom and Durrett (2020), who found it closer to morphology than BPE.
# The large vocabularies hold more than half of these words whole, and then no cut shows the affix.
#
# ## 7 · Korean and English side by side
#
# A vocabulary favours the language of the text that it was trained on.
# Below are three vocabularies of one size, trained on equal numbers of bytes: on English, on Korean (speeches of presidents, too), and half and half.
# How many tokens does the same message cost?
# The interface of Home Assistant, a program that controls devices at home, exists in both languages; 1,000 of its sentences are tried here, none of which is in a training text.


# %%
def first_bytes(text, size):
    return text.encode()[:size].decode(errors="ignore")


korean_text = "\n".join(speech.text for speech in data.korean_speeches(limit=400))
half = TRAIN_BYTES // 2
corpora = {
    "trained on English": first_bytes(train_text, TRAIN_BYTES),
    "trained on Korean": first_bytes(korean_text, TRAIN_BYTES),
    "trained on both": first_bytes(train_text, half) + first_bytes(korean_text, half),
}
bilingual = {
    name: ByteLevelBPE.train(text, n_merges=len(bpe.merges)) for name, text in corpora.items()
}
pairs = draw([p for p in data.english_korean_pairs() if len(p.english) > 40], 1000, seed=0)
disjoint(list(corpora.values()), [side for p in pairs for side in (p.english, p.korean)])
say(pairs[0].english, "→", pairs[0].korean)

# %%
measures = {"characters": len, "bytes of UTF-8": lambda text: len(text.encode())}
measures |= {
    name: lambda text, t=t: len(t.encode(text)) for name, t in (bilingual | real).items()
}
lengths = {
    name: ([size(p.english) for p in pairs], [size(p.korean) for p in pairs])
    for name, size in measures.items()
}
korean_for_english = {
    name: replace(rate(RunCounts([korean], [english]), unit=""), of=f"{len(pairs):,} sentences")
    for name, (english, korean) in lengths.items()
}
table(
    {
        "": name,
        "English": sum(english),
        "Korean": sum(korean),
        "Korean for 1 English": korean_for_english[name],
    }
    for name, (english, korean) in lengths.items()
)

# %%
figures.tokens_per_character(
    {
        name: {
            "English": sum(lengths[name][0]) / len(pairs),
            "Korean": sum(lengths[name][1]) / len(pairs),
        }
        for name in (*bilingual, *real)
    },
    title="The same sentence, in two languages",
    xlabel="tokens per sentence",
)

# %%
claim(
    "tokenization.korean_cost",
    "With a vocabulary made mostly from English, the same message costs at least twice as many tokens in Korean.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{name}: Korean tokens for 1 English token",
            korean_for_english[name],
            holds="above",
            bound=2.0,
        )
        for name in ("trained on English", *real)
    ],
)

# %% [markdown]
# (The bound, twice, is a round number, set when earlier results of this kind were known.)
#
# Every token has its price: in time, in the length of text that the model can read at once, and, where its use is sold, in money.
# Part of the Korean price is UTF-8, as the row of bytes shows.
# The larger part is that few merges put Korean bytes together: divide the bytes by the tokens, and GPT-2 has more than four English bytes in a token, but little more than one Korean byte.
# MiniLM reads no bytes; its normalization takes each syllable apart into two or three letters.
# The vocabulary trained on Korean makes English expensive in turn.
# With the vocabulary trained on both, the two sides cost about the same: Korean about as many tokens as with its own vocabulary, English more.
# The two languages share its entries, and a larger vocabulary would have room for more of both.

# %% [markdown]
# ## 8 · All of them, on your text
#
# Every tokenizer of this lesson, those trained here and those of real models.

# %%
here = {name: trained[name] for name in ("BPE", "WordPiece", "Unigram")}
everything = TokenExplorer(
    {"words": all_words} | {f"{name}, trained here": t for name, t in here.items()} | real,
    text="The unconstitutionality of tokenisation 토큰",
)
everything

# %% [markdown]
# Things to try: a word and the same word with a typo; your name, in capitals and in small letters; `<|im_end|>`; a number with many digits; ten spaces; a sentence in the language you know best.
#
# ## What to remember
#
# - A tokenizer is made before the model is trained, by counting strings, and then stays as it is.
# - BPE joins the most frequent pair, and encodes by repeating its merges in their order.
#   WordPiece joins the pair that raises the likelihood of the text most, and encodes by the longest match.
#   Unigram starts with too many pieces, prunes those that the text would miss least, and encodes by the most probable cut.
# - With bytes as the first symbols, hardly any text is unknown; the space belongs to the word after it, so that decoding returns the text.
# - A typo turns a word into other tokens.
#   On the whole, the fewer tokens a word has, the less of it is left, but its letters still reach the model.
# - Where a subword vocabulary cuts a word, it cuts at the affix more often than by chance; a large vocabulary hardly ever cuts a frequent word.
# - The same sentence costs more tokens in a language that the vocabulary was not made for.
#
# **Read on**: Sennrich, Haddow and Birch 2016, [Neural Machine Translation of Rare Words with Subword Units](https://aclanthology.org/P16-1162), section 3; Kudo 2018, [Subword Regularization](https://aclanthology.org/P18-1007), section 3; Bostrom and Durrett 2020, [Byte Pair Encoding is Suboptimal for Language Model Pretraining](https://aclanthology.org/2020.findings-emnlp.414); Radford et al. 2019, Language Models are Unsupervised Multitask Learners, section 2.2; Devlin et al. 2019, [BERT](https://aclanthology.org/N19-1423), section 3.
# In the code: `course/tokenization/`.
#
# **Next**: lesson 03, *Sequence to sequence*.

# %%
progress.table()
