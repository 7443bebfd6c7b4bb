"""Names of the shared vocabulary whose machinery is elsewhere: importing them works, using them explains."""

from typing import Any, ClassVar, NoReturn

from flagstone.dsl.complaint import user_location
from flagstone.model.errors import NotHere

_DEPLOY = "run it with `flagstone run` or a Runner, on a schedule of cron or systemd if it has to run by itself"
_S3 = "read and write it with boto3, s3fs or pyarrow in the step, and assign what should be kept to self"
_EVENT = "start the flow that waits for it with a Runner, or with `flagstone run`"


class _Explaining(type):
    """Explains at every use of a class: at a call, and at the class methods that it would have."""

    problem: str
    instead: str

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        del args, kwargs
        raise cls._error(cls.__name__)

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise cls._error(f"{cls.__name__}.{name}")

    def _error(cls, what: str) -> NotHere:
        return NotHere(what=what, problem=cls.problem, hint=cls.instead, where=user_location())


class _Explained(metaclass=_Explaining):
    problem: ClassVar[str]
    instead: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Any arguments, so that checkers of types accept what flows write; no call comes here."""


class Deployer(_Explained):
    """Would hand a flow's file over to an orchestrator."""

    problem = "would hand the flow over to an orchestrator, and this version deploys to none"
    instead = _DEPLOY


class NBDeployer(_Explained):
    """Would hand a flow of a notebook over to an orchestrator."""

    problem = Deployer.problem
    instead = _DEPLOY


class DeployedFlow(_Explained):
    """Would be a flow that an orchestrator has."""

    problem = "would be a flow that an orchestrator has, and this version deploys to none"
    instead = _DEPLOY


class S3(_Explained):
    """Would read and write objects of S3."""

    problem = "would talk to an object store, and this version has none"
    instead = _S3


class ArgoEvent(_Explained):
    """Would publish an event."""

    problem = "would publish an event to Argo Events, which this version does not reach"
    instead = _EVENT
