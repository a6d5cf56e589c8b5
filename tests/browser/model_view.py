"""The view of a whole model, operated by keyboard and mouse as a learner would."""

from tests.browser.attention_explorer import OVERFLOW

START = {"part": "", "unfolded": True, "block": 0, "head": 0, "key": 0, "temperature": 1.0}
# Whether the table ends above what follows it: a long one scrolls.
ENDS = """table => {
    const content = table.querySelector("table").getBoundingClientRect();
    return content.bottom <= table.getBoundingClientRect().bottom + 1 || getComputedStyle(table).overflowY === "auto";
}"""
# Texts of the drawing under 11 pixels, or outside it.
SMALL = """svg => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll("text")].filter((text) => {
        const box = text.getBBox();
        const isSmall = parseFloat(getComputedStyle(text).fontSize) * scale < 11;
        return isSmall || box.x < -2 || box.x + box.width > svg.viewBox.baseVal.width + 2;
    }).map((text) => text.textContent);
}"""


def use_model_view(lab, cell, name="view"):
    """Go to every part of the view in `cell` by keyboard, then use the mouse; `name` is its variable."""
    for trait, value in START.items():
        lab.evaluate(f"setattr({name}, {trait!r}, {value!r})")

    def kernel_has(expression, value):
        lab.wait_until(lambda: lab.evaluate(f"{name}.{expression}") == value, f"{name}.{expression} is {value!r}")

    drawing = cell.locator(".lm-model")
    text = "The cat sat on the mat. 고양이 🐈"
    with lab.changes(drawing):
        lab.type(cell.locator("textarea"), text)
    kernel_has("text", text)
    n = lab.evaluate(f"len({name}.models[{name}.model][1].encode({text!r}))")
    kernel_has("look.n", n)  # the latest text has been read, too
    kernel_has("token", n - 1)

    press = lab.page.keyboard.press
    drawing.locator(".lm-part[tabindex='0']").focus()
    press("Home")
    for part in lab.evaluate(f"{name}.look.parts"):
        focused = drawing.locator(f".lm-part[data-part='{part}']").first
        focused.focus()
        press("Enter")
        kernel_has("part", part)
        lab.wait_until(lambda focused=focused: focused.get_attribute("aria-expanded") == "true", f"{part} is open")
        assert focused.evaluate("part => part === document.activeElement"), "it keeps the focus"
    press("Escape")
    kernel_has("part", "")
    drawing.locator(".lm-part[data-part='weights']").first.focus()
    press(" ")
    kernel_has("part", "weights")
    for key, trait in (
        ("ArrowUp", "token"),
        ("PageDown", "block"),
        ("Shift+ArrowRight", "key"),
        ("Shift+ArrowDown", "head"),
    ):
        before = lab.evaluate(f"{name}.{trait}")
        press(key)
        kernel_has(trait, before + (-1 if key == "ArrowUp" else 1))
    press("PageUp")
    kernel_has("block", 0)
    at = lab.evaluate(f"{name}.token")
    for _key in range(5):  # faster than the kernel answers
        press("ArrowUp")
    kernel_has("token", at - 5)
    press("ArrowRight")
    assert drawing.evaluate("() => document.activeElement.dataset.part") == "mixed"
    lab.screenshot("whole-model", cell)

    weights = drawing.locator(".lm-part[data-part='weights']").first
    tip = cell.locator(".lm-model-tip")
    weights.scroll_into_view_if_needed()

    def says_the_pair():
        """Point at it until the page has come to rest: scrolling takes the words away."""
        box = weights.bounding_box()
        for aside in (0, 2):
            lab.page.mouse.move(box["x"] + box["width"] / 4 + aside, box["y"] + box["height"] / 2)
        return "→" in tip.inner_text()

    lab.wait_until(says_the_pair, "the pair is said")
    drawing.locator(".lm-part[data-block='1']").click()
    kernel_has("block", 1)
    drawing.locator(".lm-part[data-fold]").click()
    kernel_has("unfolded", False)
    cell.get_by_role("button", name="Next ▶").click()
    kernel_has("unfolded", True)
    with lab.page.expect_download() as download:
        cell.get_by_role("button", name="Save as SVG").click()
    assert download.value.suggested_filename == "model.svg"
    assert download.value.path().read_text().count("<svg") == 2  # the drawing, in a page as high as it


def fit_narrow_windows(lab, cell, name="view"):
    """At 700 and 853 pixels (1,280 at 150 %), without the list of files, nothing is cut off or too small."""
    size = lab.page.viewport_size
    lab.evaluate(f"setattr({name}, 'text', 'the ' * 50)")
    for width in (700, 853, 1280):
        lab.page.set_viewport_size(size | {"width": width})
        if width < 1000:
            lab.page.evaluate("courseTest.toggleFiles()")
        for part in ("", "tokens", "blocks", "query", "weights", "hidden", "chances"):
            lab.evaluate(f"setattr({name}, 'part', {part!r})")
            lab.page.wait_for_timeout(200)
            assert cell.locator(".lm-model svg").evaluate(SMALL) == [], f"{width} pixels, {part}"
            assert cell.locator(".lm-widget").evaluate(OVERFLOW) == [], f"{width} pixels, {part}"
            assert cell.locator(".lm-model-table").evaluate(ENDS), f"{width} pixels, {part}"
        if width < 1000:
            lab.page.evaluate("courseTest.toggleFiles()")
    lab.page.set_viewport_size(size)
