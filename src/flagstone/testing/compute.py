"""What every compute back end must do, as tests: bind `ComputeContract` to a back end and run it with pytest."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flagstone.kit.clock import monotonic
from flagstone.model.jobs import Ended, Started
from flagstone.ports.compute import Compute, TaskRunner
from flagstone.testing.driver import ACTIONS, Driver, is_alive, job, started


class ComputeContract:
    """Subclass it as `TestMine`, and say how a back end is made.

    A back end that starts fresh processes needs to find `ACTIONS` there; they are in `flagstone.testing.driver`.
    """

    separate = True  # attempts run in processes of their own
    many = 20  # jobs where several are meant

    def new_compute(self, runner: TaskRunner) -> Compute:
        """A back end that was not started."""
        raise NotImplementedError

    @pytest.fixture
    def driver(self, tmp_path: Path) -> Iterator[Driver]:
        """A started back end."""
        with started(self.new_compute, ACTIONS, tmp_path) as driver:
            yield driver

    def test_a_job_starts_once_and_ends_once_with_its_report(self, driver: Driver) -> None:
        (end,) = driver.run(job(3, "speak", data=b"in"))

        begin = driver.wait_for_start(3)
        assert [type(event) for event in driver.events] == [Started, Ended]
        assert begin.pid > 0
        assert end.report is not None
        assert end.report.manifest == b"in"
        assert end.report.number == end.number == 3

    def test_the_span_of_an_attempt_holds_its_output_and_nothing_else(self, driver: Driver) -> None:
        ends = driver.run(*(job(i, "speak") for i in range(1, self.many + 1)))

        for end in ends:
            assert driver.output(end.log) == f"out {end.number}\n".encode()
            assert driver.output(end.log, "stderr") == f"err {end.number}\n".encode()

    def test_every_start_comes_before_its_end(self, driver: Driver) -> None:
        driver.run(*(job(i, "speak") for i in range(1, self.many + 1)))

        running: set[int] = set()
        for event in driver.events:
            if isinstance(event, Started):
                running.add(event.number)
            else:
                running.remove(event.number)
        assert not running

    def test_an_exception_is_a_report_like_any_other(self, driver: Driver) -> None:
        (end,) = driver.run(job(5, "fail"))

        assert end.report is not None
        assert end.report.failure is not None
        assert end.report.failure.message == "no 5"

    def test_jobs_and_reports_of_a_megabyte_arrive_whole(self, driver: Driver) -> None:
        data = bytes(range(256)) * 4500

        ends = driver.run(*(job(i, "speak", data=data) for i in range(1, self.many // 3 + 1)))

        assert all(end.report is not None and end.report.manifest == data for end in ends)

    def test_a_process_that_vanishes_ends_without_a_report(self, driver: Driver) -> None:
        if not self.separate:
            pytest.skip("a job here shares the process of the engine")

        first, second = driver.run(job(3, "leave"), job(4, "speak"))

        assert first.report is None
        assert first.exit == "exit status 3"
        assert second.report is not None

    @pytest.mark.parametrize("kill", [False, True])
    def test_a_cancelled_attempt_ends_without_a_report(self, driver: Driver, *, kill: bool) -> None:
        if not self.separate:
            pytest.skip("a job that runs here cannot be stopped from outside")
        driver.compute.launch([job(1, "sleep")])
        driver.wait_for_output(1)

        driver.compute.cancel(1, kill=kill)

        end = driver.wait_for_end(1)
        assert end.report is None
        assert end.exit == ("killed by SIGKILL" if kill else "killed by SIGTERM")

    def test_jobs_beyond_the_slots_wait_and_can_be_cancelled(self, driver: Driver) -> None:
        step = "sleep" if self.separate else "speak"
        count = driver.compute.slots
        driver.compute.launch([job(i, step) for i in range(1, count + 40)])

        driver.compute.cancel(count + 39, kill=False)

        end = driver.wait_for_end(count + 39)
        assert (end.report, end.exit, end.log) == (None, "cancelled", None)

    def test_closing_ends_what_runs_and_may_be_repeated(self, driver: Driver) -> None:
        if not self.separate:
            pytest.skip("nothing runs between two calls")
        driver.compute.launch([job(1, "sleep")])
        pid = driver.wait_for_start(1).pid

        driver.compute.close()
        driver.compute.close()

        deadline = monotonic() + 5
        while is_alive(pid):
            assert monotonic() < deadline
            time.sleep(0.005)
