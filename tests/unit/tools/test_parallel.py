"""`parallel_map`: results in order, closures, failures with their tracebacks, and no process left behind."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from flagstone import parallel_imap_unordered, parallel_map
from flagstone.model.errors import MulticoreException


def test_results_come_in_the_order_of_the_items_and_closures_work() -> None:
    factor = 3

    assert parallel_map(lambda number: number * factor, range(7), max_parallel=3) == [0, 3, 6, 9, 12, 15, 18]


def test_each_call_has_a_process_of_its_own() -> None:
    pids = parallel_map(lambda _: os.getpid(), range(3))

    assert len({*pids, os.getpid()}) == 4


def test_no_items_make_no_process() -> None:
    assert parallel_map(lambda item: item, []) == []


def test_a_result_may_be_a_function_or_larger_than_a_pipe() -> None:
    def make(number: int) -> Any:
        return (lambda more: number + more) if number else bytes(1 << 20)

    [add, block] = parallel_map(make, [1, 0])

    assert add(41) == 42
    assert len(block) == 1 << 20


def test_without_order_results_come_one_by_one() -> None:
    results = parallel_imap_unordered(str, iter(range(5)), max_parallel=2)

    assert {next(results), *results} == {"0", "1", "2", "3", "4"}


def test_a_call_that_fails_raises_here_with_its_traceback() -> None:
    def shelve(item: int) -> int:
        if item == 2:
            raise ValueError("it does not fit")
        return item

    with pytest.raises(MulticoreException) as caught:
        parallel_map(shelve, range(4))

    assert "item 2" in str(caught.value)
    assert "ValueError: it does not fit" in str(caught.value)
    assert "in shelve" in str(caught.value)
    assert "tools/parallel.py" not in str(caught.value)


def test_a_process_that_vanishes_is_told_with_its_signal() -> None:
    with pytest.raises(MulticoreException, match=r"item 0 ended without a result: killed by SIGKILL"):
        parallel_map(lambda _: os.kill(os.getpid(), signal.SIGKILL), [0])


def test_a_result_that_cannot_be_pickled_is_an_error_of_its_item() -> None:
    with pytest.raises(MulticoreException, match="generator"):
        parallel_map(lambda item: (x for x in item), [[1]])


def test_who_stops_listening_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    def work(number: int) -> int:
        if number == 0:
            signal.pause()
        return number

    waiting = parallel_imap_unordered(work, [1, 0], max_parallel=2, dir=str(tmp_path))

    first = next(waiting)
    waiting.close()  # type: ignore[attr-defined]  # a generator

    assert first == 1
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_number_of_processes_below_one_is_refused() -> None:
    with pytest.raises(MulticoreException, match="max_parallel=0"):
        parallel_map(str, [1], max_parallel=0)
