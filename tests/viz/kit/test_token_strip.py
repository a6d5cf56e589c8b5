"""The token strip: what it sends to the page and accepts from it, and colors that are readable in every theme."""

import re
import sys
from pathlib import Path

import pytest
import traitlets

from course.viz.kit import token_strip
from course.viz.kit.style import TOKEN_HUES, contrast
from course.viz.kit.text import MARKS, StripToken
from course.viz.kit.token_strip import MAX_SHOWN, STATIC, TokenStrip

CSS = (STATIC / "token_strip.css").read_text(encoding="utf-8")
JS = (STATIC / "token_strip.js").read_text(encoding="utf-8")


def sent(strip: TokenStrip) -> list[dict]:
    return strip.get_state("tokens")["tokens"]


def test_the_page_gets_text_that_can_be_seen_and_the_meaning_of_marks():
    strip = TokenStrip(tokens=[StripToken(" a\n", note="7", lines=("id 7",)), StripToken("x", mark="unknown")])
    assert sent(strip)[0] == {
        "text": "␣a↵",
        "note": "7",
        "lines": ("id 7",),
        "mark": "",
        "strength": None,
        "sign": "",
        "meaning": "",
    }
    assert sent(strip)[1]["sign"] == "?" and sent(strip)[1]["meaning"] == "not in the vocabulary"


def test_selection_from_python_and_by_hand():
    strip = TokenStrip(tokens=[StripToken("a"), StripToken("b")])
    strip.selected = 1
    assert repr(strip) == "2 tokens: a | b\nselected: 1"
    strip.set_state({"selected": 0})  # what a click sends
    assert strip.selected == 0
    strip.set_state({"selected": None})
    assert strip.selected is None


@pytest.mark.parametrize("place", [-1, 2])
def test_a_selection_outside_is_named(place):
    with pytest.raises(traitlets.TraitError, match=f"no token {place}: this strip has 2"):
        TokenStrip(tokens=[StripToken("a"), StripToken("b")]).selected = place


def test_a_selection_that_is_gone_is_forgotten_and_one_that_is_not_is_kept():
    strip = TokenStrip(tokens=[StripToken("a"), StripToken("b")], selected=1)
    strip.tokens = [StripToken("c"), StripToken("d")]
    assert strip.selected == 1
    strip.tokens = [StripToken("c")]
    assert strip.selected is None


def test_a_very_long_strip_draws_a_part_and_counts_the_rest():
    strip = TokenStrip(tokens=[StripToken("a")] * (MAX_SHOWN + 1234))
    assert len(sent(strip)) == MAX_SHOWN
    assert strip.more == "… and 1,234 more tokens"
    strip.tokens = strip.tokens[:3]
    assert strip.more == ""


def test_the_static_view():
    bundle = TokenStrip(tokens=[StripToken(f"w{i}") for i in range(20)])._repr_mimebundle_()
    assert bundle["text/plain"].startswith("20 tokens: w0 | w1 |") and bundle["text/plain"].endswith("| …")
    assert "text/html" in bundle
    assert repr(TokenStrip()) == "no tokens"


def test_a_strip_of_its_own_does_not_share_tokens():
    assert TokenStrip(tokens=[StripToken("a")]).tokens and not TokenStrip().tokens


# The page's side. The browser tests press its keys; these look at what a browser would not notice.


def test_nothing_comes_from_outside():
    files = [file for file in STATIC.parent.rglob("*") if file.suffix in (".css", ".js")]
    assert len(files) > 8, "the styles and scripts of every widget"
    for file in files:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[\w-]+\.\w|@import|url\(", text), file.name


def test_text_is_set_as_text():
    assert "innerHTML" not in JS and "insertAdjacentHTML" not in JS


def test_every_mark_and_every_hue_has_its_style():
    assert all(f".lm-{mark}" in CSS for mark in filter(None, MARKS))
    hues = [hue.lower() for hue in re.findall(r"--lm-hue: (#\w+)", CSS)]
    assert hues == [hue.lower() for hue in TOKEN_HUES]
    assert f"HUES = {len(TOKEN_HUES)};" in JS


# Contrast, in the themes of the JupyterLab that is installed.

THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
Color = tuple[float, float, float, float]  # red, green, blue, alpha, from 0 to 1


def parsed(value: str) -> Color:
    value = {"white": "#fff", "black": "#000"}.get(value, value)
    if value.startswith("rgba("):
        red, green, blue, alpha = (float(part) for part in value[5:-1].split(","))
        return red / 255, green / 255, blue / 255, alpha
    digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
    return *(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)), 1.0


def variable(theme: str, name: str) -> Color:
    css = (THEMES / theme / "index.css").read_text(encoding="utf-8")
    value = re.search(rf"{name}:([^;}}]+)", css)[1].strip()
    if fallback := re.fullmatch(r"var\((--[\w-]+),(.*)\)", value):
        value = fallback[2].strip()
    return parsed(value)


def over(front: Color, back: Color) -> Color:
    return *(f * front[3] + b * (1 - front[3]) for f, b in zip(front[:3], back[:3], strict=True)), 1.0


def mix(color: Color, share: float, paper: Color) -> Color:
    return *(share * c + (1 - share) * p for c, p in zip(color[:3], paper[:3], strict=True)), 1.0


def as_hex(color: Color) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])


@pytest.mark.parametrize("hue", TOKEN_HUES)
@pytest.mark.parametrize("theme", ["theme-light-extension", "theme-dark-extension"])
def test_text_on_tokens_can_be_read(theme, hue):
    ink, paper = variable(theme, "--jp-content-font-color1"), variable(theme, "--jp-layout-color1")
    turns = int(re.search(r"color-mix\(in srgb, var\(--lm-hue\) (\d+)%, var\(--lm-paper\)\)", CSS)[1]) / 100
    strongest = int(re.search(r"calc\(var\(--lm-strength\) \* (\d+)%\)", CSS)[1]) / 100
    for share in (turns, strongest if hue == TOKEN_HUES[0] else turns):
        background = mix(parsed(hue), share, paper)
        assert contrast(as_hex(over(ink, background)), as_hex(background)) >= 4.5


@pytest.mark.parametrize("theme", ["theme-light-extension", "theme-dark-extension"])
def test_neighboring_tokens_differ_from_each_other_and_from_the_page(theme):
    paper = variable(theme, "--jp-layout-color1")
    backgrounds = [as_hex(mix(parsed(hue), 0.34, paper)) for hue in TOKEN_HUES]
    assert len({*backgrounds, as_hex(paper)}) == len(TOKEN_HUES) + 1


def test_the_strip_is_used_from_its_files():
    assert str(TokenStrip()._esm) == JS and str(TokenStrip()._css) == CSS
    assert token_strip.MAX_SUMMARY < MAX_SHOWN
