"""The video search: its numbers are those of attention, and bad input gets a one-sentence error."""

import pytest
import torch

from course.bert import encode_batch, sentence_embeddings
from course.layers.attention import scaled_dot_product_attention
from course.pretrained import load
from course.viz.transformer.video_search import VideoSearch
from tests.support.speed import require_quick

VIDEOS = """Sourdough for beginners | flour, water, salt and a long night
Repairing a bicycle tire | glue, a patch and a pump
Knots every sailor knows | rope, bowline, clove hitch"""


@pytest.fixture(scope="module")
def minilm():
    return load("minilm")


@pytest.fixture
def search(minilm):
    return VideoSearch(*minilm, query="how to bake bread", videos=VIDEOS)


def test_it_is_attention_with_another_scale(search, minilm):
    model, tokenizer = minilm

    def read(texts):
        ids, mask = encode_batch(tokenizer, texts)
        with torch.no_grad():
            return sentence_embeddings(model(ids, mask), mask)[None, None]

    titles, contents = zip(*(line.split(" | ") for line in VIDEOS.splitlines()), strict=True)
    query, key, value = read([search.query]), read(titles), read(contents)
    mix, weights = scaled_dot_product_attention(query * search.sharpness * key.shape[-1] ** 0.5, key, value)
    torch.testing.assert_close(search.weights, weights[0, 0, 0], atol=1e-5, rtol=1e-4)
    near = torch.cosine_similarity(mix[0, 0], value[0, 0])
    torch.testing.assert_close(search.nearness, near, atol=1e-5, rtol=1e-4)


def test_the_query_chooses(search):
    assert search.weights.argmax() == search.nearness.argmax() == 0
    search.query = "my bike has a flat"
    assert search.weights.argmax() == search.nearness.argmax() == 1
    assert search.weights.sum().item() == pytest.approx(1, abs=1e-6)


def test_sharpness_goes_from_even_to_all(search):
    search.sharpness = 0
    assert search.weights.tolist() == pytest.approx([1 / 3] * 3)
    search.sharpness = 50
    assert search.weights.max() > 0.99


def test_videos_can_be_changed(search):
    search.videos = VIDEOS + "\nRye bread | sour, dark"
    assert search.titles[-1] == "Rye bread" and len(search.weights) == 4
    assert "Rye bread" in search._weights.value and "sour, dark" in search._mix.value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("query", " ", "There is no query: type what you look for."),
        ("videos", "", "There are 0 videos; from 1 to 12 can be shown."),
        ("videos", "a | b\n" * 13, "There are 13 videos; from 1 to 12 can be shown."),
        ("videos", "only a title", "'only a title' is not a video: write a title, the sign |, and its content."),
        ("videos", "title |", "'title |' is not a video: write a title, the sign |, and its content."),
        ("query", "a" * 2001, "The text has"),
    ],
)
def test_what_cannot_be_searched_is_said(search, name, text, message):
    before = getattr(search, name)
    setattr(search, name, text)
    assert search.error.startswith(message)
    setattr(search, name, before)
    assert search.error == ""


def test_markup_is_text(search):
    search.videos = "<script>alert(1)</script> | <b>x</b>"
    assert "<script>" not in search._weights.value and "<b>x" not in search._mix.value


@pytest.mark.timed
def test_it_answers_in_under_100_ms(search, record_property):
    def latencies():
        for end in range(1, len("how to mend a puncture") + 1):
            search.query = "how to mend a puncture"[:end]
            yield search.latency_ms

    require_quick(latencies, record_property)


def test_the_static_view(search):
    bundle = search._repr_mimebundle_()
    assert "text/html" in bundle and bundle["text/plain"].startswith("'how to bake bread'\nSourdough")
