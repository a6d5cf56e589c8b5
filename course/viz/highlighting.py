"""Python code as HTML that keeps its lines: it scrolls where the page is narrower, and has the colors of the cells."""

import io
import keyword
import tokenize
from html import escape

STYLE = (
    "<style>.lm-code .lm-k { color: var(--jp-mirror-editor-keyword-color, #008000); font-weight: bold }"
    ".lm-code .lm-s { color: var(--jp-mirror-editor-string-color, #ba2121) }"
    ".lm-code .lm-c { color: var(--jp-mirror-editor-comment-color, #408080); font-style: italic }"
    ".lm-code .lm-n { color: var(--jp-mirror-editor-number-color, #008800) }</style>"
)
BOX = (
    "overflow-x: auto; white-space: pre; word-break: normal; overflow-wrap: normal; "
    "font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px)"
)


def code_box(code: str, name: str) -> str:
    """The code in a box that keeps its lines, and that a keyboard can scroll; `name` is what a screen reader says."""
    attributes = f'class="lm-code" style="{BOX}" tabindex="0" role="region" aria-label="{escape(name)}"'
    return f"{STYLE}<pre {attributes}>{highlighted(code)}</pre>"


def highlighted(code: str) -> str:
    """Code as HTML, with keywords, strings, comments and numbers marked."""
    lines = code.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    parts, done = [], 0
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        mark = _mark(token)
        if not mark:
            continue
        begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        parts += [
            escape(code[done:begin], quote=False),
            f'<span class="lm-{mark}">{escape(code[begin:end], quote=False)}</span>',
        ]
        done = end
    return "".join([*parts, escape(code[done:], quote=False)])


def _mark(token: tokenize.TokenInfo) -> str:
    kind = tokenize.tok_name[token.type]
    if kind == "STRING" or kind.startswith("FSTRING"):
        return "s"
    if kind == "NAME":
        return "k" if keyword.iskeyword(token.string) else ""
    return {"COMMENT": "c", "NUMBER": "n"}.get(kind, "")
