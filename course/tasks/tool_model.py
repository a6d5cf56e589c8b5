"""The model that `experiments.tools` tuned to call what is documented, and single calls that a chat model writes."""

from collections.abc import Callable, Sequence

from course import trained
from course.data.api_calls import Answer
from course.data.api_functions import Function
from course.gpt import Decoder
from course.peft import merge
from course.pretrained import load
from course.tasks.tool_answers import call_answers
from course.tasks.tool_calls import K, Reading, rankings
from course.tokenization import ByteLevelBPE
from course.tools import CallGrammar, Catalog, GrammarTokens

NOT_KNOWN = Answer("", {})  # nobody knows what answers the learner's own request


def stored_caller() -> tuple[Decoder, ByteLevelBPE]:
    """SmolLM2 with the LoRA weights merged, in eval mode, and its tokenizer. Raises `AssetError` as `load` does."""
    model, tokenizer = load("smollm2")
    merge(trained.load_method("tools/tuned-longer", model))
    return model.requires_grad_(False).eval(), tokenizer


def written_call(
    model: Decoder,
    tokenizer: ByteLevelBPE,
    request: str,
    documents: Sequence[Function],
    *,
    grammar: CallGrammar | None = None,
    tokens: GrammarTokens | None = None,
) -> str:
    """What the model writes for one request with these documents, as `call_answers` does for many."""
    reading = Reading(request, tuple(documents), NOT_KNOWN, Catalog(documents), "")
    return call_answers(model, tokenizer, [reading], grammar=grammar, tokens=tokens)[0]


def write_for(model: Decoder, tokenizer: ByteLevelBPE) -> Callable[[str, Catalog], str]:
    """A function that writes a call for a request, with the `K` documents of a catalog that MiniLM finds for it.

    A grammar of these functions leaves out all else. Raises `ValueError` for a catalog without functions.
    """
    tokens = GrammarTokens(tokenizer)

    def write(request: str, catalog: Catalog) -> str:
        found = rankings([request], catalog, "dense", K)[0] if len(catalog) else []
        return written_call(model, tokenizer, request, found, grammar=CallGrammar(Catalog(found)), tokens=tokens)

    return write
