"""A constrained model writes calls of the catalog, whatever it would write by itself, with every way of decoding."""

import math

import pytest
import torch

from course.decoding import (
    Constrained,
    Decodable,
    DecodableModule,
    beam_search,
    generate,
    greedy_search,
    left_pad,
    sample,
)
from course.tokenization import ByteLevelBPE
from course.tools import CallGrammar, Catalog, Function, GrammarTokens, parse_calls
from tests.support.llama import tiny_config, tiny_model
from tests.tools.catalogs import AREA, AREAS, small_tokenizer

TOKENIZER = small_tokenizer()
END = TOKENIZER.special.ids["<|end|>"]
MODEL = tiny_model(tiny_config(vocab_size=TOKENIZER.vocab_size, context_length=400)).eval()
CATALOG = Catalog([AREA, AREAS])
GRAMMAR = CallGrammar(CATALOG)
PROMPT = TOKENIZER.encode("area: 3 cm")


def constrained(**changes) -> Constrained:
    return Constrained(**({"model": MODEL, "grammar": GRAMMAR, "tokenizer": TOKENIZER, "eos_id": END} | changes))


def whole(ids: list[int]) -> str:
    text = TOKENIZER.decode(ids)
    (call,) = parse_calls(text, CATALOG)
    assert call.name in CATALOG and GRAMMAR.is_complete(GRAMMAR.advance(GRAMMAR.start, text))
    return text


def test_drawn_calls_are_of_the_catalog():
    source, padding = left_pad([PROMPT, PROMPT[:2]], fill=0)
    samples = sample(
        constrained(),
        source,
        eos_id=END,
        max_length=200,
        n_samples=10,
        padding=padding,
        generator=torch.Generator().manual_seed(0),
    )
    texts = set()
    for tokens, drawn in zip(samples.tokens, samples.drawn, strict=True):
        row = tokens[drawn].tolist()
        assert row[-1] == END
        texts.add(whole(row[:-1]))
    assert len(texts) > 5
    unconstrained = sample(MODEL, source, eos_id=END, max_length=200, padding=padding)
    assert not any(TOKENIZER.decode(row).startswith("area") for row in unconstrained.tokens.tolist())


def test_greedy_beam_and_one_by_one_write_the_same_call():
    one_by_one = [step.token for step in generate(constrained(), PROMPT, 200, stop={END})]
    whole(one_by_one)
    (greedy,) = greedy_search(constrained(), torch.tensor([PROMPT]), eos_id=END, max_length=200)
    assert greedy.tokens == one_by_one and greedy.finished
    (best, *_others) = beam_search(constrained(), torch.tensor([PROMPT]), eos_id=END, max_length=60, beam_size=2)[0]
    whole(best.tokens)


def test_what_is_left_keeps_its_proportions_and_sums_to_one():
    source = torch.tensor([PROMPT])
    plain, _state = MODEL.start(source, 5)
    scores, _state = constrained().start(source, 5)
    allowed = GrammarTokens(TOKENIZER).allowed(GRAMMAR.start)
    assert torch.equal(scores[0].isfinite(), allowed) and (scores[0][~allowed] == -math.inf).all()
    torch.testing.assert_close(scores[0].exp().sum(), torch.tensor(1.0))
    torch.testing.assert_close(scores[0][allowed].softmax(0), plain[0][allowed].softmax(0))


def test_the_end_follows_the_complete_call_alone():
    model = constrained()
    scores, state = model.start(torch.tensor([PROMPT]), 60)
    for token in TOKENIZER.encode("areas()"):
        assert scores[0, END] == -math.inf
        scores, state = model.step(state, torch.tensor([token]))
    assert scores[0, END] == 0 and scores[0].isfinite().sum() == 1
    scores, state = model.step(state, torch.tensor([END]))
    assert scores[0].isfinite().sum() == 1


def test_rows_are_chosen_with_their_calls():
    model = constrained()
    _scores, state = model.start(torch.tensor([PROMPT, PROMPT]), 60)
    tokens = torch.tensor([TOKENIZER.encode(text)[0] for text in ("areas()", "r")])
    tokens[1] = next(token for token in model.tokens.allowed(GRAMMAR.start).nonzero()[:, 0] if token != tokens[0])
    _scores, state = model.step(state, tokens)
    turned = state.select(torch.tensor([1, 0, 1]))
    assert turned.calls == (state.calls[1], state.calls[0], state.calls[1])


def test_it_is_decoded_as_the_model_is():
    model = constrained()
    assert isinstance(model, Decodable) and isinstance(model, DecodableModule)
    with pytest.raises(ValueError, match="400"):
        list(generate(model, PROMPT, 500))
    with pytest.raises(TypeError, match="Linear cannot be decoded"):
        constrained(model=torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="eos_id is"):
        constrained(eos_id=TOKENIZER.vocab_size)


def test_a_vocabulary_without_the_letters_of_a_name_is_refused():
    letters = ByteLevelBPE(["a", "b", "<|end|>"], [], special_tokens=["<|end|>"])
    model = tiny_model(tiny_config(vocab_size=3)).eval()
    grammar = CallGrammar(Catalog([Function("z")]))
    with pytest.raises(ValueError, match="lacks 254 of the 256 bytes"):
        Constrained(model, grammar, letters, eos_id=2).start(torch.tensor([[0]]), 3)
