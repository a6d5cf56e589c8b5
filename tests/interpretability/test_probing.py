"""The linear probe recovers symbols that a vector contains, and none that it does not."""

import torch

from course.interpretability.probing import linear_probe


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
