"""Where objects are looked up: the home, and the namespace that says whose runs one sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from flagstone.kit import late
from flagstone.model.errors import InvalidSetting, NotFound
from flagstone.model.records import RunRecord
from flagstone.ports.workspace import SPIN_AREA, Workspace

_opened: dict[str, Workspace] = {}


class _Chosen(Struct):
    home: str | None = None
    namespace: str | UnsetType | None = UNSET


_chosen = _Chosen()


class Scope(Struct, frozen=True):
    """A home and a namespace; every object carries the one that it was made in, also through a pickle."""

    home: str
    namespace: str | None

    @property
    def workspace(self) -> Workspace:
        """The stores of the home, opened once in each process."""
        opened = _opened.get(self.home)
        if opened is None:
            opened = _opened[self.home] = late.resolve("workspace")(self.home)
        return opened

    @property
    def place(self) -> str:
        """The end of a sentence that says what is not there."""
        return f" in {self.home}"

    def shows(self, run: RunRecord) -> bool:
        """Whether a run is visible here."""
        name = self.namespace
        return name is None or name == run.namespace or name in run.tags or name in run.system_tags


class HeldScope(Scope, frozen=True, kw_only=True):
    """A scope on stores that lie in no home: they live as long as somebody looks at them, and in this process only."""

    held: Workspace

    @property
    def workspace(self) -> Workspace:
        """The stores themselves."""
        return self.held

    @property
    def place(self) -> str:
        """The end of a sentence that says what is not there."""
        return " in memory"


def current_scope() -> Scope:
    """The scope of objects that are made now."""
    workspace = _current_workspace()
    home = str(workspace.home)
    _opened[home] = workspace
    chosen = _chosen.namespace
    return Scope(home, _own(workspace) if isinstance(chosen, UnsetType) else chosen)


def _current_workspace() -> Workspace:
    factory: Any = late.resolve("workspace")
    workspace: Workspace = factory() if _chosen.home is None else factory(_chosen.home)
    return workspace


def _own(workspace: Workspace) -> str:
    return f"user:{workspace.user}"


@contextmanager
def fresh_scope() -> Iterator[None]:
    """For a while nothing is chosen: the home of the settings, and one's own namespace there."""
    before = _chosen.home, _chosen.namespace
    _chosen.home, _chosen.namespace = None, UNSET
    try:
        yield
    finally:
        _chosen.home, _chosen.namespace = before


def namespace(name: str | None) -> str | None:
    """From now on see the runs of the namespace `name`; None sees all. Returns what is in force now."""
    _chosen.namespace = name
    return get_namespace()


def get_namespace() -> str | None:
    """The namespace in force; None sees all."""
    return current_scope().namespace


def default_namespace() -> str:
    """Go back to one's own namespace, `user:<name>`, and return it."""
    _chosen.namespace = UNSET
    return _own(_current_workspace())


def metadata(where: str) -> str:
    """From now on read the home `where`: a directory, `file:` before it or `local@`. Returns what is in force now.

    Raises InvalidSetting.
    """
    home = where.removeprefix("local@").removeprefix("file:")
    if home.startswith("///"):
        home = home[2:]
    path = Path(home).expanduser()
    if not home or not path.is_dir():
        problem = "there is no such directory; give a home, as in metadata('/data/flagstone')"
        raise InvalidSetting(setting="metadata", value=where, problem=problem, source="metadata()")
    _chosen.home = str(path.absolute())
    return get_metadata()


def get_metadata() -> str:
    """The home that is read, as `local@<directory>`."""
    return f"local@{_current_workspace().home}"


@contextmanager
def in_home(home: str) -> Iterator[None]:
    """While it lasts objects are made in this home, and they stay there."""
    before, _chosen.home = _chosen.home, home
    try:
        yield
    finally:
        _chosen.home = before


def inspect_spin(where: str | None = None) -> str:
    """From now on read what `spin` left: in the home in use, or in another one. Returns what is in force now.

    A folder that is no home stands for the home that is in use there. `default_metadata()` goes back to the runs.
    Raises NotFound where nothing was spun.
    """
    home = Path(where).expanduser().absolute() if where is not None else _current_workspace().home
    if home.name != SPIN_AREA and not (home / "flagstone.db").exists():
        home = _current_workspace().home
    area = home if home.name == SPIN_AREA else home / SPIN_AREA
    if not (area / "flagstone.db").exists():
        raise NotFound(what="a spin", place=f" in {home}", hint="`python flow.py spin STEP` makes one")
    _chosen.home = str(area)
    return get_metadata()


def default_metadata() -> str:
    """Go back to the home that the settings name, and return it."""
    _chosen.home = None
    return get_metadata()
