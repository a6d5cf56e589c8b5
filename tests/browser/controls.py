"""What every widget of every lesson must do in the page: its keys stay in it, and each control has a name."""

from course.viz.kit.style import contrast

KEYS = ("d", "d", "a", "b", "x", "0", "0")  # delete, insert, cut, restart: JupyterLab's keys for a selected cell

SEE_EACH = """async () => {
  for (const widget of document.querySelectorAll(".jp-Notebook .lm-widget")) {
    widget.scrollIntoView();
    await new Promise((done) => setTimeout(done, 100));
  }
}"""


def require_safe_controls(lab):
    """Click one control of each kind in each widget, and press JupyterLab's keys: each cell stays. Returns how many."""
    before, tried = lab.page.evaluate("courseTest.cellIds()"), 0
    controls = lab.page.evaluate_handle("courseTest.clickable()")
    for control in (handle.as_element() for handle in controls.get_properties().values()):
        if control is None or not control.is_visible():
            continue  # an earlier click has changed what is shown
        what = control.evaluate("control => control.outerHTML.slice(0, 120)")
        control = control.evaluate_handle("control => courseTest.reach(control)").as_element()
        assert control, f"{lab.name}: {what} cannot be clicked"
        if control.evaluate("control => control.matches('select')"):
            control.focus()  # its list would lie over the page
        else:
            control.click(force=True)
        for key in KEYS:
            lab.page.keyboard.press(key)
        tried += 1
        assert lab.page.evaluate("courseTest.cellIds()") == before, (  # their number is the same after "d d a b x"
            f"{lab.name}: keys pressed on {what} reach the page"
        )
        assert lab.page.locator(".jp-Dialog").count() == 0, f"{lab.name}: keys pressed on {what} ask to restart"
    return tried


def require_named_controls(lab):
    """What the Tab key reaches has a name, a slider its value as it is written, a picture words. Returns how many."""
    lab.page.evaluate(SEE_EACH)  # the browser lays out what comes into sight, and only then is it named
    controls = lab.page.evaluate("courseTest.named()")
    unnamed = [one["what"] for one in controls if not one["name"]]
    assert not unnamed, f"{lab.name}: without a name: {unnamed}"
    mute = [one["what"] for one in controls if "[slider]" in one["what"] and not one["value"]]
    assert not mute, f"{lab.name}: without a value in words: {mute}"
    return len(controls)


def require_visible_focus(lab):
    """The ring around what has the focus is two pixels wide and stands out from the page, 3 to 1. Returns how many."""
    lab.page.keyboard.press("Shift")  # the page then takes the next focus for that of a keyboard
    rings = lab.page.evaluate("courseTest.focusRings()")
    assert rings and all(ring["focused"] for ring in rings)
    faint = [ring for ring in rings if ring["width"] < 2 or contrast(ring["ring"], ring["page"]) < 3]
    assert faint == []
    return len(rings)
