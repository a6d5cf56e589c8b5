"""The commands of `python -m course`.

Standard library only until the environment is ready: a command first makes sure of its environment, and goes on inside.
"""

import argparse
import contextlib
import io
import os
import socket
import sys
from collections.abc import Callable, Sequence

from course import folders
from course.messages import _
from course.syllabus.lessons import LESSONS, ROOT, Lesson, require_lesson, written_lessons
from course.workshop import doctor, environment
from course.workshop.environment import Requirements
from course.workshop.installing import SetupError, clean_environ

EXAMPLES = """\
examples:
  python -m course lab                   open the lessons in JupyterLab; the first time, install what they need
  python -m course lab --port 8899 --no-browser
  python -m course lab -- --ip=0.0.0.0   what follows -- goes to JupyterLab as it is
  python -m course doctor                what is installed, on which device, and what is missing
  python -m course fetch                 get all models and texts; afterwards the network can be off
  python -m course build 02              run the source of lesson 02 and write its notebook
  python -m course test                  every check
  python -m course test --fast           in a minute: no slow test, no lesson is run
  python -m course test 04               what lesson 04 needs: its source, the tests of what it imports, its run
  python -m course test --changed        the same for what differs from the branch main
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns 0, or 1 when something is wrong; 130 when it was stopped with Ctrl-C.

    Raises `BrokenPipeError` when nobody reads its output any longer.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter shows ? in its place
    options = parse(arguments)
    if not (ROOT / "requirements.txt").exists():
        return _fail(_("{folder} is not the course's folder. Run this where its README.md is.").format(folder=ROOT))
    os.chdir(ROOT)
    try:
        return options.run(options)
    except SetupError as error:
        return _fail(str(error))
    except BrokenPipeError:
        raise
    except (OSError, MemoryError, ImportError) as error:  # this machine's: a limit, a permission, a disk, a package
        reason = str(error) or _("there is not enough memory")
        message = _("`python -m course {command}` cannot go on: {reason}. `python -m course doctor` may say more.")
        return _fail(message.format(command=arguments[0], reason=reason))
    except KeyboardInterrupt:
        print("\n" + _("Stopped. The same command, run again, goes on from here."), file=sys.stderr)
        return 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options. `run` is the command, `arguments` are all as given, `jupyter` what follows `--`."""
    parser = argparse.ArgumentParser(
        prog="python -m course",
        description=_("How language models work: the commands of the course."),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title=_("commands"), metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(run=run)
        return added

    on_lab = command("lab", lab, _("Open the lessons in JupyterLab."))
    on_lab.add_argument("--no-browser", action="store_true", help=_("print the address, open no browser"))
    on_lab.add_argument(
        "--port", type=int, help=_("listen on this port and no other (default: 8888 or the next free one)")
    )
    on_test = command("test", test, _("Run every check of the course. Exit code 0 when all pass."))
    on_test.add_argument(
        "lessons", nargs="*", metavar="LESSON", help=_("number or name, as in 04: only what this lesson needs")
    )
    what = on_test.add_mutually_exclusive_group()
    what.add_argument("--changed", action="store_true", help=_("only what needs a file that differs from branch main"))
    what.add_argument("--no-lessons", action="store_true", help=_("all but what is about one lesson, for hosted CI"))
    how = on_test.add_mutually_exclusive_group()
    how.add_argument("--fast", action="store_true", help=_("leave out slow tests and running the lessons"))
    how.add_argument("--screenshots", action="store_true", help=_("take pictures of the whole page of each lesson"))
    command("doctor", examine, _("Show what is installed, on which device, and what is missing."))
    command("fetch", fetch, _("Get all models and texts, for a class that goes offline."))
    on_build = command("build", build, _("Run the sources of lessons and write their notebooks."))
    on_build.add_argument("lessons", nargs="*", metavar="LESSON", help=_("number or name, as in 02 (default: all)"))

    arguments = list(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    options.arguments, options.jupyter = arguments, arguments[end + 1 :]
    if options.jupyter and options.run is not lab:
        parser.error(_("only lab takes arguments after --"))
    if options.run is test and options.lessons and (options.changed or options.no_lessons):
        parser.error(_("name lessons, or --changed, or --no-lessons"))
    return options


def lab(options: argparse.Namespace) -> int:
    """Become JupyterLab, on this machine only, at lesson 00."""
    if options.port is not None and _answers(options.port):
        return _fail(_("Port {port} is in use. Name another, or leave out --port.").format(port=options.port))
    _run_in_environment(environment.LESSONS, options)
    _provide_home()
    environ = {"OMP_WAIT_POLICY": "passive"} | clean_environ()  # as notebooks are built: fast on a busy machine too
    environment.become(lab_command(options), environ | lab_environ())


def lab_environ() -> dict[str, str]:
    """What JupyterLab needs to be told: where any notebook finds `course`, and the course's settings.

    The settings keep the state of widgets in a saved notebook, so that they are there when it is opened without a
    kernel. A user's own settings go before them.
    """
    given = os.environ.get("JUPYTER_CONFIG_PATH")
    paths = [*([given] if given else []), str(ROOT / "course" / "workshop" / "jupyter")]
    return {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def lab_command(options: argparse.Namespace) -> list[str]:
    """JupyterLab's command line."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    command.append(f"--LabApp.default_url=/lab/tree/{LESSONS[0].notebook.relative_to(ROOT).as_posix()}")
    command.append("--LabApp.news_url=None")  # nothing pops up over the lesson, nothing asks the network
    command.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    if options.no_browser:
        command.append("--no-browser")
    if options.port is not None:
        command += [f"--port={options.port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in containers; it listens on this machine only, and asks for a token
    return command + options.jupyter


def test(options: argparse.Namespace) -> int:
    """Run the checks, in the environment that holds what they need: all of them, or those of lessons or of a change."""
    try:
        lessons = _named_lessons(options)
    except ValueError as error:
        return _fail(str(error))
    _run_in_environment(environment.TEST, options)
    _provide_home()
    from course.workshop import checks, selection

    selected = None
    try:
        if lessons:
            selected = selection.for_lessons(lessons)
        elif options.changed:
            selected = selection.for_changes()
    except selection.CannotTell as reason:
        print(_("{reason} So every check runs.").format(reason=reason), flush=True)
    if selected is not None:
        print(selected, flush=True)
    return checks.run(
        checks.steps(
            fast=options.fast, selection=selected, with_lessons=not options.no_lessons, pictures=options.screenshots
        )
    )


def examine(options: argparse.Namespace) -> int:
    """Print what `doctor` finds, as the environment sees it where there is one."""
    found = environment.find()
    with contextlib.suppress(SetupError):  # the findings say so
        if environment.is_ready(found, environment.LESSONS):
            environment.enter(found, options.arguments)
    findings = doctor.findings()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{'ok' if finding.ok else '!!'}  {finding.name:{width}}  {finding.value}")
        if finding.remedy:
            print(f"{'':{width + 4}}  → {finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1


def fetch(options: argparse.Namespace) -> int:
    """Get every model and text that is not in the cache yet, and convert what lessons read in another form."""
    _run_in_environment(environment.LESSONS, options)
    from course import data

    try:
        data.fetch_all()
        from course import pretrained  # which imports PyTorch

        pretrained.convert_all()
    except data.AssetError as error:
        return _fail(str(error))
    print(_("All models and texts are in {folder}.").format(folder=data.cache_dir()))
    return 0


def build(options: argparse.Namespace) -> int:
    """Run the sources of these lessons, or of all; write notebooks and what is computed of README.md and docs/."""
    try:
        lessons = _named_lessons(options) or written_lessons()
    except ValueError as error:
        return _fail(str(error))
    _run_in_environment(environment.LESSONS, options)
    _provide_home()
    from course.workshop import claims, experiments, notebooks, readme

    try:
        for lesson in lessons:
            print(notebooks.build(lesson), flush=True)
    except notebooks.NotebookError as error:
        return _fail(str(error))
    readme.update()
    experiments.update()
    claims.update()
    return 0


def _named_lessons(options: argparse.Namespace) -> list[Lesson]:
    """The lessons that the command line names, each once. Raises `ValueError` for one that is not there."""
    return list(dict.fromkeys(require_lesson(name) for name in options.lessons))


def _run_in_environment(requirements: Requirements, options: argparse.Namespace) -> None:
    """Make the environment ready, and go on with the same command inside it."""
    environment.enter(environment.ensure(requirements), options.arguments)


def _provide_home() -> None:
    """Give what this process starts a home folder where the user has none to write in. The cache stays where it was."""
    environ = folders.environ_with_home(dict(os.environ))
    if environ == dict(os.environ):
        return
    from course import data

    with contextlib.suppress(data.AssetError):  # whoever needs it says so
        environ["COURSE_CACHE"] = str(data.cache_dir())
    os.environ.update(environ)
    print(
        _(
            "There is no home folder that you may write to: settings, and your progress if COURSE_PROGRESS names no "
            "file, are kept in {folder} until temporary files are cleared. Set HOME to keep them."
        ).format(folder=folders.home()),
        flush=True,
    )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
