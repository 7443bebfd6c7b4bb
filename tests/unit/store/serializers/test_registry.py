"""Every line of the registry is a serializer; installed packages add more, asked last."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from flagstone.kit import late
from flagstone.store.codec import Codec
from flagstone.store.serializers.registry import BUILT_IN, Registry


class Locks:
    """Stores what nobody else can: any lock is as good as another."""

    name = "locks"

    def claims(self, value: Any) -> bool:
        return type(value).__name__ == "lock"

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> bytes:
        del value
        keep(memoryview(b"beside"))
        return b"lock"

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        return bytes(body), [bytes(block) for block in buffers]


class Entry:
    """What an installed package says."""

    def load(self) -> type[Locks]:
        return Locks


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    original = late.load

    def load(target: str) -> Any:
        return (lambda **_: [Entry()]) if target == "importlib.metadata:entry_points" else original(target)

    monkeypatch.setattr(late, "load", load)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_name_is_the_name_of_its_serializer(name: str) -> None:
    serializer = Registry().named(name)

    assert serializer is not None
    assert serializer.name == name


@pytest.mark.usefixtures("installed")
def test_what_is_installed_is_asked_when_nothing_else_can() -> None:
    encoded = Codec().encode(threading.Lock(), "x")

    assert (encoded.serializer, encoded.body) == ("locks", b"lock")
    assert Codec().decode(encoded, "x") == (b"lock", [b"beside"])


def test_common_values_ask_nobody_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "_installed", lambda _: pytest.fail("asked"))

    for value in (1, "x", [1], {"a": (1, 2)}, b"x" * 100_000, lambda: 1):
        Codec().encode(value, "x")
