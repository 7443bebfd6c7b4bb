"""What surprises people elsewhere does not surprise them here: each row of the list is a story."""

import pytest

from tests.acceptance.household import Household

EACH = """
import numpy as np, pandas as pd

ALL = {
    "set": ({"h", "a", "g", "b", "f", "c", "e", "d"}, list("abcdefgh")),
    "frozenset": (frozenset([3, 1, 2]), [1, 2, 3]),
    "dict": ({"b": 1, "a": 2}, ["b", "a"]),
    "items of a dict": ({"b": 1, "a": 2}.items(), [("b", 1), ("a", 2)]),
    "generator": ((n * n for n in range(5)), [0, 1, 4, 9, 16]),
    "map": (map(str, range(3)), ["0", "1", "2"]),
    "empty list": ([], []),
    "empty iterator": (iter(()), []),
    "many": (list(range(150)), list(range(150))),
    "range": (range(3, 0, -1), [3, 2, 1]),
    "text": ("abc", ["a", "b", "c"]),
    "nothings": ([None, None], [None, None]),
    "array": (np.array([1.5, 2.5]), [1.5, 2.5]),
    "pandas index": (pd.Index(["x", "y"]), ["x", "y"]),
    "pandas series": (pd.Series([7, 8], index=[5, 6]), [7, 8]),
}

class EachFlow(FlowSpec):
    @step
    def start(self):
        self.kinds = list(ALL)
        self.next(self.spread, foreach="kinds")

    @step
    def spread(self):
        self.kind = self.input
        self.items, self.wanted = ALL[self.kind]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input
        (outer, outers, kind), (inner, inners, element) = self.foreach_stack()
        self.place = (self.index, inner, inners, kind == self.kind, outers)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.count = len(inputs)
        self.got = [i.got for i in inputs]
        self.places = [i.place for i in inputs]
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.all = {kind: (i.count, i.got, i.places) for kind, i in zip(ALL, inputs)}
        self.next(self.end)

    @step
    def end(self):
        self.wanted = {kind: wanted for kind, (_, wanted) in ALL.items()}
"""


def test_a_foreach_goes_through_anything_that_python_goes_through_and_sees_each_element_once(house: Household) -> None:
    house.write(EACH)

    house.run("flow.py", "run")

    data = house.data("EachFlow")
    assert len(data.all) == len(data.wanted) == 15
    for kind, (count, got, places) in data.all.items():
        wanted = data.wanted[kind]
        assert (kind, got, count) == (kind, wanted, len(wanted))
        assert places == [(i, i, len(wanted), True, 15) for i in range(len(wanted))]


def test_a_set_whose_elements_cannot_be_compared_still_gives_each_once(house: Household) -> None:
    house.write("""
        class MixedFlow(FlowSpec):
            @step
            def start(self):
                self.items = {1, "a", (2, 3), None, 4.5}
                self.next(self.work, foreach="items")

            @step
            def work(self):
                self.got = self.input
                self.next(self.join)

            @step
            def join(self, inputs):
                self.got = [i.got for i in inputs]
                self.bare = hasattr(self, "items")
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    house.run("flow.py", "run")

    got = house.value("MixedFlow", "got", "join")
    assert isinstance(got, list)
    assert len(got) == 5
    assert set(got) == {1, "a", (2, 3), None, 4.5}
    assert house.value("MixedFlow", "bare") is False


def test_the_inputs_of_a_static_join_come_in_the_order_of_self_next_and_equal_values_merge(house: Household) -> None:
    house.write("""
        import time

        class MergeFlow(FlowSpec):
            @step
            def start(self):
                self.kept = 1
                self.next(self.c, self.a, self.b)

            @step
            def a(self):
                self.name_ = "a"
                self.table = {"x": 1, "y": {1, 2, 3}}
                self.letters = {"p", "q", "r"}
                self.clash = 1
                self.next(self.join)

            @step
            def b(self):
                time.sleep(0.1)
                self.name_ = "b"
                self.table = {"y": {3, 2, 1}, "x": 1}
                self.letters = {"r", "q", "p"}
                self.clash = 2
                self.next(self.join)

            @step
            def c(self):
                time.sleep(0.2)
                self.name_ = "c"
                self.next(self.join)

            @step
            def join(self, inputs):
                self.order = [i.name_ for i in inputs]
                self.count = len(inputs)
                self.first, self.last = inputs[0].name_, inputs[-1:][0].name_
                try:
                    self.merge_artifacts(inputs, exclude=["name_"])
                except Exception as error:
                    self.refused = type(error).__name__, error.artifact_names
                self.nothing_merged = not hasattr(self, "kept")
                self.merge_artifacts(inputs, exclude=["clash", "name_"])
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    for _ in range(3):
        house.run("flow.py", "run")

    for number in "321":
        data = house.latest("MergeFlow").parent[number].data
        assert (data.order, data.count, data.first, data.last) == (["c", "a", "b"], 3, "c", "b")
        assert data.refused == ("UnhandledInMergeArtifactsException", ["clash"])
        assert data.nothing_merged
        assert (data.kept, data.table, data.letters) == (1, {"x": 1, "y": {1, 2, 3}}, {"p", "q", "r"})


def test_what_is_on_self_stays_there_and_what_was_deleted_stays_away(house: Household) -> None:
    house.write("""
        def double(value):
            return 2 * value

        class KeepFlow(FlowSpec):
            table = {"a": 1}

            @step
            def start(self):
                factor = 3
                self.named = double
                self.short = lambda value: value * factor
                self.bound = "text".upper
                self.kind = dict
                self.read, self.unread, self.again = 1, 2, 3
                self.next(self.middle)

            @step
            def middle(self):
                self.seen = self.read
                del self.read
                del self.unread
                del self.again
                self.again = 4
                try:
                    del self.read
                except AttributeError:
                    self.twice = True
                self.here = [hasattr(self, name) for name in ("read", "unread", "again")]
                self.table["b"] = 2
                self.next(self.end)

            @step
            def end(self):
                self.out = [self.named(7), self.short(7), self.bound(), self.kind(a=1)]
                self.there = [hasattr(self, name) for name in ("read", "unread", "again")]
                self.after = dict(self.table)
    """)

    house.run("flow.py", "run")

    data = house.data("KeepFlow")
    assert data.out == [14, 21, "TEXT", {"a": 1}]
    assert data.here == data.there == [False, False, True]
    assert (data.again, data.twice) == (4, True)
    assert data.after == {"a": 1, "b": 2}


def test_parameters_and_constants_cannot_be_assigned_and_steps_not_be_covered(house: Household) -> None:
    house.write("""
        class FixedFlow(FlowSpec):
            alpha = Parameter("alpha", default=1)
            kind = "constant"

            @step
            def start(self):
                self.refused = []
                for name in "alpha kind input index name next foreach_stack merge_artifacts end".split():
                    try:
                        setattr(self, name, 5)
                    except AttributeError as error:
                        assert name in str(error)
                        self.refused.append(name)
                self.next(self.end)

            @step
            def end(self):
                self.values = self.alpha, self.kind, self.name
    """)
    house.write(
        """
        class CoverFlow(FlowSpec):
            @step
            def start(self):
                self.end = 3
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
        "cover.py",
    )

    house.run("flow.py", "run")
    covered = house.run("cover.py", "run", status=1)

    data = house.data("FixedFlow")
    assert len(data.refused) == 9
    assert data.values == (1, "constant", "FixedFlow")
    assert "CoverFlow.end is a step" in covered.text
    assert "cover.py:5" in covered.text
    assert "self.end = 3" in covered.text


@pytest.mark.parametrize("attribute", ["name", "index", "input", "cmd", "script_name", "foreach_stack", "_x", "next"])
def test_a_parameter_whose_name_has_a_meaning_is_refused_where_the_class_is_written(
    house: Household, attribute: str
) -> None:
    house.write(f"""
        class ClashFlow(FlowSpec):
            fine = Parameter("fine", default=1)
            {attribute} = Parameter("clash", default=1)

            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=1)

    assert f"ClashFlow.{attribute}" in done.err
    assert "flow.py:4" in done.err, "the line of the parameter itself"
    assert "Traceback" not in done.err
    assert not house.home.exists()


def test_a_failed_run_is_known_as_failed_and_its_running_siblings_finish(house: Household) -> None:
    house.write("""
        import pathlib, time

        class HalfFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.good, self.bad)

            @step
            def good(self):
                pathlib.Path("good-began").touch()
                time.sleep(0.6)
                self.kept = "yes"
                self.next(self.join)

            @step
            def bad(self):
                while not pathlib.Path("good-began").exists():
                    time.sleep(0.01)
                self.progress = "half way"
                print("about to break")
                if self.progress:
                    raise ValueError("this one is bad")
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", "--max-workers", 2, status=1)

    run = house.latest("HalfFlow")
    bad = run["bad"].task
    assert (run.status, run.finished, run.successful) == ("failed", True, False)
    assert run.finished_at is not None
    assert run.origin_pathspec is None
    assert (run["good"].task.status, run["good"].task.data.kept) == ("succeeded", "yes")
    assert (bad.status, bad.finished, bad.data.progress, bad.stdout) == ("failed", True, "half way", "about to break\n")
    assert "this one is bad" in str(bad.exception)
    assert bad.pathspec in done.err
    assert "python flow.py resume" in done.err
    house.assert_whole()
