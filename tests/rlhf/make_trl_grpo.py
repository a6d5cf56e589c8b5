"""What GRPOTrainer of `trl` 1.16.0 computes, for the tests of GRPO to compare with.

    python -m tests.rlhf.make_trl_grpo

makes an environment in a temporary folder with trl 1.16.0, torch 2.13.0, transformers 5.23.0, and writes
`trl_grpo.safetensors` beside this file. A trainer is made for a tiny Llama; its responses and their rewards are given
to it in place of generated ones, and everything after that is its own: padding, log-probabilities, advantages, loss.
The arrays are random: rows of unequal lengths with numbers in the padding, advantages of both signs, ratios beyond the
clip on both sides.
"""

import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.support.trl import (
    ANSWERS,
    NEW,
    PROMPTS,
    by_their_names,
    decoders,
    gradients,
    in_environment,
    llama,
    part_of,
    tokenizer,
    written,
)

FILE = Path(__file__).with_name("trl_grpo.safetensors")
COMMAND = "python -m tests.rlhf.make_trl_grpo"
LENGTHS = [7, 3, 1, 5, 6, 2]
GROUP, TEMPERATURE, LONGEST = 2, 0.7, 9
SETTINGS = {  # the loss type, beta, how far a ratio may go, and whether k3 is multiplied by the ratio
    "grpo": ("grpo", 0.0, 0.2, False),
    "grpo with KL": ("grpo", 0.3, 0.1, False),
    "grpo with corrected KL": ("grpo", 0.3, 0.1, True),
    "dapo with KL": ("dapo", 0.3, 0.2, False),
    "dr_grpo": ("dr_grpo", 0.0, 0.2, False),
}
GROUPS = {2: [1.5, -0.5, 2.0, 2.0, -3.0, 0.25], 3: [1.5, -0.5, 2.0, 0.0, 0.0, 0.0], 6: [4.0, -7.5, 0.1, 0.2, 0.3, 1.0]}
SCORES = [0.5, -1.0, 2.0, 1.0]  # of the answers, two to a group


def main() -> None:
    weights = decoders()
    computed = in_environment("tests.rlhf.make_trl_grpo", NEW, by_their_names(weights))
    written(FILE, weights | computed, COMMAND, NEW)


def compute(handed: Path, received: Path) -> None:
    weights, given = load_file(handed), arrays()
    found = {f"given/{name}": tensor for name, tensor in given.items()}
    for name, setting in SETTINGS.items():
        found |= {f"{name}/{what}": tensor for what, tensor in loss(weights, given, *setting).items()}
    for size, scores in GROUPS.items():
        found[f"scores/{size}"] = torch.tensor(scores)
        for scale in ("group", "none"):
            rows = [[3]] * len(scores)
            found[f"advantages/{size}/{scale}"] = rollout(weights, rows, rows, scores, size, scale)[1]["advantages"]
    found |= {f"model/{name}": tensor for name, tensor in model(weights).items()}
    save_file({name: torch.as_tensor(tensor).detach().clone().contiguous() for name, tensor in found.items()}, received)


def arrays() -> dict[str, Tensor]:
    """Float64, so that nothing but a different formula makes a difference."""
    generator = torch.Generator().manual_seed(0)
    shape = len(LENGTHS), max(LENGTHS)
    drawn = [torch.randn(*shape, generator=generator, dtype=torch.float64) for _ in range(3)]
    old = -drawn[0].abs() - 0.1
    given = {"old": old, "new": old + 0.35 * drawn[1], "reference": old + 0.5 * drawn[2]}
    given["advantages"] = torch.tensor([1.0, -1.5, 0.8, -0.7, 1.2, -0.2], dtype=torch.float64)
    given["is_token"] = torch.arange(shape[1]) < torch.tensor(LENGTHS)[:, None]
    ratio = (given["new"] - old).exp()
    for sign in (1, -1):  # each part of the clip is met
        signed = given["is_token"] & (sign * given["advantages"] > 0)[:, None]
        assert (signed & (ratio > 1.2)).any() and (signed & (ratio < 0.8)).any()
    return given


def trainer(weights: dict[str, Tensor], scores: list[float], group: int, **more: object) -> object:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    settings = {"beta": 0.0, "num_iterations": 2, "max_completion_length": LONGEST, "temperature": TEMPERATURE} | more
    config = GRPOConfig(
        tempfile.mkdtemp(),
        per_device_train_batch_size=len(scores),
        steps_per_generation=1,
        num_generations=group,
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        report_to="none",
        **settings,
    )
    made = GRPOTrainer(
        llama(weights, "old"),
        lambda completions, **_: scores,
        config,
        Dataset.from_dict({"prompt": ["t3"] * len(scores)}),
        processing_class=tokenizer(),
    )
    made.current_gradient_accumulation_steps = 1
    made.model.train()
    return made


def loss(
    weights: dict[str, Tensor], given: dict[str, Tensor], kind: str, beta: float, clip: float, corrected: bool
) -> dict[str, Tensor]:
    """Its loss of log-probabilities that are handed to it: the model's own are replaced."""
    made = trainer(weights, [0.0] * len(LENGTHS), GROUP, loss_type=kind, epsilon=clip, use_bias_correction_kl=corrected)
    made.beta = beta  # given to its config, it would want a reference model
    new = given["new"].clone().requires_grad_()
    made._get_per_token_logps_and_entropies = lambda *_, **__: (new, torch.zeros_like(new), None)
    mask = given["is_token"].long()
    inputs = {"prompt_ids": mask[:, :1], "prompt_mask": mask[:, :1], "completion_ids": mask, "completion_mask": mask}
    inputs |= {"advantages": given["advantages"], "old_per_token_logps": given["old"]}
    inputs |= {"ref_per_token_logps": given["reference"], "num_items_in_batch": mask.sum()}
    found = made._compute_loss(made.model, inputs)
    metrics = made._metrics["train"]
    about = {"clipped": torch.tensor(metrics["clip_ratio/region_mean"][0])}
    if beta:
        about["k3"] = torch.tensor(metrics["kl"][0])
    return {"loss": found, "gradient": gradients(found, new)[0], **about}


def rollout(
    weights: dict[str, Tensor],
    prompts: list[list[int]],
    answers: list[list[int]],
    scores: list[float],
    group: int,
    scale: str = "group",
    **more: object,
) -> tuple[object, dict[str, Tensor]]:
    made = trainer(weights, scores, group, scale_rewards=scale, **more)
    texts = [""] * len(answers)
    made._generate = lambda _prompts: (prompts, answers, None, texts, None, {}, None, None)
    return made, made._generate_and_score_completions([{"prompt": text} for text in texts])


def model(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """From prompts and answers to the gradient of each weight; the policy has moved since it drew them."""
    made, batch = rollout(
        weights, PROMPTS, ANSWERS, SCORES, GROUP, loss_type="grpo", epsilon=0.1, use_bias_correction_kl=False
    )
    mask = batch["completion_mask"].bool()
    found = {"is_token": mask, "old": batch["old_per_token_logps"], "advantages": batch["advantages"]}
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
    attended = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)

    def log_probabilities(role: str) -> tuple[Tensor, Tensor]:
        made.model.load_state_dict(part_of(weights, "policy/") | part_of(weights, f"{role}/"), strict=False)
        return made._get_per_token_logps_and_entropies(made.model, ids, attended, mask.shape[1], compute_entropy=True)

    found["reference"] = log_probabilities("reference")[0].detach()
    found["new"], found["entropies"], _ = log_probabilities("policy")
    made.beta = 0.3
    found["loss"] = made._compute_loss(made.model, {**batch, "ref_per_token_logps": found["reference"]})
    parameters = dict(made.model.named_parameters())
    for name, gradient in zip(parameters, gradients(found["loss"], *parameters.values()), strict=True):
        found[f"gradient/{name}"] = gradient
    return found


if __name__ == "__main__":
    if len(sys.argv) == 3:
        compute(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
