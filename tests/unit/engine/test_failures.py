"""A failure keeps the user's traceback, and none of our frames."""

from collections.abc import Callable

from flagstone.dsl.task_state import TaskState
from flagstone.engine.failures import describe_exception
from flagstone.model.errors import Location, NoSuchArtifact
from flagstone.model.jobs import Failure


def failure_of(action: Callable[[], object]) -> Failure:
    try:
        action()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the test is about
        return describe_exception(error)
    raise AssertionError("nothing was raised")


def divide() -> float:
    return 1 / 0


def test_the_type_the_message_and_the_line_of_the_users_code_are_there() -> None:
    failure = failure_of(divide)

    assert failure.type == "builtins.ZeroDivisionError"
    assert failure.message == "division by zero"
    assert failure.file == __file__
    assert "return 1 / 0" in failure.traceback
    assert not failure.ours


def test_our_own_frames_are_left_out() -> None:
    class Boom:
        def load(self, *_: object, **__: object) -> None:
            raise RuntimeError("from below")

    def read() -> None:
        state = TaskState.__new__(TaskState)
        state.inherited, state.store = {"x": b""}, Boom()  # type: ignore[dict-item,assignment]  # a state that breaks
        TaskState.load(state, "x")

    failure = failure_of(read)

    assert "flagstone/dsl" not in failure.traceback
    assert "TaskState.load(state" in failure.traceback


def test_an_error_of_ours_brings_its_place_and_its_advice() -> None:
    def fail() -> None:
        raise NoSuchArtifact(owner="step 'a'", name="x", hint="assign it", where=Location("flow.py", 3))

    failure = failure_of(fail)

    assert (failure.file, failure.line, failure.hint, failure.ours) == ("flow.py", 3, "assign it", True)


def test_an_exception_whose_text_raises_is_described_all_the_same() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise ValueError("no")

    def fail() -> None:
        raise Rude

    assert "cannot be shown" in failure_of(fail).message


def test_chained_exceptions_keep_their_cause() -> None:
    def fail() -> None:
        try:
            divide()
        except ZeroDivisionError as error:
            raise KeyError("outer") from error

    traceback = failure_of(fail).traceback

    assert "ZeroDivisionError" in traceback
    assert "direct cause" in traceback
