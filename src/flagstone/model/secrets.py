"""`@secrets`: which values a step needs that nobody may read in a record, and where they come from."""

import re
from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct

from flagstone.model.declaring import Declaration

HIDDEN = "***"
DEFAULT = ""  # the back end that a setting names


class Source(Struct, frozen=True):
    """One place that secrets come from: a back end, an id in it, and what else it takes."""

    type: str
    id: str
    options: dict[str, Any] = {}
    role: str | None = None

    @property
    def text(self) -> str:
        """`env.API_KEY`, as messages name it."""
        return f"{self.type}.{self.id}" if self.type else self.id

    @property
    def public(self) -> "Source":
        """The same without values: the source `inline` carries them in its options."""
        if self.type != "inline":
            return self
        kept = {name: _hidden(value) for name, value in self.options.items()}
        return Source(self.type, self.id, kept, self.role)


def _hidden(value: Any) -> Any:
    return dict.fromkeys(value, HIDDEN) if isinstance(value, Mapping) else HIDDEN


def source_of(given: object) -> Source:
    """A source as people write it: `"backend.id"`, or `{"type": ..., "id": ..., "options": ..., "role": ...}`.

    Raises ValueError, in words.
    """
    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        kind, dot, name = given.partition(".")
        if not given.strip() or (dot and not name):
            raise ValueError("a source is written backend.id, as in 'env.API_KEY'")
        return Source(kind, name) if dot else Source(DEFAULT, given)
    if not isinstance(given, Mapping):
        raise ValueError("a source is a text as in 'env.API_KEY', or a dictionary with type and id")
    unknown = sorted(set(given) - {"type", "id", "options", "role"})
    if unknown:
        raise ValueError(f"a source has type, id, options and role, and not {unknown[0]!r}")
    kind, name, options = given.get("type", DEFAULT), given.get("id", ""), given.get("options") or {}
    role = given.get("role")
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(options, Mapping):
        raise ValueError("type and id of a source are texts, its options a dictionary")
    if role is not None and not isinstance(role, str):
        raise ValueError("the role of a source is a text")
    if not kind and not name:
        raise ValueError("a source needs a type and an id, as in {'type': 'env', 'id': 'API_KEY'}")
    return Source(kind, name, dict(options), role)


class Secrets(Declaration, frozen=True, kw_only=True):
    """Values that a step needs and nobody may read: fetched before it runs, and set as environment variables.

    `sources` are texts `backend.id` or dictionaries with `type`, `id`, `options` and `role`; the back ends are `env`,
    `dotenv`, `keyring`, `inline`, `aws-secrets-manager`, `gcp-secret-manager` and `az-key-vault`. `role` is whom to be
    while fetching, where a source names nobody. A variable that is set already is an error unless `allow_override`.
    The values appear as `***` in what tasks print, in failures and in previews, and in no record.
    """

    sources: tuple[Source, ...] = ()
    role: str | None = None
    allow_override: bool = False

    def tidied(self) -> Self:
        """Each source in one form. Raises InvalidDeclaration."""
        if isinstance(self.sources, str | Mapping) or not hasattr(self.sources, "__iter__"):
            self.refuse(
                f"sources={self.sources!r}", "a list of sources is expected", "write it in brackets: sources=[...]"
            )
        found = []
        for given in self.sources:
            try:
                found.append(source_of(given))
            except ValueError as error:
                shown = given if isinstance(given, str) else "..."
                self.refuse(f"sources=[{shown!r}]", str(error))
        return type(self)(sources=tuple(found), role=self.role, allow_override=self.allow_override)

    def public(self) -> Self:
        """The same without values."""
        return type(self)(
            sources=tuple(source.public for source in self.sources), role=self.role, allow_override=self.allow_override
        )


def variable_of(name: str) -> str:
    """The environment variable for a secret's name: what no variable can have in its name becomes _."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain
