"""Attacks on the execution of calls: each is refused, by the layer that should, with a reason that says why."""

import os

import pytest

from course.tokenization import CharacterTokenizer
from course.tools.execution import Layer, Toolbox, run_text
from course.tools.execution import run as run_module
from course.tools.local import count_tokens_tool, local_toolbox, search_tool
from tests.tools.calling import held
from tests.tools.hostile_tools import HOSTILE

P, T, A, F, L = Layer.PARSING, Layer.TABLE, Layer.ARGUMENTS, Layer.FUNCTION, Layer.LIMITS
GIVEN = [
    count_tokens_tool({"characters": CharacterTokenizer("abc")}),
    search_tool(lambda query, k: [f"{query} {number}" for number in range(k)], "numbers"),
]
TOOLBOX = local_toolbox([*GIVEN, *HOSTILE])
DAY = 'day="2026-01-01"'
TOO_LONG = "longer than the 0.5 s"

# What is attacked, the text of the model, the layer that refuses it, and a part of the reason.
ATTACKS = [
    ("attribute of a result", f"weekday({DAY}).__class__", P, "no call"),
    ("method of a result", f"weekday({DAY}).upper()", P, "name"),
    ("all classes", "().__class__.__bases__[0].__subclasses__()", P, "name"),
    ("method of a text", '"{0.__class__}".format(1)', P, "name"),
    ("call of an import", '__import__("os").system("id")', P, "name"),
    ("function out of a list", f"[weekday][0]({DAY})", P, "name"),
    ("call of a call", f"weekday({DAY})()", P, "name"),
    ("lambda called", "(lambda: 1)()", P, "name"),
    ("lambda given", "weekday(day=lambda: 1)", P, "code"),
    ("comprehension", "echo(value=[x for x in range(10**9)])", P, "code"),
    ("generator", "echo(value=(x for x in iter(int, 1)))", P, "code"),
    ("assignment", 'weekday(day=(day := "2026-01-01"))', P, "code"),
    ("f-string", 'weekday(day=f"{().__class__}")', P, "f-string"),
    ("bytes", 'weekday(day=b"2026-01-01")', P, "value is"),
    ("ellipsis", "weekday(day=...)", P, "value is"),
    ("set", "echo(value={1, 2})", P, "value is"),
    ("complex number", "echo(value=1j)", P, "value is"),
    ("yield", "weekday(day=(yield))", P, "value is"),
    ("null byte", f"weekday({DAY})\0", P, "null byte"),
    ("half a character", 'weekday(day="\ud800")', P, "gives up"),
    ("unpacked list", 'days_between(*["2026-01-01", "2026-01-02"])', P, "unpacked"),
    ("unpacked dictionary", 'weekday(**{"day": "2026-01-01"})', P, "unpacked"),
    ("unpacked inside", "echo(value=[*[1], 2])", P, "value is"),
    ("unpacked dictionary inside", "echo(value={**{1: 2}})", P, "keys"),
    ("argument twice", f"weekday({DAY}, {DAY})", P, "twice"),
    ("argument by place and by name", f'weekday("2026-01-01", {DAY})', P, "twice"),
    ("call as an argument", f"weekday(day=add_days({DAY}, days=1))", P, "computed by a call"),
    ("attribute as an argument", "weekday(day=os.environ)", P, "looked up"),
    ("dunder as an argument", "weekday(day=__name__)", P, "bare name"),
    ("item as an argument", 'weekday(day="2026-01-01"[0])', P, "looked up"),
    ("huge power", f"add_days({DAY}, days=9**9**9)", P, "computed"),
    ("huge text", 'look_up(term="a" * 10**10)', P, "computed"),
    ("choice", 'weekday(day="a" if True else "b")', P, "computed"),
    ("infinity", "echo(value=1e999)", P, "too large"),
    ("negative infinity", "echo(value=-1e999)", P, "too large"),
    ("not a number", "echo(value=nan)", P, "bare name"),
    ("5,000 digits", f"echo(value={'9' * 5000})", P, "no expression"),
    ("5,000 signs", f"echo(value={'-' * 5000}1)", P, ""),
    ("5,000 brackets", f"echo(value={'[' * 4000}{']' * 4000})", P, "brackets"),
    ("100 parentheses", f"{'(' * 100}weekday({DAY}){')' * 100}", P, "brackets"),
    ("3,000 sums", f"echo(value={'1+' * 3000}1)", P, ""),
    ("20,000 characters", f'look_up(term="{"a" * 20_000}")', P, "characters"),
    ("statement", "import os", P, "no expression"),
    ("second statement", f"weekday({DAY}); import os", P, "no expression"),
    ("second line", f"weekday({DAY})\nimport os", P, "no expression"),
    ("shell", "$(rm -rf /)", P, "no expression"),
    ("look-alike that Python would read as the name", f"ｗeekday({DAY})", P, "letters"),
    ("look-alike that Python would read as a parameter", 'weekday(ｄay="2026-01-01")', P, "letters"),
    ("look-alike in another alphabet", f"w\u0435ekday({DAY})", T, "no function"),
    ("eval", 'eval("1 + 1")', T, "no function"),
    ("exec", 'exec("import os")', T, "no function"),
    ("import", '__import__("os")', T, "no function"),
    ("built-in that opens", 'open("/etc/passwd")', T, "no function"),
    ("built-in that looks up", 'getattr("a", "__class__")', T, "no function"),
    ("debugger", "breakpoint()", T, "no function"),
    ("module's function", 'os.system("id")', T, "no function"),
    ("function of the tools' own module", 'dates.read_date("2026-01-01")', T, "no function"),
    ("attribute of an allowed function", f"weekday.__call__({DAY})", T, "no function"),
    ("variables of an allowed function", 'weekday.__globals__.get("re")', T, "no function"),
    ("other capitals", f"Weekday({DAY})", T, "no function"),
    ("10,000 characters of a name", "a" * 9000 + "()", T, "no function"),
    ("parameter that is none", f'weekday({DAY}, __class__="int")', A, "no parameter"),
    ("more values than parameters", 'weekday("2026-01-01", "2026-01-02")', A, "more values"),
    ("nothing given", "weekday()", A, "needs a value"),
    ("another type", "weekday(day=20260101)", A, "type string"),
    ("None", "weekday(day=None)", A, "type string"),
    ("bool as a number", f"add_days({DAY}, days=True)", A, "type integer"),
    ("float as a whole number", f"add_days({DAY}, days=1.0)", A, "type integer"),
    ("20 digits", f"add_days({DAY}, days=-{'9' * 20})", A, "digits"),
    ("1,001 values", f"echo(value=[{'1,' * 1001}])", A, "values"),
    ("nine levels", f"echo(value={'[' * 9}1{']' * 9})", A, "levels"),
    ("long text", f'look_up(term="{"a" * 5000}")', A, "characters"),
    ("null byte by its escape", r'look_up(term="a\x00b")', A, "U+0000"),
    ("escape of a terminal", r'look_up(term="\x1b[2J")', A, "U+001B"),
    ("half a character by its escape", r'look_up(term="\ud800")', A, "U+D800"),
    ("path instead of a choice", 'count_tokens(text="a", tokenizer="../../etc/passwd")', A, "must be one of"),
    ("list instead of a choice", 'convert_units(1, from_unit=["meter"], to_unit="foot")', A, "type string"),
    ("path as a term", 'look_up(term="../../../../etc/passwd")', F, "glossary"),
    ("format string as a term", 'look_up(term="{0.__class__.__init__.__globals__}")', F, "glossary"),
    ("name in an expression", "calculate(\"__import__('os').getcwd()\")", F, "numbers"),
    ("huge power in an expression", 'calculate("9**9**9**9")', F, "300 digits"),
    ("huge product in an expression", 'calculate("1e290*1e99")', F, "300 digits"),
    ("parentheses in an expression", f'calculate("{"(" * 90}1{")" * 90}")', F, "levels"),
    ("signs in an expression", f'calculate("{"-" * 190}1")', F, "levels"),
    ("date before all dates", f"add_days({DAY}, days=-{'9' * 17})", F, "outside"),
    ("script in a picture", 'show_animation(query="<script>alert(1)</script>")', F, "no picture"),
    ("thousand passages", 'search_passages(query="a", k=1000)', F, "10 passages"),
    ("recursion", "recurse(depth=0)", F, "RecursionError"),
    ("exit", "raise_exit(code=0)", F, "SystemExit"),
    ("interrupt", 'interrupt(text="stop")', F, "KeyboardInterrupt"),
    ("value without words", "unspeakable(number=0)", F, "no words"),
    ("endless loop", "count_to(limit=-1)", L, TOO_LONG),
    ("endless loop in C", "power(base=7, exponent=999999999)", L, TOO_LONG),
    ("backtracking", f'search_pattern(pattern="(a+)+$", text="{"a" * 40}b")', L, TOO_LONG),
    ("endless sleep", "sleep(seconds=1e6)", L, TOO_LONG),
    ("endless print", 'print_forever(text="a")', L, TOO_LONG),
    ("memory at once", 'repeat(text="a", times=99999999999)', L, "memory"),
    ("memory bit by bit", "grow(step=1000000)", L, "memory"),
    ("width in a format string", 'spell(text="{:999999999}")', L, "memory"),
    ("fork", "fork(times=9)", L, "os.fork"),
    ("shell from a function", 'shell(command="id")', L, "os.system"),
    ("process from a function", 'start(command="id")', L, "subprocess.Popen"),
    ("network", 'connect(host="127.0.0.1")', L, "socket"),
    ("file written", 'write_file(path="here.txt")', L, "open"),
    ("file read", f'read_file(path="{os.devnull}")', L, "open"),
    ("path out of a folder", 'read_file(path="../../../../../../etc/passwd")', L, "open"),
    ("file read quietly", 'read_quietly(path="../../../../../../etc/passwd")', L, "open"),
    ("file read in silence", 'read_in_silence(path="../../../../../../etc/passwd")', L, "open"),
    ("file deleted", 'delete(path="../here.txt")', L, "os.remove"),
    ("end without an answer", "leave(code=0)", L, "without an answer"),
    ("answer drowned", 'write_to_descriptors(text="{}")', L, "without an answer"),
    ("foreign memory", "crash(address=1)", L, "ctypes"),
    ("kill", f"kill(process={os.getpid()})", L, "os.kill"),
    ("nine calls", f"[{', '.join([f'weekday({DAY})'] * 9)}]", L, "at most 8"),
]
BEFORE_ANYTHING_RUNS = [attack for attack in ATTACKS if attack[2] in (P, T, A)]


def name(value):
    return value[0] if isinstance(value, tuple) else None


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack[0])
def test_each_attack_is_refused_with_its_reason(attack):
    _name, text, layer, reason = attack
    seconds = 0.5 if reason == TOO_LONG else 30.0  # on a busy machine, the others have all the time that they need
    before = held()
    [result] = run_text(text, TOOLBOX, seconds=seconds, memory_mb=100)
    assert result.value is None and result.refusal is not None, result
    assert (result.refusal.layer, reason in result.refusal.reason) == (layer, True), result.refusal
    assert len(result.refusal.reason) < 1500 and "Traceback" not in result.refusal.reason
    assert held() == before, "processes, threads or open files are left"


@pytest.mark.parametrize("attack", BEFORE_ANYTHING_RUNS, ids=lambda attack: attack[0])
def test_three_layers_refuse_before_anything_runs(attack, monkeypatch):
    def run(*_arguments, **_options):
        raise AssertionError("A function is run.")

    monkeypatch.setattr(run_module, "call_in_child", run)
    monkeypatch.setattr(run_module, "_call_here", run)
    [result] = run_text(attack[1], TOOLBOX)
    assert result.refusal.layer is attack[2]


def test_there_are_fifty_and_each_layer_has_some():
    assert len({attack[1] for attack in ATTACKS}) == len(ATTACKS) >= 50
    assert {attack[2] for attack in ATTACKS} == set(Layer)


def test_the_attacked_functions_work_when_they_are_asked_well():
    """Else the attacks might be refused because nothing runs at all."""
    for text, value in {
        f"weekday({DAY})": "Thursday",
        "weekday('2026-01-01')": "Thursday",
        f"add_days({DAY}, days=1)": "2026-01-02",
        'calculate("2 ** 10")': "1024",
        "count_to(limit=10)": "10",
        "power(base=2, exponent=8)": "11",
        'search_pattern(pattern="(a+)+$", text="aa")': "True",
        'repeat(text="a", times=3)': "aaa",
        'spell(text="{:3}")': "  0",
        "echo(value=[None, True, -1.5, (1,), {'a': 'é한'}])": "[None, True, -1.5, (1,), {'a': 'é한'}]",
        'count_tokens(text="abba", tokenizer="characters")': "4",
        'search_passages(query="a", k=2)': "[1] a 0\n[2] a 1",
    }.items():
        assert [str(result) for result in run_text(text, TOOLBOX)] == [value]


def test_an_empty_toolbox_refuses_all():
    [result] = run_text(f"weekday({DAY})", Toolbox([]))
    assert result.refusal.layer is T and "none" in result.refusal.reason
