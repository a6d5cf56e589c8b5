"""What an asset is: one file, known by its SHA-256, and the places to fetch its bytes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A published package, `NAME==VERSION`, whose wheel is downloaded and read but never installed or imported.

    `size` is the size of the wheel in bytes, which is what a download costs.
    """

    requirement: str
    size: int

    @property
    def name(self) -> str:
        return self.requirement.split("==")[0]


@dataclass(frozen=True)
class PackageMember:
    """One file inside the wheel of `package`, or the wheel itself when `member` is None."""

    package: Package
    member: str | None = None

    def __str__(self) -> str:
        return self.package.requirement if self.member is None else f"{self.package.requirement}, {self.member}"


@dataclass(frozen=True)
class HubFile:
    """One file of a repository on the model hub, at a fixed commit."""

    repo: str
    filename: str
    revision: str

    def __str__(self) -> str:
        return f"{self.repo}, {self.filename}"


@dataclass(frozen=True)
class Asset:
    """One file that lessons read. Every source must deliver the same bytes: those with this SHA-256.

    `size` is in bytes; `sources` are tried in order; `lessons` are the slugs of the lessons that use it.
    """

    name: str
    filename: str
    what: str
    licence: str
    size: int
    sha256: str
    sources: tuple[PackageMember | HubFile, ...]
    lessons: tuple[str, ...]

    @property
    def package(self) -> Package | None:
        """The package that the first source downloads; None when the first source is the hub."""
        first = self.sources[0]
        return first.package if isinstance(first, PackageMember) else None

    @property
    def download(self) -> str:
        """The name of the download: assets from the same package share one."""
        return self.package.name if self.package else self.name

    @property
    def download_size(self) -> int:
        return self.package.size if self.package else self.size


def readable_size(size: int) -> str:
    """A number of bytes in decimal units, as people read it: 98.4 MB, 466 kB, 612 B."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:,.1f} MB"
    return f"{size / 1_000:,.0f} kB" if size >= 1_000 else f"{size} B"
