"""The commands on learners' machines: each ends in work done or in one sentence, and leaves nothing behind."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from course.workshop import environment
from tests.support.permissions import bound_by_permissions
from tests.workshop.machine import Machine, alive, ended, wait_for

resource = pytest.importorskip("resource")  # Windows has other signals, permissions and limits
pytestmark = pytest.mark.slow


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def lab(machine: Machine, **options):
    """Start JupyterLab, after making sure that everything worked."""
    outcome = machine.run("lab", "--no-browser", **options)
    outcome.require_calm()
    assert outcome.code == 0, outcome
    assert outcome.jupyter["folder"] == str(machine.project)
    assert f"--ServerApp.root_dir={machine.project}" in outcome.jupyter["argv"]
    return outcome


def limited(kind: int, value: int):
    return lambda: resource.setrlimit(kind, (value, value))


class TestSurroundings:
    """Shells, variables and folders under which everything works."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"TERM": None, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "VIRTUAL_ENV": ""},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "VIRTUAL_ENV": "/not/there"},
            {"LC_ALL": "xx_YY.none", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "CONDA_PREFIX": "relative"},
            {"COURSE_LANGUAGE": "", "COURSE_LOCALE_DIR": "", "VIRTUAL_ENV": "/etc/passwd"},
            {"COURSE_LANGUAGE": "../../etc", "COURSE_LOCALE_DIR": "/not/there", "TMPDIR": "/not/there"},
            {"PIP_TARGET": "/elsewhere", "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PYTHONSAFEPATH": ""},
        ],
        ids=str,
    )
    def test_variables(self, machine, changes):
        lab(machine, **changes)
        doctor = machine.run("doctor", **changes)
        doctor.require_calm()
        assert machine.left_behind() == []

    @pytest.mark.parametrize("name", ["한글 폴더 (1)", 'quote\'s "quote"', "100% #1 & co; $HOME", "-dash", "a,b=c"])
    def test_names_of_the_folder(self, tmp_path, name):
        machine = Machine(tmp_path, name)
        lab(machine)
        lab(machine)
        assert machine.installations == ["begins", "ends"]

    @pytest.mark.parametrize("umask", [0o077])
    def test_umask(self, machine, umask):
        lab(machine, before=lambda: os.umask(umask))

    def test_another_working_folder_with_files_of_the_names_of_packages(self, machine, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "jupyterlab").mkdir(parents=True)
        (elsewhere / "pip").mkdir()
        for name in ("torch.py", "platform.py", "json.py", "jupyterlab/__init__.py", "pip/__init__.py"):
            (elsewhere / name).write_text("raise SystemExit('not this one')")
        lab(machine, cwd=elsewhere, PYTHONPATH=str(machine.project))

    def test_a_working_folder_that_is_gone(self, machine):
        outcome = machine.shell("mkdir gone; cd gone; rmdir ../gone; course lab", PYTHONPATH=str(machine.project))
        outcome.require_calm()
        assert outcome.code == 0 and outcome.jupyter

    def test_an_old_copy_in_pythonpath(self, machine, tmp_path):
        (tmp_path / "old" / "course").mkdir(parents=True)
        (tmp_path / "old" / "course" / "__init__.py").write_text("raise SystemExit('old')")
        outcome = lab(machine, PYTHONPATH=str(tmp_path / "old"))
        assert outcome.jupyter["environ"]["PYTHONPATH"] == str(machine.project)


class TestStreams:
    @pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
    def test_closed(self, machine, closed):
        outcome = machine.shell(f"course lab {closed}")
        outcome.require_calm()
        assert outcome.code == 0 and outcome.jupyter

    @pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
    def test_closed_output(self, machine, closed):
        outcome = machine.shell(f"course lab {closed}")
        assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
        assert machine.installations == ["begins", "ends"]

    @pytest.mark.parametrize("reader", ["true", "head -n 1"])
    def test_a_reader_that_goes_away(self, machine, reader):
        outcome = machine.shell(f"course doctor | {reader}; exit ${{PIPESTATUS[0]}}")
        assert outcome.code in (0, 1) and outcome.err == ""

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
    def test_a_full_disk_behind_the_output(self, machine):
        assert "cannot be written: [Errno 28]" in machine.shell("course doctor > /dev/full").err


class TestHome:
    """Without a home folder that one may write."""

    @pytest.mark.parametrize("home", ["", "/", "relative", "{}/not/there", "{}/read-only", "{}/a file"])
    @bound_by_permissions
    def test_lab_and_doctor_work(self, machine, home):
        (machine.place / "read-only").mkdir()
        (machine.place / "a file").touch()
        (machine.place / "read-only").chmod(0o555)
        machine.place.chmod(0o555)
        if home in ("", "/") and os.access("/", os.W_OK):
            pytest.skip("this user may write in the root of the disk")
        place = {"HOME": home.format(machine.place)}
        doctor = machine.run("doctor", **place)
        doctor.require_calm()
        assert "Home folder" in doctor.out
        outcome = lab(machine, **place)
        machine.place.chmod(0o755)
        given = Path(outcome.jupyter["environ"]["HOME"])
        assert given.parent == machine.place / "tmp" and given.stat().st_mode & 0o777 == 0o700
        assert str(given) in outcome.out and "Set HOME" in outcome.out
        assert outcome.jupyter["environ"]["COURSE_CACHE"] == "/the/cache"

    def test_nor_a_folder_for_temporary_files(self, machine):
        trap = machine.place / "tmp" / f"language-model-course-{os.getuid()}"
        trap.touch()
        sentence = machine.run("lab", HOME="").sentence
        assert str(trap) in sentence and "set TMPDIR" in sentence


class TestEnvironments:
    @pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
    @bound_by_permissions
    def test_one_that_may_not_be_read_is_passed_over(self, machine, tmp_path, variable):
        other = machine.make_environment(tmp_path / "other")
        (other / "conda-meta").mkdir()
        other.chmod(0)
        lab(machine, **{variable: str(other)})
        machine.run("doctor", **{variable: str(other)}).require_calm()
        other.chmod(0o755)
        assert machine.installations == ["begins", "ends"]

    @bound_by_permissions
    def test_one_that_may_only_be_read_and_holds_everything(self, machine, tmp_path):
        shared = machine.make_environment(tmp_path / "shared", installed=True)
        shared.chmod(0o555)
        for _ in range(2):
            outcome = lab(machine, VIRTUAL_ENV=str(shared))
        shared.chmod(0o755)
        assert machine.installations == [] and "Installing" not in outcome.out

    @bound_by_permissions
    def test_one_that_may_only_be_read_and_lacks_something(self, machine, tmp_path):
        shared = machine.make_environment(tmp_path / "shared", installed=True)
        [about] = shared.rglob("numpy-*.dist-info")
        shutil.rmtree(about)
        shared.chmod(0o555)
        sentence = machine.run("lab", VIRTUAL_ENV=str(shared)).sentence
        shared.chmod(0o755)
        assert f"{shared} lacks numpy==" in sentence and "deactivate" in sentence
        assert machine.installations == []

    @bound_by_permissions
    def test_a_project_that_may_only_be_read(self, machine):
        shutil.rmtree(machine.project / ".venv")
        machine.project.chmod(0o555)
        assert "No permission to write" in machine.run("lab").sentence
        machine.project.chmod(0o755)

    @bound_by_permissions
    def test_a_stamp_that_may_not_be_read(self, machine):
        lab(machine)
        stamp = machine.project / ".venv" / f".course-{environment.LESSONS.name}"
        stamp.chmod(0)
        lab(machine)
        assert machine.installations == ["begins", "ends"] * 2

    def test_without_a_record_of_its_making(self, machine):
        lab(machine)
        (machine.project / ".venv" / "pyvenv.cfg").unlink()
        machine.run("doctor").require_calm()
        assert "made again: it is not whole" in machine.run("lab", before=limited(resource.RLIMIT_FSIZE, 0)).out

    def test_a_folder_whose_name_no_environment_can_be_in(self, tmp_path):
        machine = Machine(tmp_path, "a:b", with_environment=False)
        assert "has a ':' in its name" in machine.run("lab").sentence
        assert not (machine.project / ".venv").exists()


class TestLink:
    """`.venv` is a link, as to a larger disk."""

    def link(self, machine: Machine, target: Path) -> Path:
        (machine.project / ".venv").symlink_to(target)
        return machine.project / ".venv"

    @pytest.fixture
    def machine(self, tmp_path):
        return Machine(tmp_path, with_environment=False)

    def test_to_a_finished_environment(self, machine, tmp_path):
        link = self.link(machine, machine.make_environment(tmp_path / "disk"))
        lab(machine)
        lab(machine)
        assert machine.installations == ["begins", "ends"] and link.is_symlink()

    @pytest.mark.parametrize("there", [True, False])
    def test_to_an_empty_folder_or_one_to_be_made(self, machine, tmp_path, there):
        target = tmp_path / "disk"
        if there:
            target.mkdir()
        link = self.link(machine, target)
        (machine.project / "requirements.txt").write_text("")
        outcome = machine.run("lab")  # where there is no JupyterLab in the end
        outcome.require_calm()
        assert link.is_symlink() and (target / "pyvenv.cfg").exists()
        (target / "kept").touch()
        machine.run("lab")
        assert (target / "kept").exists()

    def test_to_a_broken_environment_is_made_again_behind_the_link(self, machine, tmp_path):
        target = machine.make_environment(tmp_path / "disk")
        link = self.link(machine, target)
        (target / "bin" / "python").unlink()
        (target / "old").touch()
        # Making an environment needs a Python with venv; the link is what this is about.
        outcome = machine.run("lab", before=limited(resource.RLIMIT_FSIZE, 0))
        assert link.is_symlink() and target.is_dir() and not (target / "old").exists()
        outcome.require_calm()

    @pytest.mark.parametrize("target", ["/not/there", "/etc/passwd", "loop", "{}/home"])
    def test_to_something_else_is_named_and_stays(self, machine, tmp_path, target):
        (tmp_path / "home" / "thesis.txt").touch()
        link = self.link(machine, Path(target.format(tmp_path)) if target != "loop" else machine.project / ".venv")
        for command in ("lab", "test"):
            sentence = machine.run(command).sentence
            assert str(link) in sentence
        doctor = machine.run("doctor")
        doctor.require_calm()
        assert str(link) in doctor.out
        assert link.is_symlink() and (tmp_path / "home" / "thesis.txt").exists()

    def test_a_file_in_its_place(self, machine):
        (machine.project / ".venv").write_text("/envs/mine")
        assert "is a file" in machine.run("lab").sentence
        assert (machine.project / ".venv").read_text() == "/envs/mine"


class TestLimits:
    """`ulimit`: one sentence, and the environment stays."""

    @pytest.mark.parametrize("files", [5, 8])
    def test_open_files(self, machine, files):
        lab(machine)
        (machine.project / ".venv" / "kept").touch()
        outcome = machine.run("lab", before=limited(resource.RLIMIT_NOFILE, files))
        outcome.require_calm()
        assert outcome.code == 0 or outcome.sentence
        assert (machine.project / ".venv" / "kept").exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="does not bind root")
    def test_processes(self, machine):
        lab(machine)
        assert machine.run("lab", before=limited(resource.RLIMIT_NPROC, 1)).sentence

    @pytest.mark.parametrize("megabytes", [12, 30])
    def test_memory(self, machine, megabytes):
        lab(machine)
        (machine.project / ".venv" / "kept").touch()
        outcome = machine.run("lab", before=limited(resource.RLIMIT_AS, megabytes << 20))
        assert outcome.code != 0 or outcome.jupyter
        assert "course/" not in outcome.err, "a traceback of the course"
        assert (machine.project / ".venv" / "kept").exists()

    def test_size_of_files(self, machine):
        outcome = machine.run("lab", before=limited(resource.RLIMIT_FSIZE, 1000))
        assert "ulimit -f unlimited" in outcome.err.splitlines()[-1] and outcome.code == 1
        lab(machine)
        assert machine.left_behind() == []


class TestInterrupt:
    """Ctrl-C: exit code 130, one line, nothing goes on and nothing is left."""

    def require_stopped(self, outcome) -> None:
        outcome.require_calm()
        assert outcome.code == 130 and outcome.err.count("goes on from here") == 1

    @pytest.mark.parametrize("who", ["the course", "the terminal"])
    def test_while_pip_runs(self, machine, who):
        (machine.project / "hang").touch()
        process = machine.start("lab")
        pip = machine.pip_process()
        process.send_signal(signal.SIGINT)
        if who == "the terminal":
            with suppress(ProcessLookupError):  # the course may have stopped it by now
                os.kill(pip, signal.SIGINT)
        outcome = ended(process)
        assert outcome.code == 130 and outcome.err.count("goes on from here") == 1
        assert not alive(pip)
        (machine.project / "hang").unlink()
        lab(machine)
        assert machine.left_behind() == []

    def test_while_it_waits_for_another(self, machine):
        (machine.project / "hang").touch()
        first = machine.start("lab")
        machine.pip_process()
        second = machine.start("lab")
        assert "waiting for it" in second.stderr.readline()
        second.send_signal(signal.SIGINT)
        self.require_stopped(ended(second))
        (machine.project / "hang").unlink()
        assert ended(first).jupyter


class TestKilled:
    def test_while_pip_runs_and_goes_on_by_itself(self, machine):
        (machine.project / "hang").touch()
        victim = machine.start("lab")
        pip = machine.pip_process()
        victim.kill()
        victim.wait()
        assert alive(pip)
        again = machine.start("lab")
        assert "waiting for it" in again.stderr.readline()
        (machine.project / "hang").unlink()
        assert ended(again).jupyter
        assert machine.installations == ["begins", "ends"] * 2
        assert machine.left_behind() == []

    def test_with_its_pip(self, machine):
        (machine.project / "hang").touch()
        victim = machine.start("lab")
        pip = machine.pip_process()
        victim.kill()
        os.kill(pip, signal.SIGKILL)
        victim.wait()
        assert machine.left_behind() != []
        (machine.project / "hang").unlink()
        lab(machine)
        assert machine.installations == ["begins", "begins", "ends"]
        assert machine.left_behind() == []

    def test_pip_alone(self, machine):
        (machine.project / "hang").touch()
        process = machine.start("lab")
        os.kill(machine.pip_process(), signal.SIGKILL)
        assert "signal 9" in ended(process).sentence
        (machine.project / "hang").unlink()
        lab(machine)
        assert machine.left_behind() == []

    def test_while_the_environment_is_made(self, tmp_path):
        machine = Machine(tmp_path, with_environment=False)
        for how in (signal.SIGINT, signal.SIGKILL):
            process = machine.start("lab")
            wait_for((machine.project / ".venv" / "pyvenv.cfg").exists)
            process.send_signal(how)
            outcome = ended(process)
            outcome.require_calm()
            assert outcome.code == (130 if how == signal.SIGINT else -signal.SIGKILL)


def test_two_at_once_install_once(machine):
    (machine.project / "hang").touch()
    first = machine.start("lab")
    machine.pip_process()
    second = machine.start("lab")
    assert "waiting for it" in second.stderr.readline()
    (machine.project / "hang").unlink()
    for process in (first, second):
        assert ended(process).jupyter
    assert machine.installations == ["begins", "ends"]


@pytest.mark.parametrize(
    ("complaint", "remedy"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate is not yet valid", "clock"),
        ("OSError: [Errno 27] File too large", "ulimit -f"),
        ("OSError: [Errno 28] No space left on device", "Free some space"),
        ("FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp']", "Set TMPDIR"),
        ("PermissionError: [Errno 1] Operation not permitted: '/x'", "No permission to write"),
    ],
)
def test_what_pip_complains_of_is_one_sentence_with_a_remedy(machine, complaint, remedy):
    (machine.project / "fail").write_text(complaint)
    outcome = machine.run("lab")
    assert outcome.code == 1 and outcome.err.startswith(complaint)
    assert remedy in outcome.err.splitlines()[-1]
