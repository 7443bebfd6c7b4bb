"""What a flow and its decorators say about the code that goes with it: suffixes, folders and single files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from flagstone.dsl import entry
from flagstone.dsl.extensions import made
from flagstone.dsl.mutating import mutate
from flagstone.dsl.mutators import FlowMutator
from flagstone.model.errors import InvalidDeclaration


class Packaged(NamedTuple):
    """What goes into a package besides what is there by itself."""

    suffixes: tuple[str, ...]
    folders: tuple[str, ...]  # absolute
    files: tuple[tuple[str, str], ...]  # where a file lies, and its name in the package


class package_suffixes(FlowMutator):  # noqa: N801 - it is written as a decorator
    """`@package_suffixes([".yaml"])` above a flow: files of its folder with these suffixes are code of the flow too."""

    def init(self, *suffixes: str | Sequence[str]) -> None:
        """Suffixes, one by one or as a list. Raises InvalidDeclaration."""
        found = [one for some in suffixes for one in ([some] if isinstance(some, str) else some)]
        self.suffixes = tuple(part.strip() for one in found for part in one.split(",") if part.strip())
        wrong = [one for one in self.suffixes if not one.startswith(".")]
        if wrong or not found:
            raise InvalidDeclaration(
                problem=f"@package_suffixes({', '.join(map(repr, suffixes))}): suffixes are expected",
                hint='write them with their dots, as in @package_suffixes([".yaml", ".sql"])',
                where=self.applied.where,
            )


class package_sources(FlowMutator):  # noqa: N801 - likewise
    """`@package_sources("../src/lib")` above a flow: the folder is code of the flow too, under its own name."""

    def init(self, *folders: str) -> None:
        """Folders, relative to the flow's file. Raises InvalidDeclaration for one that is not there."""
        self.folders = folders

    def below(self, base: str) -> tuple[str, ...]:
        """The folders, absolute. Raises InvalidDeclaration."""
        found = tuple(os.path.abspath(os.path.join(base, os.path.expanduser(folder))) for folder in self.folders)
        for folder, said in zip(found, self.folders, strict=True):
            if not os.path.isdir(folder):
                raise InvalidDeclaration(
                    problem=f"@package_sources({said!r}): there is no such folder",
                    hint="write it relative to the flow's file",
                    where=self.applied.where,
                )
        return found


def packaged(flow: Any) -> Packaged:
    """What the decorators of a flow and of its steps add to its package. Raises InvalidDeclaration, MutatorFailed."""
    mutate(flow)
    suffixes: list[str] = []
    folders: list[str] = []
    files: list[tuple[str, str]] = []
    base = os.path.dirname(entry.file_of(flow))
    for extension in _extensions(flow):
        suffixes += getattr(extension, "suffixes", ()) if isinstance(extension, package_suffixes) else ()
        folders += extension.below(base) if isinstance(extension, package_sources) else ()
        files += [_file(extension, given) for given in extension.add_to_package() or ()]
    return Packaged(tuple(dict.fromkeys(suffixes)), tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(files)))


def _extensions(flow: Any) -> Iterator[Any]:
    """Every mutator and decorator of a flow as an object."""
    shape = flow.__flagstone__
    for applied in (*shape.mutators, *(one for several in shape.applied.values() for one in several)):
        yield applied.instance or made(applied)


def _file(extension: Any, given: object) -> tuple[str, str]:
    """A file and its name in the package; a path alone keeps its own name. Raises InvalidDeclaration."""
    path, name = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    full = os.path.abspath(os.path.expanduser(path)) if isinstance(path, str | os.PathLike) else ""
    if not os.path.isfile(full):
        raise InvalidDeclaration(
            problem=f"{type(extension).__name__}.add_to_package gives {given!r}",
            hint="give files that exist, as paths or as pairs of a path and a name in the package",
            where=extension.applied.where,
        )
    return full, str(name or os.path.basename(full)).lstrip("/")
