"""All local tools of lesson 17 with the pretrained tokenizers and a search."""

import pytest

from course.pretrained import load_tokenizer
from course.tasks.local_tools import TOKENIZERS, all_local_tools
from course.tools.execution import Layer, run_text

TEXT = "I want to see some cats dancing in celebration"


@pytest.mark.slow
def test_tokens_are_counted_by_the_pretrained_tokenizers():
    toolbox = all_local_tools()
    for name in TOKENIZERS:
        [result] = run_text(f'count_tokens(text="{TEXT}", tokenizer="{name}")', toolbox)
        assert result.value == str(len(load_tokenizer(name).encode(TEXT)))
    [result] = run_text(f'count_tokens(text="{TEXT}", tokenizer="bert")', toolbox)
    assert result.refusal.layer is Layer.ARGUMENTS and "gpt2" in result.refusal.reason


def test_a_search_is_a_tool_where_one_is_given():
    assert "search_passages" not in all_local_tools(tokenizers=["minilm"])
    toolbox = all_local_tools(lambda query, k: [query] * k, "cats", ["minilm"])
    assert run_text('search_passages("cat", k=2)', toolbox)[0].value == "[1] cat\n[2] cat"
    assert "cats" in toolbox["search_passages"].function.description


def test_names_are_a_list_and_known():
    with pytest.raises(ValueError, match="give a list of names"):
        all_local_tools(tokenizers="gpt2")
    with pytest.raises(ValueError, match="llama"):
        all_local_tools(tokenizers=["llama"])
