"""Whatever people bring, they get a clear word and an exit status, and the home stays whole."""

import subprocess
import sys

import pytest

from tests.acceptance.household import Household

HELLO = """
class HelloFlow(FlowSpec):
    n = Parameter("n", type=int, required=True)
    j = Parameter("j", type=JSONType, default='{"a": 1}')

    @step
    def start(self):
        self.m = self.n + 1
        self.next(self.end)

    @step
    def end(self):
        print("m is", self.m)
"""


# --- what is written in the class ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('tag = Parameter("tag")', "--tag is an option of `run` itself"),
        ('a = Parameter("two words")', "a word without spaces"),
        ('a = Parameter("a", type=set)', "type=set is not known"),
        ('a = Parameter("a", type=int, default="x")', "'x' is not a whole number"),
        ('a = Parameter("a", colour="red")', "'colour' is not known"),
        ('a = Parameter("a")\n    b = Parameter("A")', "two parameters"),
        ("a = Parameter(3)", "Parameter(3): a name is a word"),
        ('a = Parameter("a", help=3)', "help=3: a text is expected"),
        ('a = Parameter("a", separator=3)', "separator=3: a text is expected"),
        ('a = Parameter("a", choices=3)', "choices=3: a list is expected"),
        ('a = Parameter("a", type=JSONType, default={"deep": [object()]})', "is not what JSON can say"),
        ('a = IncludeFile("a", default=3)', "default=3: the path of a file is expected"),
        ("a = IncludeFile(3)", "Parameter(3): a name is a word"),
        ("a = Config(3)", "Config(3): a name is a word"),
        ('a = Config("a", default=3)', "default=3: the path of a file is expected"),
    ],
)
def test_a_wrong_parameter_is_shown_where_it_is_written(house: Household, line: str, says: str) -> None:
    body = "class WrongFlow(FlowSpec):\n    {}\n    @step\n    def start(self):\n        pass\n"
    house.write("from flagstone import Config, IncludeFile\n" + body.format(line))

    done = house.run("flow.py", "run", status=1)

    assert says in done.err
    assert f"flow.py:{3 + len(line.splitlines())}" in done.err
    assert line.splitlines()[-1].strip() in done.err
    assert "Traceback" not in done.err


# --- what is given on the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "'n'"),
        (["--n", "abc"], "'abc' is not"),
        (["--n", "1", "--j", "{oops"], "is not JSON"),
        (["--n", "1", "--nope", "2"], "--nope"),
        (["--n", "1", "--max-workers", "0"], "--max-workers"),
        (["--n", "1", "--max-num-splits", "none"], "--max-num-splits"),
        (["--n", "1", "--tag", "t" * 600], "500 characters"),
        (["--n", "1", "--tag", ""], "1 to 500 characters"),
        (["--n", "1", "--tag", "\udcff"], "udcff"),
        (["--n", "1", "--isolation", "magic"], "magic"),
        (["--n", "1", "--with", "nothing:a=1"], "nothing"),
    ],
)
def test_a_bad_option_is_named_and_nothing_is_recorded(house: Household, words: list[str], says: str) -> None:
    house.write(HELLO)

    done = house.run("flow.py", "run", *words, status=None)

    assert done.status not in (0, 70), done.text
    assert says in done.err
    assert "Traceback" not in done.text
    house.flagstone("doctor")
    assert house.flagstone("runs").out.count("HelloFlow/") == 0


def test_a_run_whose_number_cannot_be_told_is_not_begun_for_nothing(house: Household) -> None:
    house.write(HELLO)

    done = house.run("flow.py", "run", "--n", 1, "--run-id-file", "no/such/folder/id", status=None)

    assert done.status not in (0, 70)
    assert "no/such/folder/id" in done.err
    assert "No such file" in done.err
    assert "lost" not in house.flagstone("runs").out
    house.assert_whole()


def test_an_unknown_verb_or_pathspec_is_named(house: Household) -> None:
    house.write(HELLO)
    house.run("flow.py", "run", "--n", 1)

    for words in (["frobnicate"], ["show", "NoFlow/1"], ["logs", "HelloFlow/99"], ["dump", "HelloFlow/1/nope"]):
        done = house.flagstone(*words, status=None)

        assert done.status not in (0, 70)
        assert words[-1].rpartition("/")[2] in done.err
        assert "Traceback" not in done.text


def test_what_does_not_exist_is_named_as_it_was_written(house: Household) -> None:
    house.write(HELLO)
    house.run("flow.py", "run", "--n", 1)

    for words, says in (
        (["debug", "HelloFlow/1"], "'HelloFlow/1' is not a pathspec: a step is expected"),
        (["dump", "HelloFlow/1/start", "--include", "nope"], "an artifact nope of HelloFlow/1/start does not exist"),
        (["dump", "HelloFlow/1/start", "--file", "no/folder/x"], "file = 'no/folder/x': it cannot be written"),
        (["package", "save", "flow.py", "no/folder/x"], "path = 'no/folder/x': it cannot be written"),
    ):
        done = house.flagstone(*words, status=None)

        assert done.status not in (0, 70)
        assert says in done.err
    assert "'99' is not a pathspec: a step is expected" in house.run("flow.py", "spin", "99", status=2).err


TWO = """
from flagstone import FlowSpec, step
class A(FlowSpec):
    @step
    def start(self): pass
class B(FlowSpec):
    @step
    def start(self): pass
"""

# --- the flow's file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import nothing_like_this\n", ["nothing_like_this", "flow.py"]),
        ("def broken(:\n", ["SyntaxError", "flow.py"]),
        ("x = 1\n", ["no flow", "flow.py"]),
        (TWO, ["A, B"]),
        ("raise SystemExit(7)\n", ["flow.py"]),
        ("\x00", ["flow.py"]),
    ],
    ids=["import", "syntax", "no flow", "two flows", "exit", "null byte"],
)
def test_a_file_without_a_sound_flow_is_refused(house: Household, text: str, says: list[str]) -> None:
    (house.work / "flow.py").write_text(text)

    done = house.flagstone("run", "flow.py", status=None)

    assert done.status not in (0, 70), done.text
    assert all(word in done.text for word in says), done.text
    assert not house.home.exists()


def test_a_missing_file_is_named(house: Household) -> None:
    done = house.flagstone("run", "nowhere.py", status=1)

    assert "nowhere.py cannot be read: No such file" in done.err


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("self.next(self.nope)", "nope"),
        ("pass", "self.next"),
        ("self.next(self.start)", "start"),
        ("self.xs = [1]; self.next(self.join, foreach='xs')", "join"),
        ("self.next(self.end, self.join)", "join"),
    ],
)
def test_a_broken_graph_is_shown_with_its_line_and_leaves_nothing_behind(
    house: Household, last: str, says: str
) -> None:
    house.write(f"""
        class BrokenFlow(FlowSpec):
            @step
            def start(self):
                {last}

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=2)

    assert says in done.err
    assert "flow.py:" in done.err
    assert "Traceback" not in done.err
    assert not house.home.exists()


# --- where it is run ---------------------------------------------------------------------------------------------


def test_a_flow_runs_from_any_folder_and_from_a_path_with_spaces_and_other_letters(house: Household) -> None:
    path = house.write(HELLO, "my fólder/ein Fluß 流.py")
    elsewhere = house.work / "elsewhere"
    elsewhere.mkdir()

    house.run(path, "run", "--n", 1, cwd=elsewhere)
    house.run("-m", "flagstone", "run", path, "--n", 2, cwd=elsewhere)
    house.run("ein Fluß 流.py", "run", "--n", 3, "--isolation", "spawn", cwd=path.parent)

    assert [run.data.m for run in house.latest("HelloFlow").parent] == [4, 3, 2]
    assert list(elsewhere.iterdir()) == []


def test_a_closed_pipe_ends_the_showing_and_loses_nothing_of_the_run(house: Household) -> None:
    house.write(HELLO)
    house.run("flow.py", "run", "--n", 1)

    shell = subprocess.run(
        f"{sys.executable} flow.py run --n 1 | head -n 1; {sys.executable} -m flagstone runs | head -n 1",
        shell=True,
        cwd=house.work,
        env=house.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    run = house.latest("HelloFlow")
    assert shell.stderr == ""
    assert (run.id, run.finished) == ("2", True)
    house.assert_whole()


def test_a_flow_may_print_anything(house: Household) -> None:
    house.write("""
        import os, sys

        class LoudFlow(FlowSpec):
            @step
            def start(self):
                os.write(1, bytes(range(256)) + b"\\n")
                for done in range(0, 101, 10):
                    sys.stderr.write(f"\\r{done}%")
                sys.stderr.write("\\n")
                print("grüße, 世界")
                print("no newline at the end", end="")
                self.next(self.end)

            @step
            def end(self):
                print("over")
    """)

    done = house.run("flow.py", "run")

    start = house.latest("LoudFlow")["start"].task
    assert "100%" in done.out
    assert "90%" not in done.out
    assert "grüße, 世界" in start.stdout
    assert start.stdout.endswith("no newline at the end")
    assert start.stdout_size == 257 + len("grüße, 世界\n".encode()) + 21
    assert house.latest("LoudFlow")["end"].task.stdout == "over\n"
    assert "over" in house.flagstone("logs", "LoudFlow/1").out
