"""Secrets in real runs: set for one step, required, never in conflict, and shown nowhere."""

import os
from pathlib import Path

import pytest

from flagstone import Run
from tests.acceptance.household import Household

VALUE = "correct-horse-battery"

LOUD = """
    import logging, os, subprocess, sys
    from flagstone import FlowSpec, Parameter, secrets, step

    class LoudFlow(FlowSpec):
        fail = Parameter("fail", default=False)

        @secrets(sources=["dotenv.secrets.env", "env.ALREADY_THERE"])
        @step
        def start(self):
            value = os.environ["PASSWORD"]
            print("printed", value)
            print("error", value, file=sys.stderr)
            os.write(1, f"raw {value}\\n".encode())
            subprocess.run("echo child $PASSWORD", shell=True)
            self.shown = f"the password is {value}"
            self.cut = "x" * 110 + value
            self.nested = {"key": [value]}
            self.there = os.environ["ALREADY_THERE"]
            if self.fail:
                raise ValueError("not accepted: " + value)
            self.next(self.end)

        @step
        def end(self):
            self.after = os.environ.get("PASSWORD")
    """


def written(house: Household) -> list[Path]:
    """Everything in the home that holds the value."""
    files = [path for path in house.home.rglob("*") if path.is_file()]
    return [path for path in files if VALUE.encode() in path.read_bytes()]


@pytest.fixture
def loud(house: Household) -> Household:
    """A flow that shows its secrets wherever it can."""
    house.write(LOUD)
    (house.work / "secrets.env").write_text(f"PASSWORD={VALUE}\n")
    house.environment["ALREADY_THERE"] = "seven-seas"
    return house


@pytest.mark.parametrize("isolation", ["fork", "worker", "spawn"])
def test_what_a_task_and_its_children_print_has_stars_for_secrets(loud: Household, isolation: str) -> None:
    done = loud.run("flow.py", "run", "--isolation", isolation, "--max-workers", 1)

    logs = loud.flagstone("logs", "LoudFlow/1/start").text
    for said in ("printed ***", "error ***", "raw ***", "child ***"):
        assert said in done.text
        assert said in logs
    assert VALUE not in done.text + logs
    assert loud.value("LoudFlow", "after") is None
    assert not [path for path in written(loud) if "logs" in path.parts]


def test_a_failure_shows_no_secret_and_neither_do_previews(loud: Household) -> None:
    done = loud.run("flow.py", "run", "--fail", "true", status=1)

    assert "ValueError: not accepted: ***" in done.text
    looked = [loud.flagstone("show", f"LoudFlow/1/start/1{name}").text for name in ("", "/shown", "/cut", "/nested")]
    assert "the password is ***" in "".join(looked)
    assert not [text for text in (done.text, *looked) if VALUE in text or "correct-" in text]


def test_the_value_itself_is_there_for_who_reads_the_artifact(loud: Household) -> None:
    loud.run("flow.py", "run")

    assert loud.value("LoudFlow", "shown", "start") == f"the password is {VALUE}"
    assert loud.value("LoudFlow", "there", "start") == "seven-seas"


def test_values_that_stand_in_the_flow_are_in_no_record(house: Household) -> None:
    house.write(
        f"""
        import os
        from flagstone import FlowSpec, secrets, step

        class InlineFlow(FlowSpec):
            @secrets(sources=[{{"type": "inline", "id": "x", "options": {{"env_vars": {{"PASSWORD": "{VALUE}"}}}}}}])
            @step
            def start(self):
                self.size = len(os.environ["PASSWORD"])
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )

    done = house.run("flow.py", "run", "--json")

    assert house.value("InlineFlow", "size", "start") == len(VALUE)
    assert written(house) == []
    assert VALUE not in done.text


def test_a_secret_read_by_a_function_is_hidden_from_then_on(house: Household) -> None:
    house.write(
        """
        from flagstone import FlowSpec, step
        from flagstone.secrets import get_secret

        class CallFlow(FlowSpec):
            @step
            def start(self):
                self.names = sorted(get_secret("dotenv.secrets.env"))
                print("it is", get_secret({"type": "dotenv", "id": "secrets.env"})["PASSWORD"])
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )
    (house.work / "secrets.env").write_text(f"PASSWORD={VALUE}\n")

    done = house.run("flow.py", "run")

    assert "it is ***" in done.out
    assert house.value("CallFlow", "names", "start") == ["PASSWORD"]


REFUSED = """
    from flagstone import FlowSpec, secrets, step

    class NoFlow(FlowSpec):
        @secrets(sources={sources}, allow_override={override})
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            pass
    """


@pytest.mark.parametrize(
    ("sources", "word"),
    [
        (["env.MISSING_KEY"], "MISSING_KEY is not set"),
        (["dotenv.nowhere.env"], "nowhere.env"),
        (["dotenv.a.env", "dotenv.b.env"], "and so does dotenv.a.env"),
        (["dotenv.c.env"], "which is set already"),
        (["dotenv.d.env"], "not for secrets"),
        (["safe.combination"], "no back end 'safe'"),
        (["combination"], "names no back end"),
    ],
)
def test_a_secret_that_cannot_be_had_fails_the_step_and_says_why(
    house: Household, sources: list[str], word: str
) -> None:
    house.write(REFUSED.format(sources=sources, override=False))
    for name, line in (("a", "X=1111"), ("b", "X=2222"), ("c", "TAKEN=3333"), ("d", "FLAGSTONE_HOME=4444")):
        (house.work / f"{name}.env").write_text(f"{line}\n")
    house.environment["TAKEN"] = "otherwise"

    done = house.run("flow.py", "run", status=1)

    assert word in done.err
    assert "flow.py:7" in done.err
    assert not any(value in done.text for value in ("1111", "2222", "3333", "4444"))


def test_allow_override_lets_a_secret_replace_a_variable_for_the_step(house: Household) -> None:
    house.write(REFUSED.format(sources=["dotenv.c.env"], override=True))
    (house.work / "c.env").write_text("TAKEN=3333\n")
    house.environment["TAKEN"] = "otherwise"

    house.run("flow.py", "run")

    assert Run("NoFlow/1").successful
    assert os.environ.get("TAKEN") is None
