"""The base of all widgets: errors are shown, time is measured, a saved page has a static view."""

import io
import logging
import threading
import time

import ipywidgets
import matplotlib.image
import pytest
import traitlets

from course.viz.kit.message_line import STATIC
from course.viz.kit.static_view import WIDGET_VIEW
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.widget import Action, LessonWidget, TextBox, TextLine
from tests.support.pictures import picture, said


class Halver(LessonWidget):
    """A small widget: half of a number; odd numbers are an error."""

    number = traitlets.Int(2)
    half = traitlets.Int(0)

    def __init__(self, number: int = 2) -> None:
        slider = ipywidgets.IntSlider(min=-10, max=10)
        super().__init__([slider], number=number)
        traitlets.link((self, "number"), (slider, "value"))
        self.react(self.update, "number")

    def update(self) -> None:
        if self.number % 2:
            raise ValueError(f"{self.number} is odd.\nUse an even number.")
        self.half = self.number * self.number // (2 * self.number)

    def picture(self):
        return token_strip_figure({"half": [str(self.half)]})

    def in_words(self) -> str:
        return f"half of {self.number}: {self.half}"


def alert(widget: LessonWidget) -> str:
    return widget._message.error


def test_an_update_runs_at_once_and_on_every_change():
    widget = Halver(4)
    assert widget.half == 2
    widget.number = 8
    assert widget.half == 4
    widget.children[0].value = 6  # as by hand
    assert widget.half == 3


def test_an_error_is_one_line_in_the_widget_and_goes_when_all_is_well():
    widget = Halver()
    widget.number = 3
    assert widget.error == "3 is odd. Use an even number."
    assert alert(widget) == "3 is odd. Use an even number." and widget._message.stale
    widget.number = 4
    assert widget.error == alert(widget) == "" and not widget._message.stale


def test_an_error_stays_while_other_updates_succeed():
    widget = Halver()
    widget.number = 3
    widget.guarded(lambda: None)()
    assert widget.error == "3 is odd. Use an even number."


def test_an_unforeseen_error_is_shown_with_its_name():
    widget = Halver()
    widget.number = 0
    assert widget.error == "ZeroDivisionError: integer division or modulo by zero"


def test_an_error_is_never_printed_and_never_lost(capsys, caplog):
    widget = Halver()
    with caplog.at_level(logging.DEBUG, logger="course.viz.kit.widget"):
        widget.number = 0
    assert "ZeroDivisionError" in caplog.text and "Traceback" in caplog.text
    assert capsys.readouterr() == ("", "")


def test_the_line_sets_text_as_text():
    page = "".join(script.read_text(encoding="utf-8") for script in STATIC.glob("*.js"))
    assert "innerHTML" not in page and "insertAdjacentHTML" not in page


@pytest.mark.timed
def test_an_update_that_sets_off_another_is_one_update():
    class Chain(Halver):
        def update(self) -> None:
            time.sleep(0.02)
            if self.number < 4:
                self.number += 1
            elif self.number == 4:
                raise ValueError("Four is too many.")

    widget = Chain(1)
    assert widget.number == 4
    assert widget.error == "Four is too many."
    assert widget.latency_ms >= 4 * 20


@pytest.mark.timed
def test_latency_is_that_of_the_last_update():
    widget = Halver()
    widget.update = lambda: None
    slow = widget.guarded(lambda: time.sleep(0.3))
    slow()
    assert 300 <= widget.latency_ms < 3000
    widget.number = 4
    assert widget.latency_ms < 300


class Named(Halver):
    """Two updates, of which one sets off the other, and an action."""

    name = traitlets.Unicode("ok")

    def __init__(self) -> None:
        super().__init__()
        self.observe(self.guarded(self.restart), "name")
        self.act = self.guarded(self.action)

    def restart(self) -> None:
        self.number = 4

    def action(self) -> None:
        raise RuntimeError("Not now.")


def test_an_update_that_another_sets_off_clears_its_own_error():
    widget = Named()
    widget.number = 3
    widget.name = "other"
    assert widget.number == 4 and widget.error == ""


def test_the_message_of_an_action_dims_nothing_and_goes_with_the_next():
    widget = Named()
    widget.act()
    assert widget.error == "Not now." and not widget._message.stale and repr(widget) == "half of 2: 1"
    widget.number = 6
    assert widget.error == ""
    widget.number = 7
    widget.act()
    assert widget.error == "Not now." and widget._message.stale
    widget.name = "x"
    assert widget.error == ""


def test_an_error_stands_over_the_last_good_picture_and_before_its_words():
    widget = Halver(4)
    good = widget._repr_mimebundle_()
    widget.number = 3
    bundle = widget._repr_mimebundle_()
    assert bundle["text/plain"] == f"{widget.error}\n" + good["text/plain"].replace("4", "3")
    dimmed, whole = (matplotlib.image.imread(io.BytesIO(picture(b))) for b in (bundle, good))
    assert dimmed.shape[0] > whole.shape[0]
    half, caption = len(whole) // 2, 80  # pixels: the lower half, without the line that says that it is a picture
    dimmed, whole = (pixels[-half:-caption, :, :3] for pixels in (dimmed, whole))
    assert (dimmed < 0.5).sum() == 0 < (whole < 0.5).sum()


def test_a_widget_that_begins_with_an_error_shows_only_that():
    widget = Halver(3)
    assert repr(widget) == "3 is odd. Use an even number." and widget.figure().axes == []
    widget.number = 4
    assert repr(widget) == "half of 4: 2"


def test_the_line_is_below_the_last_text_box_or_at_the_end():
    slider, box, line = ipywidgets.IntSlider(), TextBox(), TextLine()
    inside = ipywidgets.HBox([line])
    for children, place in (([slider], 1), ([box, slider], 1), ([box, inside, slider], 2), ([inside, slider], 1)):
        widget = LessonWidget(children)
        assert widget.children.index(widget._message) == place
    widget = LessonWidget([slider, ipywidgets.HTML()], message_below=slider)
    assert widget.children.index(widget._message) == 1


def test_half_a_character_that_is_typed_is_whole_before_anyone_sees_it():
    for box in (TextBox(), TextLine()):
        seen = []
        box.observe(lambda change, seen=seen: seen.append(change.new), "value")
        box.set_state({"value": "ab\ud83d"})  # what the page sends
        assert box.value == "ab\ufffd" and seen == ["ab\ufffd"]


def test_a_button_that_is_off_says_so_by_its_class():
    button = Action("Back")
    assert "lm-off" not in button._dom_classes
    button.off = True
    assert "lm-off" in button._dom_classes and not button.disabled
    button.off = False
    assert "lm-off" not in button._dom_classes


def test_it_says_that_it_works_while_it_works():
    widget = Halver()
    seen = []
    widget.guarded(lambda: seen.append(widget._message.working))()
    assert seen == [True] and not widget._message.working


def test_an_update_in_another_thread_is_one_of_its_own():
    widget, shown = Halver(), []

    def elsewhere() -> None:
        widget.guarded(lambda: 1 / 0)()
        shown.append(widget.error)

    def here() -> None:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    widget.guarded(here)()
    assert shown == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("number", [2, -6])
def test_the_static_view_stands_beside_the_live_one(number):
    bundle = Halver(number)._repr_mimebundle_()
    assert bundle["text/plain"] == repr(Halver(number)) == f"half of {number}: {number // 2}"
    assert "0x" not in bundle["text/plain"]
    assert picture(bundle).startswith(b"\x89PNG")
    assert said(bundle) == f"A picture of a widget. half of {number}: {number // 2}."
    assert bundle[WIDGET_VIEW]["model_id"]


def test_the_static_view_is_the_same_for_the_same_state():
    one, other = Halver(4)._repr_mimebundle_(), Halver(4)._repr_mimebundle_()
    assert one["text/html"] == other["text/html"]
    assert picture(one) != picture(Halver(6)._repr_mimebundle_())


class Starter(LessonWidget):
    """Takes any state, as many of the lessons' widgets do."""

    number = traitlets.Int(2)
    text = traitlets.Unicode("")
    _own = traitlets.Int(0)

    def __init__(self, *, at_once: bool = False, **state) -> None:
        super().__init__(**(state if at_once else {}))
        self.start_with(**state)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_state_that_there_is_not_is_named_before_anything_is_set(at_once):
    assert Starter(at_once=at_once, number=3, text="a").number == 3
    with pytest.raises(ValueError, match=r"Starter has no state 'nunber'\. It has: number, text\."):
        Starter(at_once=at_once, number=3, nunber=4)
    widget = Starter()
    with pytest.raises(ValueError, match="no state 'nunber'"):
        widget.start_with(number=5, nunber=4)
    assert widget.number == 2
