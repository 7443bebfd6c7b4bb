"""Bugs that were met by using the product, each named after what was seen."""

import subprocess
import sys

import pytest

from tests.acceptance.household import Household


def test_a_process_that_the_step_forked_does_not_report_in_the_tasks_name(house: Household) -> None:
    flow = house.write("""
        import os, sys

        class ForkFlow(FlowSpec):
            @step
            def start(self):
                for way in ("return", "raise", "exit"):
                    if os.fork() == 0:
                        print("child says", way)
                        if way == "raise":
                            raise RuntimeError("of a child")
                        if way == "exit":
                            sys.exit(7)
                        return
                    status = os.waitstatus_to_exitcode(os.wait()[1])
                    print(way, "left with", status)
                self.next(self.end)

            @step
            def end(self):
                print("the end")
    """)

    for isolation in ("fork", "worker", "spawn", "inline"):
        said = house.run(flow, "run", "--isolation", isolation)

        assert house.latest("ForkFlow").successful
        printed = house.latest("ForkFlow")["start"].task.stdout if isolation != "inline" else said.text
        for line in ("child says return", "return left with 0", "raise left with 1", "exit left with 7"):
            assert line in printed
        assert "RuntimeError: of a child" in said.text


@pytest.mark.parametrize("value", ["self", "[self]", "self.start", "inputs", "inputs[0]", "{'in': list(inputs)}"])
def test_self_or_an_input_in_an_artifact_is_refused_when_it_is_stored(house: Household, value: str) -> None:
    flow = house.write(f"""
        class KeepFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)

            @step
            def a(self):
                self.next(self.join)

            @step
            def b(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.kept = {value}
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    said = house.run(flow, "run", status=1)

    assert "self.kept cannot be persisted: " in said.text
    assert "a flow cannot be stored: `self` (or one of the inputs) is part of an artifact" in said.text
    assert "Store the values that you need" in said.text


def test_a_run_that_is_refused_at_the_start_is_not_seen_as_lost(house: Household) -> None:
    flow = house.write("""
        class SmallFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    house.run(flow, "--with", "resources:cpu=9999", "run", status=2)
    assert "SmallFlow" not in house.flagstone("runs").text, "it was refused before there was a run"

    said = house.run(flow, "run", "--run-id-file", house.work / "nowhere" / "id", status=3)
    assert "run-id-file" in said.text
    assert house.latest("SmallFlow").status == "failed"


HELLO = """
    class HelloFlow(FlowSpec):
        @step
        def start(self):
            print("hello")
            self.next(self.end)

        @step
        def end(self):
            pass
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_run_whose_streams_are_closed_runs_and_leaves_the_database_whole(house: Household, closed: str) -> None:
    flow = house.write(HELLO)

    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" "{flow}" run {closed}'], env=house.environment, timeout=60, check=False
    )

    assert done.returncode == 0
    assert house.latest("HelloFlow")["start"].task.stdout == "hello\n"
    house.assert_whole()


def test_in_a_folder_that_was_removed_a_run_says_so(house: Household) -> None:
    flow = house.write(HELLO)
    (house.work / "gone").mkdir()

    done = subprocess.run(
        ["sh", "-c", f'cd gone && rmdir ../gone && "{sys.executable}" "{flow}" run'],
        cwd=house.work,
        env=house.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3
    assert "the current folder was removed" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shell_is_told_what_can_come_next(house: Household) -> None:
    house.environment |= {"_FLAGSTONE_COMPLETE": "bash_complete", "COMP_WORDS": "flagstone sh", "COMP_CWORD": "1"}

    assert house.flagstone().out == "plain,show\n"
