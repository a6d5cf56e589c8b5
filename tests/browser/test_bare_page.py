"""A widget's script alone in a page, without JupyterLab: right-to-left tokens, the keyboard, what is read out."""

import pytest
import torch

from course.viz.attention_explorer.maps import packed
from course.viz.attention_explorer.view import WORDS, AttentionView
from course.viz.kit.message_line import MessageLine
from course.viz.kit.token_strip import TokenStrip

HEBREW, ARABIC, LATIN = "##ים", "␣السلام", "##ing"
TOKENS = [HEBREW, ARABIC, LATIN]
# A model as anywidget gives one to a view's script: its traits, and who is told of a change.
SHOW = """async ([script, state, bytes]) => {
  const told = {};
  for (const [name, values] of Object.entries(bytes))
    state.picture[name] = new DataView(Uint8Array.from(values).buffer);
  const model = {
    get: (name) => state[name],
    set(name, value) {
      const changed = typeof name === "string" ? { [name]: value } : name;
      Object.assign(state, changed);
      for (const one of Object.keys(changed)) (told[`change:${one}`] ?? []).forEach((tell) => tell());
    },
    save_changes() {},
    send: (message) => (window.sent = message),
    on: (names, tell) => names.split(" ").forEach((name) => (told[name] ??= []).push(tell)),
  };
  window.model = model;
  const { default: view } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  view.render({ model, el: document.querySelector("#view") });
}"""
# The left end of each occurrence of a text in an element, as it is drawn.
LEFT = """(element, text) => {
  const found = [];
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    for (let at = node.data.indexOf(text); at >= 0; at = node.data.indexOf(text, at + 1)) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      found.push(range.getBoundingClientRect().left);
    }
  return found;
}"""


@pytest.fixture
def show(browser):
    """Draw a widget's view in a bare page."""
    page = browser.new_page(viewport={"width": 700, "height": 900})

    def draw(script, style, state, around="<div id=view></div>", **bytes_of_picture):
        page.set_content(f"<!doctype html><html lang=en><body>{around}</body></html>")
        page.add_style_tag(content=str(style))
        page.evaluate(SHOW, [str(script), state, {name: list(data) for name, data in bytes_of_picture.items()}])
        return page

    yield draw
    page.close()


@pytest.fixture
def explorer(show):
    """The attention of three tokens on themselves, as lines or a heatmap."""

    def draw(view="lines"):
        weights = torch.tensor([[[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.3, 0.2, 0.5]]])
        picture = {"label": "maps", "queries": TOKENS, "keys": TOKENS, "names": ["head 0"], "lost": [0, 0, 0]}
        picture |= {"hidden": [], "causal": False, "overlaid": False, "split": None, "between": "all"}
        state = {"view": view, "query": None, "others": [], "threshold": 0.05, "pair": None, "muted": []}
        state |= {"words": WORDS, "picture": picture}
        return show(AttentionView._esm, AttentionView._css, state, maps=packed(weights))

    return draw


def require_signs_before_words(element):
    """The "##" of a piece or the sign of a space is on the side where the word begins."""
    for sign, word in (("##", "ים"), ("␣", "السلام")):
        at, begins = element.evaluate(LEFT, sign)[0], element.evaluate(LEFT, word)[0]
        assert at > begins, f"{sign} is on the left of {word}, which is read from the right"
    [at], [begins] = element.evaluate(LEFT, "##in"), element.evaluate(LEFT, "ing")
    assert at < begins


@pytest.mark.parametrize(
    ("view", "lists"),
    [("lines", (".lm-attention-queries", ".lm-attention-keys")), ("heatmap", (".lm-map-queries",))],
)
def test_tokens_of_the_attention_explorer_are_written_in_their_own_direction(explorer, view, lists):
    page = explorer(view)
    for tokens in lists:
        require_signs_before_words(page.locator(tokens))


def test_tokens_of_a_strip_are_written_in_their_own_direction(show):
    token = {"sign": "", "note": "", "mark": "", "meaning": "", "strength": None, "lines": []}
    tokens = [token | {"text": text} for text in TOKENS]
    state = {"tokens": tokens, "selected": None, "label": "", "more": "", "empty": ""}
    require_signs_before_words(show(TokenStrip._esm, TokenStrip._css, state).locator(".lm-strip"))


@pytest.mark.parametrize(("press_only", "after_arrow"), [(False, 1), (True, None)])
def test_the_arrow_keys_select_unless_the_strip_is_pressed_only(show, press_only, after_arrow):
    token = {"sign": "", "note": "", "mark": "", "meaning": "", "strength": None, "lines": []}
    tokens = [token | {"text": text} for text in "abc"]
    state = {"tokens": tokens, "selected": None, "label": "", "more": "", "empty": "", "press_only": press_only}
    page = show(TokenStrip._esm, TokenStrip._css, state)
    page.locator("li").nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("[document.activeElement.textContent, model.get('selected')]") == ["b", after_arrow]
    page.evaluate("model.set('selected', null)")
    page.keyboard.press("Enter")
    assert page.evaluate("model.get('selected')") == 1


def test_a_number_stays_beside_its_token(explorer):
    page = explorer()
    page.locator(".lm-attention-queries li").first.focus()
    readout = page.locator(".lm-attention-readout")
    assert readout.inner_text().replace("\u2068", "").replace("\u2069", "") == (
        f"{HEBREW} looks at: {HEBREW} 50% · {ARABIC} 30% · {LATIN} 20%"
    )
    [_asks, first] = readout.evaluate(LEFT, "ים")
    places = [first, *(readout.evaluate(LEFT, text)[0] for text in ("50%", "السلام", "30%", "##ing", "20%"))]
    assert places == sorted(places)


def test_the_keyboard_alone_reads_and_opens_pairs(explorer):
    """Tab, arrows, Enter, Space and Escape; what the readout says is the name of what has the focus."""
    page = explorer()
    press, readout = page.keyboard.press, page.locator(".lm-attention-readout")
    focused = "() => [document.activeElement.parentElement.className, document.activeElement.ariaLabel]"
    assert readout.get_attribute("role") == "status"
    press("Tab")
    press("ArrowDown")
    where, name = page.evaluate(focused)
    assert where == "lm-attention-queries" and name == readout.inner_text() and "looks at" in name
    press("Enter")
    press(" ")
    press(" ")
    assert page.evaluate("[model.get('query'), model.get('others')]") == [1, []]
    press("ArrowRight")
    press("End")
    where, name = page.evaluate(focused)
    assert where == "lm-attention-keys" and name == readout.inner_text() and "is looked at by" in name
    press("Enter")
    assert page.evaluate("window.sent") == {"open": [0, 1, 2]}
    press("Escape")
    assert page.evaluate("model.get('query')") is None
    page = explorer("heatmap")
    press("Tab")
    press("ArrowDown")
    press("ArrowRight")
    assert page.evaluate("document.activeElement.ariaLabel") == page.locator(".lm-attention-readout").inner_text()
    press("Enter")
    assert page.evaluate("window.sent") == {"open": [0, 1, 1]}


def test_the_sentence_above_a_picture_is_read_out_when_it_changes(show):
    sentence = "<div class='widget-html {}'><div class=widget-html-content><div class=lm-heading>1</div></div></div>"
    around = f"<div class=lm-widget><div id=view></div>{sentence.format('')}{sentence.format('lm-silent')}</div>"
    state = {"words": {"error": "", "working": "", "lost": ""}, "error": "", "working": False, "stale": False}
    page = show(MessageLine._esm, MessageLine._css, state, around)
    said, silent = page.locator(".widget-html-content").all()
    page.wait_for_function("document.querySelector('.widget-html-content').role === 'status'")
    said.evaluate("sentence => (sentence.innerHTML = '<div class=lm-heading>2</div>')")
    assert said.get_attribute("role") == "status" and silent.get_attribute("role") is None
