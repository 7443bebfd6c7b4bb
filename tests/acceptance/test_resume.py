"""A resume goes on where a run stopped, from any kind of step, and repeats nothing that succeeded."""

import pytest

from tests.acceptance.household import Household, wait_for

# Every kind of step; the one that `break` names fails, and of a foreach's tasks the second one only.
EVERY = """
import pathlib

def reach(name):
    stop = pathlib.Path("break").read_text() if pathlib.Path("break").exists() else ""
    if name == stop:
        raise ValueError(f"{name} is told to break")
    with open("marks", "a") as marks:
        print(name, file=marks)
    print("reached", name)

class EveryFlow(FlowSpec):
    @step
    def start(self):
        reach("start")
        self.base = 1
        self.next(self.side, self.spread)

    @step
    def side(self):
        reach("side")
        self.x = 5
        self.next(self.meet)

    @step
    def spread(self):
        reach("spread")
        self.outer = ["a", "b"]
        self.next(self.each, foreach="outer")

    @step
    def each(self):
        reach(f"each-{self.input}")
        self.inner = [1, 2, 3]
        self.letter = self.input
        self.next(self.deep, foreach="inner")

    @step
    def deep(self):
        reach(f"deep-{self.letter}{self.input}")
        self.got = f"{self.letter}{self.input}"
        self.next(self.gather)

    @step
    def gather(self, inputs):
        reach(f"gather-{inputs[0].letter}")
        self.got = [i.got for i in inputs]
        self.next(self.collect)

    @step
    def collect(self, inputs):
        reach("collect")
        self.got = [g for i in inputs for g in i.got]
        self.next(self.meet)

    @step
    def meet(self, inputs):
        reach("meet")
        self.result = [inputs.side.x, *inputs.collect.got]
        self.next(self.after)

    @step
    def after(self):
        reach("after")
        self.next(self.end)

    @step
    def end(self):
        reach("end")
"""

ALL = {
    *("start", "side", "spread", "each-a", "each-b", "gather-a", "gather-b", "collect", "meet", "after", "end"),
    *(f"deep-{letter}{number}" for letter in "ab" for number in (1, 2, 3)),
}
RESULT = [5, "a1", "a2", "a3", "b1", "b2", "b3"]


@pytest.mark.parametrize(
    "broken", ["start", "side", "each-b", "deep-b2", "gather-b", "collect", "meet", "after", "end"]
)
def test_a_resume_runs_just_what_had_not_succeeded_whatever_broke(house: Household, broken: str) -> None:
    house.write(EVERY)
    (house.work / "break").write_text(broken)
    house.run("flow.py", "run", "--keep-going", status=1)
    done = house.lines()
    (house.work / "break").unlink()

    house.run("flow.py", "resume")

    assert sorted(house.lines()) == sorted(ALL), "each task succeeded exactly once"
    assert broken in house.lines()[len(done) :]
    run = house.latest("EveryFlow")
    assert (run.successful, house.value("EveryFlow", "result"), run.origin_pathspec) == (True, RESULT, "EveryFlow/1")
    house.assert_whole()


def test_clones_read_as_their_originals_without_any_copy(house: Household) -> None:
    house.write(EVERY.replace("self.x = 5", "import numpy; self.x = 5; self.big = numpy.arange(300_000.0)"))
    house.run("flow.py", "run")
    blobs, marks = house.blobs(), house.lines()

    resumed = house.run("flow.py", "resume")

    first, second = (house.latest("EveryFlow").parent[number] for number in "12")
    assert house.lines() == marks
    assert house.blobs() == blobs
    assert "17 tasks taken over from EveryFlow/1" in resumed.out
    for name in ("start", "side", "each", "deep", "gather", "meet", "end"):
        originals, clones = (sorted(run[name], key=lambda task: task.path) for run in (first, second))
        for original, clone in zip(originals, clones, strict=True):
            assert [(a.id, a.sha, a.size) for a in clone] == [(a.id, a.sha, a.size) for a in original]
            assert (clone.stdout, clone.stderr) == (original.stdout, original.stderr)
            assert clone.stdout.startswith("reached ")
            assert list(clone.loglines("stdout")) == list(original.loglines("stdout"))
            assert clone.origin_pathspec == original.pathspec
            assert (clone.index, clone.created_at) == (original.index, original.created_at)
    assert second["side"].task.data.big.sum() == first["side"].task.data.big.sum()
    assert [task.pathspec.split("/")[2] for task in second["meet"].task.parent_tasks] == ["side", "collect"]


def test_the_origin_of_a_second_resume_is_the_first_resume(house: Household) -> None:
    house.write(EVERY)
    (house.work / "break").write_text("deep-a2")
    house.run("flow.py", "run", "--keep-going", status=1)
    (house.work / "break").write_text("after")
    house.run("flow.py", "resume", status=1)
    (house.work / "break").unlink()

    house.run("flow.py", "resume")
    from_first = house.run("flow.py", "resume", "--origin-run-id", "1")
    by_path = house.run("flow.py", "resume", "meet", "--origin-run-id", "EveryFlow/3")

    flow = house.latest("EveryFlow").parent
    origins = [flow[number].origin_pathspec for number in "12345"]
    assert origins == [None, "EveryFlow/1", "EveryFlow/2", "EveryFlow/1", "EveryFlow/3"]
    assert flow["3"]["start"].task.origin_pathspec == "EveryFlow/1/start/1", "where it really ran"
    assert flow["3"].data.result == flow["4"].data.result == flow["5"].data.result == RESULT
    assert "resumes EveryFlow/1" in from_first.out
    assert "meet runs again: you asked for it" in by_path.out
    assert house.lines()[-3:] == ["meet", "after", "end"]


def test_a_changed_parameter_runs_again_what_read_it_and_what_follows_and_says_so(house: Household) -> None:
    house.write("""
        def mark(name):
            with open("marks", "a") as marks:
                print(name, file=marks)

        class RateFlow(FlowSpec):
            rate = Parameter("rate", default=1)
            label = Parameter("label", default="x")

            @step
            def start(self):
                mark("start")
                self.next(self.reads, self.ignores)

            @step
            def reads(self):
                mark("reads")
                self.value = self.rate * 10
                self.next(self.join)

            @step
            def ignores(self):
                mark("ignores")
                self.next(self.join)

            @step
            def join(self, inputs):
                mark("join")
                self.total = inputs.reads.value
                self.next(self.end)

            @step
            def end(self):
                mark("end")
    """)
    house.run("flow.py", "run", "--rate", 2)
    before = len(house.lines())

    changed = house.run("flow.py", "resume", "--rate", 3)
    same = house.run("flow.py", "resume", "--rate", 3)
    kept = house.run("flow.py", "resume", "--label", "y")

    assert house.lines()[before:] == ["reads", "join", "end"]
    assert "reads runs again: it read rate, which changed" in changed.out
    assert "join runs again: a step before it runs again" in changed.out
    assert "runs again" not in same.out + kept.out
    data = house.data("RateFlow")
    assert (data.total, data.rate, data.label) == (30, 3, "y")


def test_what_cannot_be_resumed_is_said_and_nothing_is_recorded(house: Household) -> None:
    house.write(EVERY)
    nothing = house.run("flow.py", "resume", status=2)
    (house.work / "break").write_text("end")
    house.run("flow.py", "run", status=1)

    unknown = house.run("flow.py", "resume", "nope", status=2)
    absent = house.run("flow.py", "resume", "--origin-run-id", "77", status=1)
    other = house.run("flow.py", "resume", "--origin-run-id", "OtherFlow/1", status=2)
    odd = house.run("flow.py", "resume", "--origin-run-id", "a/b/c", status=2)

    assert "EveryFlow has no run yet" in nothing.err
    assert "nope" in unknown.err
    assert "gather" in unknown.err, "the steps that there are"
    assert "EveryFlow/77 does not exist" in absent.err
    assert "another flow" in other.err
    assert "pathspec" in odd.err
    assert house.latest("EveryFlow").id == "1"


def test_a_run_that_still_runs_is_not_resumed(house: Household) -> None:
    house.write("""
        import pathlib, time

        class WaitFlow(FlowSpec):
            @step
            def start(self):
                pathlib.Path("begun").touch()
                while not pathlib.Path("go").exists():
                    time.sleep(0.02)
                self.next(self.end)

            @step
            def end(self):
                pass
    """)
    running = house.start("flow.py", "run")
    wait_for((house.work / "begun").exists, "the first task")

    refused = house.run("flow.py", "resume", status=2)
    (house.work / "go").touch()

    assert running.wait(20) == 0
    assert "WaitFlow/1 is still running" in refused.err
    assert house.latest("WaitFlow").id == "1"


def test_after_a_change_of_the_code_what_no_longer_fits_runs_again(house: Household) -> None:
    body = """
        def mark(name):
            with open("marks", "a") as marks:
                print(name, file=marks)

        class CodeFlow(FlowSpec):
            @step
            def start(self):
                mark("start")
                self.value = 2
                self.next(self.{name})

            @step
            def {name}(self):
                mark("{name}")
                self.value *= {factor}
                self.next(self.end)

            @step
            def end(self):
                mark("end")
                if self.value < 10:
                    raise ValueError("too small")
    """
    house.write(body.format(name="middle", factor=2))
    house.run("flow.py", "run", status=1)
    house.write(body.format(name="centre", factor=7))

    resumed = house.run("flow.py", "resume")

    assert house.lines() == ["start", "middle", "end", "start", "centre", "end"]
    assert "start runs again: its self.next changed" in resumed.out
    assert house.data("CodeFlow").value == 14
