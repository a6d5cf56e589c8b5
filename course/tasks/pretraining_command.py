"""Pre-train a GPT on text files of your own, from a TOML file, flags, or both (flags win).

    python -m course.training --texts novels/ notes.txt --folder my-model --steps 2000
    python -m course.training my-model.toml --learning-rate 0.001
    torchrun --nproc-per-node 2 -m course.training my-model.toml

The folder gets the tokenizer, a checkpoint, the settings that it was made with, and in the end `model.safetensors`. The
same command goes on with a training that was stopped or killed, at most `checkpoint_every` steps back; one with other
texts or settings is refused, and a second one waits until the first is done with the folder. Under `torchrun` the
processes share each step: without dropout, whose masks they draw each for themselves, the loss is that of one process
with the same `batch_size`. On a GPU: bfloat16, fused attention, fused AdamW; `--compiled` for `torch.compile`,
`--shard` for a model that outgrows one GPU (FSDP).
"""

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course import trained
from course.data.overlap import without_held_out
from course.data.splits import split
from course.files import held, written_whole
from course.gpt import Decoder, LlamaConfig
from course.layers.sizes import require_sizes, require_whole
from course.messages import _
from course.tasks import pretraining
from course.tasks.corpus import END, encoded
from course.tasks.pretraining import Plan
from course.tokenization import ByteLevelBPE
from course.training import History, processes

STRETCH = 2000  # characters at least of a document: paragraphs are put together until there are so many
WITH_OR_WITHOUT_MARK = "utf-8-sig"  # UTF-8; some editors put a byte order mark before it, which is no text
CHECKPOINT, SETTINGS = "checkpoint.safetensors", "settings.json"
# What a training that goes on may have other values of: where things are, how often it reports, how a step is computed.
MAY_CHANGE = ("texts", "folder", "micro_batch_size", "evaluate_every", "checkpoint_every", "shard", "compiled")


@dataclass(frozen=True)
class Settings:
    """What a TOML file or flags may set: `texts` are files and folders (their .txt files), all else has a default.

    Raises `ValueError` for a number out of its range.
    """

    texts: tuple[str, ...]
    folder: str
    vocab_size: int = 4096
    context_length: int = 256
    d_model: int = 192
    n_layers: int = 6
    n_heads: int = 6
    n_kv_heads: int = 2
    d_ff: int = 512
    dropout: float = 0.0
    steps: int = 1000
    batch_size: int = 16
    micro_batch_size: int = 4
    learning_rate: float = 3e-3
    warmup_steps: int = 100
    weight_decay: float = 0.1
    held_out: float = 0.02
    evaluate_every: int = 100
    checkpoint_every: int = 100
    seed: int = 0
    shard: bool = False
    compiled: bool = False

    def __post_init__(self) -> None:
        require_sizes(self, "micro_batch_size", "evaluate_every", "checkpoint_every")
        require_whole(self.context_length, "context_length", least=2)  # as held-out text is read
        pretraining.require_room_for_bytes(self.vocab_size)
        _checked = self.config, self.plan.schedule()  # each refuses what does not fit together

    @property
    def config(self) -> LlamaConfig:
        names = ("context_length", "d_model", "n_layers", "n_heads", "n_kv_heads", "d_ff", "dropout")
        return LlamaConfig(self.vocab_size, **{name: getattr(self, name) for name in names})

    @property
    def plan(self) -> Plan:
        return Plan(
            self.steps,
            self.learning_rate,
            self.batch_size,
            warmup_steps=min(self.warmup_steps, self.steps),
            weight_decay=self.weight_decay,
            micro_batch_size=self.micro_batch_size,
            seed=self.seed,
        )


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit code. A mistake of the learner's is one sentence, without a traceback."""
    try:
        settings = read_settings(arguments)
        with processes.joined() as device:
            run(settings, device)
    except (ValueError, OSError, FloatingPointError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(_("Stopped. The same command goes on."), file=sys.stderr)
        return 130
    return 0


def read_settings(arguments: Sequence[str]) -> Settings:
    """What the TOML file and the flags say. Raises `ValueError` for a name or a kind of value that is not there."""
    parser = argparse.ArgumentParser(prog="python -m course.training", description=_("Pre-train a GPT on your texts."))
    parser.add_argument("config", nargs="?", help=_("a TOML file with any of the settings below"))
    for field in fields(Settings):
        flag = f"--{field.name.replace('_', '-')}"
        if field.name == "texts":
            parser.add_argument(flag, nargs="+", help=_("text files, and folders of .txt files"))
        elif field.type is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None)
        elif field.default is MISSING:
            parser.add_argument(flag, help=_("where tokenizer, checkpoint and model are kept"))
        else:
            kind = field.type if callable(field.type) else str
            parser.add_argument(flag, type=kind, help=_("default: {value}").format(value=field.default))
    given = vars(parser.parse_args(arguments))
    config = given.pop("config")
    found = {} if config is None else _read_toml(Path(config))
    found |= {name: value for name, value in given.items() if value is not None}
    for field in fields(Settings):
        if field.default is MISSING and field.name not in found:
            raise ValueError(_("{name} is missing: give it as a flag, or in the TOML file.").format(name=field.name))
    return Settings(**found | {"texts": tuple(found["texts"])})


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(file.read_text(encoding=WITH_OR_WITHOUT_MARK))
    except ValueError as error:  # no TOML, or no text
        raise ValueError(_("{file} cannot be read as TOML: {reason}").format(file=file, reason=error)) from error
    known: Mapping[str, Field[Any]] = {field.name: field for field in fields(Settings)}
    for name, value in found.items():
        if name not in known:
            raise ValueError(
                _("{file} sets {name}, which is no setting. The settings are: {known}.").format(
                    file=file, name=name, known=", ".join(known)
                )
            )
        kind = known[name].type
        wanted = (list,) if name == "texts" else (int, float) if kind is float else (kind,)
        if type(value) not in wanted or (name == "texts" and any(type(one) is not str for one in value)):
            raise ValueError(
                _("{file} sets {name} to {value!r}; it must be of the kind {kind}.").format(
                    file=file,
                    name=name,
                    value=value,
                    kind=wanted[-1].__name__ if isinstance(wanted[-1], type) else kind,
                )
            )
    return found


def run(settings: Settings, device: torch.device) -> History:
    """Train, or go on with a training; see the module. Raises `ValueError` for settings and texts that don't fit."""
    if settings.batch_size % processes.count():
        raise ValueError(
            _("batch_size is {size}, which {processes} processes cannot share evenly: choose a multiple.").format(
                size=settings.batch_size, processes=processes.count()
            )
        )
    folder = Path(settings.folder)
    documents = read_documents(settings.texts)
    train, held_out = divided(documents, settings.held_out)
    with _alone_in(folder):
        return _trained(settings, device, folder, documents, train, held_out)


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Two trainings that write to one folder would leave the model of one with the tokenizer of the other."""
    if processes.number() > 0:  # the first one holds it for all
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder, _("Another training is writing to {folder}: waiting.").format(folder=folder)):
        yield


def _trained(
    settings: Settings,
    device: torch.device,
    folder: Path,
    documents: Sequence[str],
    train: Sequence[str],
    held_out: Sequence[str],
) -> History:
    tokenizer = _tokenizer(folder, settings, documents, train)
    config = replace(settings.config, vocab_size=tokenizer.vocab_size)  # a short text has fewer pairs to merge
    model = Decoder(config, torch.Generator().manual_seed(settings.seed)).to(device)
    held_out_ids = encoded(held_out, tokenizer)

    def evaluate(model: nn.Module) -> dict[str, float]:
        bits = pretraining.held_out_score(model, tokenizer, held_out_ids).bits_per_byte
        _say(_("held-out text: {bits} bits a byte").format(bits=f"{bits:.3f}"))
        return {"bits_per_byte": bits}

    history = pretraining.pretrain(
        model,
        encoded(train, tokenizer),
        settings.plan,
        end_id=tokenizer.special.ids[END],
        shard=settings.shard,
        compiled=settings.compiled,
        evaluate=evaluate,
        evaluate_every=settings.evaluate_every,
        checkpoint=folder / CHECKPOINT,
        checkpoint_every=settings.checkpoint_every,
    )
    trained.save_to(folder / "model.safetensors", model, "python -m course.training")
    speed = settings.batch_size * config.context_length * len(history.losses) / max(history.seconds, 1e-9)
    _say(
        _("{steps} steps, {speed} tokens a second; the model is in {folder}").format(
            steps=len(history.losses), speed=f"{speed:,.0f}", folder=folder
        )
    )
    return history


def read_documents(texts: Sequence[str]) -> list[str]:
    """The text files, and those in the folders, cut between paragraphs into documents of `STRETCH` characters or more.

    Raises `ValueError` for a place without text, `OSError` for one that cannot be read.
    """
    files = [file for text in texts for file in _text_files(Path(text))]
    found: list[str] = []
    for file in files:
        try:
            text = file.read_text(encoding=WITH_OR_WITHOUT_MARK)
        except UnicodeDecodeError as error:
            raise ValueError(_("{file} is no text in UTF-8 ({reason}).").format(file=file, reason=error)) from error
        document = ""
        for paragraph in text.split("\n\n"):
            document = f"{document}\n\n{paragraph}".strip()
            if len(document) >= STRETCH:
                found.append(document)
                document = ""
        found += [document] if document else []
    if not found:
        raise ValueError(_("There is no text in {texts}: name .txt files, or folders of them.").format(texts=[*texts]))
    return found


def _text_files(place: Path) -> list[Path]:
    """The .txt files below a folder; any other place is a file."""
    return sorted(file for file in place.rglob("*.txt") if not file.is_dir()) if place.is_dir() else [place]


def divided(documents: Sequence[str], held_out: float) -> tuple[list[str], list[str]]:
    """Documents to train on, and a share that is held out; no text is in both.

    Raises `ValueError` where one of them would be empty.
    """
    parts = split(dict.fromkeys(documents), str, validation=0.0, test=held_out)
    train: list[str] = without_held_out(parts.train, parts.test, text=lambda text: text)
    if not train or not parts.test:
        raise ValueError(
            _(
                "{count} documents are too few to hold out {share}: give more text, with empty lines between its "
                "paragraphs, or another held_out."
            ).format(count=len(documents), share=f"{held_out:.1%}")
        )
    return train, parts.test


def _tokenizer(folder: Path, settings: Settings, documents: Sequence[str], train: Sequence[str]) -> ByteLevelBPE:
    """The tokenizer of the training in the folder; where there is no checkpoint yet, the first process learns one.

    It keeps the settings beside it. Raises `ValueError` for a checkpoint that was made with other ones, or whose
    settings or tokenizer cannot be read.
    """
    ours = {name: value for name, value in asdict(settings).items() if name not in MAY_CHANGE}
    ours["texts"] = hashlib.sha256("\0".join(documents).encode()).hexdigest()
    if (folder / CHECKPOINT).is_file():
        _require_same(folder, _stored_settings(folder), ours)
    elif processes.number() == 0:
        tokenizer = pretraining.learn_tokenizer("\n\n".join(train), settings.vocab_size)
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(folder / trained.TOKENIZER) as fresh:
            tokenizer.save(fresh)
        with written_whole(folder / SETTINGS) as fresh:
            fresh.write_text(json.dumps(ours, indent=1), encoding="utf-8")
    processes.wait()
    try:
        return ByteLevelBPE.load(folder / trained.TOKENIZER)
    except FileNotFoundError as error:
        raise _unreadable(folder, folder / trained.TOKENIZER, error) from error


def _stored_settings(folder: Path) -> Mapping[str, Any]:
    file = folder / SETTINGS
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:  # no JSON, or no text
        raise _unreadable(folder, file, error) from error
    if not isinstance(stored, dict):
        raise _unreadable(folder, file, stored)
    return stored


def _unreadable(folder: Path, file: Path, reason: object) -> ValueError:
    return ValueError(
        _(
            "{file}, which belongs to {checkpoint}, is damaged or missing ({reason}). Restore it, or delete both."
        ).format(file=file, checkpoint=folder / CHECKPOINT, reason=reason)
    )


def _require_same(folder: Path, stored: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    remedy = _("Go on with the same, or choose another folder.")
    for name, value in ours.items():
        if stored.get(name) == value:
            continue
        if name == "texts":
            message = _("The training in {folder} has read other texts than these.").format(folder=folder)
        else:
            message = _("The training in {folder} has {name} {stored}, and {value} is asked for.").format(
                folder=folder, name=name, stored=stored.get(name), value=value
            )
        raise ValueError(f"{message} {remedy}")


def _say(line: str) -> None:
    if processes.number() == 0:
        print(line, flush=True)
