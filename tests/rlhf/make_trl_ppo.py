"""What the last `trl` with a PPOTrainer of its first kind computes, for the tests of PPO to compare with.

    python -m tests.rlhf.make_trl_ppo

makes an environment in a temporary folder with trl 0.11.4, torch 2.13.0, transformers 4.45.2, and writes
`trl_ppo.safetensors` beside this file. Every number comes from a function or method of `trl`, called as it is;
a trainer's method gets a namespace with the settings that it reads in place of the trainer. The arrays are random:
rows of unequal lengths with numbers in the padding, advantages of both signs, ratios and values beyond every clip.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.support.trl import (
    ANSWERS,
    OLD,
    PAD,
    PROMPTS,
    by_their_names,
    decoders,
    gradients,
    in_environment,
    llama,
    tokenizer,
    written,
)

FILE = Path(__file__).with_name("trl_ppo.safetensors")
COMMAND = "python -m tests.rlhf.make_trl_ppo"
LENGTHS = [7, 3, 1, 5, 6]  # of the rows, in places of 7
CLIPS = {"both 0.2": (0.2, 0.2), "0.1 and 0.3": (0.1, 0.3)}  # of the ratio and of the value
DISCOUNTS = {"gamma 1": (1.0, 0.95), "gamma 0.9": (0.9, 0.8)}  # gamma and lambda
BETA, VALUE_COEFFICIENT = 0.3, 0.1
ADAPTIVE = {"beta": 0.2, "target": 6.0, "horizon": 1000}
KLS = [3.0, 7.0, 30.0, -1.0, 6.0, 5.5]  # beyond the target by more than a fifth on both sides, and by less


def main() -> None:
    weights = decoders()
    computed = in_environment("tests.rlhf.make_trl_ppo", OLD, by_their_names(weights))
    written(FILE, weights | computed, COMMAND, OLD)


def compute(handed: Path, received: Path) -> None:
    given = arrays()
    found = {f"given/{name}": tensor for name, tensor in given.items()}
    found |= rewards_and_advantages(given) | losses(given) | controller() | reward_loss(given)
    found |= model(load_file(handed))
    save_file({name: torch.as_tensor(tensor).detach().clone().contiguous() for name, tensor in found.items()}, received)


def arrays() -> dict[str, Tensor]:
    """Float64, so that nothing but a different formula makes a difference."""
    generator = torch.Generator().manual_seed(0)

    def drawn(scale: float, *shape: int) -> Tensor:
        return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)

    rows, width = len(LENGTHS), max(LENGTHS)
    old = -drawn(1.0, rows, width).abs() - 0.1
    values = drawn(1.0, rows, width)
    return {
        "is_token": torch.arange(width) < torch.tensor(LENGTHS)[:, None],
        "old": old,
        "new": old + drawn(0.35, rows, width),
        "reference": old + drawn(0.5, rows, width),
        "old_values": values,
        "values": values + drawn(0.4, rows, width),
        "scores": drawn(2.0, rows),
        "advantages": drawn(1.0, rows, width),
        "returns": drawn(1.0, rows, width),
        "chosen": drawn(2.0, rows),
        "rejected": drawn(2.0, rows),
    }


def trainer(**config: object) -> SimpleNamespace:
    from trl import PPOTrainer
    from trl.trainer.utils import FixedKLController

    settings = SimpleNamespace(
        **{"kl_penalty": "kl", "whiten_rewards": False, "gamma": 1.0, "lam": 0.95, "cliprange": 0.2}
        | {"cliprange_value": 0.2, "vf_coef": VALUE_COEFFICIENT, "ratio_threshold": 10.0, "mini_batch_size": 64}
        | config
    )
    made = SimpleNamespace(config=settings, kl_ctl=FixedKLController(BETA), is_encoder_decoder=False)
    made._kl_penalty = lambda *both: PPOTrainer._kl_penalty(made, *both)
    return made


def rewards_and_advantages(given: dict[str, Tensor]) -> dict[str, Tensor]:
    from trl import PPOTrainer
    from trl.core import masked_mean, masked_var, masked_whiten

    mask = given["is_token"].long()
    found = {"mean": masked_mean(given["returns"], mask), "variance": masked_var(given["returns"], mask)}
    for shift in (True, False):
        varying = given["returns"].clone().requires_grad_()
        white = masked_whiten(varying, mask, shift_mean=shift)
        weighted = (white * given["old"] * mask).sum()
        found |= {f"whitened/{shift}": white, f"whitened/{shift}/gradient": gradients(weighted, varying)[0]}
    for kind in ("kl", "mse"):
        rewards, _, kls = PPOTrainer.compute_rewards(
            trainer(kl_penalty=kind), given["scores"], given["new"], given["reference"], mask
        )
        found |= {f"rewards/{kind}": rewards, f"penalty/{kind}": kls}
    for name, (gamma, lam) in DISCOUNTS.items():
        _, advantages, returns = PPOTrainer.compute_advantages(
            trainer(gamma=gamma, lam=lam), given["old_values"], found["rewards/kl"], mask
        )
        found |= {f"gae/{name}/whitened": advantages, f"gae/{name}/returns": returns}
    for name, rows_mask in {"padded": mask, "full": torch.ones_like(mask)}.items():
        _, advantages, returns = PPOTrainer.compute_advantages(
            trainer(whiten_rewards=True), given["old_values"], found["rewards/kl"], rows_mask
        )
        found |= {f"white rewards/{name}/whitened": advantages, f"white rewards/{name}/returns": returns}
    stats = PPOTrainer.record_step_stats(
        trainer(),
        BETA,
        masks=mask,
        kls=given["new"] - given["reference"],
        logprobs=given["new"],
        ref_logprobs=given["reference"],
        non_score_reward=-BETA * (given["new"] - given["reference"]),
        scores=given["scores"],
        queries=[[0]] * len(LENGTHS),
        responses=[[0] * length for length in LENGTHS],
        train_stats={"val/error": torch.ones(1), "returns/var": torch.ones(1)},
    )
    return found | {"sequence_kl": stats["objective/kl"]}


def losses(given: dict[str, Tensor]) -> dict[str, Tensor]:
    from trl import PPOTrainer

    found = {}
    mask = given["is_token"].long()
    for name, (clip, value_clip) in CLIPS.items():
        new, values = (given[each].clone().requires_grad_() for each in ("new", "values"))
        policy, value, stats = PPOTrainer.loss(
            trainer(cliprange=clip, cliprange_value=value_clip),
            given["old"],
            given["old_values"],
            torch.zeros(*new.shape, 3),
            values,
            new,
            mask,
            given["advantages"],
            given["returns"],
        )
        found |= {f"loss/{name}/policy": policy, f"loss/{name}/policy/gradient": gradients(policy, new)[0]}
        found |= {f"loss/{name}/value": value, f"loss/{name}/value/gradient": gradients(value, values)[0]}
        for stat in ("policy/clipfrac", "policy/approxkl"):
            found[f"loss/{name}/{stat}"] = stats[stat]
        found[f"loss/{name}/ratio"] = stats["policy/ratio"]
        ratio, beyond = (new - given["old"]).exp(), given["is_token"]
        for sign in (1, -1):  # each part of the clip is met
            signed = beyond & (sign * given["advantages"] > 0)
            assert (signed & (ratio > 1 + clip)).any() and (signed & (ratio < 1 - clip)).any()
            away = beyond & (sign * (values - given["old_values"]) > value_clip)
            worse = (values - given["returns"]).abs() > (given["old_values"] - given["returns"]).abs()
            assert (away & worse).any() and (away & ~worse).any()
    return found


def controller() -> dict[str, Tensor]:
    from trl.trainer.utils import AdaptiveKLController

    made = AdaptiveKLController(*ADAPTIVE.values())
    betas = []
    for kl in KLS:
        made.update(kl, 64)
        betas.append(float(made.value))
    return {"adaptive": torch.tensor(betas, dtype=torch.float64)}


def reward_loss(given: dict[str, Tensor]) -> dict[str, Tensor]:
    from trl import RewardTrainer

    chosen, rejected = (given[each].clone().requires_grad_() for each in ("chosen", "rejected"))
    self = SimpleNamespace(use_reward_data_collator=True, args=SimpleNamespace(center_rewards_coefficient=None))
    inputs = {"input_ids_chosen": chosen, "attention_mask_chosen": None}
    inputs |= {"input_ids_rejected": rejected, "attention_mask_rejected": None}
    loss = RewardTrainer.compute_loss(self, lambda input_ids, **_: {"logits": input_ids}, inputs)
    both = gradients(loss, chosen, rejected)
    return {"bradley_terry": loss, "bradley_terry/chosen": both[0], "bradley_terry/rejected": both[1]}


def model(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """An iteration with models: log-probabilities, values, rewards, advantages, both losses, every gradient."""
    from transformers import DataCollatorForLanguageModeling, LlamaForSequenceClassification
    from trl import AutoModelForCausalLMWithValueHead, PPOTrainer
    from trl.trainer.utils import get_reward

    self = trainer()
    self.current_device = "cpu"
    self.data_collator = DataCollatorForLanguageModeling(tokenizer(), mlm=False)
    self.data_collator.tokenizer.padding_side = "right"
    prompts, answers = ([torch.tensor(ids) for ids in rows] for rows in (PROMPTS, ANSWERS))
    inputs = PPOTrainer.prepare_model_inputs(self, prompts, answers)
    generator = torch.Generator().manual_seed(2)
    head, bias = 0.5 * torch.randn(1, 16, generator=generator), torch.randn(1, generator=generator)
    scores = torch.randn(len(PROMPTS), generator=generator)
    passes = {}
    for role in ("policy", "old", "reference"):
        valued = AutoModelForCausalLMWithValueHead(llama(given, role), summary_dropout_prob=0.0)
        valued.is_peft_model = False
        valued.v_head.load_state_dict({"summary.weight": head, "summary.bias": bias})
        passes[role] = valued, *PPOTrainer.batched_forward_pass(self, valued, prompts, answers, inputs, True)
    _, old, _, old_values, mask = passes["old"]
    old, old_values = old.detach(), old_values.detach()
    rewards, _, _ = PPOTrainer.compute_rewards(self, scores, old, passes["reference"][1].detach(), mask)
    _, advantages, returns = PPOTrainer.compute_advantages(self, old_values, rewards, mask)
    valued, new, logits, values, _ = passes["policy"]
    policy, value, stats = PPOTrainer.loss(self, old, old_values, logits, values, new, mask, advantages, returns)
    weights = dict(valued.named_parameters())
    found = {"model/head": head, "model/bias": bias, "model/scores": scores}
    found |= {"model/policy_loss": policy, "model/value_loss": value, "model/entropy": stats["policy/entropy"]}
    for name, gradient in zip(weights, gradients(policy + value, *weights.values()), strict=True):
        found[f"model/gradient/{name.removeprefix('pretrained_model.')}"] = gradient
    every = {"new": new, "old": old, "reference": passes["reference"][1], "values": values, "old_values": old_values}
    every |= {"rewards": rewards, "advantages": advantages, "returns": returns}
    for name, whole in every.items():  # the places of the answers alone, one after the other
        found[f"model/{name}"] = whole[mask.bool()]
    valued.pretrained_model.config.num_labels = 1
    judge = LlamaForSequenceClassification(valued.pretrained_model.config)
    judge.model = valued.pretrained_model.model
    judge.score.weight.data = head
    rows = torch.full((len(PROMPTS), 5 + 6), PAD)
    for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
        rows[row, 5 - len(prompt) : 5 + len(answer)] = torch.tensor(prompt + answer)
    _, rewarded, places = get_reward(judge.eval(), rows, PAD, 5)
    return found | {"model/judged": rewarded, "model/last": places - 5}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        compute(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
