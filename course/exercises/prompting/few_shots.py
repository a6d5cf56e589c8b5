"""Exercise on prompts: an instruction, worked examples and the text to be judged."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def few_shot_prompt(instruction: str, shots: list[tuple[str, str]], text: str) -> str:
    """A prompt after which a language model is to write a label.

    In order: the instruction, a block for each shot, a block for the text, with an empty line
    between any two of them. An empty instruction is left out. A shot is (text, label), and its
    block has two lines: "Review: " and the text, "Sentiment: " and the label. The last block
    ends with "Sentiment:" and no space: the space belongs to the first token of the label.

    >>> few_shot_prompt("Judge.", [("A joy.", "good")], "A bore.").splitlines()
    ['Judge.', '', 'Review: A joy.', 'Sentiment: good', '', 'Review: A bore.', 'Sentiment:']
    """
    blocks = [instruction] if instruction else []
    for shown, label in shots:
        blocks.append(f"Review: {shown}\nSentiment: {label}")
    blocks.append(f"Review: {text}\nSentiment:")
    return "\n\n".join(blocks)


SHOTS = [("A joy.", "positive"), ("Too long by an hour.", "negative"), ("I laughed, twice.", "positive")]


def _few_shot_prompt_cases() -> list[tuple]:
    return [
        ("Judge the review.", [("A joy.", "positive")], "A bore."),
        ("Judge the review.", SHOTS[:2], "Not bad at all."),
        ("Is this review positive or negative?", SHOTS, "The cast is wasted."),
        ("Judge the review.", [], "A bore."),
        ("Good or bad?", [], "Two hours that I want back."),
        ("", SHOTS[:2], "A bore."),
        ("", SHOTS, "Fine."),
        ("", [], "A joy."),
        ("Answer with one word.", [("Dull.", "bad"), ("Dull.", "bad"), ("Great!", "good")], "Dull."),
        ("Read.\nThen judge.", [("One line.\nAnd another.", "mixed")], "First line.\nSecond line."),
        ("Judge.", [(" A joy. ", "positive")], " A bore. "),
        ("Judge.", [("Dull. ", "negative")], "Dull. "),
        ("Judge it. ", [], " Dull."),
        ("Sentiment of the Review:", [("Sentiment: good", "bad"), ("Review: bad", "good")], "Review: none"),
        ("Judge the review.", [("", "neutral"), ("A joy.", "positive")], ""),
        ("Judge.", [("An {answer} to {input}.", "good"), ("{text} and {}", "bad")], "So {answer}, {text}, {0}."),
        ("", [("No {answer}.", "bad")], "{}"),
        ("Judge {text}.", [("A joy.", "good"), ("{answer} {label}", "bad")], "Dull."),
    ]


def _joined(instruction, blocks, between="\n\n"):
    return between.join([instruction] * bool(instruction) + blocks)


def _block(text, label, after=" ", review="Review: ", line="\n"):
    return f"{review}{text}{line}Sentiment:{after}{label}"


def _prompt(instruction, shots, text, between="\n\n", **written):
    blocks = [_block(shown, label, **written) for shown, label in shots]
    return _joined(instruction, [*blocks, _block(text, "", **{**written, "after": ""})], between)


def _space_at_the_end(instruction, shots, text):
    return few_shot_prompt(instruction, shots, text) + " "


def _line_break_at_the_end(instruction, shots, text):
    return few_shot_prompt(instruction, shots, text) + "\n"


def _empty_line_at_the_end(instruction, shots, text):
    return few_shot_prompt(instruction, shots, text) + "\n\n"


def _without_empty_lines(instruction, shots, text):
    return _prompt(instruction, shots, text, "\n")


def _too_many_empty_lines(instruction, shots, text):
    return _prompt(instruction, shots, text, "\n\n\n")


def _blocks_joined(instruction, shots, text):
    return _prompt(instruction, shots, text, "")


def _one_line(instruction, shots, text):
    return _prompt(instruction, shots, text, line=" ")


def _empty_line_inside(instruction, shots, text):
    return _prompt(instruction, shots, text, line="\n\n")


def _no_space_before_labels(instruction, shots, text):
    return _prompt(instruction, shots, text, after="")


def _no_space_before_texts(instruction, shots, text):
    return _prompt(instruction, shots, text, review="Review:")


def _no_spaces(instruction, shots, text):
    return _prompt(instruction, shots, text, review="Review:", after="")


def _without_review(instruction, shots, text):
    return _prompt(instruction, shots, text, review="")


def _only_the_last_is_a_block(instruction, shots, text):
    return _joined(instruction, [f"{shown}\n{label}" for shown, label in shots] + [f"Review: {text}\nSentiment:"])


def _no_place_for_the_label(instruction, shots, text):
    return few_shot_prompt(instruction, shots, text).removesuffix("\nSentiment:")


def _bare_text(instruction, shots, text):
    return _joined(instruction, [_block(*shot) for shot in shots] + [text])


def _without_instruction(instruction, shots, text):
    return few_shot_prompt("", shots, text)


def _without_shots(instruction, shots, text):
    return few_shot_prompt(instruction, [], text)


def _without_text(instruction, shots, text):
    return _joined(instruction, [_block(*shot) for shot in shots])


def _shots_last(instruction, shots, text):
    return _joined(instruction, [f"Review: {text}\nSentiment:"] + [_block(*shot) for shot in shots])


def _instruction_last(instruction, shots, text):
    return "\n\n".join([few_shot_prompt("", shots, text)] + [instruction] * bool(instruction))


def _instruction_after_shots(instruction, shots, text):
    return "\n\n".join([_block(*shot) for shot in shots] + [few_shot_prompt(instruction, [], text)])


def _instruction_each_time(instruction, shots, text):
    start = [instruction] * bool(instruction)
    blocks = [_block(*shot) for shot in shots] + [f"Review: {text}\nSentiment:"]
    return "\n\n".join(part for block in blocks for part in [*start, block])


def _shots_without_labels(instruction, shots, text):
    return _joined(instruction, [f"Review: {shown}\nSentiment:" for shown in [*(shown for shown, _l in shots), text]])


def _shot_exchanged(instruction, shots, text):
    return few_shot_prompt(instruction, [(label, shown) for shown, label in shots], text)


def _first_shot_alone(instruction, shots, text):
    return few_shot_prompt(instruction, shots[:1], text)


def _last_shot_alone(instruction, shots, text):
    return few_shot_prompt(instruction, shots[-1:], text)


def _without_the_last_shot(instruction, shots, text):
    return few_shot_prompt(instruction, shots[:-1], text)


def _without_the_first_shot(instruction, shots, text):
    return few_shot_prompt(instruction, shots[1:], text)


def _shots_reversed(instruction, shots, text):
    return few_shot_prompt(instruction, shots[::-1], text)


def _empty_instruction_kept(instruction, shots, text):
    return f"{instruction}\n\n{few_shot_prompt('', shots, text)}"


def _stripped(instruction, shots, text):
    return few_shot_prompt(instruction.strip(), [(shown.strip(), label) for shown, label in shots], text.strip())


def _places_filled(instruction, shots, text):
    return few_shot_prompt(instruction, [(shown.replace("{answer}", label), label) for shown, label in shots], text)


def _as_list(instruction, shots, text):
    return few_shot_prompt(instruction, shots, text).split("\n\n")


FEW_SHOT_PROMPT = Exercise(
    name="prompting.few_shot_prompt",
    title=_("A prompt with worked examples"),
    solution=few_shot_prompt,
    cases=_few_shot_prompt_cases,
    hints=(
        _(
            "Collect the parts in a list: the instruction unless it is empty, a text of two lines for each shot, a "
            "text of two lines for the review. Then join the list with what is between two parts."
        ),
        _(
            'A shot is `f"Review: {shown}\\nSentiment: {label}"`, the last part `f"Review: {text}\\nSentiment:"`, '
            'and the answer `"\\n\\n".join(blocks)`.'
        ),
    ),
    mistakes=(
        Mistake(
            _space_at_the_end,
            _(
                'Your prompt ends in a **space**: end with "Sentiment:". The label brings its space along, as the '
                "first character of its token."
            ),
        ),
        Mistake(_line_break_at_the_end, _('Your prompt ends in a **line break**: end with "Sentiment:".')),
        Mistake(_empty_line_at_the_end, _('Your prompt ends in an **empty line**: end with "Sentiment:".')),
        Mistake(_without_empty_lines, _("The **empty lines** are missing: between two parts, there are two `\\n`.")),
        Mistake(
            _too_many_empty_lines, _("There are **two** empty lines between your parts: one empty line is two `\\n`.")
        ),
        Mistake(
            _blocks_joined,
            _("Your parts follow each other **without anything between** them: join them with two `\\n`."),
        ),
        Mistake(_one_line, _('Your blocks have **one line**: a line break is before "Sentiment:".')),
        Mistake(
            _empty_line_inside, _("There is an **empty line inside** your blocks: their two lines follow each other.")
        ),
        Mistake(
            _no_space_before_labels, _('The space before the **labels** of the shots is missing: "Sentiment: good".')
        ),
        Mistake(_no_space_before_texts, _('The space before the **texts** is missing: "Review: A joy.".')),
        Mistake(_no_spaces, _("The spaces after the **colons** are missing: only the last colon has none behind it.")),
        Mistake(_without_review, _('"Review: " is **missing** before your texts.')),
        Mistake(
            _only_the_last_is_a_block,
            _('Your shots have no **"Review: "** and **"Sentiment: "**: they are written as the last block is.'),
        ),
        Mistake(_no_place_for_the_label, _('Your prompt ends with the text: the line **"Sentiment:"** is missing.')),
        Mistake(_bare_text, _("The text stands **bare** at the end: write it as a block, with an open label.")),
        Mistake(_without_instruction, _("The **instruction** is missing: it comes first.")),
        Mistake(_without_shots, _("The **shots** are missing: each is a block before that of the text.")),
        Mistake(_without_text, _("The **text** that is to be judged is missing: it is the last block.")),
        Mistake(
            _shots_last, _("Your shots come **after** the text: the model goes on at the end, so the text is last.")
        ),
        Mistake(_instruction_last, _("Your instruction comes **last**: it comes first.")),
        Mistake(_instruction_after_shots, _("Your instruction comes **after the shots**: it comes before them.")),
        Mistake(
            _instruction_each_time, _("Your instruction stands before **each** block: it comes once, at the start.")
        ),
        Mistake(_shots_without_labels, _("Your shots have no **labels**: only that of the last block is open.")),
        Mistake(_shot_exchanged, _("Text and label of the shots are **exchanged**: a shot is (text, label).")),
        Mistake(_first_shot_alone, _("Only the **first** shot is in your prompt: write a block for each.")),
        Mistake(_last_shot_alone, _("Only the **last** shot is in your prompt: write a block for each.")),
        Mistake(_without_the_last_shot, _("The **last** shot is missing: look at where your loop ends.")),
        Mistake(_without_the_first_shot, _("The **first** shot is missing: look at where your loop begins.")),
        Mistake(_shots_reversed, _("Your shots come in **reverse** order: keep theirs.")),
        Mistake(
            _empty_instruction_kept, _("An **empty** instruction leaves an empty line in your prompt: leave it out.")
        ),
        Mistake(_stripped, _("You **strip** the texts: leave them as they are.")),
        Mistake(
            _places_filled,
            _("What stands in **braces** in a text is filled in, too: build each block with an f-string."),
        ),
        Mistake(_as_list, _("You return a **list** of parts: join them.")),
    ),
    corners=(
        Corner(
            lambda instruction, shots, text: not instruction,
            _("Only prompts with an **empty instruction** go wrong: they begin with the first block."),
        ),
        Corner(
            lambda instruction, shots, text: not shots,
            _("Only prompts **without shots** go wrong: the instruction, an empty line, and the block of the text."),
        ),
        Corner(
            lambda instruction, shots, text: "\n" in instruction + text,
            _("Only texts of **several lines** go wrong: they are written as they are."),
        ),
    ),
    explanation=_(
        "The blocks are alike, so what continues the text best is the missing label. The prompt stops before the "
        'space, since " positive" with its space is one token for most tokenizers, and "positive" without is another, '
        "which follows a space hardly ever."
    ),
)
