"""Every error between the registry and the cache, worded once: what failed, why, and what to do."""

import errno
from collections.abc import Sequence
from pathlib import Path

from course.data.asset import Asset, HubFile, PackageMember, readable_size
from course.messages import _

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)  # this user may not write there; elsewhere perhaps
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    message = _("The course's cache folder {folder} cannot be used ({reason}). {remedy}")
    return MachineError(message.format(folder=folder, reason=reason, remedy=_remedy(reason)))


def _remedy(reason: OSError) -> str:
    if reason.errno == errno.EFBIG:
        return _("Raise the limit on the size of a file (`ulimit -f unlimited`).")
    if reason.errno in (errno.EMFILE, errno.ENFILE):
        return _("Raise the limit on open files (`ulimit -n 1024`), or close other programs.")
    return _("Make it readable and writable, or set COURSE_CACHE to a folder that is.")


def not_converted(file: Path, reason: OSError) -> AssetError:
    """The error to raise when a file that is made from an asset cannot be kept."""
    if reason.errno in REFUSED:
        return AssetError(
            _(
                "{file} is missing and cannot be written ({reason}). Run `python -m course fetch` as the user whose "
                "folder it is, or set TMPDIR or COURSE_CACHE to a folder that you may write to, with 540 MB free."
            ).format(file=file, reason=reason)
        )
    if reason.errno in FULL:
        return AssetError(
            _(
                "{file} cannot be written ({reason}). It takes up to 540 MB: free some space there, "
                "or set COURSE_CACHE to a folder on another disk."
            ).format(file=file, reason=reason)
        )
    message = _("{file} cannot be written ({reason}). {remedy}")
    return AssetError(message.format(file=file, reason=reason, remedy=_remedy(reason)))


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
