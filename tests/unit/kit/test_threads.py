"""One function over several items: every result in its place, the first exception for the caller."""

import threading
import time

import pytest

from flagstone.kit.threads import each


def test_results_are_in_the_order_of_the_items() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * 10

    assert each(slow_first, range(20), 4) == [item * 10 for item in range(20)]


def test_nothing_is_done_for_no_items() -> None:
    assert each(lambda item: item, []) == []


def test_one_thread_is_the_callers_own() -> None:
    assert each(lambda _: threading.current_thread(), [1, 2], 1) == [threading.main_thread()] * 2


def test_an_exception_reaches_the_caller_and_stops_the_rest() -> None:
    seen: list[int] = []

    def fail(item: int) -> None:
        seen.append(item)
        time.sleep(0.001)
        raise ValueError(item)

    with pytest.raises(ValueError, match=r"^[01]$"):
        each(fail, range(100), 2)

    assert len(seen) <= 2
