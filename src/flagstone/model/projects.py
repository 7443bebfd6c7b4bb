"""Where in a project a run belongs: on somebody's own branch, on one to test with, or in production."""

from collections.abc import Sequence

from msgspec import Struct

from flagstone.model.errors import InvalidProject
from flagstone.model.flow_declarations import Project, wrong_branch


class Branch(Struct, frozen=True):
    """A project and a branch of it: `user.ann`, `test.fast`, `prod` or `prod.fast`."""

    project: str
    branch: str

    @classmethod
    def tagged(cls, tags: Sequence[str]) -> "Branch | None":
        """The one whose system tags these are."""
        found = dict(tag.partition(":")[::2] for tag in tags)
        if "project" not in found or "project_branch" not in found:
            return None
        return cls(found["project"], found["project_branch"])

    @property
    def is_user_branch(self) -> bool:
        """Whether it is somebody's own."""
        return self.branch.startswith("user.")

    @property
    def is_production(self) -> bool:
        """Whether it is the production branch, or one of several."""
        return self.branch == "prod" or self.branch.startswith("prod.")

    @property
    def tags(self) -> tuple[str, ...]:
        """The system tags of its runs."""
        return f"project:{self.project}", f"project_branch:{self.branch}"

    def flow_name(self, flow: str) -> str:
        """The name under which a flow is deployed here."""
        return f"{self.project}.{self.branch}.{flow}"


def branch_of(said: Project, user: str, branch: str | None, production: bool | None) -> Branch:
    """The branch of a run, given what the decorator says and what was asked for. Raises InvalidProject."""
    if branch is not None and (wrong := wrong_branch(branch)):
        raise InvalidProject(problem=f"--branch {branch}: {wrong}")
    if branch is not None and said.branch is not None and branch != said.branch:
        raise InvalidProject(
            problem=f"the branch is {said.branch!r} in @project and {branch!r} on the command line or in the settings",
            hint="say it in one of these places",
        )
    if production is False and said.production:
        raise InvalidProject(
            problem="@project says production=True, and the command line or the settings say the opposite",
            hint="say it in one of these places",
        )
    name = branch if branch is not None else said.branch
    if production or said.production:
        return Branch(said.name, "prod" if name is None else f"prod.{name}")
    return Branch(said.name, f"user.{user}" if name is None else f"test.{name}")
