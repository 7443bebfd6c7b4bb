"""The branch of a run: what `@project` says, and what was asked for."""

import pytest

from flagstone.model.errors import InvalidProject
from flagstone.model.flow_declarations import Project
from flagstone.model.projects import Branch, branch_of


@pytest.mark.parametrize(
    ("said", "branch", "production", "expected"),
    [
        (Project(name="shop"), None, None, "user.ann"),
        (Project(name="shop"), "fast", None, "test.fast"),
        (Project(name="shop"), None, True, "prod"),
        (Project(name="shop"), "fast", True, "prod.fast"),
        (Project(name="shop", branch="fast"), None, None, "test.fast"),
        (Project(name="shop", branch="fast", production=True), None, None, "prod.fast"),
        (Project(name="shop", branch="fast"), "fast", True, "prod.fast"),
    ],
)
def test_a_branch_follows_from_the_decorator_and_the_options(
    said: Project, branch: str | None, production: bool | None, expected: str
) -> None:
    found = branch_of(said, "ann", branch, production)

    assert found == Branch("shop", expected)
    assert found.flow_name("AFlow") == f"shop.{expected}.AFlow"
    assert found.is_user_branch == expected.startswith("user.")
    assert found.is_production == expected.startswith("prod")
    assert Branch.tagged(("user:ann", *found.tags)) == found


@pytest.mark.parametrize(
    ("said", "branch", "production"),
    [
        (Project(name="shop", branch="fast"), "slow", None),
        (Project(name="shop", production=True), None, False),
        (Project(name="shop"), "Not A Branch", None),
    ],
)
def test_contradictions_and_wrong_branches_are_refused(
    said: Project, branch: str | None, production: bool | None
) -> None:
    with pytest.raises(InvalidProject):
        branch_of(said, "ann", branch, production)


def test_a_run_without_a_project_has_no_branch() -> None:
    assert Branch.tagged(("user:ann", "runtime:local")) is None
