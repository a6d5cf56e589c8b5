"""A widget's script alone in a page, without JupyterLab: right-to-left tokens, the keyboard, what is read out."""

from dataclasses import asdict

import pytest
import torch

from course.viz.attention_explorer.maps import packed
from course.viz.attention_explorer.view import WORDS, AttentionView
from course.viz.kit.message_line import MessageLine
from course.viz.kit.token_strip import TokenStrip
from course.viz.prompting.block_list import WORDS as BLOCK_WORDS
from course.viz.prompting.block_list import BlockList, Card

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


CARDS = [
    Card(0, "instruction", "Instruction", "Say <b>which</b>."),
    Card(1, "shot", "Shot 1", "A joy.", "good"),
    Card(2, "shot", "Shot 2", "A bore. " * 90, "bad", is_on=False),
    Card(3, "input", "Your input", "Not bad.", is_last=True),
]


@pytest.fixture
def blocks(show):
    """The cards of a prompt's blocks, and what answers for the kernel: it gives them a new order."""
    state = {
        "cards": [asdict(card) for card in CARDS],
        "told": "",
        "words": BLOCK_WORDS,
    }
    around = '<div class="lm-widget"><div id=view></div></div>'
    page = show(BlockList._esm, MessageLine._css, state, around)

    def put_in_order(*numbers):
        page.evaluate("cards => model.set('cards', cards)", [asdict(CARDS[number]) for number in (*numbers, 3)])

    return page, put_in_order


def test_a_card_says_what_it_is_and_what_its_controls_do(blocks):
    page, _put_in_order = blocks
    cards = page.locator(".lm-block")
    assert cards.count() == 4 and page.locator(".lm-block-text b").count() == 0, "text is text"
    assert cards.nth(0).locator(".lm-block-text").inner_text() == "Say <b>which</b>."
    assert page.get_by_role("button", name="Label: good, Shot 1").is_visible()
    assert page.get_by_role("checkbox", name="in the prompt, Shot 1").is_checked()
    assert not page.get_by_role("checkbox", name="in the prompt, Shot 2").is_checked()
    off = page.locator("button[aria-disabled=true]:visible")
    assert [button.get_attribute("aria-label") for button in off.all()] == ["Move up, Instruction", "Move down, Shot 2"]
    assert cards.nth(3).locator("button:visible, input:visible, .lm-grip:visible").count() == 0
    assert cards.nth(2).bounding_box()["height"] < 120, "a long text is cut"


@pytest.mark.parametrize(
    ("role", "name", "message"),
    [
        ("button", "Move down, Shot 1", {"do": "move", "block": 1, "by": 1}),
        ("button", "Move up, Shot 1", {"do": "move", "block": 1, "by": -1}),
        ("button", "Label: bad, Shot 2", {"do": "flip", "block": 2}),
        ("checkbox", "in the prompt, Instruction", {"do": "switch", "block": 0}),
    ],
)
def test_mouse_and_keyboard_ask_for_the_same(blocks, role, name, message):
    page, _put_in_order = blocks
    control = page.get_by_role(role, name=name)
    control.click()
    assert page.evaluate("sent") == message
    page.evaluate("window.sent = null")
    control.press("Space")
    assert page.evaluate("sent") == message


def test_alt_with_an_arrow_moves_the_card_and_the_focus_goes_with_it(blocks):
    page, put_in_order = blocks
    label = page.get_by_role("button", name="Label: bad, Shot 2")
    label.press("Alt+ArrowUp")
    assert page.evaluate("sent") == {"do": "move", "block": 2, "by": -1}
    for order in ((0, 2, 1), (2, 0, 1), (1, 2, 0)):
        put_in_order(*order)
        names = page.locator(".lm-block > b").all_inner_texts()
        assert names == [CARDS[number].name for number in (*order, 3)]
        assert label.evaluate("button => button === document.activeElement")
    page.evaluate("window.sent = null")
    label.press("ArrowUp")
    assert page.evaluate("sent") is None


def drag_to(page, name, y):
    grip = page.locator(".lm-block").filter(has_text=name).locator(".lm-grip").bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, (grip["y"] + y) / 2)
    page.mouse.move(grip["x"] + 5, y)


def test_a_card_is_dragged_to_its_place_and_not_below_the_input(blocks):
    page, _put_in_order = blocks
    bottom = page.locator(".lm-block").last.bounding_box()
    drag_to(page, "Instruction", bottom["y"] + bottom["height"])
    assert page.locator(".lm-block > b").all_inner_texts() == ["Shot 1", "Shot 2", "Instruction", "Your input"]
    page.mouse.up()
    assert page.evaluate("sent") == {"do": "place", "block": 0, "at": 2}
    assert page.locator(".lm-dragged").count() == 0


def test_a_card_that_is_dropped_where_it_was_asks_for_nothing(blocks):
    page, _put_in_order = blocks
    page.evaluate("window.sent = null")
    place = page.locator(".lm-block").nth(1).bounding_box()
    drag_to(page, "Shot 1", place["y"] + 3)
    page.mouse.up()
    page.locator(".lm-block-text").first.hover()
    assert page.evaluate("sent") is None
    assert page.locator(".lm-block > b").first.inner_text() == "Instruction"
