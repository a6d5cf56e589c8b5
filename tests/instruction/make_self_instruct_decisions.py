"""What the authors' code of Self-Instruct decides of some instructions and instances; the tests read what it wrote.

git clone https://github.com/yizhongw/self-instruct   # at commit 0b26ccaa415992100fa32df62d41b994cf928e23
pip install rouge-score==0.1.2 tqdm pandas            # in an environment of its own
PYTHONPATH=self-instruct/self_instruct python tests/instruction/make_self_instruct_decisions.py

The texts are ours. Of an instruction: whether `post_process_gpt3_response` keeps it. Of a list of them: which of them
join a pool that begins empty, by that function and by `rouge-score` above 0.7, as the script's main part has it. Of
instances: which of them `filter_invalid_instances` and `filter_duplicate_instances` keep.
"""

import itertools
import json
import random
import sys
import types
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

sys.modules["gpt3_api"] = types.ModuleType("gpt3_api")  # it would ask for a key
sys.modules["gpt3_api"].make_requests = None

from bootstrap_instructions import post_process_gpt3_response  # noqa: E402
from prepare_for_finetuning import filter_duplicate_instances, filter_invalid_instances  # noqa: E402

VERBS = ("Write", "Explain", "List", "Draw", "Go to", "write a program that", "WRITE A PROGRAM", "- Name", "12. Name")
OBJECTS = (
    "a poem",
    "the image",
    "three photographs of cats",
    "the Files in this folder",
    "a graph-based method for mapping",
    "your plot of the novel",
    "what maps are good for",
    "how a profile differs from a graph",
    "why people go  to the sea",
    "why one goes to school",
)
INSTRUCTIONS = (
    "",
    " \n ",
    "Sing",
    "Sing a song",
    "Sing a song now",
    "Sing  a\tsong\nnow ",
    " ".join(["word"] * 150),
    " ".join(["word"] * 151),
    "Write a program",
    "Write a program.",
    "Write a programme for a village fair",
    "Rewrite a program in plain words",
    "Please write a program that counts",
    "(a) Name three rivers of Europe",
    '"Hello" in three other languages, please',
    "_ is the missing word of what",
    "`Code` is what kind of word",
    "€5 is how many dollars today",
    "¿Qué hora es en Lima ahora?",
    "Élan is a word from which language?",
    "한국어로 짧은 시를 한 편 쓰세요",
    "שלום is a greeting in which language",
    "\U0001f600 means what in a message",
    "2 and 2 are how many",
    "Name the café in the text",
    "Say 안녕 in three languages",
    "a lower-case letter begins this one",
    "Describe the bitmap of a font",
    "Describe the bit map of a font",
    "Describe the road map\u2019s legend",
    "Withdraw the offer in one sentence",
    "Draw: a conclusion from the text",
    "Say how to file_a complaint today",
    "Say how to file a complaint today",
    "Turn the plots into one story",
    "Say 'go to' in another way",
    "Say go\u00a0to in another way",
    "ßtraße is how many letters long",
    "ı is which letter of Turkish",
    "ﬁnd the ligature in this word",
)
LIST = (
    "Name three animals that live in the sea.",
    "Name three animals that live in the desert.",
    "Name three animals that live in the sea and are not fish.",
    "Name three plants that live in the sea.",
    "name THREE animals, that live: in the sea",
    "a b c d e f g h i j",
    "a b c d e f g k l m",
    "a b c d e f g h n o p",
    "j i h g f e d c b a",
    "Write a program that names three animals",
    "Write a short poem about the sea.",
    "Write a short poem about the night.",
    "Write a very short poem about the sea at night.",
)
TEXTS = ("", "yes", "no", "Yes", "Text:", "a: b", " yes ", ":")


def kept(instruction: str) -> bool:
    response = {"choices": [{"finish_reason": "stop", "text": instruction}]}
    return bool(post_process_gpt3_response(response))


def joined(instructions: list[str]) -> list[bool]:
    scorer, pool, decisions = RougeScorer(["rougeL"], use_stemmer=False), [], []
    for one in instructions:
        similar = max((scorer.score(one, other)["rougeL"].fmeasure for other in pool), default=0.0)
        decisions.append(kept(one) and not similar > 0.7)
        if decisions[-1]:
            pool.append(one)
    return decisions


def left(instances: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As its parser hands them on, with no space around them."""
    stripped = [("task", given.strip(), output.strip()) for given, output in instances]
    found = filter_duplicate_instances(filter_invalid_instances(stripped))
    return sorted(one[1:] for one in found)


def main() -> None:
    rng = random.Random(0)
    made = [f"{verb} {what}, please" for verb in VERBS for what in OBJECTS]
    words = ["name", "the", "largest", "rivers", "of", "Asia"]
    drawn = [" ".join(rng.choices(words, k=rng.randint(4, 8))) for _number in range(80)]
    pairs = [list(pair) for pair in itertools.product(TEXTS, repeat=2)]
    tasks = [[pair] for pair in pairs] + [rng.choices(pairs, k=rng.randint(2, 4)) for _number in range(80)]
    decisions = {
        "commit": "0b26ccaa415992100fa32df62d41b994cf928e23",
        "instructions": [[one, kept(one)] for one in (*INSTRUCTIONS, *made)],
        "lists": [[some, joined(some)] for some in (list(LIST), list(LIST[::-1]), drawn)],
        "instances": [[task, left(task)] for task in tasks],
    }
    target = Path(__file__).parent / "self_instruct_decisions.json"
    rows = [
        f"{json.dumps(name)}: "
        + (json.dumps(value) if name == "commit" else "[\n" + ",\n".join(map(dumped, value)) + "\n]")
        for name, value in decisions.items()
    ]
    target.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
