# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 17 · Tools: calling APIs
#
# A language model writes text, and some texts are programs.
# If a program waits for them, a model can ask for the weather, a date or a picture: it writes a call, and something else runs it.
# You read such calls, judge them, teach a model to write them for functions it never saw, and run them without trusting any.
# After this lesson you can
#
# - read a call as values, without running anything;
# - say of a call whether it is right, wrong, invented or no call at all, by rules that name what they refuse;
# - split requests so that no function is in both the training and the test set;
# - say what a model that is tuned with documents in its prompt learns, and what it does not;
# - let a grammar leave out every token that no call can go on with;
# - run a call through five layers, each of which can refuse it.
#
# **Time**: 90 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lessons 11, 12, 13 and 16.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import json
from collections import Counter

from course import trained
from course.claims import Finding, claim
from course.data.api_functions import Function
from course.data.api_parameters import Parameter
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.intervals import ratio_of_rates
from course.pretrained import load

# %%
from course.tasks.local_tools import all_local_tools
from course.tasks.tool_answers import call_conversation, call_prompt
from course.tasks.tool_calls import (
    K,
    call_sets,
    document,
    rankings,
    right_call,
    right_function,
    whole_catalog,
)
from course.tasks.tool_model import stored_caller, write_for, written_call
from course.tasks.tool_pair_results import pairs_by_rule
from course.tasks.tool_results import (
    answered,
    counts,
    outcome_difference,
    outcome_share,
    recall,
)

# %%
from course.tools import (
    Call,
    CallError,
    CallGrammar,
    Catalog,
    GrammarTokens,
    Outcome,
    apibench_match,
    check_call,
    check_text,
    parse_calls,
)
from course.tools.execution import run_text
from course.viz import CallTree, ToolBench, use_course_style
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · A call is text
#
# The requests of this lesson are from the Berkeley Function Calling Leaderboard (BFCL; Patil et al. 2025), with the functions that can answer them and the calls that do.
# Of them, the lesson takes those that are short and need one call.

# %%
sets = call_sets()
task = draw(sets.test, 1)[0]
function = right_function(task)
say("request:", task.question)
say("function:", document(function))
say("a call that answers:", right_call(task))

# %%
ask("tools.who_runs")

# %% [markdown]
# Nothing runs until a program takes the text apart.
# The one below is yours: it reads the name and the values, and if an argument is not a literal value, such as `open('x')`, the text is not a call.


# %% tags=["exercise"]
def read_call(text: str) -> tuple[str, dict]:
    """The function's name and the arguments of a call that a model wrote.

    The whole text, but for white space around it, must be one expression of Python: a call of
    a plain or a dotted name, with all its arguments by name, each name once, and of literal
    values, which are those that `ast.literal_eval` reads. Returns the name, and a dictionary of
    values, not of texts. It is ("", {}), no name and no arguments, where the text is anything
    else. Nothing is run.

    >>> read_call("math.power(base=2, exponent=-3)")
    ('math.power', {'base': 2, 'exponent': -3})
    >>> read_call("power(base=open('x'))")
    ('', {})
    """
    ...


check("tools.read_call", read_call)

# %%
read = yours("tools.read_call", read_call)
for text in (
    "math.power(base=2, exponent=-3)",
    "triangle.area(base=6cm, height=10cm)",
    "The answer is power(base=2)",
    "power(base=open('x'))",
):
    say(text, "→", read(text))

# %% [markdown]
# The course's own `parse_calls` says what it refused, and where.

# %%
for text in ("triangle.area(base=6cm, height=10cm)", "power(base=open('x'))"):
    try:
        parse_calls(text)
    except CallError as error:
        say(error)

# %% [markdown]
# ## 2 · What a function says of itself
#
# A *function schema* describes a function to a model and to the program that checks the call: its name, what it is for, and for each parameter a type, a description, and whether it is required.
# Model providers exchange it as JSON.
# A line of Python with the name, the types and the first words of the purpose leaves out the descriptions of the parameters, and is far shorter.
# Such a line is what this lesson calls the function's document.

# %%
say(json.dumps(function.to_json(), indent=1))
tokens_of = load("smollm2")[1].encode
say("as a line:", document(function))
n_json, n_line = (
    len(tokens_of(text)) for text in (json.dumps(function.to_json()), document(function))
)
say(f"tokens: {n_json} as JSON, {n_line} as a line")


# %% [markdown]
# With the schema alone, before anyone knows the right answer, many calls can be refused.


# %% tags=["exercise"]
def wrong_arguments(
    arguments: dict[str, object],
    types: dict[str, type],
    required: list[str],
) -> list[str]:
    """The names of the parameters with which something is wrong in a call.

    types: the type of each parameter. required: the parameters that must be given. First come
    the arguments that are unknown or have a value of another type, in the order of the call;
    then the required ones that are missing, in the order of `required`. A bool is not an int;
    an int may stand for a float.

    >>> wrong_arguments({"days": "3", "hotel": 1}, {"city": str, "days": int}, ["city"])
    ['days', 'hotel', 'city']
    """
    ...


check("tools.wrong_arguments", wrong_arguments)

# %%
wrong_of = yours("tools.wrong_arguments", wrong_arguments)
trip = {"city": str, "days": int, "budget": float}
for given in (
    {"city": "Rome", "days": 3, "budget": 500},
    {"city": "Rome", "days": "3"},
    {"days": True, "hotel": "yes"},
):
    say(given, "→", wrong_of(given, trip, ["city", "days"]))

# %% [markdown]
# An *API catalog* is all the functions that may be called.
# What is not in it does not exist.

# %%
catalog = whole_catalog()
say(f"{len(catalog):,} functions in the catalog")
say("three of them:", ", ".join(one.name for one in draw(list(catalog), 3)))

# %% [markdown]
# ## 3 · Right, by which rule?
#
# A request can have several right calls: "Rome" or "Rome, Italy", with an optional parameter or without.
# So the data list the right values of each parameter, and an empty text among them says that it may be left out.

# %%
say(dict(task.answers[0].allowed))


# %% tags=["exercise"]
def accepts(arguments: dict[str, object], accepted: dict[str, list]) -> bool:
    """Whether the arguments of a call are right, where more than one value can be.

    accepted: for each parameter the values that are right: texts, numbers, True, False or None.
    "" among them says that the parameter may be left out; no argument is "". Every argument
    must have one of the values of its parameter, and no other parameters may be given. Equal
    values are of the same type: True is not 1, and 2.0 is not 2. But an int may stand for the
    float it equals.

    >>> accepts({"city": "Rome"}, {"city": ["Rome", "Roma"], "days": [3, ""]})
    True
    >>> accepts({"city": "Rome", "days": 2}, {"city": ["Rome", "Roma"], "days": [3, ""]})
    False
    """
    ...


check("tools.accepts", accepts)

# %%
accepted = yours("tools.accepts", accepts)
allowed = {"city": ["Rome", "Rome, Italy"], "days": [3, ""]}
for given in ({"city": "Rome, Italy"}, {"city": "Rome", "days": True}, {"city": "Roma"}):
    say(given, "→", accepted(given, allowed))

# %% [markdown]
# Comparing calls by what they say when taken apart, instead of by their text, is called *AST matching*, after the abstract syntax tree that a parser makes of a program.
# Even then "the same value" needs rules, and leaderboards have different ones.

# %%
ask("tools.same_text")

# %%
note = Function("set_version", "", (Parameter("tag", "string", ""),))
right_tags = {"tag": ("10.5",)}
table(
    {
        "call": str(Call("set_version", {"tag": tag})),
        "right by value": check_call(Call("set_version", {"tag": tag}), note, right_tags).right,
        "by BFCL's texts": check_call(
            Call("set_version", {"tag": tag}), note, right_tags, strings="bfcl"
        ).right,
        "by APIBench": apibench_match(
            str(Call("set_version", {"tag": tag})), "set_version(tag='10.5')"
        ),
    }
    for tag in ("10.5", "105", "10.50", "v. 10.5", "beta 10.5")
)

# %% [markdown]
# The leaderboard ignores capitals, and leaves out spaces and the characters `,./-_*^`, before it compares two texts, so that "New York, NY" and "New York NY" are the same, and so are "10.5" and "105".
# APIBench, the benchmark of Gorilla (Patil et al. 2023), looks for the text of each argument anywhere in the call.
# This course compares values and lets the data list what else is right; the leaderboard's own rule is a parameter, and with it the verdicts are the leaderboard's on its own calls, but for a few that a test lists with their reasons.
#
# Below, write a call for one of the test requests.
# Each part of the call, a node of its tree, is right or wrong by a rule, and the other two ways of checking are beside it.

# %%
call_tree = CallTree(draw(sets.test, 12))
call_tree

# %% [markdown]
# ## 4 · Four outcomes
#
# A share of right calls hides how the others fail, and they do not cost the same.
# A *hallucinated call* is one of a function that does not exist: it has a plausible name, and nothing to run.


# %% tags=["exercise"]
def outcome(
    call: tuple[str, dict] | None,
    catalog: list[str],
    right: list[tuple[str, dict]],
) -> str:
    """What became of a request, by the call that the model wrote.

    A call is a function's name and its arguments by name; None says that the text was no call.
    catalog: the names of the functions that exist. right: the calls that answer the request.
    Returns the first that holds: "unparsable" when there is no call, "hallucinated" when its
    function is not in the catalog, "right" when it equals one of the right calls, "wrong call".

    >>> outcome(("cube", {"x": 2}), ["power", "root"], right=[("power", {"base": 2})])
    'hallucinated'
    """
    ...


check("tools.outcome", outcome)

# %%
outcome_of = yours("tools.outcome", outcome)
names = list(catalog.names)
right_ones = [read(right_call(task))]
name, values = right_ones[0]
for text in (
    right_call(task),
    f"{name}()",
    f"{name.replace('.', '_')}_now()",
    f"Sure! Here is the call: {name}()",
):
    call = read(text)
    say(text[:60], "→", outcome_of(call if call[0] else None, names, right_ones))

# %% [markdown]
# Now SmolLM2 as it is, without a document, and then with the one that describes the right function.

# %%
smollm2, letters = load("smollm2")
say(call_prompt(task.question, [function]))

# %%
ask("tools.small_model")

# %%
for documents in ([], [function]):
    answer = written_call(smollm2, letters, task.question, documents)
    say("documents read:", len(documents), "·", answer)
    say("  →", check_text(answer, catalog, task.answers).outcome.value)

# %% [markdown]
# ## 5 · Looking functions up
#
# The documents of the whole catalog are more than SmolLM2 can read at once:

# %%
n_lines = sum(len(tokens_of(document(one))) for one in catalog)
say(
    f"{n_lines:,} tokens in all documents; SmolLM2 reads {smollm2.config.context_length:,} at most"
)

# %% [markdown]
# So a search picks a few: lesson 16, with functions instead of passages.

# %%
searched = rankings([task.question], catalog, "dense", K)[0]
for candidate in searched:
    say("✓" if candidate.name == function.name else " ", document(candidate))

# %% [markdown]
# Of the three that it found for this request, none is the right one.
# How often is the right one among the first three?

# %%
for method, name in (("bm25", "by words (BM25)"), ("dense", "by vectors (MiniLM)")):
    say(f"{name}: the right one is among the first {K} for {recall(method)}")

# %% [markdown]
# The vectors found more on the validation requests, so they are used from here on; on the test requests the two intervals overlap.
#
# ## 6 · Learning to call what is documented
#
# SmolLM2 is tuned with LoRA on requests and calls.
# To know whether it learned to call, and not which functions there are, no function of the test may be in training.

# %%
ask("tools.shared_functions")


# %% tags=["exercise"]
def groups_by_function(tasks: list[set[str]]) -> list[int]:
    """A number for each task, the same for tasks that must not be separated by a split.

    tasks: the names of the functions of each task. Two tasks with a function in common are in
    the same group, and so are two that other tasks connect: the first with the second, and the
    second with the third. The groups are numbered from 0, in the order of their first tasks.
    When whole groups go to the training and the test set, no function is on both sides.

    >>> groups_by_function([{"root"}, {"area"}, {"root", "power"}, {"power"}])
    [0, 1, 0, 0]
    """
    ...


check("tools.groups_by_function", groups_by_function)

# %%
groups_of = yours("tools.groups_by_function", groups_by_function)
tasks = [{one.name for one in each.functions} for each in (*sets.training, *sets.test)]
groups = groups_of(tasks)
in_training = set(groups[: len(sets.training)])
in_test = set(groups[len(sets.training) :])
say(f"{len(tasks)} requests in {len(set(groups))} groups")
say("groups on both sides:", len(in_training & in_test))
sizes = Counter(groups)
say("the largest groups:", sorted(sizes.values())[-5:])

# %% [markdown]
# Where would more requests come from?
# Gorilla's were written by GPT-4, with examples that people wrote: Self-Instruct, as in lesson 13, with pairs of a request and a call.
# Here SmolLM2 wrote pairs for functions of the training tasks, and each is dropped by the first rule that it breaks.
# The rules from "length" to "similarity" are from lesson 13.

# %%
table(pairs_by_rule())

# %%
made = trained.record_of("tools", "self-instruct")["made"]
for pair in draw([one for one in made if one["rule"] is None], 2):
    say("request:", pair["request"])
    say("   call:", pair["call"])

# %% [markdown]
# These rules see the form of a pair; none of them asks whether the call fits the request, and in these two it does not.
# So the tuning below has the data's own requests.
#
# The loss counts the call and the end of the turn, as in lesson 13, and nothing of the prompt.

# %%
one = draw(sets.training, 1)[0]
encoded = call_conversation(letters, one.question, [right_function(one)], right_call(one))
counted = [
    token for token, counts in zip(encoded.ids, encoded.is_trained, strict=True) if counts
]
say(f"{len(encoded.ids)} tokens, {len(counted)} of them counted:", letters.decode(counted))

# %% [markdown]
# Patil et al. 2023 tune with a document in the prompt, which they call *retriever-aware training*, so that the model can follow documents that change.
# A search is wrong at times, and a model that always read the right document may come to trust every document.
# So one model here is tuned with the right document, and another with three in a drawn order: the right one and two that a search ranks next, or, for one request in five, three wrong ones.
# The call to be written is the right one even then, which may also teach it to write names that it did not read.
# The model of the next cell was tuned with three, on more requests than the others of the table further down:

# %%
caller = stored_caller()[0]
training = trained.record_of("tools", "tuned-longer")
n_read = training["steps"] * training["batch_size"]
say(f"{n_read:,} requests read in training, of {len(sets.training)} different ones")
for documents in ([function], [*searched[:2], function]):
    answer = written_call(caller, letters, task.question, documents)
    say("documents read:", len(documents), "·", answer)
    say("  →", check_text(answer, catalog, task.answers).outcome.value)

# %%
ask("tools.changed_names")

# %% [markdown]
# Now the test: its functions were in no training request.
# It has one request for each function, and none of them was looked at while the prompt was being worded.
# "Three wrong" are those that the search ranks highest among the wrong ones.
# In the "changed catalog" the words of each name are in reverse order, `get_weather` is `weather_get`, and a name of one word has an ending added; the model reads the right document alone, in these names.

# %%
MODELS = {
    "zero-shot": "as it is",
    "tuned-none": "tuned without documents",
    "tuned-oracle": "tuned with the right one",
    "tuned-retrieved": "tuned with three",
    "tuned-longer": "the same, on more requests",
}
READ = {
    "none": "nothing",
    "oracle": "the right one",
    "retrieved": "three found",
    "bad": "three wrong",
    "changed": "changed catalog",
}
runs = [run for run in trained.results("tools") if run["model"] in MODELS]
ran = {(run["model"], setting) for run in runs for setting in run["cells"]}
found = {key: answered(*key) for key in sorted(ran)}
n_requests = len(found["tuned-retrieved", "oracle"].ids)
n_seeds = {len(one.seeds) for one in found.values()}
say(f"{n_requests} requests; seeds: {sorted(n_seeds)}")
for one in runs:
    if "steps" in one and one["seed"] == 0:
        say(
            f"{MODELS[one['model']]}: {one['steps'] * one['batch_size']:,} requests read in tuning"
        )

# %%
table(
    {"SmolLM2": name, "reads": read}
    | {one.value: found[model, setting].counted[one].mean() for one in Outcome}
    for model, name in MODELS.items()
    for setting, read in READ.items()
    if (model, setting) in found
)

# %% [markdown]
# No setting was searched, and each model was tuned with as many seeds as are printed above: with one, the intervals below say nothing of another tuning.
# The model tuned without documents, given one, mostly copies its signature, which is no call: that is most of what is unparsable in its second row.

# %%
claim(
    "tools.documents_to_call",
    "Given the right document, SmolLM2 tuned with documents calls functions that were not in its tuning; "
    "tuned and asked without documents, it mostly invents them.",
    said_by="this lesson; the notes: a model that writes the API call for a request",
    findings=[
        Finding(
            "right calls, with documents minus without",
            outcome_difference(("tuned-retrieved", "oracle"), ("tuned-none", "none")),
            "above",
            0.0,
        ),
        Finding(
            "hallucinated calls, tuned and read without documents",
            outcome_share("tuned-none", "none", Outcome.HALLUCINATED),
            "above",
            0.5,
        ),
    ],
)

# %%
claim(
    "tools.choosing_is_harder",
    "With three documents that a search found, fewer calls are right than with the right one alone.",
    said_by="Patil et al. 2023, of their model tuned with documents",
    findings=[
        Finding(
            "right calls, the right document minus three found",
            outcome_difference(("tuned-retrieved", "oracle"), ("tuned-retrieved", "retrieved")),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# Is that the search's fault?
# Here are the requests for which the right document was among the three, and how many of their calls are of another real function than the right one:

# %%
alone, three = found["tuned-retrieved", "oracle"], found["tuned-retrieved", "retrieved"]
say(f"right document among the three: {three.reads_right.sum()} requests")
for name, one in (("the right document alone", alone), ("among three", three)):
    of_these = [rule for rule, has in zip(one.rules[0], three.reads_right, strict=True) if has]
    right = one.counted[Outcome.RIGHT][0, three.reads_right].sum()
    say(f"{name}: {right:.0f} right, {of_these.count('same_name')} of another function")

# %%
claim(
    "tools.choosing_among_three",
    "Where the right document is among the three, fewer calls are right than with it alone.",
    said_by="this lesson",
    findings=[
        Finding(
            "right calls, the right document alone minus among three",
            outcome_difference(
                ("tuned-retrieved", "oracle"),
                ("tuned-retrieved", "retrieved"),
                chosen=three.reads_right,
            ),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# So most of the loss is not the search's: of three documents the model takes a wrong one.
# (Three are also longer to read than one, which was not tested by itself.)

# %%
claim(
    "tools.retriever_aware",
    "Tuned with three documents, SmolLM2 writes more right calls from three that were found "
    "than when it was tuned with the right one alone.",
    said_by="this lesson, after Patil et al. 2023",
    findings=[
        Finding(
            "right calls with three found, tuned with three minus with the right one",
            outcome_difference(("tuned-retrieved", "retrieved"), ("tuned-oracle", "retrieved")),
            "above",
            0.0,
        )
    ],
)

# %%
claim(
    "tools.invents_less",
    "With nothing to read, the model tuned with three documents invents fewer functions.",
    said_by="this lesson",
    findings=[
        Finding(
            "hallucinated calls, tuned with three minus with the right one",
            outcome_difference(
                ("tuned-retrieved", "none"), ("tuned-oracle", "none"), Outcome.HALLUCINATED
            ),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# It writes no more right calls then: mostly it writes no call that can be read.
# Nor does it last: tuned so on more requests, it invents more again, as the table shows.
#
# Gorilla itself has seven billion weights.
# For TorchHub, one of its three catalogs, the paper's table 2 has these shares of right calls, in %, rounded and copied from transcriptions, with one of its two searches:
#
# | Gorilla | nothing read | BM25 | the right document |
# | --- | --- | --- | --- |
# | tuned without documents | 59 | 38 | 55 |
# | tuned with documents | 0 | 40 | 67 |
#
# In the authors' repository, every call that answers one of the 186 test requests is in the training file as well, so a model without documents can know it.
# The pattern of the second row is that of the tables here: nothing without a document, most with the right one, less with a search.

# %%
claim(
    "tools.changed_catalog",
    "With every name of the catalog changed so, more than half as many calls are right as before, "
    "without further training.",
    said_by="Patil et al. 2023: a model that reads documents keeps up with a changing API",
    findings=[
        Finding(
            "right calls, with the new names divided by with the old",
            ratio_of_rates(
                counts("tuned-retrieved", "changed"), counts("tuned-retrieved", "oracle")
            ),
            "above",
            0.5,
        )
    ],
)

# %% [markdown]
# ## 7 · A grammar of the catalog
#
# There is a way to be rid of invented functions without any training.
# Constrained decoding, as for the answers of lesson 12, asks at each step which tokens can still become a call, and gives all others the probability 0.


# %% tags=["exercise"]
def next_characters(prefix: str, names: list[str]) -> set[str]:
    """The characters that may come next, so that a call of one of these functions is written.

    A call begins with a function's name and "(", and `prefix` is what was written so far, from
    the first character of the name. Where it is the beginning of a name, the name's next
    character may follow; after a whole name "(" may follow. When no call begins with `prefix`,
    the set is empty.

    >>> sorted(next_characters("math.", ["math.power", "math.root", "area"]))
    ['p', 'r']
    >>> sorted(next_characters("area", ["area", "area_of_circle"]))
    ['(', '_']
    """
    ...


check("tools.next_characters", next_characters)

# %%
next_of = yours("tools.next_characters", next_characters)
beginning = "math."
mathematical = [one for one in names if one.startswith(beginning)]
say(len(mathematical), "functions begin with", beginning, sorted(next_of(beginning, names)))

# %%
ask("tools.what_a_grammar_cannot")

# %% [markdown]
# The grammar of a whole call goes on after the name: the parameters of this function, each once, and a literal of each one's type.

# %%
of_one = CallGrammar(Catalog([function]))
tokens = GrammarTokens(letters)
written = right_call(task)
for end in (0, 3, len(function.name) + 1, len(written) - 3, len(written) - 1):
    state = of_one.advance(of_one.start, written[:end])
    n_allowed = int(tokens.allowed(state).sum())
    say(f"{written[:end]!r}: {n_allowed:,} of {letters.vocab_size:,} tokens")

# %% [markdown]
# At the start only pieces of the name are left; between quotes nearly every token may follow; after a value, a comma or the end.

# %%
read_three = [*searched[:2], function]
grammar = CallGrammar(Catalog(read_three))
for name, model in (("as it is", smollm2), ("tuned", caller)):
    answer = written_call(
        model, letters, task.question, read_three, grammar=grammar, tokens=tokens
    )
    say(f"{name}: {answer}")
    say("  →", check_text(answer, catalog, task.answers).outcome.value)

# %% [markdown]
# In the measurement the grammar is that of the whole catalog, whatever was read.
# An answer is cut off after 48 tokens, and half a call cannot be read: that is what is unparsable with a grammar.

# %%
table(
    {"SmolLM2": MODELS[model], "reads": READ[setting], "grammar": "✓" if grammar_is_on else ""}
    | {one.value: found[model, name].counted[one][0].mean() for one in Outcome}
    for model in ("zero-shot", "tuned-none", "tuned-retrieved")
    for setting in ("none", "oracle", "retrieved")
    if (model, f"{setting} constrained") in found
    for grammar_is_on, name in ((False, setting), (True, f"{setting} constrained"))
    if (model, name) in found
)

# %%
begun = Counter(
    text.partition("(")[0] for text in found["zero-shot", "oracle constrained"].answers[0]
)
for name, n in begun.most_common(3):
    say(n, "answers of the model as it is, with the grammar, begin with", name)

# %% [markdown]
# With the grammar, the model as it is writes calls, and none of them is right: nearly all begin with the same two names, whatever the request is.

# %%
free, bound = ("tuned-retrieved", "retrieved"), ("tuned-retrieved", "retrieved constrained")
claim(
    "tools.grammar",
    "For the model tuned with three documents, a grammar of the catalog leaves no invented function, "
    "and more calls are right.",
    said_by="this lesson",
    findings=[
        Finding(
            "invented functions, with a grammar",
            outcome_share(*bound, Outcome.HALLUCINATED),
            "below",
            0.05,
        ),
        Finding(
            "right calls, with a grammar minus without",
            outcome_difference(bound, free),
            "above",
            0.0,
        ),
    ],
)

# %% [markdown]
# The second does not follow from the first.
# What the grammar made of each answer:

# %%
before, after = found[free].counted, found[bound].counted
for was in (Outcome.HALLUCINATED, Outcome.UNPARSABLE, Outcome.WRONG_CALL):
    became = {one.value: int((before[was][0] * after[one][0]).sum()) for one in Outcome}
    say(f"{was.value} without a grammar, with it:", became)

# %% [markdown]
# None of the calls that are right now had an invented name: they could not be read before, or a parameter was missing, unknown, or had a wrong value.

# %% [markdown]
# ## 8 · Running it
#
# A call is written by something that nobody can trust, from a request that anybody may have written.
# So a call passes five layers, and each can refuse it with its reason.
#
# 1. **Parsing**: the text is a call, its arguments are values.
# 2. **Table**: the function is one of those that may be called; nothing is looked up by its name anywhere else.
# 3. **Arguments**: required ones are there, unknown ones are not, types fit, sizes are small.
# 4. **Function**: it checks what it was given, in a process of its own.
# 5. **Limits**: the number of calls, the time, the memory, and the length of the answer, which is cut.

# %%
ask("tools.why_not_eval")

# %%
toolbox = all_local_tools()
for text in (
    "weekday(day='1969-07-20')",
    "().__class__.__base__.__subclasses__()",
    "os.system(command='rm notes.txt')",
    "weekday(day=7)",
    "look_up(term='spaghetti')",
    "[" + ", ".join(["weekday(day='1969-07-20')"] * 9) + "]",
):
    result = run_text(text, toolbox)[0]
    say(text[:60], "→", result)
    if result.refusal:
        say("    refused by:", result.refusal.layer.value)

# %% [markdown]
# The functions of this toolbox are real and local: dates, units, arithmetic, tokenizers, and the glossary of this course.
# Edit the catalog, write a request in your own words, let the model that was tuned on more requests write the call, with a grammar of the three functions that a search finds, or write it yourself, and run it.

# %%
tool_bench = ToolBench(toolbox, write=write_for(caller, letters))
tool_bench

# %% [markdown]
# A process with limits is not a wall.
# On Windows and macOS fewer limits can be set than on Linux, and whoever lets a model run programs of its own, and not calls of a few known functions, needs a container or a virtual machine around it.
#
# ## 9 · The notes on tools
#
# - **"A model that calls functions by generating the right API call from a request"** describes what the tuned model does for some requests, and section 6 says for how many.
# - **"Self-Instruct, with GPT-4 for the requests and people's for a start"**: the same steps with a small model leave few pairs, and poor ones.
# - **"I want to see some cats dancing in celebration"** is the first example of the bench. The call there was written by hand; below is the model's own, with the first characters of the picture that the function returns, which is a text, too:

# %%
request = "I want to see some cats dancing in celebration"
call = write_for(caller, letters)(request, toolbox.catalog)
say("call:", call)
[result] = run_text(call, toolbox)
say("result:", str(result)[:120], "…")

# %% [markdown]
# ## What to remember
#
# - A call is text. A program reads it, and decides whether anything runs.
# - "Right" needs rules: which values are equal, what may be left out, which functions exist.
# - Count right, wrong, hallucinated and unparsable calls separately, for functions that were in no training.
# - Tuned for a few minutes, a small model mostly keeps to the form of a call and copies many names from documents; fewer of its calls are right when it has to choose among documents.
# - A grammar ends invented functions; what it leaves may be a wrong call.
# - Parse, look up, check, isolate, limit: each layer refuses for its own reason.
#
# **Read on**: Patil et al. 2023, *Gorilla: Large Language Model Connected with Massive APIs*; Patil et al. 2025, *The Berkeley Function Calling Leaderboard (BFCL)*; Schick et al. 2023, *Toolformer: Language Models Can Teach Themselves to Use Tools*; Yao et al. 2022, *ReAct: Synergizing Reasoning and Acting in Language Models*.
# In the code: `course/tools/match.py`, `course/tools/grammar.py`, `course/tools/execution/run.py`, `course/tasks/tool_calls.py`, `experiments/tools.py`.
#
# **Next**: lesson 18, *Compression and distillation*.

# %%
progress.table()
