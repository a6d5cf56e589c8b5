"""Every error between the registry and the cache, worded once: what failed, why, and what to do."""

from collections.abc import Sequence
from pathlib import Path

from course.data.asset import Asset, HubFile, PackageMember, readable_size
from course.messages import _


class AssetError(RuntimeError):
    """An asset cannot be fetched. The message says which, why, and what to do."""


class MachineError(AssetError):
    """An asset cannot be fetched, nor any other, because of the network, the disk space or the cache folder."""


class SourceError(Exception):
    """One source could not deliver the bytes; the message says why. The next source may succeed."""


class NoNetworkError(SourceError):
    """The source could not be reached."""


class NoSpaceError(Exception):
    """The disk is full, so no other source would help."""


def offline(asset: Asset, folder: Path) -> MachineError:
    return MachineError(
        _(
            "Asset {name} ({what}) is missing or damaged in the cache {folder}, and COURSE_OFFLINE forbids fetching. "
            "Unset COURSE_OFFLINE and run `python -m course fetch` once, or copy the cache from a machine that has it."
        ).format(name=asset.name, what=asset.what, folder=folder)
    )


def no_space(asset: Asset, folder: Path, needed: int) -> MachineError:
    return MachineError(
        _(
            "The disk is full: fetching asset {name} takes {needed} in {folder}. "
            "Free some space there, or set COURSE_CACHE to a folder on another disk."
        ).format(name=asset.name, needed=readable_size(needed), folder=folder)
    )


def unusable_cache(folder: Path, reason: OSError) -> MachineError:
    return MachineError(
        _(
            "The course's cache folder {folder} cannot be used ({reason}). Make it readable and writable, "
            "or set COURSE_CACHE to a folder that is."
        ).format(folder=folder, reason=reason)
    )


def no_source(asset: Asset, reasons: Sequence[tuple[PackageMember | HubFile, SourceError]]) -> AssetError:
    """The error to raise when every source of `asset` has failed, with the reason for each failure."""
    network = all(isinstance(reason, NoNetworkError) for _source, reason in reasons)
    lines = [_("Asset {name} ({what}) could not be fetched:").format(name=asset.name, what=asset.what)]
    lines += [f"- {source}: {reason}" for source, reason in reasons]
    lines += [
        _(
            "Connect to the network, set the mirror or proxy that pip should use, or copy the cache from a machine "
            "where `python -m course fetch` has run."
        )
        if network
        else _("Run `python -m course fetch` to try again; no damaged file was kept.")
    ]
    return (MachineError if network else AssetError)("\n".join(lines))
