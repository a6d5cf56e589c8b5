"""g2p-en's model in the course's own classes gives the same numbers as its weights applied step by step."""

import numpy as np
import pytest
import torch
from torch import nn

from course import data
from course.tasks import error_rate, evaluate, without_stress, write
from course.tasks.g2p_en import LETTERS, PHONEMES, SpellingVocabulary, g2p_en
from tests.support import tasks


@pytest.fixture(scope="module")
def pretrained():
    return g2p_en()


@pytest.fixture(scope="module")
def stored():
    with np.load(data.path("g2p-en"), allow_pickle=False) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def reference(stored, word):
    """The logits of each step, with PyTorch's GRU and the file's own ids."""

    def gru(name):
        layer = nn.GRU(256, 256, batch_first=True)
        parts = {"weight_ih": "w_ih", "weight_hh": "w_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}
        layer.load_state_dict({f"{ours}_l0": stored[f"{name}_{theirs}"] for ours, theirs in parts.items()})
        return layer

    ids = [3 + LETTERS.index(letter) if letter in LETTERS else 1 for letter in word] + [2]
    logits, token = [], 2
    with torch.no_grad():
        _outputs, hidden = gru("enc")(stored["enc_emb"][ids][None])
        decoder = gru("dec")
        while token != 3 and len(logits) < 20:
            output, hidden = decoder(stored["dec_emb"][[token]][None], hidden)
            logits.append(output[0, 0] @ stored["fc_w"].T + stored["fc_b"])
            token = int(logits[-1].argmax())
    return torch.stack(logits)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["transformer", "gorilla", "a", "it's", "xyzzy"])
def test_it_gives_the_numbers_of_the_stored_weights(pretrained, stored, word):
    model, task = pretrained
    expected = reference(stored, word)
    best = expected.argmax(dim=-1).tolist()
    assert best[-1] == 3
    symbols = [PHONEMES[token - 4] for token in best[:-1]]
    assert write(model, task, [word]) == [tuple(symbols)]
    with torch.no_grad():
        read = torch.tensor([[task.target.bos_id, *task.target.encode(symbols)]])
        logits = model(task.sources([word]), read)[0]
    torch.testing.assert_close(logits[:, 3:], expected[:, 4:], atol=1e-5, rtol=1e-5)  # the phonemes
    torch.testing.assert_close(logits[:, 2], expected[:, 3], atol=1e-5, rtol=1e-5)  # the end


@pytest.mark.slow
def test_every_weight_of_the_file_is_used(pretrained, stored):
    model, _task = pretrained
    unused = stored["dec_emb"][1].numel() + stored["fc_w"][1].numel() + 1  # of a phoneme that is not known
    assert sum(w.numel() for w in model.parameters()) == sum(w.numel() for w in stored.values()) - unused


@pytest.mark.slow
def test_it_says_words_as_the_dictionary_does(pretrained):
    model, task = pretrained
    assert write(model, task, ["distillation"])[0][:4] == ("D", "IH2", "S", "T")
    assert error_rate(evaluate(model, task, task.tests["test"][:200])) < 0.2


@pytest.mark.slow
def test_the_test_words_are_those_of_the_task(pretrained):
    ours = tasks.pronunciation().tests["test"]
    theirs = pretrained[1].tests["test"]
    assert [example.source for example in ours] == [example.source for example in theirs]
    assert all(without_stress(their.targets[0]) == our.targets[0] for our, their in zip(ours, theirs, strict=True))


def test_spellings():
    vocabulary = SpellingVocabulary(LETTERS)
    assert vocabulary.encode("az") == [3, 28, 2]
    assert vocabulary.encode("it's") == [11, 22, 1, 21, 2]
    assert vocabulary.encode("'") == [1, 2]
    with pytest.raises(ValueError, match="nothing to read"):
        vocabulary.encode("")


def test_the_phonemes_are_in_the_order_of_the_output_layer():
    assert len(PHONEMES) == 70 == len(set(PHONEMES))
    assert PHONEMES[:3] == ["AA0", "AA1", "AA2"] and PHONEMES[-9:-6] == ["UW", "UW0", "UW1"] and PHONEMES[-1] == "ZH"
