"""The view of a whole model: what it shows is what the model computes, and any text can be typed into it."""

import re
import struct
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import course
from course.gpt import Decoder
from course.interpretability.residual_stream import read_streams
from course.layers.attention import record_attention
from course.tokenization import ByteLevelBPE
from course.viz import ModelView, model_view
from course.viz.gpt.model_view import ModelDrawing, labels
from course.viz.gpt.parts import PARTS, TOUR, code_line, short
from course.viz.gpt.rows import WIDTH
from course.viz.gpt.scene import SCALE, STYLES, broken, fitted, largest_of_bins, width_of
from course.viz.gpt.tables import part_table
from course.viz.gpt.whole_model import whole_model
from course.viz.kit.text import percent
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model

TEXT = "the people of the united states"
TOKENIZER = ByteLevelBPE.train(TEXT * 20, n_merges=40, special_tokens=["<|endoftext|>"])
SIZES = {"vocab_size": TOKENIZER.vocab_size, "context_length": 64}
CONFIGS = {
    "modern": tiny_config(**SIZES, n_layers=3),
    "GPT-2": tiny_gpt2(**SIZES),
    "band": tiny_gpt2(**SIZES, windows=(None, 3)),
    "one head, one block": tiny_config(**SIZES, n_heads=1, n_kv_heads=1, n_layers=1),
}
EACH = pytest.mark.parametrize("name", CONFIGS)


def view_of(name="modern", text=TEXT, **state):
    return model_view(tiny_model(CONFIGS[name]), TOKENIZER, text, name=name, **state)


def floats(numbers, columns):
    return np.frombuffer(numbers, dtype="<f4").reshape(-1, columns)


# --- Its numbers are the model's ---


@EACH
@torch.no_grad()
def test_the_page_has_the_numbers_of_the_models_own_pass(name):
    view = view_of(name)
    model, _tokenizer = view.models[name]
    ids = torch.tensor([TOKENIZER.encode(TEXT)])
    n = ids.shape[1]
    with record_attention(model) as maps:
        logits = model(ids)[0]
    streams = read_streams(model, ids)
    for block in range(len(model.blocks)):
        for head in range(model.config.n_heads):
            view.block, view.head = block, head
            picture = view.drawing.picture
            weights = torch.tensor(floats(picture["cells"]["weights"], n))
            assert difference(weights, maps[block][0, head]) < TOLERANCE
            for part, place in (("stream", 0), ("between", 1), ("after", 2)):
                stream = streams[2 * block + place][0]
                length, largest, at = torch.tensor(floats(picture["rows"][part], 3)).T
                assert difference(length, stream.norm(dim=-1)) < TOLERANCE
                assert difference(largest, stream.gather(1, at.long()[:, None])[:, 0]) < TOLERANCE
                assert difference(largest.abs(), stream.abs().amax(dim=-1)) < TOLERANCE
    lengths = torch.tensor(floats(view.drawing.picture["cells"]["blocks"], len(model.blocks)))
    assert difference(lengths, torch.stack([s[0].norm(dim=-1) for s in streams[2::2]], dim=1)) < TOLERANCE
    for token in (0, n - 1):
        for temperature in (0.5, 1.0, 1.7):
            view.token, view.temperature = token, temperature
            assert difference(view.look.logits, logits[token]) < TOLERANCE
            assert difference(view.look.chances, (logits[token] / temperature).softmax(dim=-1)) < TOLERANCE
            assert view.look.best(1)[0][1] == logits[token].argmax().item()


@EACH
def test_every_part_is_shown_with_a_sentence_a_table_and_the_line_that_computes_it(name):
    view = view_of(name)
    root = Path(course.__file__).parents[1]
    for part in view.look.parts:
        view.part = part
        assert view.error == "" and view.part == part
        sentence = view.look.sentence(part)
        assert "{" not in sentence and sentence.endswith(".") and sentence in unescape(view._said.value)
        code = view.look.code(part)
        assert (root / code.file).read_text().splitlines()[code.number - 1].strip() == code.text
        caption, columns, rows = part_table(view.look, part)
        assert caption and rows and all(len(cells) == len(columns) for _label, cells in rows)
        svg = view.drawing.picture["svg"]
        assert svg.count(f'data-part="{part}"') >= 1 and 'aria-expanded="true"' in svg
    missing = {"gate", "positions"} & (set(PARTS) - set(view.look.parts))
    assert missing == ({"positions"} if "Llama" in type(CONFIGS[name]).__name__ else {"gate"})


def test_the_line_of_code_is_found_by_its_beginning():
    assert code_line(Decoder._block, "config = ").file == "course/gpt/model.py"
    with pytest.raises(ValueError, match=r"Decoder\._block has no line that begins with 'nothing'"):
        code_line(Decoder._block, "nothing")


def test_the_table_of_a_pair_is_the_arithmetic_of_its_weight():
    view = view_of(part="weights", block=1, head=2, token=4, key=3)
    look = view.look
    product = float(look.steps.compared_query[2, 4] @ look.steps.compared_key[2, 3])
    [row] = [cells for label, cells in part_table(look, "weights").rows if label == look.named(3)]
    expected = (product, product / look.steps.query.shape[-1] ** 0.5)
    assert row[:2] == [f"{x:.2f}".replace("-", "−") for x in expected]
    assert row[2] == percent(float(look.whole.weights[1][2, 4, 3]), 1)
    hidden = [cells for label, cells in part_table(look, "mask").rows][5:]
    assert {cells[1] for cells in hidden} == {"−∞"} and {cells[2] for cells in hidden} == {"0.0%"}


def test_the_lengths_on_the_drawing_are_those_of_the_stream():
    view = view_of(block=1, token=4)
    with torch.no_grad():
        streams = read_streams(view.models["modern"][0], torch.tensor([TOKENIZER.encode(TEXT)]))
    texts = re.findall(r'<text class="lm-m-note"[^>]*>([^<]*)</text>', view.drawing.picture["svg"])
    for place in (2, 3, 4):
        assert short(streams[place][0, 4].norm().item(), 2) in texts


def test_a_model_that_was_trained_on_is_read_again():
    view = view_of(token=2)
    before = view.look.logits
    with torch.no_grad():
        view.models["modern"][0].blocks[0].attention.value.weight.mul_(2)
    view.head = 1
    assert view.error == "" and view.token == 2 and not torch.allclose(view.look.logits, before)


# --- Its state ---


@EACH
def test_the_guided_steps_lead_through_the_model_and_back(name):
    view = view_of(name, unfolded=False)
    seen = []
    assert view._back.off and not view._next.off
    while not view._next.off:
        view._next.click()
        seen.append(view.part)
        assert f"{len(seen)} of {len(view.tour)}: " in view._said.value and view.error == ""
        assert view.unfolded or PARTS[view.part].band == "model"
    assert seen == view.tour == [part for part in TOUR if part in view.look.parts]
    while not view._back.off:
        view._back.click()
        seen.append(view.part)
    assert seen == [*view.tour, *view.tour[-2::-1]]
    view.part = "key"  # no guided step: the next is the one after it
    view.go_on()
    assert view.part == "scores"


def test_the_chosen_token_follows_the_end_of_the_text_unless_it_is_another():
    view = view_of(text="the people")
    assert view.token == view.look.n - 1
    view.text = "the people of the"
    assert view.token == view.look.n - 1
    view.token = 1
    view.text = "the people of"
    assert view.token == 1
    view.text = "the"
    assert view.token == view.look.n - 1 == 0


def test_another_models_sizes_clip_the_state():
    models = {name: (tiny_model(config), TOKENIZER) for name, config in CONFIGS.items()}
    view = ModelView(models, TEXT, block=2, head=3, part="gate")
    view.model = "GPT-2"
    assert (view.block, view.head, view.part, view.error) == (1, 3, "", "")
    view.model = "one head, one block"
    assert (view.block, view.head, view.error) == (0, 0, "")
    assert view._sliders["block"].max == view._sliders["head"].max == 0
    with pytest.raises(ValueError, match="There is no model 'other'; there are: modern, GPT-2, band, one head"):
        view.model = "other"
    with pytest.raises(ValueError, match=r"one head, one block has no part 'positions'\. Its parts are: tokens"):
        view.part = "positions"
    with pytest.raises(ValueError, match="There is no head 1: there are 1, counted from 0"):
        view.head = 1


def test_the_page_may_ask_for_what_is_no_longer_there():
    view = view_of(text="the people")
    for asked in (
        {"token": 99},
        {"token": -1},
        {"block": 7, "unfolded": True},
        {"head": -3},
        {"key": 50, "part": "mask"},
    ):
        view._asked(asked)
        assert view.error == ""
    assert (view.token, view.block, view.head, view.part) == (0, 2, 0, "mask")
    view._asked({"part": "positions"})
    assert "has no part 'positions'" in view.error and view.part == "mask"
    view._asked({"part": "", "model": "x", "text": "y"})  # no part of it is for the page to set
    assert view.part == "" and view.text == "the people" and view.error == ""


def test_steps_of_fast_keys_add_up_and_each_message_of_them_is_answered(monkeypatch):
    view, answers = view_of(token=0), []
    assert view.look is not None
    monkeypatch.setattr(ModelDrawing, "send", lambda _drawing, content: answers.append(content))
    view._asked({"by": {"token": 2}})
    view._asked({"by": {"token": 1, "block": 1, "key": -1}})
    assert (view.token, view.block, view.key) == (3, 1, 0)
    view._asked({"by": {"token": 99, "model": 1}})
    assert view.token == view.look.n - 1 and view.error == ""
    assert answers == [{}, {}, {}]


def test_the_table_that_scrolls_is_reached_by_the_keyboard():
    assert view_of()._table.tabbable is True


def test_one_change_draws_once(monkeypatch):
    view, drawn = view_of(), []
    monkeypatch.setattr(view, "_draw", drawn.append)
    view._asked({"part": "weights", "token": 3, "key": 2, "block": 1})
    assert len(drawn) == 1
    view._asked({"part": "weights", "token": 3})
    assert len(drawn) == 1
    passes = view.look.whole
    view.temperature = 0.5
    assert len(drawn) == 2 and view.look.whole is passes, "the model ran once"


# --- Whatever is typed ---

VIEW = view_of()
PLACES = st.integers(0, 10**6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30), st.sampled_from(["", *VIEW.look.parts]), PLACES, PLACES, PLACES, PLACES)
def test_any_text_at_any_place_is_shown_or_one_error(text, part, block, head, token, key):
    VIEW.text = text
    if VIEW.error:
        assert "\n" not in VIEW.error and ("empty" in VIEW.error or "64" in VIEW.error), VIEW.error
        assert not text or len(TOKENIZER.encode(text)) > 64
    n = VIEW.look.n
    VIEW._asked({"part": part, "block": block, "head": head, "token": token % n, "key": key % n})
    assert (VIEW.token, VIEW.key, VIEW.part) == (token % n, key % n, part)
    assert VIEW.look.sentence(part or "blocks") and repr(VIEW)
    svg = VIEW.drawing.picture["svg"]
    assert svg.count("<svg") == 1 and svg.count("data-token=") == n


@pytest.mark.parametrize(
    "text", ["한국의 수도는 서울", "🎉👩\u200d👩\u200d👧", "a", "\ud83d", "the " * 40, "e\u0301\u0323", "\n\t "]
)
def test_its_texts_stay_inside_the_drawing(text):
    view = view_of(text=text)
    for part in ("", *view.look.parts):
        scene = whole_model(view.look, part, in_words=True)
        for piece in scene.pieces:
            if hasattr(piece, "style"):
                width = width_of(piece.text, piece.style)
                left = piece.x - {"start": 0, "middle": 0.5, "end": 1}[piece.anchor] * width
                assert left >= -12 and left + width <= WIDTH + 12, (part, piece)
                assert 0 <= piece.y <= scene.height
        assert all(p.x >= 0 and p.x + p.width <= WIDTH + 1 and p.y + p.height <= scene.height for p in scene.parts)


@EACH
def test_the_outline_of_a_column_crosses_no_text(name):
    scene = whole_model(view_of(name).look, "")
    texts = [piece for piece in scene.pieces if hasattr(piece, "style")]
    columns = [part for part in scene.parts if part.words and "step" in part.data]
    assert len(columns) > 15
    for part in columns:
        for piece in texts:
            width = width_of(piece.text, piece.style)
            left = piece.x - {"start": 0, "middle": 0.5, "end": 1}[piece.anchor] * width
            beside = left + width <= part.x + 3 or left >= part.x + part.width - 3
            inside = part.x - 3 <= left and left + width <= part.x + part.width + 3
            above = piece.y + 6 <= part.y
            below = piece.y - 6 >= part.y + part.height
            assert beside or inside or above or below, (part.words, piece)


def test_what_is_wrong_with_a_text_is_one_sentence_and_the_last_picture_stays():
    view = view_of()
    before = repr(view)
    errors = {
        "": "The text is empty. Type something for the model to read.",
        "xyz " * 20: "80 tokens are more than the model's context of 64. Shorten the text.",
        "xyz " * 60: "The text has 240 tokens; the limit here is 128. Shorten it.",
        "a" * 2001: "The text has 2,001 characters; the limit here is 2,000. Shorten it.",
    }
    for text, error in errors.items():
        view.text = text
        assert view.error == error and repr(view) == f"{error}\n{before}"
    view.text = TEXT
    assert view.error == "" and repr(view) == before


def test_a_right_to_left_text_turns_no_number_beside_it():
    view = view_of()
    assert view.look is not None
    look = replace(view.look, tokens=("שלום",) * view.look.n)
    for part in look.parts:
        sentence = look.sentence(part)
        assert sentence.count("שלום") == len(
            re.findall("\u2068[^\u2068\u2069]*שלום[^\u2068\u2069]*\u2069", sentence)
        ), sentence
    assert "\u2068“שלום”\u2069" in look.sentence("chances")


def test_the_table_of_a_part_is_no_sum():
    assert "lm-total" not in view_of(part="tokens")._table.value


def test_what_is_typed_is_text():
    view = view_of(text="<script>alert(1)</script> & “x” $y$", part="tokens")
    for html in (view.drawing.picture["svg"], view._table.value, view._said.value):
        assert "<script" not in html and " & " not in html


def test_a_model_of_more_ids_than_its_tokenizer():
    model = tiny_model(replace(CONFIGS["modern"], vocab_size=TOKENIZER.vocab_size + 5))
    with torch.no_grad():
        model.output.weight[-1] = 100 * model.output.weight[0]
    view = model_view(model, TOKENIZER, TEXT)
    assert view.error == "" and labels(TOKENIZER)(TOKENIZER.vocab_size + 4) == f"#{TOKENIZER.vocab_size + 4}"


def test_no_model_is_no_view():
    with pytest.raises(ValueError, match="There is no model to look into"):
        ModelView({})


# --- Its pictures ---


def test_the_saved_pictures_need_nothing_but_themselves():
    view = view_of(part="weights")
    sent = []
    view.copy_buttons.send = lambda content, buffers: sent.append((content, buffers))
    for file_format in ("svg", "png"):
        view._send_picture(file_format)
    (_svg, [svg]), (_png, [png]) = sent
    outside = set(re.findall(r'(?:href|src|url)\W{1,3}(?!#|data:)(\w+:[^"\')]*)', svg.decode()))
    assert outside == set() and b"<script" not in svg and b"<svg" in svg
    assert png.startswith(b"\x89PNG") and struct.unpack(">II", png[16:24]) > (1000, 1000)


def test_the_stored_page_has_picture_and_words():
    view = view_of(part="weights")
    bundle = view._repr_mimebundle_()
    assert "data:image/png;base64," in bundle["text/html"] and "Attention weights: Softmax turns" in bundle["text/html"]
    best = view.look.best(1)[0][0]
    assert f"Most probable after {view.look.named(view.token)}: {best}" in bundle["text/plain"]
    assert bundle["text/plain"] == view_of(part="weights")._repr_mimebundle_()["text/plain"]


def test_letters_are_large_enough():
    assert min(style.size for style in STYLES.values()) >= 11.5  # at 556 of 560 pixels still more than 11
    assert min(style.size for style in STYLES.values()) * SCALE * 72 / 100 >= 10  # points, as all figures
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", str(ModelDrawing._css))]
    assert sorted(set(sizes)) == sorted({style.size for style in STYLES.values()})


def test_texts_are_cut_and_broken():
    assert fitted("abc", "token", 100) == "abc" and fitted("a" * 50, "token", 60).endswith("…")
    assert width_of(fitted("한국어" * 20, "token", 60), "token") <= 60
    assert broken("one two three", "plain", 60, 2) == ["one two", "three"]
    assert broken("one two three four five", "plain", 50, 2)[1].endswith("…")


def test_a_strip_shows_the_number_farthest_from_0():
    rows = np.array([[1.0, -3.0, 2.0, 0.5, 0.1], [0.0, 0.0, 0.0, 0.0, -1.0]])
    assert largest_of_bins(rows, 2).tolist() == [[-3.0, 2.0], [0.0, -1.0]]
    assert largest_of_bins(rows, 9).tolist() == rows.tolist()


def test_short_numbers():
    numbers = (0.2512, 13.84, 181.25, 1234.5, -0.0375, 0.0, float("-inf"), 999.7)
    assert [short(x) for x in numbers] == ["0.251", "13.8", "181", "1.23k", "−0.037", "0.000", "−∞", "1.00k"]
    assert [short(x, 2) for x in numbers[:3]] == ["0.25", "14", "181"]
