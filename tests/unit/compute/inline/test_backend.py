"""Jobs in the engine's own process."""

import sys
from pathlib import Path

import pytest

from flagstone.compute.inline.backend import InlineCompute
from flagstone.testing.driver import ACTIONS, Driver, FunctionRunner, context_in, job


def test_without_capture_output_goes_where_it_always_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compute = InlineCompute(FunctionRunner(ACTIONS), capture=False)
    compute.start(context_in(tmp_path))

    (end,) = Driver(compute, tmp_path).run(job(1, "speak"))

    assert capsys.readouterr() == ("out 1\n", "err 1\n")
    assert end.log is None
    assert not (tmp_path / "logs").exists()
    compute.close()


def test_the_streams_are_given_back_whatever_the_job_does(tmp_path: Path) -> None:
    compute = InlineCompute(FunctionRunner({"exit": lambda _: sys.exit(3)}))
    compute.start(context_in(tmp_path))
    before = sys.stdout, sys.stderr
    compute.launch([job(1, "exit")])

    with pytest.raises(SystemExit):
        compute.collect()

    assert (sys.stdout, sys.stderr) == before
    compute.close()
