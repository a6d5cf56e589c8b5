"""g2p-en's pretrained encoder–decoder, spelling to pronunciation, as one of the course's own models."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

import course
from course import data
from course.data.splits import split_by_word
from course.seq2seq import CellWeights, Seq2Seq, Seq2SeqConfig
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
CONSONANTS = [*"BDFGKLMNPRSTVWYZ", "CH", "DH", "HH", "JH", "NG", "SH", "TH", "ZH"]
# ARPAbet, the vowels with their stress; g2p-en has one vowel without a stress too. Sorted, as its output layer is.
PHONEMES = sorted([f"{vowel}{stress}" for vowel in VOWELS for stress in "012"] + CONSONANTS + ["UW"])


class SpellingVocabulary(Vocabulary):
    """The letters as g2p-en reads them: one id for every character that is not a to z, and an end symbol."""

    unknown_id = 1  # where other vocabularies have the start symbol, which no source has

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """The ids of a spelling, with its end symbol. Raises `ValueError` for nothing at all."""
        symbols = list(symbols)
        ids = super().encode(symbol if symbol in LETTERS else LETTERS[0] for symbol in symbols)
        known = zip(ids, symbols, strict=True)
        return [*(one if symbol in LETTERS else self.unknown_id for one, symbol in known), self.eos_id]


def g2p_en() -> tuple[Seq2Seq, Task]:
    """The model, a GRU encoder and a GRU decoder of 256 units each, and the task in its own symbols.

    It outputs vowels with their stress. The task has the test words of `pronunciation_task()` and nothing to train
    on. The model is in eval mode, on the course's device. Raises `AssetError` when the weights cannot be fetched.

    Source: Park and Kim, the package g2p-en 2.1.0, `checkpoint20.npz`.
    """
    with np.load(data.path("g2p-en"), allow_pickle=False) as stored:
        weights = {name: torch.from_numpy(stored[name]) for name in stored.files}
    test: dict[str, dict[tuple[str, ...], None]] = {}
    for entry in split_by_word(data.pronunciations()).test:
        test.setdefault(entry.word, {})[entry.sounds] = None
    examples = [Example(tuple(word), tuple(ways)) for word, ways in test.items()]
    longest = max(len(target) for example in examples for target in example.targets)
    task = Task("pronunciation", SpellingVocabulary(LETTERS), Vocabulary(PHONEMES), [], [], {"test": examples}, longest)
    return model_from(weights), task


def model_from(weights: dict[str, Tensor]) -> Seq2Seq:
    """The model with these weights, named as in g2p-en's file.

    Its rows of symbols are put into the order of the course's vocabularies: g2p-en begins with padding, unknown, end
    for letters, and with padding, unknown, beginning, end for phonemes.
    """
    d_hidden, d_embedding = weights["enc_w_hh"].shape[1], weights["enc_w_ih"].shape[1]
    config = Seq2SeqConfig(3 + len(LETTERS), 3 + len(PHONEMES), d_embedding, d_hidden, cell="gru")
    model = Seq2Seq(config)
    targets = torch.tensor([0, 2, 3, *range(4, len(weights["fc_b"]))])
    with torch.no_grad():
        model.encoder.embedding.weight.copy_(weights["enc_emb"])
        model.decoder.embedding.weight.copy_(weights["dec_emb"][targets])
        model.decoder.output.weight.copy_(weights["fc_w"][targets])
        model.decoder.output.bias.copy_(weights["fc_b"][targets])
        for half, name in ((model.encoder, "enc"), (model.decoder, "dec")):
            stored = [weights[f"{name}_{part}"] for part in ("w_ih", "w_hh", "b_ih", "b_hh")]
            for weight, value in zip(CellWeights.of(half.recurrent.layer), stored, strict=True):
                weight.copy_(value)
    return model.eval().to(course.device())
