"""What `trl` computes of preference pairs, for the tests of DPO and its relatives to compare with.

    python -m tests.dpo.make_trl_dpo

makes two environments in temporary folders, with trl 1.16.0 (transformers 5.23.0) and with trl 0.11.4 (transformers
4.45.2), both on torch 2.13.0, and writes `trl_dpo.safetensors` beside this file. The new one has the losses of its
DPOTrainer and CPOTrainer (SimPO); the old one has DPO with label smoothing, which the new one has no more. The methods
are called as they are, with a namespace of the settings that they read in place of the trainer.
"""

import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.support.trl import (
    ANSWERS,
    NEW,
    OLD,
    PAD,
    PROMPTS,
    by_their_names,
    decoders,
    gradients,
    in_environment,
    llama,
    written,
)

FILE = Path(__file__).with_name("trl_dpo.safetensors")
COMMAND = "python -m tests.dpo.make_trl_dpo"
REJECTED = [[8, 1], [22, 4, 19, 3, 25, 1], [14, 1], [16, 28, 1]]
N_CHOSEN, N_REJECTED = [5, 2, 1, 6, 3], [2, 4, 6, 1, 3]
BETAS = (0.1, 0.7)
SMOOTHING, SIMPO_MARGIN = 0.2, 0.6
ROLES = ("chosen", "rejected", "chosen_reference", "rejected_reference")


def main() -> None:
    weights = decoders()
    found = dict(weights)
    for age, packages in {"new": NEW, "old": OLD}.items():
        found |= in_environment("tests.dpo.make_trl_dpo", packages, by_their_names(weights), age)
    written(FILE, found, COMMAND, tuple(f"{package} (new)" for package in NEW) + OLD)


def compute(handed: Path, received: Path, age: str) -> None:
    given = arrays()
    if age == "old":
        found = {f"given/{name}": tensor for name, tensor in given.items()} | old(given)
    else:
        found = new(given) | simpo(given) | model(load_file(handed))
    save_file({name: torch.as_tensor(tensor).detach().clone().contiguous() for name, tensor in found.items()}, received)


def arrays() -> dict[str, Tensor]:
    """Summed log-probabilities in float64; margins of both signs, small and large ones."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.tensor([N_CHOSEN, N_REJECTED])
    sums = -2 * lengths * torch.rand(2, lengths.shape[1], generator=generator, dtype=torch.float64) - 0.5
    moved = torch.tensor([[0.5, -1.0, 4.0, -6.0, 0.0], [0.1, -3.0, -5.0, 1.0, 2.0]], dtype=torch.float64)
    reference = sums - moved
    return dict(zip(ROLES, (*sums, *reference), strict=True))


def namespace(**settings: object) -> SimpleNamespace:
    accelerator = SimpleNamespace(device="cpu", gather=lambda all_: all_, gather_for_metrics=lambda all_: all_)
    return SimpleNamespace(accelerator=accelerator, **settings)


def old(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """DPO with and without smoothing, and IPO of summed log-probabilities, from `DPOTrainer.dpo_loss`."""
    from trl import DPOTrainer

    found = {}
    for beta in BETAS:
        for name, kind, smoothing in (("dpo", "sigmoid", 0.0), ("cdpo", "sigmoid", SMOOTHING), ("ipo", "ipo", 0.0)):
            self = namespace(beta=beta, loss_type=kind, label_smoothing=smoothing, reference_free=False)
            self.f_divergence_type = "reverse_kl"
            chosen, rejected = (given[role].clone().requires_grad_() for role in ROLES[:2])
            losses, *rewards = DPOTrainer.dpo_loss(self, chosen, rejected, *(given[role] for role in ROLES[2:]))
            prefix = f"old/{name}/{beta}"
            found |= {f"{prefix}/loss": losses.mean(), f"{prefix}/losses": losses}
            found[f"{prefix}/gradients"] = torch.stack(gradients(losses.mean(), chosen, rejected))
            found[f"{prefix}/rewards"] = torch.stack(rewards)
    return found


def trainer(kind: str, beta: float) -> SimpleNamespace:
    """The settings of a DPOTrainer."""
    return namespace(
        model=SimpleNamespace(training=False),
        args=SimpleNamespace(gradient_checkpointing_kwargs=None),
        aux_loss_enabled=False,
        ld_alpha=None,
        precompute_ref_logps=True,
        f_divergence_type="reverse_kl",
        beta=beta,
        loss_types=[kind],
        loss_weights=[1.0],
        label_smoothing=SMOOTHING,
        use_weighting=False,
        _metrics=defaultdict(lambda: defaultdict(list)),
        _total_train_tokens=0,
        _tp_size=1,
    )


def new(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """Losses of `DPOTrainer._compute_loss`, from log-probabilities that a model in name alone gives."""
    from trl import DPOTrainer

    lengths = torch.tensor(N_CHOSEN + N_REJECTED)
    mask = torch.arange(2 + 6)
    mask = ((mask >= 2) & (mask < 2 + lengths[:, None])).long()  # prompts of two tokens
    generator = torch.Generator().manual_seed(1)
    shares = torch.rand(mask[:, 1:].shape, generator=generator, dtype=torch.float64) * mask[:, 1:]
    shares = shares / shares.sum(dim=1, keepdim=True)  # what each token has of its answer's log-probability

    def loss(kind: str, beta: float, rows: Tensor) -> tuple[Tensor, Tensor, dict]:
        sums = torch.cat([given[role] for role in ROLES[:2]])[rows].requires_grad_()
        per_token = sums[:, None] * shares[rows]
        outputs = SimpleNamespace(log_probs=per_token, entropy=per_token * 0, mean_logits=per_token * 0)
        outputs.is_top1 = per_token < 0
        inputs = {"input_ids": mask[rows], "attention_mask": mask[rows], "completion_mask": mask[rows]}
        chosen_rows = rows[: len(rows) // 2]
        inputs |= {"ref_chosen_logps": given["chosen_reference"][chosen_rows]}
        inputs |= {"ref_rejected_logps": given["rejected_reference"][chosen_rows]}
        self = trainer(kind, beta)
        found = DPOTrainer._compute_loss(self, lambda **_: outputs, inputs, False)
        return found, gradients(found, sums)[0], self._metrics["eval"]

    found = {}
    n = len(N_CHOSEN)
    for beta in BETAS:
        for kind in ("sigmoid", "ipo", "robust", "sigmoid_norm"):
            whole, gradient, metrics = loss(kind, beta, torch.arange(2 * n))
            prefix = f"new/{kind}/{beta}"
            found |= {f"{prefix}/loss": whole, f"{prefix}/gradients": gradient.view(2, n)}
            if kind == "sigmoid":
                each = [loss(kind, beta, torch.tensor([pair, pair + n])) for pair in range(n)]
                found[f"{prefix}/losses"] = torch.stack([one[0] for one in each])
                rewards = [[one[2][f"rewards/{role}"][0] for one in each] for role in ROLES[:2]]
                found[f"{prefix}/rewards"] = torch.tensor(rewards, dtype=torch.float64)
                found[f"{prefix}/accuracy"] = torch.tensor(metrics["rewards/accuracies"][0])
    return found


def simpo(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """`CPOTrainer.cpo_loss` with SimPO's loss, of mean log-probabilities."""
    from trl.experimental.cpo import CPOTrainer

    found = {}
    for beta in (*BETAS, 2.0):
        self = namespace(beta=beta, loss_type="simpo", simpo_gamma=SIMPO_MARGIN, alpha=0.0, label_smoothing=0.0)
        chosen, rejected = (given[role].clone().requires_grad_() for role in ROLES[:2])
        losses, *_ = CPOTrainer.cpo_loss(self, chosen / torch.tensor(N_CHOSEN), rejected / torch.tensor(N_REJECTED))
        both = torch.stack(gradients(losses.mean(), chosen, rejected))
        found |= {f"simpo/{beta}/loss": losses.mean(), f"simpo/{beta}/gradients": both}
    return found


def model(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """From ids to losses and the gradient of each weight, batched and shifted by `trl`."""
    from trl import DPOTrainer
    from trl.experimental.cpo import CPOTrainer
    from trl.trainer.dpo_trainer import DataCollatorForPreference
    from trl.trainer.utils import add_fused_lm_head

    rows = [
        {"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected}
        for prompt, chosen, rejected in zip(PROMPTS, ANSWERS, REJECTED, strict=True)
    ]
    inputs = DataCollatorForPreference(pad_token_id=PAD).torch_call(rows)
    policy, reference = llama(weights, "policy"), llama(weights, "reference")
    for one in (policy, reference):
        add_fused_lm_head(one, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))

    def sums(one: nn.Module) -> Tensor:
        labels = inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, -100)
        outputs = one(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], labels=labels, fused_lm_head=True
        )
        return outputs.log_probs.sum(1).view(2, -1)

    found = {"model/sums": sums(policy), "model/reference_sums": sums(reference)}
    parameters = dict(policy.named_parameters())
    for kind in ("sigmoid", "ipo"):
        self = trainer(kind, 0.7)
        self.precompute_ref_logps, self.ref_model, self.model = False, reference, policy
        loss = DPOTrainer._compute_loss(self, policy, dict(inputs), False)
        found[f"model/{kind}"] = loss
        if kind == "sigmoid":
            for name, gradient in zip(parameters, gradients(loss, *parameters.values()), strict=True):
                found[f"model/gradient/{name}"] = gradient
    logits = policy(inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits
    labels = inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, -100)
    means = CPOTrainer.get_batch_logps(logits, labels, average_log_prob=True).view(2, -1)
    self = namespace(beta=2.0, loss_type="simpo", simpo_gamma=SIMPO_MARGIN, alpha=0.0, label_smoothing=0.0)
    losses, *_ = CPOTrainer.cpo_loss(self, *means)
    return found | {"model/simpo": losses.mean()}


if __name__ == "__main__":
    if len(sys.argv) == 4:
        compute(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    else:
        main()
