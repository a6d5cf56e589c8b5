"""The linear probe recovers symbols that a vector contains, and none that it does not."""

import torch

from course.interpretability.probing import letters_around, linear_probe
from course.interpretability.residual_stream import record_stream
from course.tasks import Task, Vocabulary
from course.tasks.task import Example
from course.transformer import Transformer, TransformerConfig


def one_hot_words(count, seed):
    """Vectors that hold the first two of three symbols, in numbers mixed by a matrix; the third is nowhere."""
    generator = torch.Generator().manual_seed(seed)
    symbols = torch.randint(0, 5, (count, 3), generator=generator)
    mixing = torch.randn(10, 32, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.one_hot(symbols[:, :2], 5).flatten(1).float() @ mixing, symbols


def test_what_is_in_the_vector_is_read_and_what_is_not_is_guessed():
    right = linear_probe(*one_hot_words(800, 1), *one_hot_words(400, 2)).float().mean(dim=0)
    assert right[:2].tolist() == [1.0, 1.0]
    assert 0.1 < right[2] < 0.3  # one in five


def test_numbers_that_never_change_do_no_harm():
    (vectors, symbols), (others, wanted) = one_hot_words(800, 1), one_hot_words(400, 2)
    still = torch.nn.functional.pad(vectors, (0, 3), value=7.0)
    assert linear_probe(still, symbols, torch.nn.functional.pad(others, (0, 3), value=7.0), wanted)[:, :2].all()


def test_a_symbol_that_only_the_test_has_is_never_read_right():
    (vectors, symbols), (others, wanted) = one_hot_words(800, 1), one_hot_words(400, 2)
    wanted[:, 0] = 9
    assert not linear_probe(vectors, symbols, others, wanted)[:, 0].any()


def test_letters_around_are_those_of_the_word_and_padding_is_none():
    words = ["abc", "abcdefg", "hgfed"]
    examples = [Example(tuple(word), (("x",),)) for word in words]
    task = Task("letters", Vocabulary("abcdefgh"), Vocabulary("x"), examples, [], {}, 3)
    config = TransformerConfig(len(task.source), len(task.target), d_model=8, n_heads=2, d_ff=16, n_layers=2)
    model = Transformer(config, torch.Generator().manual_seed(0)).eval()
    found = letters_around(model, task, examples, (-1, 0, 2))
    spelled = [tuple(task.source.symbols[i] for i in row) for row in found.letters.tolist()]
    inner = [(number, place) for number, word in enumerate(words) for place in range(1, len(word) - 2)]
    assert spelled == [tuple(words[number][place + offset] for offset in (-1, 0, 2)) for number, place in inner]
    assert found.words == [number for number, _place in inner] and len(found.streams) == 5
    with torch.no_grad(), record_stream(model.encoder) as passages:
        model.encoder(task.sources([words[1]]))
    alone = torch.stack([passages[-1].after[0, place] for number, place in inner if number == 1])
    torch.testing.assert_close(found.streams[-1][[number == 1 for number, _place in inner]], alone)
