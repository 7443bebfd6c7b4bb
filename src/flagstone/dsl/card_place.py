"""`current.card`: where a step puts what its cards will show."""

from collections.abc import Iterator
from typing import Any


class CardPlace:
    """The components of one card, in order. They are taken and kept for the time of the task."""

    def __init__(self, card_id: str | None, kind: str) -> None:
        self.id = card_id
        self.type = kind
        self.components: list[Any] = []

    def append(self, component: Any, id: str | None = None) -> None:  # noqa: A002 - the name is shared with Metaflow
        """One more component."""
        self.components.append(component)

    def extend(self, components: Any) -> None:
        """Several more."""
        self.components.extend(components)

    def clear(self) -> None:
        """None of them any longer."""
        self.components.clear()

    def refresh(self, data: Any = None, force: bool = False) -> None:
        """Show how far the task is; harmless however often it is called."""


class Cards(CardPlace):
    """All cards of a step: used as it is, the one without an id (or the only one); `["id"]` is one of several."""

    def __init__(self, places: list[CardPlace]) -> None:
        self._places = places
        self._main = next((place for place in places if place.id is None), places[0])
        super().__init__(self._main.id, self._main.type)
        self.components = self._main.components

    def __getitem__(self, name: str) -> CardPlace:
        for place in self._places:
            if name == place.id:
                return place
        ids = ", ".join(repr(place.id) for place in self._places if place.id is not None) or "none"
        raise KeyError(f"this step has no card with the id {name!r}; there are: {ids}")

    def __setitem__(self, name: str, components: Any) -> None:
        """Replace what a card shows."""
        self[name].components[:] = components

    def __iter__(self) -> Iterator[CardPlace]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, type: str | None = None) -> list[CardPlace]:  # noqa: A002 - the name is shared with Metaflow
        """The cards of a type; all of them without one."""
        return [place for place in self._places if type in (None, place.type)]
