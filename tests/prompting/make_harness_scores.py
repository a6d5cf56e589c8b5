"""Scores of SmolLM2 by EleutherAI's lm-evaluation-harness, which is not among the pins; the tests read what it wrote.

pip install lm-eval==0.4.13   # beside the course, in an environment of its own
python -m tests.prompting.make_harness_scores

The strings are ours. `log_likelihoods` are those of `HFLM.loglikelihood`, and `acc` and `acc_norm` the choices that
`process_results` of its multiple-choice tasks would take: of the highest sum, and of the highest sum divided by the
characters of the choice.
"""

import json
from pathlib import Path

import numpy as np
import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from transformers import AutoTokenizer, LlamaForCausalLM

from course.data import path

CASES = (
    ("Review: A warm, funny film.\nSentiment:", " ", ("negative", "positive")),
    ("Question: What is the capital of France? \nAnswer: ", "", ("Paris", "The city of Lyon", "New York City", "it")),
    ("It was a film that nobody needed. All in all, it was", " ", ("good", "bad", "a waste of everybody's time")),
    ("The café in Kraków serves", " ", ("żurek, a soup", "naïve piñatas", "tea")),
)


def main() -> None:
    file = path("smollm2-gguf")
    model = LlamaForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    harness = HFLM(pretrained=model.eval(), tokenizer=tokenizer, device="cpu", batch_size=1)
    cases = []
    for prompt, delimiter, choices in CASES:
        requests = [Instance("loglikelihood", {}, (prompt, delimiter + choice), 0) for choice in choices]
        sums = [score for score, _is_greedy in harness.loglikelihood(requests, disable_tqdm=True)]
        lengths = np.array([float(len(choice)) for choice in choices])
        cases.append(
            {
                "prompt": prompt,
                "delimiter": delimiter,
                "choices": choices,
                "log_likelihoods": sums,
                "acc": int(np.argmax(sums)),
                "acc_norm": int(np.argmax(np.array(sums) / lengths)),
            }
        )
    target = Path(__file__).parent / "harness_scores.json"
    written = json.dumps({"lm_eval": "0.4.13", "cases": cases}, indent=1, ensure_ascii=False)
    target.write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
