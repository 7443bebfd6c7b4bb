"""What surprises people elsewhere does not surprise them here: what steps see, keep and join. Each is a story.

docs/explanation/surprises.md lists them with the names of these tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flagstone.client.scope import fresh_scope
from tests.acceptance.household import Household


@contextmanager
def one_household(place: Path) -> Iterator[Household]:
    """A home that several tests read from, and the client in this process meanwhile."""
    household = Household(place)
    with pytest.MonkeyPatch.context() as patch, fresh_scope():
        patch.setenv("FLAGSTONE_HOME", str(household.home))
        patch.setenv("FLAGSTONE_USER", "tester")
        yield household
    household.close()


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


@pytest.fixture(scope="module")
def foreaches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Per kind of iterable what its join saw: how many inputs, their elements, their places; one run for all tests."""
    with one_household(tmp_path_factory.mktemp("foreaches")) as household:
        household.write(EACH)
        household.run("flow.py", "run")
        data = household.data("EachFlow")
        return {kind: (*data.all[kind], data.wanted[kind]) for kind in data.all}


def assert_each_once(foreaches: dict[str, Any], *kinds: str) -> None:
    """Each element was worked on once, in the order that Python gives, and knew its place."""
    for kind in kinds:
        count, got, places, wanted = foreaches[kind]
        assert (kind, got, count) == (kind, wanted, len(wanted))
        assert places == [(i, i, len(wanted), True, 15) for i in range(len(wanted))]


def test_a_foreach_over_a_set_works_on_each_element_once_in_a_settled_order(foreaches: dict[str, Any]) -> None:
    assert_each_once(foreaches, "set", "frozenset")


def test_a_foreach_over_a_dict_goes_through_its_keys(foreaches: dict[str, Any]) -> None:
    assert_each_once(foreaches, "dict", "items of a dict")


def test_a_foreach_over_a_generator_works_on_what_it_gives(foreaches: dict[str, Any]) -> None:
    assert_each_once(foreaches, "generator", "map", "empty iterator")


def test_a_foreach_over_a_text_goes_through_its_letters(foreaches: dict[str, Any]) -> None:
    assert_each_once(foreaches, "text")


def test_a_foreach_over_nothing_goes_straight_to_its_join(foreaches: dict[str, Any]) -> None:
    assert foreaches["empty list"][:2] == (0, [])
    assert_each_once(foreaches, "empty list", "empty iterator")


def test_a_foreach_over_more_than_a_hundred_elements_needs_no_option(foreaches: dict[str, Any]) -> None:
    assert foreaches["many"][0] == 150
    assert_each_once(foreaches, "many")


def test_a_foreach_goes_through_anything_else_that_python_goes_through(foreaches: dict[str, Any]) -> None:
    assert len(foreaches) == 15
    assert_each_once(foreaches, *foreaches)


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


MERGE = """
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
"""


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the join of three runs of one flow saw."""
    with one_household(tmp_path_factory.mktemp("merged")) as household:
        household.write(MERGE)
        for _ in range(3):
            household.run("flow.py", "run")
        found = [{one.id: one.data for one in run["end"].task} for run in household.latest("MergeFlow").parent]
    assert len(found) == 3
    return found


def test_the_inputs_of_a_static_join_come_in_the_order_of_self_next(merged: list[dict[str, Any]]) -> None:
    assert [seen["order"] for seen in merged] == [["c", "a", "b"]] * 3
    assert {(seen["first"], seen["last"]) for seen in merged} == {("c", "b")}


def test_the_inputs_of_a_join_have_a_length(merged: list[dict[str, Any]]) -> None:
    assert [seen["count"] for seen in merged] == [3, 3, 3]


def test_equal_dicts_and_sets_merge_in_whatever_order_they_were_built(merged: list[dict[str, Any]]) -> None:
    for seen in merged:
        assert (seen["kept"], seen["table"], seen["letters"]) == (1, {"x": 1, "y": {1, 2, 3}}, {"p", "q", "r"})


def test_a_merge_that_is_refused_names_what_differs_and_changes_nothing(merged: list[dict[str, Any]]) -> None:
    for seen in merged:
        assert seen["refused"] == ("UnhandledInMergeArtifactsException", ["clash"])
        assert seen["nothing_merged"]


KEEP = """
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
        self.nothing = None
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
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the last step of one run saw."""
    with one_household(tmp_path_factory.mktemp("kept")) as household:
        household.write(KEEP)
        household.run("flow.py", "run")
        return {one.id: one.data for one in household.latest("KeepFlow")["end"].task}


def test_a_function_on_self_is_an_artifact_like_any_other(kept: dict[str, Any]) -> None:
    assert kept["out"] == [14, 21, "TEXT", {"a": 1}]


def test_what_was_deleted_from_self_stays_away_in_the_steps_that_follow(kept: dict[str, Any]) -> None:
    assert kept["here"] == kept["there"] == [False, False, True]
    assert (kept["again"], kept["twice"]) == (4, True)
    assert not {"read", "unread"} & kept.keys()


def test_a_dict_of_the_class_that_a_step_changed_is_changed_in_the_steps_that_follow(kept: dict[str, Any]) -> None:
    assert kept["after"] == {"a": 1, "b": 2}


def test_none_is_a_value_like_any_other(kept: dict[str, Any]) -> None:
    assert "nothing" in kept
    assert kept["nothing"] is None


def test_parameters_constants_and_methods_cannot_be_assigned(house: Household) -> None:
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

    house.run("flow.py", "run")

    data = house.data("FixedFlow")
    assert len(data.refused) == 9
    assert data.values == (1, "constant", "FixedFlow")


def test_an_artifact_named_like_a_step_is_refused_with_its_line(house: Household) -> None:
    house.write("""
        class CoverFlow(FlowSpec):
            @step
            def start(self):
                self.end = 3
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    covered = house.run("flow.py", "run", status=1)

    assert "CoverFlow.end is a step" in covered.text
    assert "flow.py:5" in covered.text
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
