"""What cannot be stored is pointed at: the path to the part, and what it is."""

import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flagstone.model.errors import UnpicklableArtifactException, UserError
from flagstone.store.codec import Codec


class Service:
    """Holds something of this process."""

    def __init__(self, thing: Any) -> None:
        self.name = "service"
        self.thing = thing


class Slotted:
    """The same without a dictionary."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing


class Stubborn:
    """Refuses by itself."""

    def __reduce_ex__(self, _: object) -> Any:
        raise ValueError("not today")


def problem_of(value: Any) -> str:
    with pytest.raises(UnpicklableArtifactException) as caught:
        Codec().encode(value, "x")
    assert caught.value.message_text.startswith("self.x cannot be persisted: ")
    return str(caught.value.fields["problem"])


LOCK = threading.Lock()


def holding_a_lock() -> Callable[[], Any]:
    inner = threading.Lock()
    return lambda: inner


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (LOCK, "it is a _thread.lock"),
        ({"deep": [LOCK]}, "['deep'][0] is a _thread.lock"),
        ([1, (2, {"k": LOCK})], "[1][1]['k'] is a _thread.lock"),
        (Service(LOCK), ".thing is a _thread.lock"),
        ({"s": Service([Service(LOCK)])}, "['s'].thing[0].thing is a _thread.lock"),
        (Slotted(LOCK), ".thing is a _thread.lock"),
        ((number for number in range(3)), "it is a generator"),
        ({"g": (number for number in range(3))}, "['g'] is a generator"),
        (holding_a_lock(), " closure variable inner is a _thread.lock"),
    ],
)
def test_the_part_is_named_by_its_path(value: Any, problem: str) -> None:
    assert problem_of(value) == problem


def test_files_sockets_and_connections_are_named(tmp_path: Path) -> None:
    with (tmp_path / "f").open("w") as file, socket.socket() as end:
        assert problem_of({"f": file}) == "['f'] is a _io.TextIOWrapper"
        assert problem_of(end) == "it is a socket.socket"
    connection = sqlite3.connect(":memory:")
    assert problem_of(Service(connection)) == ".thing is a sqlite3.Connection"
    connection.close()


def test_a_value_that_refuses_is_quoted() -> None:
    problem = problem_of([Stubborn()])

    assert problem.startswith("[0] is a ")
    assert problem_of(Stubborn()).endswith("Stubborn, which says: ValueError: not today")


def test_a_value_that_is_nested_too_deeply_says_so() -> None:
    value: list[Any] = []
    for _ in range(200_000):
        value = [value]

    assert problem_of(value) == "it is nested too deeply"
    while value:  # taken apart step by step: freeing it at once would go as deep
        value = value.pop()


def test_a_generator_comes_with_its_own_remedy() -> None:
    with pytest.raises(UnpicklableArtifactException, match="store a list of what it yields"):
        Codec().encode((number for number in range(3)), "x")


def test_a_cycle_is_walked_once() -> None:
    value: dict[str, Any] = {"lock": LOCK}
    value["self"] = value

    assert problem_of(value) == "['lock'] is a _thread.lock"


def test_a_file_that_is_open_for_reading_is_refused_rather_than_copied(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("its content")

    with (tmp_path / "f").open() as file:
        assert problem_of({"f": file}) == "['f'] is a _io.TextIOWrapper"
        assert problem_of(lambda: [*file]) == " closure variable file is a _io.TextIOWrapper"


def test_what_refuses_with_an_error_of_ours_is_pointed_at_and_not_taken_apart() -> None:
    class Flow:
        def __init__(self) -> None:
            self.attributes = {"lock": LOCK}

        def __reduce_ex__(self, _: object) -> Any:
            raise UserError(message="a flow cannot be stored", hint="store the values")

    assert problem_of(Flow()) == "a flow cannot be stored"
    assert problem_of({"me": [Flow()]}) == "['me'][0]: a flow cannot be stored"
    with pytest.raises(UnpicklableArtifactException) as caught:
        Codec().encode(Flow(), "x")
    assert caught.value.hint == "store the values"
