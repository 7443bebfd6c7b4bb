"""Declarations for engines beyond this machine: recorded in the plan with all that they say."""

from typing import Any, ClassVar

from msgspec import field

from flagstone.model.declaring import Declaration


class Remote(Declaration, frozen=True, kw_only=True):
    """Base of those that only say where a step runs."""

    engine: ClassVar[str] = "the step runs as a local process"


class Kubernetes(Remote, frozen=True, kw_only=True):
    """Where and with what a step's tasks run on Kubernetes. Recorded; on this machine they are local processes.

    `memory`, `disk` and `tmpfs_size` are in MB. `cpu`, `memory` and `gpu` are no claims on this machine: `@resources`
    makes those.
    """

    cpu: float = 1
    memory: int = 4096
    disk: int = 10240
    image: str | None = None
    image_pull_policy: str | None = None
    image_pull_secrets: list[str] | None = None
    service_account: str | None = None
    secrets: list[str] | str | None = None
    node_selector: dict[str, str] | str | None = None
    namespace: str | None = None
    gpu: int | None = None
    gpu_vendor: str = "nvidia"
    tolerations: list[Any] | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    use_tmpfs: bool = False
    tmpfs_tempdir: bool = True
    tmpfs_size: int | None = None
    tmpfs_path: str = "/metaflow_temp"
    persistent_volume_claims: dict[str, str] | None = None
    shared_memory: int | None = None
    port: int | None = None
    compute_pool: str | None = None
    executable: str | None = None
    hostname_resolution_timeout: int = 600
    qos: str = "Burstable"
    extended_resources: dict[str, Any] | None = None
    security_context: dict[str, Any] | None = None


class Batch(Remote, frozen=True, kw_only=True):
    """Where and with what a step's tasks run on AWS Batch. Recorded; on this machine they are local processes."""

    cpu: float = 1
    gpu: int = 0
    memory: int = 4096
    image: str | None = None
    queue: str | None = None
    iam_role: str | None = None
    execution_role: str | None = None
    shared_memory: int | None = None
    max_swap: int | None = None
    swappiness: int | None = None
    inferentia: int = 0
    trainium: int | None = None
    efa: int = 0
    host_volumes: list[str] | str | None = None
    efs_volumes: list[str] | str | None = None
    use_tmpfs: bool = False
    tmpfs_tempdir: bool = True
    tmpfs_size: int | None = None
    tmpfs_path: str = "/metaflow_temp"
    aws_batch_tags: dict[str, str] | None = None
    ephemeral_storage: int | None = None
    log_driver: str | None = None
    log_options: list[str] | None = None
    executable: str | None = None
    privileged: bool = False


class Packages(Declaration, frozen=True, kw_only=True):
    """Base of those that say which packages a step or a flow needs."""

    engine: ClassVar[str] = "tasks run with the packages of the environment that runs the flow"

    packages: dict[str, str] = field(default_factory=dict)
    python: str | None = None
    disabled: bool = False

    def check(self) -> None:
        """Every package has a name. Raises InvalidDeclaration."""
        for name in self.packages:
            if not name.strip():
                self.refuse(f"packages={self.packages!r}", "a package has no name")


class Conda(Packages, frozen=True, kw_only=True):
    """The conda packages of a step: names with versions, as in `packages={"pandas": "2.2"}`. Recorded only.

    `libraries` is the older name of `packages`; both together are the packages.
    """

    libraries: dict[str, str] = field(default_factory=dict)


class Pypi(Packages, frozen=True, kw_only=True):
    """The PyPI packages of a step: names with versions, as in `packages={"pandas": "2.2"}`. Recorded only."""


class CondaBase(Packages, frozen=True, kw_only=True):
    """The conda packages of all steps of a flow; `@conda` on a step goes before it. Recorded only."""

    libraries: dict[str, str] = field(default_factory=dict)


class PypiBase(Packages, frozen=True, kw_only=True):
    """The PyPI packages of all steps of a flow; `@pypi` on a step goes before it. Recorded only."""
