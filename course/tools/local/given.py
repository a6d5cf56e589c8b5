"""Tools made of what is given to them, a table of tokenizers or a search: they run in this process, not in a child."""

from collections.abc import Callable, Mapping, Sequence

from course.messages import _
from course.tokenization import Tokenizer
from course.tools.execution.toolbox import Tool
from course.tools.schema import Function, Parameter

MOST_PASSAGES = 10


def count_tokens_tool(tokenizers: Mapping[str, Tokenizer]) -> Tool:
    """The tool `count_tokens(text, tokenizer)`, with these tokenizers by name. Raises `ValueError` for none at all."""
    if not tokenizers:
        raise ValueError(_("There is no tokenizer: give one or more, by name."))

    def count_tokens(text: str, tokenizer: str) -> int:
        return len(tokenizers[tokenizer].encode(text))

    return Tool(
        Function(
            "count_tokens",
            "How many tokens a tokenizer splits a text into.",
            (
                Parameter("text", "string", "The text to be split"),
                Parameter("tokenizer", "string", "Whose tokenizer it is", enum=tuple(tokenizers)),
            ),
        ),
        count_tokens,
        isolated=False,
    )


def search_tool(search: Callable[[str, int], Sequence[str]], about: str) -> Tool:
    """The tool `search_passages(query, k=3)`: `search` returns the best k passages as texts, best first.

    `about` says what is searched, in the tool's description, such as "the lessons of this course".
    """

    def search_passages(query: str, k: int = 3) -> str:
        if not 1 <= k <= MOST_PASSAGES:
            raise ValueError(_("k is {k}: ask for 1 to {limit} passages.").format(k=k, limit=MOST_PASSAGES))
        found = search(query, k)
        return "\n".join(f"[{number}] {passage}" for number, passage in enumerate(found, start=1))

    return Tool(
        Function(
            "search_passages",
            f"Searches {about} for passages about something.",
            (
                Parameter("query", "string", "What to search for, in a few words"),
                Parameter("k", "integer", f"How many passages, 1 to {MOST_PASSAGES}", required=False, default=3),
            ),
        ),
        search_passages,
        isolated=False,
    )
