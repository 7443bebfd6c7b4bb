"""A step is tried out like a function: artifacts in, artifacts out, and where it goes next."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from flagstone import Parameter, current
from flagstone.model.errors import (
    InvalidConfig,
    InvalidParameter,
    NoSuchArtifact,
    UnhandledInMergeArtifactsException,
    UnknownStep,
)
from flagstone.testing import Next, run_flow, run_step
from tests.unit.testing.shop import ConfiguredFlow, MockFlow, ShopFlow


def test_what_a_step_assigns_is_there_and_where_it_goes() -> None:
    left = run_step(ShopFlow, "prices", artifacts={"common": 1}, parameters={"rate": 0.25})

    assert left.price == 25.0
    assert left.artifacts == {"common": 1, "price": 25.0}
    assert left.assigned == {"price"}
    assert left.next == Next(("both",))


def test_parameters_have_their_defaults_computed_ones_too() -> None:
    left = run_step(ShopFlow, "prices")

    assert left.price == 50.0
    assert isinstance(ShopFlow.rate, Parameter)


def test_a_foreach_shows_what_it_goes_through() -> None:
    left = run_step(ShopFlow, "visits")

    assert left.next == Next(("visit",), "names", ["x", "y", "z"])


def test_a_branch_names_all_its_steps() -> None:
    after = run_step(ShopFlow, "start").next

    assert after is not None
    assert after.steps == ("prices", "visits")


def test_the_element_and_the_index_of_a_foreach_are_given() -> None:
    assert run_step(ShopFlow, "visit", input="q", index=4).seen == "4q"
    assert run_step(ShopFlow, "visit", input="q").seen == "0q"
    assert run_step(ShopFlow, "visit", foreach_stack=[(2, 3, "outer"), (1, 5, "inner")]).seen == "1inner"


def test_a_join_takes_the_inputs_of_its_branches_in_order_or_by_name() -> None:
    inputs = [{"price": 3, "common": 1}, {"all_seen": ["s"], "common": 1}]

    listed = run_step(ShopFlow, "both", inputs=inputs)
    named = run_step(ShopFlow, "both", inputs={"collect": inputs[1], "prices": inputs[0]})

    assert listed.report == named.report == (3, ["s"])
    assert listed.common == 1


def test_a_join_of_a_foreach_takes_as_many_as_there_are() -> None:
    left = run_step(ShopFlow, "collect", inputs=[{"seen": 1}, {"seen": 2}, {"seen": 3}])

    assert left.all_seen == [1, 2, 3]


def test_steps_are_chained_by_handing_on_what_they_left() -> None:
    prices = run_step(ShopFlow, "prices")
    collected = run_step(ShopFlow, "collect", inputs=[run_step(ShopFlow, "visit", input="q")])

    both = run_step(ShopFlow, "both", inputs=[prices, collected])
    end = run_step(ShopFlow, "end", artifacts=both)

    assert both.report == (50.0, ["0q"])
    assert end.done
    assert end.next is None


def test_a_task_that_ran_gives_its_artifacts() -> None:
    run = run_flow(ShopFlow, rate=0.1)

    left = run_step(ShopFlow, "end", artifacts=run["both"].task)

    assert left.done


def test_the_rules_of_merging_hold() -> None:
    inputs = [{"price": 3, "common": 1}, {"all_seen": [], "common": 2}]

    with pytest.raises(UnhandledInMergeArtifactsException, match="common"):
        run_step(ShopFlow, "both", inputs=inputs)


def test_a_step_gets_the_very_objects_so_a_mock_is_fine() -> None:
    client = Mock()

    left = run_step(MockFlow, "end", artifacts={"resume": client.answer})

    assert left.found is client.answer


def test_an_artifact_may_be_called_as_the_class_calls_its_own_methods() -> None:
    left = run_step(MockFlow, "start")

    assert left.resume is left.client.fetch.return_value
    left.client.fetch.assert_called_once_with(3)


def test_what_a_step_raises_is_raised() -> None:
    with pytest.raises(LookupError, match="nothing to report") as caught:
        run_step(ShopFlow, "end", artifacts={"report": None})

    assert Path(caught.traceback[-1].path).name == "shop.py"


def test_what_a_step_misses_is_said_as_in_a_run() -> None:
    with pytest.raises(NoSuchArtifact, match="report"):
        run_step(ShopFlow, "end")


def test_current_knows_the_step_while_it_runs() -> None:
    left = run_step(ShopFlow, "visit", input="q")

    assert left.place == "ShopFlow/1/visit/1"
    assert not current.is_running_flow


def test_a_step_prints_as_a_function_does(capsys: pytest.CaptureFixture[str]) -> None:
    run_step(ShopFlow, "prices")

    assert capsys.readouterr().out == "prices at 0.5\n"


def test_what_is_changed_in_a_class_attribute_is_an_artifact_and_the_class_stays_as_it_is() -> None:
    left = run_step(ShopFlow, "end", artifacts={"report": 1, "limits": {"low": 2}})

    assert left.limits == {"low": 2}
    assert ShopFlow.limits == {"low": 1}


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(UnknownStep, match="'nowhere'"):
        run_step(ShopFlow, "nowhere")
    with pytest.raises(InvalidParameter, match="no such parameter"):
        run_step(ShopFlow, "prices", parameters={"speed": 1})
    with pytest.raises(TypeError, match="is a join: give inputs"):
        run_step(ShopFlow, "both", artifacts={})
    with pytest.raises(TypeError, match="is not a join"):
        run_step(ShopFlow, "prices", inputs=[])
    with pytest.raises(TypeError, match="joins prices and collect, and inputs has 1"):
        run_step(ShopFlow, "both", inputs=[{}])
    with pytest.raises(TypeError, match="and not 'start'"):
        run_step(ShopFlow, "both", inputs={"start": {}})
    with pytest.raises(TypeError, match="or foreach_stack"):
        run_step(ShopFlow, "visit", input=1, foreach_stack=[(0, 1, 1)])
    with pytest.raises(TypeError, match="not as int"):
        run_step(ShopFlow, "prices", artifacts=3)


def test_a_name_that_is_not_there_is_said_with_those_that_are() -> None:
    left = run_step(ShopFlow, "prices")

    with pytest.raises(AttributeError, match="left no 'cost': there are price"):
        _ = left.cost


def test_decorators_work_when_they_are_asked_to() -> None:
    left = run_step(ShopFlow, "prices", decorators=True)

    assert left.price == 50.0


def test_configs_are_given_for_one_call_and_parameters_follow_them() -> None:
    given = run_step(ConfiguredFlow, "start", configs={"cfg": {"scale": 3, "cpu": 1}})
    default = run_step(ConfiguredFlow, "start")

    assert given.x == 33
    assert default.x == 22


def test_a_config_that_the_flow_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="no such config"):
        run_step(ConfiguredFlow, "start", configs={"other": {}})
    with pytest.raises(InvalidConfig, match="no such config"):
        run_step(ShopFlow, "prices", configs={"other": {}})
