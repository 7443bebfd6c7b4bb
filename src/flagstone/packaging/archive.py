"""A package as one archive: the same files always make the same bytes, whoever packs them, wherever and whenever."""

import gzip
import io
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flagstone.kit.digest import digest_of, to_hex
from flagstone.model.errors import UnreadableFile
from flagstone.packaging.collect import Member

INFO = ".flagstone/package.json"  # hidden, as no collected file is


def pack(members: Sequence[Member], facts: dict[str, object]) -> bytes:
    """A gzipped tar of the files and, as INFO, of `facts` about them. Raises UnreadableFile."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, INFO, msgspec.json.format(msgspec.json.encode(facts, order="sorted"), indent=2) + b"\n", 0o644)
        for member in sorted(members):
            mode = 0o755 if os.access(member.path, os.X_OK) else 0o644
            _add(tar, member.name, _content(member), mode)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=6, mtime=0) as zipped:
        zipped.write(raw.getvalue())
    return packed.getvalue()


def digest(members: Sequence[Member]) -> str:
    """What names the content of a package: equal names with equal bytes have equal digests. Raises UnreadableFile."""
    lines = [f"{to_hex(digest_of(_content(member)))}  {member.name}\n" for member in sorted(members)]
    return to_hex(digest_of("".join(lines).encode("utf-8", "surrogateescape")))


def names_in(archive: Path) -> list[tuple[str, int]]:
    """The files of an archive with their sizes. Raises UnreadableFile."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            return [(member.name, member.size) for member in tar if member.isfile()]
    except (OSError, tarfile.TarError, EOFError) as error:
        raise UnreadableFile(path=str(archive), problem=f"it is no archive that can be read: {error}") from None


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode  # owner 0 and time 0 are what TarInfo begins with
    tar.addfile(entry, io.BytesIO(data))


def _content(member: Member) -> bytes:
    try:
        return Path(member.path).read_bytes()
    except OSError as error:
        raise UnreadableFile(path=member.path, problem=error.strerror or str(error)) from None
