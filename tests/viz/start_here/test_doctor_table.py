"""The doctor's findings in a lesson: the table says everything, its text only what every sound machine shares."""

from course.viz import DoctorTable
from course.viz.kit.static_view import WIDGET_VIEW
from course.workshop.doctor import Finding

SOUND = [Finding("Python", "3.11.7"), Finding("Browser", "none", remedy="Install one.")]


def test_a_sound_machine_reads_the_same_whatever_it_is():
    other = DoctorTable([Finding("Python", "3.13.1")])
    assert repr(DoctorTable(SOUND)) == repr(other) == "Everything that the lessons need is here."


def test_what_is_missing_is_named():
    table = DoctorTable([*SOUND, Finding("Disk", "0.1 GB free", ok=False, remedy="Make room.")])
    assert repr(table) == "1 thing needs you: Disk."
    assert "✗" in table.value and "Make room." in table.value


def test_the_table_holds_every_finding_as_text():
    value = DoctorTable([Finding("<b>", "3 & 4")]).value
    assert "&lt;b&gt;" in value and "3 &amp; 4" in value and "<b>" not in value


def test_a_saved_page_keeps_the_text_alone():
    bundle = DoctorTable(SOUND)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", WIDGET_VIEW}
    assert bundle["text/plain"] == "Everything that the lessons need is here."
