"""Names without machinery behind them: an import works, a use says what to do instead and where it stands."""

from collections.abc import Callable
from typing import Any

import pytest

import flagstone
from flagstone.integrations import ArgoEvent
from flagstone.model.errors import NotHere

USES: dict[str, Callable[[], Any]] = {
    "Deployer": lambda: flagstone.Deployer("flow.py"),
    "NBDeployer": lambda: flagstone.NBDeployer(object),
    "DeployedFlow.from_deployment": lambda: flagstone.DeployedFlow.from_deployment("shop"),
    "S3": lambda: flagstone.S3(run=None),
    "ArgoEvent": lambda: ArgoEvent("sales"),
}


@pytest.mark.parametrize("name", USES)
def test_a_use_explains_itself(name: str) -> None:
    with pytest.raises(NotHere) as caught:
        USES[name]()

    assert str(caught.value).startswith(f"{name} would ")
    assert caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.file == __file__


def test_an_event_name_is_known_when_the_flow_runs() -> None:
    name = flagstone.namespaced_event_name("sales")

    assert name() == "sales"
    assert repr(name) == "namespaced_event_name('sales')"
