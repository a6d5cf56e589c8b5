"""The rules of conftest.py hold in every test."""

import os
import socket
import urllib.request
from pathlib import Path

import jaxtyping
import pytest
import torch
from hypothesis import settings

from course.layers.attention import scaled_dot_product_attention


def test_shapes_are_checked():
    query, key = torch.zeros(1, 1, 2, 8), torch.zeros(1, 1, 2, 4)
    with pytest.raises(jaxtyping.TypeCheckError):
        scaled_dot_product_attention(query, key, key)


def test_progress_goes_elsewhere(tmp_path_factory):
    assert tmp_path_factory.getbasetemp() in Path(os.environ["COURSE_PROGRESS"]).parents


def test_offline_means_this_machine_only(offline):
    with pytest.raises(AssertionError, match=r"looks up 'example\.org'"):
        urllib.request.urlopen("http://example.org", timeout=1)
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"connects to \('192\.0\.2\.1', 80\)"):
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize("again", [1, 2])
def test_a_forgotten_seed_still_gives_the_same_numbers(again):
    assert torch.rand(()).item() == torch.rand((), generator=torch.Generator().manual_seed(0)).item()


def test_hypothesis_has_no_deadline():
    assert settings().deadline is None
