"""The local tools of lesson 17 with those that need a pretrained tokenizer, or an index of passages."""

from collections.abc import Callable, Sequence

from course.messages import _
from course.pretrained import load_tokenizer
from course.tools.execution import Toolbox
from course.tools.local import count_tokens_tool, local_toolbox, search_tool

TOKENIZERS = ("gpt2", "smollm2", "minilm")


def all_local_tools(
    search: Callable[[str, int], Sequence[str]] | None = None,
    about: str = "the lessons of this course",
    tokenizers: Sequence[str] = TOKENIZERS,
) -> Toolbox:
    """The local tools, `count_tokens` with these pretrained tokenizers, and `search_passages` where a search is given.

    `search(query, k)` returns the best k passages as texts, as those of lesson 16 do; `about` says what they are about.
    Raises `ValueError` for a tokenizer of another name, `AssetError` where the file of one cannot be fetched.
    """
    if isinstance(tokenizers, str):
        raise ValueError(_("tokenizers is {names!r}: give a list of names.").format(names=tokenizers))
    given = [count_tokens_tool({name: load_tokenizer(name) for name in tokenizers})]
    if search is not None:
        given.append(search_tool(search, about))
    return local_toolbox(given)
