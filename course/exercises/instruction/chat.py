"""Exercise on chat templates: a conversation in ChatML."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def chat_prompt(messages: list[tuple[str, str]], for_answer: bool) -> str:
    """A conversation in the format called ChatML, which SmolLM2 reads.

    A message is (role, content), and each is written alike: "<|im_start|>", the role, a line
    break, the content, "<|im_end|>", a line break. Contents are written as they are, and nothing
    is put in front. When `for_answer` is true, the text goes on with "<|im_start|>assistant" and
    a line break, after which the model generates its answer.

    >>> chat_prompt([("user", "Hi")], for_answer=True).splitlines()
    ['<|im_start|>user', 'Hi<|im_end|>', '<|im_start|>assistant']
    """
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)
    return text + "<|im_start|>assistant\n" if for_answer else text


HI, HELLO = ("user", "Hi"), ("assistant", "Hello.")
BRIEF, WHY, SKY = ("system", "Be brief."), ("user", "Why is the sky blue?"), ("assistant", "It scatters light.")


def _chat_prompt_cases() -> list[tuple]:
    return [
        ([HI], True),
        ([HI, HELLO], False),
        ([BRIEF, WHY], True),
        ([BRIEF, WHY, SKY], False),
        ([HI, HELLO, WHY], True),
        ([BRIEF, HI, HELLO, WHY, SKY], False),
        ([("user", "One line.\nAnother.")], True),
        ([("user", " spaces "), ("assistant", "yes\n")], False),
        ([("user", " 3 + 4 =")], True),
        ([("system", "You are a poet. "), ("user", "Write a line.\n")], True),
        ([HI], False),
        ([HI, HELLO], True),
        ([], True),
    ]


def _turn(role, content, start="<|im_start|>", after_role="\n", end="<|im_end|>", after="\n"):
    return f"{start}{role}{after_role}{content}{end}{after}"


def _written(messages, for_answer, opening=None, **changes):
    if opening is None:
        opening = _turn("assistant", "", **{**changes, "end": "", "after": ""})
    return "".join(_turn(*message, **changes) for message in messages) + (opening if for_answer else "")


def _never_open(messages, for_answer):
    return chat_prompt(messages, False)


def _always_open(messages, for_answer):
    return chat_prompt(messages, True)


def _opening_turned_round(messages, for_answer):
    return chat_prompt(messages, not for_answer)


def _opening_closed(messages, for_answer):
    return _written(messages, for_answer, opening="<|im_start|>assistant\n<|im_end|>\n")


def _opening_without_line_break(messages, for_answer):
    return _written(messages, for_answer, opening="<|im_start|>assistant")


def _opening_without_role(messages, for_answer):
    return _written(messages, for_answer, opening="<|im_start|>")


def _opening_of_the_user(messages, for_answer):
    return _written(messages, for_answer, opening="<|im_start|>user\n")


def _opening_first(messages, for_answer):
    return ("<|im_start|>assistant\n" if for_answer else "") + chat_prompt(messages, False)


def _opening_alone(messages, for_answer):
    return "<|im_start|>assistant\n" if for_answer else chat_prompt(messages, False)


def _no_break_after_end(messages, for_answer):
    return _written(messages, for_answer, after="")


def _joined_by_breaks(messages, for_answer):
    return _written(messages, for_answer).removesuffix("\n")


def _no_break_after_role(messages, for_answer):
    return _written(messages, for_answer, after_role="")


def _space_after_role(messages, for_answer):
    return _written(messages, for_answer, after_role=" ")


def _colon_after_role(messages, for_answer):
    return _written(messages, for_answer, after_role=": ")


def _break_before_end(messages, for_answer):
    return _written(messages, for_answer, end="\n<|im_end|>", opening="<|im_start|>assistant\n")


def _empty_line_between(messages, for_answer):
    return _written(messages, for_answer, after="\n\n")


def _without_end(messages, for_answer):
    return _written(messages, for_answer, end="")


def _without_start(messages, for_answer):
    return _written(messages, for_answer, start="")


def _without_roles(messages, for_answer):
    return _written([("", content) for _role, content in messages], for_answer, after_role="", opening="<|im_start|>")


def _contents_alone(messages, for_answer):
    return "".join(f"{content}\n" for _role, content in messages)


def _start_for_end(messages, for_answer):
    return _written(messages, for_answer, end="<|im_start|>")


def _exchanged(messages, for_answer):
    return chat_prompt([(content, role) for role, content in messages], for_answer)


def _last_message_alone(messages, for_answer):
    return chat_prompt(messages[-1:], for_answer)


def _first_message_alone(messages, for_answer):
    return chat_prompt(messages[:1], for_answer)


def _default_system(messages, for_answer):
    has_system = bool(messages) and messages[0][0] == "system"
    default = [] if has_system else [("system", "You are a helpful AI assistant named SmolLM, trained by Hugging Face")]
    return chat_prompt([*default, *messages], for_answer)


def _without_system(messages, for_answer):
    return chat_prompt([message for message in messages if message[0] != "system"], for_answer)


def _stripped(messages, for_answer):
    return chat_prompt([(role, content.strip()) for role, content in messages], for_answer)


def _reversed(messages, for_answer):
    return chat_prompt(messages[::-1], for_answer)


def _as_list(messages, for_answer):
    opening = ["<|im_start|>assistant\n"] if for_answer else []
    return [_turn(*message) for message in messages] + opening


CHAT_PROMPT = Exercise(
    name="instruction.chat_prompt",
    title=_("A conversation as one text"),
    solution=chat_prompt,
    cases=_chat_prompt_cases,
    hints=(
        _(
            "Write one message after the other, each with its six parts. Then add the opening of the assistant's turn, "
            "if it is wanted: it has no content and no end."
        ),
        _('A message is `f"<|im_start|>{role}\\n{content}<|im_end|>\\n"`, the opening `"<|im_start|>assistant\\n"`.'),
    ),
    mistakes=(
        Mistake(
            _never_open,
            _("The **opening** of the assistant's turn is missing where `for_answer` is true: the model needs it."),
        ),
        Mistake(_always_open, _("You open an answer **always**: only where `for_answer` is true.")),
        Mistake(_opening_turned_round, _("Your condition is **turned round**: open an answer where it is true.")),
        Mistake(_opening_closed, _("You **end** the turn that you open: the model is to write before the end.")),
        Mistake(
            _opening_without_line_break,
            _("The **line break after the opening** is missing: the answer begins on a new line, as in training."),
        ),
        Mistake(_opening_without_role, _("Your opening has no **role**: it is the assistant's.")),
        Mistake(_opening_of_the_user, _("You open a turn of the **user**: the assistant is to answer.")),
        Mistake(_opening_first, _("Your opening comes **first**: the answer follows the messages.")),
        Mistake(_opening_alone, _("The opening **replaces** the messages in yours: it follows them.")),
        Mistake(_no_break_after_end, _("The line break **after <|im_end|>** is missing.")),
        Mistake(
            _joined_by_breaks, _("The **last** line break is missing: one follows each <|im_end|>, and the opening.")
        ),
        Mistake(_no_break_after_role, _("The line break **after the role** is missing.")),
        Mistake(_space_after_role, _("There is a **space** after the role: it is a line break.")),
        Mistake(_colon_after_role, _("There is a **colon** after the role: it is a line break.")),
        Mistake(_break_before_end, _("There is a line break **before <|im_end|>**: it follows the content directly.")),
        Mistake(_empty_line_between, _("There is an **empty line** between your messages: write one line break.")),
        Mistake(
            _without_end,
            _("**<|im_end|>** is missing after the contents: it is what tells the model where a turn ends."),
        ),
        Mistake(_without_start, _("**<|im_start|>** is missing before the roles.")),
        Mistake(_without_roles, _("The **roles** are missing: the model could not tell who speaks.")),
        Mistake(_contents_alone, _("You write the **contents** alone: each has its role, a start and an end.")),
        Mistake(_start_for_end, _("You write **<|im_start|>** at the end of a message, too: that is <|im_end|>.")),
        Mistake(_exchanged, _("Role and content are **exchanged**: a message is (role, content).")),
        Mistake(_last_message_alone, _("Only the **last** message is in your text: write each of them.")),
        Mistake(_first_message_alone, _("Only the **first** message is in your text: write each of them.")),
        Mistake(_default_system, _("You put a **system message** in front: write the given messages alone.")),
        Mistake(_without_system, _("The **system** message is missing: it is written as the others are.")),
        Mistake(_stripped, _("You **strip** the contents: write them as they are.")),
        Mistake(_reversed, _("Your messages come in **reverse** order: keep theirs.")),
        Mistake(_as_list, _("You return a **list** of turns: join them.")),
    ),
    corners=(
        Corner(
            lambda messages, for_answer: not messages,
            _("Only a conversation **without messages** goes wrong: the text is the opening alone."),
        ),
    ),
    explanation=_(
        "The model never sees messages, only one text. That a turn ends is written there, and who speaks is written "
        "there; whatever is written in another way than in training, a space for a line break say, is another text to "
        "the model. The opening without an end is what makes it write an answer, and nothing else does."
    ),
)
