"""Several runs at once from one program: each returns when it has begun, and is waited for and read meanwhile."""

import asyncio
from pathlib import Path

import pytest

from flagstone import Runner
from flagstone.model.errors import InvalidParameter


def test_a_run_is_on_its_way_when_the_call_returns(flow_file: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def story() -> tuple[str, str, str | None]:
        running = await Runner(flow_file).async_run(wait_for=str(gate))
        before = running.status, running.run.status
        gate.touch()
        await running.wait()
        return (*before, running.status)

    assert asyncio.run(story()) == ("running", "running", "successful")


def test_runs_go_on_side_by_side(flow_file: Path) -> None:
    async def story() -> list[int]:
        runner = Runner(flow_file)
        started = await asyncio.gather(*(runner.async_run(n=n) for n in range(3)))
        done = await asyncio.gather(*(run.wait() for run in started))
        return [one.run.data.total for one in done if one.run.data is not None]

    assert asyncio.run(story()) == [0, 1, 2]


def test_the_lines_of_a_run_come_as_it_prints_them_and_can_be_read_on_from_a_position(flow_file: Path) -> None:
    async def story() -> tuple[list[str], list[str]]:
        running = await Runner(flow_file).async_run()
        lines = [(position, line) async for position, line in running.stream_log("stdout")]
        middle = lines[len(lines) // 2][0]
        rest = [line async for _, line in running.stream_log("stdout", position=middle)]
        return [line for _, line in lines], rest

    lines, rest = asyncio.run(story())

    assert any(line.endswith("counting ✓") for line in lines)
    assert rest == lines[len(lines) // 2 + 1 :]


def test_waiting_can_show_a_stream(flow_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story() -> None:
        running = await Runner(flow_file).async_run()
        await running.wait(stream="stdout")

    asyncio.run(story())

    assert "counted 1" in capsys.readouterr().out


def test_a_run_that_takes_too_long_is_stopped(flow_file: Path) -> None:
    async def story() -> tuple[str, str]:
        running = await Runner(flow_file).async_run(wait_for="/nowhere/at/all")
        await running.wait(timeout=0.01)
        return running.status, running.run.status

    assert asyncio.run(story()) == ("timeout", "cancelled")


def test_a_refusal_is_an_exception(flow_file: Path) -> None:
    with pytest.raises(InvalidParameter, match="whole number"):
        asyncio.run(Runner(flow_file).async_run(n="four"))


def test_the_end_of_the_block_ends_what_still_runs(flow_file: Path) -> None:
    async def story() -> tuple[str, str]:
        async with Runner(flow_file) as runner:
            running = await runner.async_run(wait_for="/nowhere/at/all")
        return running.status, running.run.status

    assert asyncio.run(story()) == ("failed", "cancelled")


def test_a_stream_that_does_not_exist_is_refused(flow_file: Path) -> None:
    async def story() -> None:
        running = await Runner(flow_file).async_run()
        await running.wait(stream="stdin")

    with pytest.raises(ValueError, match="'stdin' is not a stream"):
        asyncio.run(story())


def test_a_resume_is_on_its_way_when_the_call_returns(flow_file: Path) -> None:
    async def story() -> str | None:
        runner = Runner(flow_file, show_output=False)
        runner.run(n=13)
        resumed = await runner.async_resume(n=1)
        return (await resumed.wait()).run.origin_pathspec

    assert asyncio.run(story()) == "SumFlow/1"
