"""Tests of `client.flow` and `client.root`: all runs of a flow, and finding some of them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from flagstone.client import Flow, Metaflow, namespace
from flagstone.model.errors import InvalidPathspec, InvalidSetting, NamespaceMismatch, NotFound
from flagstone.model.states import State
from tests.unit.client.history import History


def test_a_flow_iterates_its_runs_newest_first(history: History) -> None:
    history.linear()
    history.linear()

    flow = Flow("Tidal")

    assert [run.id for run in flow] == ["2", "1"]
    assert [run.pathspec for run in flow.runs()] == ["Tidal/2", "Tidal/1"]


def test_a_run_is_found_by_its_id_as_text_or_number(history: History) -> None:
    history.linear()
    flow = Flow("Tidal")

    assert flow["1"] == flow[1]
    assert "1" in flow
    assert 1 in flow
    assert flow[1] in flow
    for absent in ("2", 2, "latest", "-1", "²", "1" * 30, ""):
        assert absent not in flow
        with pytest.raises(KeyError, match="Tidal has no run"):
            flow[absent]


def test_the_latest_run_and_the_latest_successful_one(history: History) -> None:
    history.linear()
    history.linear(State.FAILED)
    flow = Flow("Tidal")

    latest, good = flow.latest_run, flow.latest_successful_run

    assert latest is not None
    assert good is not None
    assert (latest.id, good.id) == ("2", "1")


def test_a_flow_without_a_successful_run_has_no_latest_one(history: History) -> None:
    history.linear(State.FAILED)

    assert Flow("Tidal").latest_successful_run is None


def test_runs_are_found_by_status_tag_time_user_and_parameters(history: History) -> None:
    history.linear(created=100.0, tags=("a", "b"), parameters={"alpha": "3", "name": '"x"'})
    history.linear(State.FAILED, created=200.0, tags=("a",), parameters={"alpha": "0.5", "name": '"y"'})
    history.linear(created=300.0, user="bob", system_tags=("user:bob", "user:ada"))
    flow = Flow("Tidal")

    def found(*tags: str, **conditions: Any) -> list[str]:
        return [run.id for run in flow.runs(*tags, **conditions)]

    assert found("a") == ["2", "1"]
    assert found("a", "b") == ["1"]
    assert found("a", tags=["b"]) == ["1"]
    assert found(tags="b") == ["1"]
    assert found(status="failed") == ["2"]
    assert found(status=["failed", "succeeded"], limit=2) == ["3", "2"]
    assert found(parameters={"alpha": 3}) == ["1"]
    assert found(parameters={"alpha": 3.0, "name": "x"}) == ["1"]
    assert found(parameters={"alpha": 0.5}) == ["2"]
    assert found(user="bob") == ["3"]
    assert found(created_after=150, created_before=datetime(1970, 1, 1, 0, 5, tzinfo=UTC)) == ["2"]
    assert found("nothing has this tag") == []


def test_a_condition_that_does_not_exist_is_refused_with_those_that_do(history: History) -> None:
    history.linear()

    wrong: Any = {"colour": "red"}

    with pytest.raises(InvalidSetting, match=r"colour.*say status, tags"):
        Flow("Tidal").runs(**wrong)
    with pytest.raises(InvalidSetting, match=r"'done'.*say one of running, succeeded"):
        Flow("Tidal").runs(status="done")


def test_a_flow_that_never_ran_is_not_found_and_the_message_names_the_home(history: History) -> None:
    with pytest.raises(NotFound, match=str(history.home)):
        Flow("Tidal")


@pytest.mark.parametrize("text", ["", "Tidal/1", "../x", "x" * 5000, "a b", "Tidal\n"])
def test_what_is_no_flow_name_is_refused(history: History, text: str) -> None:
    history.linear()

    with pytest.raises(InvalidPathspec):
        Flow(text)


def test_the_root_lists_the_flows_that_one_can_see(history: History) -> None:
    history.linear()
    history.linear(flow="Solar")
    history.linear(flow="Secret", namespace="user:bob", system_tags=("user:bob",))

    assert [flow.id for flow in Metaflow()] == ["Solar", "Tidal"]
    assert "Tidal" in Metaflow()
    assert "Secret" not in Metaflow()
    assert Metaflow()["Solar"].pathspec == "Solar"
    namespace(None)
    assert [flow.id for flow in Metaflow().flows] == ["Secret", "Solar", "Tidal"]


def test_a_flow_of_someone_else_says_whose_it_is(history: History) -> None:
    history.linear(namespace="user:bob", system_tags=("user:bob",))

    with pytest.raises(NamespaceMismatch, match=r"user:ada.*user:bob"):
        Flow("Tidal")


def test_iteration_leaves_out_the_runs_of_others(history: History) -> None:
    history.linear()
    history.linear(namespace="user:bob", system_tags=("user:bob",))

    flow = Flow("Tidal")

    assert [run.id for run in flow] == ["1"]
    assert "2" not in flow
    namespace(None)
    assert [run.id for run in Flow("Tidal")] == ["2", "1"]
    namespace("user:bob")
    assert [run.id for run in Flow("Tidal")] == ["2"]


def test_reprs_are_one_line_and_html_is_escaped(history: History) -> None:
    history.linear(tags=("<script>alert(1)</script>",))
    flow = Flow("Tidal")

    assert repr(flow).startswith("Flow('Tidal')  latest run: 1 succeeded")
    assert "\n" not in repr(flow)
    assert repr(Metaflow()).startswith("Metaflow()  1 flow")
    for shown in (flow._repr_html_(), flow[1]._repr_html_(), Metaflow()._repr_html_()):
        assert "<script>" not in shown
    assert "&lt;script&gt;" in flow._repr_html_()
    assert flow._ipython_key_completions_() == ["1"]


def test_a_time_can_be_written_as_text_or_as_a_day(history: History) -> None:
    history.linear(created=datetime(2030, 1, 31, 12).timestamp())  # noqa: DTZ001 - local time is what is tested
    flow = Flow("Tidal")

    for before in ("2030-01-31", "2030-01-31 11:59", date(2030, 1, 31)):
        assert [run.id for run in flow.runs(created_after=before)] == ["1"]
    for after in ("2030-01-31T12:01", date(2030, 2, 1)):
        assert [run.id for run in flow.runs(created_after=after)] == []


@pytest.mark.parametrize(
    "condition", [{"created_after": "yesterday"}, {"created_before": [1]}, {"limit": "x"}, {"limit": -1}]
)
def test_a_time_or_a_limit_that_is_none_is_refused_rather_than_matching_nothing(
    history: History, condition: dict[str, Any]
) -> None:
    history.linear()

    with pytest.raises(InvalidSetting, match=next(iter(condition))):
        Flow("Tidal").runs(**condition)
