"""What all objects of the client have in common: a pathspec, a scope, a parent, children by id."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from flagstone.client import display
from flagstone.client.scope import Scope, current_scope
from flagstone.kit.clock import to_datetime
from flagstone.model.records import RunRecord

_kinds: dict[str, type[Any]] = {}


class ClientObject:
    """Something that is recorded, by its pathspec. Cheap to make; equal when home and pathspec are."""

    kind: ClassVar[str]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "kind" in vars(cls):
            _kinds[cls.kind] = cls

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def pathspec(self) -> str:
        """The path from the flow down to this, parted by slashes."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The last part of the pathspec."""
        return self.pathspec.rpartition("/")[2]

    @property
    def path_components(self) -> list[str]:
        """The parts of the pathspec."""
        return self.pathspec.split("/")

    def _run_record(self) -> RunRecord | None:
        """The record of the run that this belongs to; None above runs."""
        return None

    @property
    def tags(self) -> frozenset[str]:
        """All tags of its run; none above runs."""
        return self.user_tags | self.system_tags

    @property
    def user_tags(self) -> frozenset[str]:
        """The tags that people gave its run."""
        record = self._run_record()
        return frozenset(record.tags if record else ())

    @property
    def system_tags(self) -> frozenset[str]:
        """The tags that its run got by itself; they stay."""
        record = self._run_record()
        return frozenset(record.system_tags if record else ())

    @property
    def origin_pathspec(self) -> str | None:
        """What this was taken over from when its run resumed another; None when it was not."""
        return None

    def is_in_namespace(self) -> bool:
        """Whether the namespace in force now shows it."""
        record = self._run_record()
        return record is None or current_scope().shows(record)

    def _made(self, kind: str, *arguments: Any) -> Any:
        """An object one or more levels up: modules import downward only, so their class is found by its name."""
        return _kinds[kind].of(*arguments)

    def _facts(self) -> list[str]:
        """What the one line says after the constructor."""
        return []

    def __repr__(self) -> str:
        return "  ".join([f"{type(self).__name__}({self.pathspec!r})", *filter(None, self._facts())])

    def _repr_html_(self) -> str:
        return display.paragraph(f"{type(self).__name__}({self.pathspec!r})", self._facts())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClientObject) or self.kind != other.kind:
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.kind, *self._identity()))

    def _identity(self) -> tuple[object, ...]:
        """What equal objects have in common."""
        return self._scope.home, self.pathspec


Child = TypeVar("Child", bound=ClientObject)


class Container(ClientObject, Generic[Child]):
    """An object with children: iterate them newest first, or get one by its id."""

    holds: ClassVar[str]

    def __iter__(self) -> Iterator[Child]:
        raise NotImplementedError

    def _find(self, key: str) -> Child | None:
        """The child with this id; None when there is none that one may see."""
        raise NotImplementedError

    def __getitem__(self, key: str | int) -> Child:
        found = self._find(str(key))
        if found is None:
            raise KeyError(f"{self.pathspec or 'this home'} has no {self.holds} {str(key)[:80]!r}")
        return found

    def __contains__(self, key: object) -> bool:
        if isinstance(key, ClientObject):
            key = key.id
        return isinstance(key, str | int) and self._find(str(key)) is not None

    def _ipython_key_completions_(self) -> list[str]:
        return [child.id for child in self]


def datetime_of(seconds: float | None) -> datetime | None:
    """An aware datetime, or None."""
    return None if seconds is None else to_datetime(seconds)
