"""Finds the code of a flow: the files of its folder by their suffixes, and the project's modules that it imported."""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from msgspec import Struct

from flagstone.packaging.ignoring import Rule, is_left_out, rules_in

SUFFIXES = (".py", ".R", ".RDS")
POLICY = ("FLAGSTONE_PACKAGE_POLICY", "METAFLOW_PACKAGE_POLICY")  # a module that sets it to "include" is taken along
_TOOLS = {"__pycache__", "node_modules", "site-packages"}
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Member(Struct, frozen=True, order=True):
    """One file of a package."""

    name: str  # in the package, with slashes
    path: str  # where it lies here
    size: int
    origin: str = ""  # the project module that it came with; empty for the flow's own folder


def collect(
    script: Path,
    suffixes: Sequence[str] = SUFFIXES,
    modules: Mapping[str, ModuleType | None] | None = None,
    *,
    folders: Sequence[str] = (),
    files: Sequence[tuple[str, str]] = (),
) -> list[Member]:
    """The files that belong to the flow in `script`, in the order of their names.

    `modules` are those that are loaded, by name: `sys.modules` unless given. A file of the flow's own folder goes
    before one of a module's that would have the same name. `folders` come along under their own names, and each of
    `files` under the name it is given with.
    """
    root = script.resolve().parent
    found = {member.name: member for member in _folder(root, suffixes, script.resolve())}
    found |= {name: _member(Path(path), name) for path, name in files}
    for folder in folders:
        for path, name in _walk(Path(folder), "", [], set()):
            if name.endswith(tuple(suffixes)):
                whole = f"{os.path.basename(folder)}/{name}"
                found.setdefault(whole, _member(path, whole))
    for module in _project_modules(root, sys.modules if modules is None else modules):
        for member in _of_module(module, suffixes):
            found.setdefault(member.name, member)
    return sorted(found.values())


# --- a folder --------------------------------------------------------------------------------------------------


def _folder(root: Path, suffixes: Sequence[str], keep: Path) -> Iterator[Member]:
    """The files below a folder that are neither hidden nor left out; the file `keep` is there whatever is ignored."""
    wanted = tuple(suffixes)
    found = {name: path for path, name in _walk(root, "", [], set()) if name.endswith(wanted)}
    for name, path in {keep.name: keep, **found}.items():
        yield _member(path, name)


def _walk(root: Path, folder: str, rules: list[Rule], seen: set[str]) -> Iterator[tuple[Path, str]]:
    """Every file below a folder with its name from the root; links are followed, each real folder once."""
    real = os.path.realpath(root / folder)
    if real in seen:
        return
    seen.add(real)
    rules = [*rules, *rules_in(root, folder)]
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = f"{folder}{entry.name}"
        is_folder = entry.is_dir()
        if entry.name.startswith(".") or is_left_out(name, rules, is_folder=is_folder):
            continue
        if not is_folder:
            if entry.is_file():
                yield Path(entry.path), name
        elif entry.name not in _TOOLS and not os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
            yield from _walk(root, f"{name}/", rules, seen)


def _member(path: Path, name: str, origin: str = "") -> Member:
    return Member(name, str(path), path.stat().st_size, origin)


# --- modules ---------------------------------------------------------------------------------------------------


def _project_modules(root: Path, modules: Mapping[str, ModuleType | None]) -> list[ModuleType]:
    """The top modules that were imported from elsewhere than the root and what is installed, and those that ask."""
    installed = _installed()
    found: dict[str, ModuleType] = {}
    for name, module in list(modules.items()):
        top = modules.get(name.partition(".")[0])
        if module is None or top is None or name in ("__main__", "__mp_main__"):
            continue
        asks = any(getattr(module, policy, None) == "include" for policy in POLICY)
        files = [os.path.realpath(file) for file in _files(top)]
        of_project = bool(files) and not any(_is_below(file, [*installed, str(root)]) for file in files)
        if asks or of_project:
            found[top.__name__] = top
    return [found[name] for name in sorted(found)]


def _installed() -> list[str]:
    """The folders of what is installed: the standard library, site-packages, and this package wherever it lies."""
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages(), os.path.dirname(os.__file__), _OWN}
    return sorted(os.path.realpath(folder) for folder in folders)


def _files(module: ModuleType) -> list[str]:
    """Where a module comes from: its file, or the folders of a package without one."""
    file = getattr(module, "__file__", None)
    if file:
        return [file]
    return [path for path in _paths(module) if os.path.isdir(path)]


def _paths(module: ModuleType) -> Iterable[str]:
    paths = getattr(module, "__path__", ())
    try:
        return [path for path in paths if isinstance(path, str)]
    except Exception:  # noqa: BLE001 - a lazy module of a third party may raise anything here
        return []


def _is_below(file: str, folders: Iterable[str]) -> bool:
    return any(file == folder or file.startswith(f"{folder}{os.sep}") for folder in folders)


def _of_module(module: ModuleType, suffixes: Sequence[str]) -> Iterator[Member]:
    """The files of a module under the names by which it is imported: `shop/prices.py`."""
    folders = list(_paths(module))
    if not folders:
        for file in _files(module):
            if file.endswith(".py"):
                yield _member(Path(file), os.path.basename(file), module.__name__)
        return
    for folder in folders:
        for path, name in _walk(Path(folder), "", [], set()):
            if name.endswith(tuple(suffixes)):
                yield _member(path, f"{module.__name__}/{name}", module.__name__)
