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
# - train and apply the three tokenizers in use today, byte-pair encoding, WordPiece and Unigram, in code you have read line by line;
# - say what a typo, a rare word or a Korean sentence does to each of them, with numbers;
# - tell why a token often begins with a space, and why no text is ever "unknown" to a model like SmolLM2.
#
# **Time**: 90 minutes; the cells run in under a minute on two processor cores.
# **Before this**: lesson 00.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import random
import re
from collections import Counter

from course import data
from course.evaluation import Spread
from course.exercises import check, hint, progress, solution
from course.pretrained import load_tokenizer
from course.tokenization import (
    ByteLevelBPE,
    CharacterTokenizer,
    Unigram,
    WordPiece,
    WordTokenizer,
    affixes,
    typos,
)
from course.tokenization.bpe_training import MergeTraining, learn_merges
from course.tokenization.unigram_lattice import best_path
from course.tokenization.wordpiece_training import likelihood_gain, pair_count, pair_ratio
from course.viz import MergeStepper, TokenExplorer, figures, use_course_style
from course.viz.show import source, table

# %%
use_course_style()

BUDGET = 1  # 1: the lesson as printed. 10: ten times the text, larger vocabularies.
TRAIN_BYTES = 300_000 * BUDGET
VOCAB_SIZE = 2_000 * BUDGET
SEEDS = range(5)

# %% [markdown]
# ## 1 · One sentence, cut in several ways
#
# A *token* is a piece of text that a model treats as one unit.
# The pieces a model knows are its *vocabulary*, and the number of a piece in it is its *id*.
# The plainest pieces are words and punctuation marks:

# %%
sentence = "Natural language processing is interesting!"
words = WordTokenizer.train(sentence, vocab_size=100)
[piece.token for piece in words.explain(sentence)]

# %% [markdown]
# Six tokens.
# Now the tokenizers of three real models on the same sentence: GPT-2 (2019), SmolLM2 (2024), and the BERT-like MiniLM (2020).

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
# For an English sentence of common words they agree almost everywhere.
# The differences begin with the space: GPT-2 and SmolLM2 write it as `Ġ` at the head of a token, MiniLM drops it and lowers the case.
# Type something less common: a name, a typo, an emoji, a line of code, another language.
# Put the pointer on a token (or move to it with the arrow keys) to see its id, its bytes and why it was cut there.

# %%
explorer = TokenExplorer(
    real, text="Unbelievably, the tokenizer survived a tpyo. 안녕하세요 🙂 x = 3.14159"
)
explorer

# %% [markdown]
# ## 2 · A vocabulary of words, and where it ends
#
# Why not use words?
# Take the messages that the presidents of the United States have sent to Congress since 1790, make a vocabulary of all the words in the first 300 KB of them, and count how many words of the later ones are missing from it.


# %%
def share_unknown(tokenizer, text):
    ids = tokenizer.encode(text)
    return sum(i == tokenizer.unknown_id for i in ids) / len(ids)


messages = data.presidential_messages()
train_text = data.sotu_text(TRAIN_BYTES)
all_words = WordTokenizer.train(train_text, vocab_size=1_000_000)
decades = range(1800, 2030, 10)
by_decade = [" ".join(m.text for m in messages if m.year // 10 == d // 10) for d in decades]
figures.hover_curves(
    decades,
    {"unknown words": [share_unknown(all_words, text) for text in by_decade]},
    title="A vocabulary of words grows old",
    xlabel="messages of the decade from",
    ylabel="words not in the vocabulary",
    percent=True,
)

# %% [markdown]
# Put the pointer on the figure: it comes alive and writes the value at the pointer.
# Drag over a part to see that part larger; a double click brings back the whole.
#
# The first decade is the training text itself, so nothing is missing there.
# After it the vocabulary, which holds every word that its text has, misses more and more.
# A model that reads words sees the *unknown token* `<unk>` in their place: all of *internet*, *inflation* and *unemployment* become the same nothing.
# What is missing is often not even new, only a form that the text did not happen to use.

# %%
latest = all_words.explain(messages[-1].text)
missing = dict.fromkeys(p.data.decode() for p in latest if p.id == all_words.unknown_id)
print(
    f"{all_words.vocab_size} words known; the latest message has {len(missing)} others, such as:"
)
print(", ".join([word for word in missing if word.isalpha() and word.islower()][:24]))

# %% [markdown]
# The other end is to use *characters*.
# Hardly any is unknown, but a text becomes long, and each step of the model carries little.


# %%
def characters_per_token(tokenizer, text):
    return len(text) / len(tokenizer.encode(text))


characters = CharacterTokenizer.train(train_text, vocab_size=VOCAB_SIZE)
held_out = messages[20].text[:20_000]
table(
    {
        "tokenizer": name,
        "vocabulary": t.vocab_size,
        "characters per token": characters_per_token(t, held_out),
        "unknown": share_unknown(t, held_out),
    }
    for name, t in {"words": all_words, "characters": characters}.items()
)

# %% [markdown]
# Everything in use today lies between: frequent words are one token, rare ones are put together from pieces, called *subwords*.
# The question is which pieces.
# Three answers follow.
#
# ## 3 · Byte-pair encoding
#
# Begin with single symbols.
# Count which two stand side by side most often, join them into one new symbol, and repeat.
# The joined pairs, in order, are the *merges*; they are all there is to learn.
# Gage described it for compression in 1994; Sennrich, Haddow and Birch (2016, section 3.2) brought it to words.
#
# The counting comes first.
# A corpus is held as its different words, each with how often it occurs, so that a word met a thousand times is looked at once.


# %% tags=["exercise"]
def count_pairs(words: dict[tuple[str, ...], int]) -> dict[tuple[str, str], int]:
    """How often each pair of neighbouring symbols occurs in a text.

    `words` gives each different word of the text, as a tuple of symbols, and how often the word
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
    """The word after a merge: where the two symbols of `pair` stand side by side, they become one.

    Goes from left to right; a symbol that has been joined is not joined again in the same merge.

    >>> apply_merge(("h", "u", "g", "h", "u"), ("h", "u"))
    ('hu', 'g', 'hu')
    >>> apply_merge(("a", "a", "a"), ("a", "a"))
    ('aa', 'a')
    """
    ...


check("tokenization.apply_merge", apply_merge)

# %% [markdown]
# With the two, training is a loop: count, join the most frequent pair, again.
# Watch it on a text of your own.
# **Forward** makes one merge, **Back** takes it back, and the bars are the counts from which the next pair is chosen.

# %%
stepper = MergeStepper(
    text="the newest tokens are the tokens that the other tokens made: the longest, the lowest, the newest",
    n_merges=40,
    step=6,
)
stepper

# %% [markdown]
# Recounting every pair of the corpus for each merge is slow.
# One merge changes only the words that hold the pair, so the course's trainer keeps, for each pair, its count and where it occurs, and repairs those.
# It gives the same merges as the plain loop (a test compares them) in a small part of the time.

# %%
source(learn_merges, MergeTraining)

# %%
bpe = ByteLevelBPE.train(train_text, n_merges=VOCAB_SIZE - 256)
table(
    {"merge": number, "left": left, "right": right, "new token": left + right}
    for number, (left, right) in enumerate(bpe.merges[:8], 1)
)

# %% [markdown]
# `Ġ` stands for the space.
# What do more merges buy?
# Here is the number of characters that one token covers, on the training text and on messages of the 2020s, which were not trained on.

# %%
sizes = [0, 100, 250, 500, 750, 1000, 1250, 1500, len(bpe.merges)]
cut_short = [ByteLevelBPE(bpe.tokens, bpe.merges[:size]) for size in sizes]
texts = {
    "trained on": train_text[:50_000],
    "messages of the 2020s": by_decade[-1][:50_000],
}
figures.hover_curves(
    sizes,
    {name: [characters_per_token(t, text) for t in cut_short] for name, text in texts.items()},
    title="Each further merge buys less",
    xlabel="merges",
    ylabel="characters per token",
)

# %% [markdown]
# Each doubling of the merges adds less than the one before, and on new text the gain is smaller than on the text it was learned from.
# Real vocabularies hold 30,000 to 200,000 tokens, since each one also costs a row of numbers in the model.
#
# ### Why a space belongs to a token
#
# Before any pair is counted, the text is cut into *pre-tokens* (this step is called *pre-tokenization*), and no merge crosses a cut.
# If the spaces were thrown away, decoding could not put them back: was it *can not* or *cannot*?
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
# ### Why nothing is unknown
#
# The symbols that GPT-2 and SmolLM2 begin with are not letters but *bytes*: the 256 numbers in which every text is stored.
# UTF-8 writes a letter of English as one byte, a Korean syllable as three, an emoji as four.
# A text in a script that the training never saw falls apart into bytes, and is still all there.

# %%
rare = "naïve 안녕 🙂"
table(
    {
        "character": repr(c),
        "bytes in UTF-8": c.encode().hex(" ").upper(),
        "our tokens": " ".join(bpe.tokens[i] for i in bpe.encode(c)),
    }
    for c in rare
)

# %%
assert bpe.decode(bpe.encode(rare)) == rare


# %% tags=["exercise"]
def byte_fallback(text: str, vocabulary: set[str]) -> list[str]:
    """Cut a text into characters; one that is not in the vocabulary becomes its UTF-8 bytes.

    A byte is written as `<0xAB>`, with two capital hexadecimal digits.

    >>> byte_fallback("a한", {"a", "b"})
    ['a', '<0xED>', '<0x95>', '<0x9C>']
    """
    ...


check("tokenization.byte_fallback", byte_fallback)

# %% [markdown]
# ### The same code is SmolLM2's tokenizer
#
# A trained tokenizer is a vocabulary and a list of merges.
# Given those of SmolLM2 (they lie in the same file as its weights), the class above *is* its tokenizer.
# The course's tests compare it with the `tokenizers` library, on ten thousand generated texts from all of Unicode and on the English and Korean texts of this lesson, and allow no difference; MiniLM's WordPiece likewise.

# %%
source(ByteLevelBPE.encode, ByteLevelBPE._encode_plain, ByteLevelBPE._encode_word)

# %% [markdown]
# One kind of token is not made from text: *special tokens* such as `<|im_end|>`, which tell the model that a turn of the conversation is over.
# A user who types those ten characters must not be able to end a turn.
# So `encode` reads them as ordinary text, unless the program asks.

# %%
smollm2 = real["SmolLM2"]
for allow_special in (False, True):
    ids = smollm2.encode("Stop<|im_end|>now", allow_special=allow_special)
    print(f"{allow_special=!s:>5}", [smollm2.tokens[i] for i in ids])

# %% [markdown]
# ## 4 · WordPiece
#
# WordPiece (Schuster and Nakajima 2012), the tokenizer of BERT, also joins pairs, but of all pairs it takes the one that makes the training text most likely.
# Two tokens $a$ and $b$ that are drawn one by one stand side by side with probability $p(a)\,p(b)$; as one token they have $p(ab)$.
# What the joining is worth depends on that ratio,
#
# $$\text{score}(a, b) = \frac{\text{count}(ab)}{\text{count}(a)\;\text{count}(b)} ,$$
#
# and on how often it is used.


# %% tags=["exercise"]
def pair_score(
    pair: tuple[str, str],
    pair_counts: dict[tuple[str, str], int],
    symbol_counts: dict[str, int],
) -> float:
    """How strongly two symbols attract each other: the ratio inside WordPiece's score of a pair.

    It is the count of the pair, divided by the count of its first symbol times the count of its
    second. A pair that does not occur has a ratio of 0.

    >>> pair_score(("q", "u"), {("q", "u"): 6, ("t", "h"): 30}, {"q": 6, "u": 20, "t": 90, "h": 50})
    0.05
    """
    ...


check("tokenization.pair_score", pair_score)

# %% [markdown]
# > **What tutorials say / what the paper says.**
# > Many tutorials choose the pair with the highest *ratio*.
# > The paper chooses the pair that raises the *likelihood of the text* the most: the logarithm of the ratio, times the number of occurrences.
# > The `tokenizers` library chooses by the *count* alone, as BPE does.
# > Google never published its trainer.
# > All three are below, on the same text.

# %%
scores = {
    "paper: likelihood": likelihood_gain,
    "tutorials: ratio": pair_ratio,
    "tokenizers: count": pair_count,
}
wordpieces = {
    name: WordPiece.train(train_text, vocab_size=VOCAB_SIZE, score=score)
    for name, score in scores.items()
}
table(
    {
        "chosen by": name,
        "last tokens learned": " ".join(t.tokens[-7:]),
        "characters per token": characters_per_token(t, held_out),
    }
    for name, t in wordpieces.items()
)

# %% [markdown]
# The ratio alone spends its vocabulary on rare strings that always occur together, since a pair of characters seen once has the highest ratio of all.
# The number of characters that one token covers shows what that costs.
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
wordpiece = wordpieces["paper: likelihood"]
source(WordPiece._longest_pieces)

# %% [markdown]
# ## 5 · Unigram
#
# The third answer turns the question round (Kudo 2018).
# Give every piece a probability; then each way to cut a word has a probability too, the product of its pieces', and the best cut is the most probable one.
# Training begins with far too many pieces, estimates their probabilities by *expectation–maximization* (count how often each piece is expected in the cuts of the text, take these counts as the new probabilities, repeat), throws away those that the text misses least, and goes on until the vocabulary has its size.

# %%
unigram = Unigram.train(train_text, vocab_size=VOCAB_SIZE)
word = "unconstitutionally"
table(
    {"piece": p.token, "log-probability": unigram.scores[p.token.replace("▁", " ")]}
    for p in unigram.explain(word)
)

# %% [markdown]
# There are very many ways to cut a long word.
# The *Viterbi algorithm* does not try them all: the best cut of the first ten letters ends with some piece, and what stands before that piece must itself be cut in the best way.
# So one pass from left to right is enough, if each position remembers its best score and where its last piece began.
# One step of that pass is yours:


# %% tags=["exercise"]
def viterbi_step(
    text: str,
    end: int,
    best: list[float],
    log_probs: dict[str, float],
) -> tuple[float, int]:
    """The best score of `text[:end]`, and where the last piece of its best segmentation begins.

    `best[start]` is the best score of `text[:start]`, for each `start` from 0 to `end - 1`;
    `log_probs` gives each piece its log-probability. The score of a segmentation is the sum over
    its pieces; of two equal scores, take the one with the earlier start. When `text[:end]` cannot
    be cut into known pieces, return `(float("-inf"), -1)`.

    >>> log_probs = {"hug": -2.5, "gs": -4.0, "s": -2.0, "hugs": -6.0}
    >>> viterbi_step("hugs", 4, [0.0, -3.0, -5.0, -2.5], log_probs)
    (-4.5, 3)
    """
    ...


check("tokenization.viterbi_step", viterbi_step)

# %%
source(best_path)

# %% [markdown]
# Since every cut has a probability, cuts can also be *drawn*.
# A model that is trained on a word cut now this way and now that does not come to depend on one spelling (Kudo calls it subword regularization).

# %%
generator = random.Random(0)
drawn = Counter(
    " ".join(unigram.tokens[i] for i in unigram.sample(word, generator, alpha=0.3))
    for _ in range(1000)
)
table({"cut": cut, "times in 1,000": times} for cut, times in drawn.most_common(6))

# %% [markdown]
# ## 6 · What is left of a word after a typo
#
# The claim of the notes: a word vocabulary loses a word with a typo in it, subwords keep most of it.
# Here is the experiment.
# Take words of the held-out messages that every vocabulary was meant for: at least six letters, and known to the word vocabulary.
# Put one, two, three or four random typos into each (a letter replaced by its neighbour on the keyboard, left out, doubled by another, or two letters swapped).
# Encode the word before and after.
# What counts as kept: the letters in tokens that both encodings have, in the same order, as a share of the letters of the word.

# %%
source(typos.kept_share)

# %%
later = Counter(w for m in messages[100:] for w in re.findall(r"\b[a-z]{6,}\b", m.text))
known = [w for w, _ in later.most_common(3000) if all_words.encode(w) != [all_words.unknown_id]]
frequent_words = random.Random(0).sample(known, 200)
trained = {
    "word": all_words,
    "character": characters,
    "BPE": bpe,
    "WordPiece": wordpiece,
    "Unigram": unigram,
}
kept = typos.typo_curve(trained, frequent_words, max_typos=4, seeds=SEEDS)
figures.typo_curve(range(5), kept)

# %% [markdown]
# Half of the claim holds.
# The word vocabulary loses the word at the first typo, all of it, in every case.
# The subwords keep a part.
# But *most* of it?
# Look at one typo, with the pointer or in the numbers below the figure: all three lie under one half.
# The reason is in the vocabularies: a word that is frequent enough to be one or two tokens has all its letters in them, and a typo in any letter breaks the token.
# Characters keep the most, and carry the least.
# Does the larger vocabulary of a real model do better?
# Below are the same words, and rare ones of at least ten letters, which a real tokenizer must put together from pieces.

# %%
rare_words = random.Random(0).sample(
    [w for w, count in later.items() if count <= 2 and len(w) >= 10], 200
)
subwords = {name: trained[name] for name in ("BPE", "WordPiece", "Unigram")} | real
groups = {"frequent": frequent_words, "rare": rare_words}
kept_of = {group: typos.typo_curve(subwords, some, 1, SEEDS) for group, some in groups.items()}
table(
    {"tokenizer": name, "vocabulary": t.vocab_size}
    | {f"{group}: tokens": typos.mean_tokens(t, some) for group, some in groups.items()}
    | {f"{group}: kept": Spread(kept_of[group][name][:, 1], unit="%") for group in groups}
    for name, t in subwords.items()
)

# %% [markdown]
# The fewer tokens a word is cut into, the more of it one typo destroys: for the frequent words the large vocabularies keep almost nothing, and far more of a rare word.
# So the claim of the notes is true of words that are cut into many pieces: *most* is kept only by our small vocabularies, and only of rare words.
# The better a vocabulary fits, the fewer such words there are.
# What subwords always keep is the other half of the promise: the mistyped word does not become `<unk>`.
# The model still receives its letters, in pieces it has met in other words, and may learn what they mean.

# %% [markdown]
# ### Prefixes and suffixes
#
# The notes also say that subwords show a word's prefix and suffix.
# Do they?
# Take every word of the messages that ends in *-ing*, *-ment*, *-ness*, … or begins with *un-*, *re-*, …, and whose rest is itself a word of the messages (*un* + *happy*).
# Count how often a cut of the tokenizer lies exactly between the two.
# A word that is one token has no cut and shows nothing.

# %%
source(affixes.cuts, affixes.AffixCuts, affixes.affix_cuts)

# %%
affixed = affixes.affixed_words(w for w, count in later.items() if count >= 3)
print(len(affixed), "words, such as", ", ".join(random.Random(1).sample(sorted(affixed), 8)))
table(
    {"tokenizer": name} | affixes.affix_cuts(t, affixed)._asdict()
    for name, t in (trained | real).items()
)

# %% [markdown]
# Compare the last two columns: where a word is cut, the cut falls on the affix much more often than anywhere else, with all of them, and most often with Unigram and WordPiece.
# But the first column counts too: the large vocabularies have most of these words whole, and then the affix is not seen at all.
#
# ## 7 · Korean and English side by side
#
# A vocabulary is made from a text, and favours the language of that text.
# Below, three vocabularies of one size, trained on equal numbers of bytes: on English, on Korean, and half and half.
# Each is tried on prose of both languages that it was not trained on.


# %%
def first_bytes(text, size):
    return text.encode()[:size].decode(errors="ignore")


speeches = [speech.text for speech in data.korean_speeches(limit=400)]
korean_text = first_bytes("\n".join(speeches[100:]), TRAIN_BYTES)
half = TRAIN_BYTES // 2
corpora = {
    "trained on English": train_text,
    "trained on Korean": korean_text,
    "trained on both": train_text[:half] + first_bytes(korean_text, half),
}
bilingual = {
    name: ByteLevelBPE.train(text, n_merges=len(bpe.merges)) for name, text in corpora.items()
}
prose = {"English": held_out, "Korean": "\n".join(speeches[:20])[:20_000]}
figures.tokens_per_character(
    {
        name: {language: 1 / characters_per_token(t, text) for language, text in prose.items()}
        for name, t in (bilingual | real).items()
    }
)

# %% [markdown]
# A Korean character is a whole syllable, so tokens per character is not quite fair.
# The fair question is what the *same message* costs.
# The interface of Home Assistant exists in both languages; here are its sentences, and how many tokens the Korean one takes for each token of the English one.

# %%
pairs = [pair for pair in data.english_korean_pairs() if len(pair.english) > 40]
random.Random(0).shuffle(pairs)
pairs = pairs[:1000]
print(pairs[0].english, "→", pairs[0].korean)
sides = [[pair.english for pair in pairs], [pair.korean for pair in pairs]]
tokens = {
    name: [sum(len(t.encode(text)) for text in side) for side in sides]
    for name, t in (bilingual | real).items()
}
table(
    {
        "tokenizer": name,
        "English": english,
        "Korean": korean,
        "Korean for 1 English": korean / english,
    }
    for name, (english, korean) in tokens.items()
)

# %% [markdown]
# A model pays for every token: in time, in the length of text it can look back on, and, where it is sold, in money.
# A vocabulary that was trained without a language makes its speakers pay several times as much for the same sentence; one trained on both languages takes some tokens from each and costs both a little.
# That is why the vocabularies of recent models are large.

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
# - A tokenizer is fixed before the model is trained.
#   What it cuts badly, the model has to mend.
# - BPE joins the most frequent pair; WordPiece the pair that helps the likelihood of the text most; Unigram keeps the pieces the text would miss most.
# - Bytes as the first symbols make every text writable, and the space belongs to the word behind it so that decoding gives back the text.
# - A typo turns a word into other tokens.
#   Of a word that is cut into several, some stay; of a frequent word, which is one token, hardly any.
#   Its letters still reach the model.
# - Where a word is cut, the cut is often that between its parts, though nobody told the tokenizer of prefixes and suffixes.
# - A language that the vocabulary was not made for costs several times as many tokens for the same sense.
#
# **Read on**: Sennrich, Haddow and Birch 2016, *Neural Machine Translation of Rare Words with Subword Units*, section 3; Kudo 2018, *Subword Regularization*, section 3; Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*, section 2.2; Devlin et al. 2019, *BERT*, section 3. In the code: `course/tokenization/`.
#
# **Next**: lesson 03, *Sequence to sequence*.

# %%
progress.table()
