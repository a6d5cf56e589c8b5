"""`course.device()`: decided once, overridden by name, never changed silently."""

import pytest
import torch

import course


@pytest.fixture(autouse=True)
def undecided():
    course.device.cache_clear()
    yield
    course.device.cache_clear()


def test_cuda_where_there_is_one_else_the_cpu(monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    assert course.device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_environment_variable_overrides(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert course.device() == torch.device("cpu")


def test_it_is_decided_once(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    first = course.device()
    monkeypatch.setenv("COURSE_DEVICE", "nonsense")
    assert course.device() is first


@pytest.mark.parametrize("wanted", ["nonsense", "cuda:99", "cpu:x"])
def test_a_device_that_cannot_be_used_is_named_with_the_remedy(monkeypatch, wanted):
    monkeypatch.setenv("COURSE_DEVICE", wanted)
    with pytest.raises(ValueError, match=f"COURSE_DEVICE='{wanted}' cannot be used here.*'cpu'"):
        course.device()
