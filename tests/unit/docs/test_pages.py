"""Everything that a user meets has its place in the documentation, and every link leads somewhere."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import flagstone
from flagstone import testing
from flagstone.app.settings import KNOWN as SETTINGS
from flagstone.cli.lazy import sentences
from flagstone.client import runner
from flagstone.client.flow import Conditions
from flagstone.client.task import ArtifactSet, MetadataEntry, TaskException
from flagstone.client.task_data import TaskData
from flagstone.client.trigger import MetaflowEvent, Trigger
from flagstone.dsl import decorators
from flagstone.dsl.card_place import Cards
from flagstone.dsl.current import FIELDS
from flagstone.dsl.decorating import Decorator
from flagstone.dsl.inputs import Input, Inputs
from flagstone.dsl.mutable import DecoratorSpec
from flagstone.dsl.parameters import ParameterContext
from flagstone.dsl.registry import KNOWN, OF_FLOWS
from flagstone.dsl.triggering import TriggeredBy
from flagstone.model import errors
from flagstone.testing import faults, fixtures

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def headings(page: Path) -> set[str]:
    """The texts of a page's headings."""
    without_code = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^#+ (.+)$", without_code, re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """The headings as links name them: one that differs from another only in capitals gets a number."""
    found = sorted(headings(page))
    names = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found]
    return {f"{name}-{count}" if (count := names[:place].count(name)) else name for place, name in enumerate(names)}


def test_what_is_generated_is_current() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            name, _, anchor = target.partition("#")
            if re.match(r"https?://", target):
                continue
            other = (page.parent / name).resolve() if name else page
            if not other.exists() or (anchor and other.suffix == ".md" and anchor not in anchors(other)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert broken == []


def test_every_page_of_docs_is_reached_from_the_index() -> None:
    listed = {DOCS / "README.md"}
    for index in (DOCS / "README.md", DOCS / "adr" / "README.md"):
        text = index.read_text("utf-8")
        listed |= {(index.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", text)}

    missing = [page.relative_to(ROOT).as_posix() for page in sorted(DOCS.rglob("*.md")) if page not in listed]

    assert missing == []


def test_every_verb_is_in_the_reference() -> None:
    assert set(sentences()) <= headings(DOCS / "reference" / "cli.md")


def test_every_public_name_is_in_the_reference() -> None:
    assert set(flagstone.__all__) <= headings(DOCS / "reference" / "python.md")


def test_every_name_for_tests_is_in_the_reference() -> None:
    wanted = {*testing.__all__, *faults.__all__, *runner.__all__, *fixtures.__all__} - set(flagstone.__all__)

    assert wanted <= headings(DOCS / "reference" / "testing.md")


def sections(page: Path) -> dict[str, str]:
    """What stands below each heading of the second rank."""
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


REFERENCE = {
    name: text
    for page in ("python", "testing", "objects")
    for name, text in sections(DOCS / f"reference/{page}.md").items()
}
CLASSES = [
    *(
        kind
        for module in (flagstone, testing, runner)
        for name in module.__all__
        if inspect.isclass(kind := getattr(module, name))
    ),
    Inputs,
    Input,
    Cards,
    TriggeredBy,
    DecoratorSpec,
    ParameterContext,
    Conditions,
    TaskData,
    ArtifactSet,
    TaskException,
    MetadataEntry,
    Trigger,
    MetaflowEvent,
]
UNSAID = {"of", "raws"}  # how objects make each other, and what the engine asks of them


def members(kind: type) -> set[str]:
    """The public properties and methods that a class has from us."""
    ours = [owner for owner in kind.__mro__ if owner.__module__.split(".")[0] == "flagstone"]
    found = {name: value for owner in reversed(ours) for name, value in vars(owner).items()}
    return {
        name
        for name, value in found.items()
        if not name.startswith(("_", "test_"))
        and (callable(value) or isinstance(value, property | classmethod | staticmethod))
    } - UNSAID


def said(kind: type) -> dict[str, str]:
    """The rows of a class: each member and what is said of it."""
    rows = re.findall(r"^\| `\.?(\w+).*?` \|(.*)\|$", REFERENCE.get(kind.__name__, ""), re.MULTILINE)
    return {name: words.strip() for name, words in rows}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_member_of_a_class_is_in_the_reference_with_words(kind: type) -> None:
    assert kind.__name__ in REFERENCE
    assert members(kind) - {name for name, words in said(kind).items() if words} == set()


def test_the_classes_of_the_client_and_of_the_runner_have_their_tables() -> None:
    wanted = {"data", "artifacts", "stdout", "exception", "attempts"}

    assert wanted <= said(flagstone.Task).keys()
    assert {"run", "resume", "async_run", "spin"} <= said(flagstone.Runner).keys()
    assert {"runs", "latest_successful_run"} <= said(flagstone.Flow).keys()
    assert {"status", "user", "limit"} <= set(re.findall(r"^\| `(\w+):", REFERENCE["Conditions"], re.MULTILINE))


def test_every_field_of_current_is_in_the_reference() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", REFERENCE["current"], re.MULTILINE))

    assert rows == FIELDS


def test_every_error_is_in_the_reference() -> None:
    kinds = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}

    assert kinds - {"FlagstoneError"} <= headings(DOCS / "reference" / "errors.md")


def test_every_verb_that_an_error_advises_exists() -> None:
    remedies = [kind.remedy for kind in vars(errors).values() if hasattr(kind, "remedy")]

    advised = {verb for remedy in remedies for verb in re.findall(r"`flagstone (\w+)", remedy)}

    assert advised
    assert advised <= set(sentences())


def test_every_setting_is_in_the_reference_with_its_environment_variable() -> None:
    page = DOCS / "reference" / "settings.md"

    assert set(SETTINGS) <= headings(page)
    assert all(f"FLAGSTONE_{name.upper()}" in page.read_text("utf-8") for name in SETTINGS)


def test_every_decorator_is_in_the_reference() -> None:
    page = DOCS / "reference" / "decorators.md"

    assert {f"@{name}" for name in (*KNOWN, *OF_FLOWS, "step")} <= headings(page)
    assert {name for name, value in vars(decorators).items() if isinstance(value, Decorator)} <= {*KNOWN, *OF_FLOWS}


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (DOCS / "adr" / "README.md").read_text("utf-8")

    for page in sorted((DOCS / "adr").glob("0*.md")):
        title = page.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        assert f"[{title}]({page.name})" in index
        assert title.startswith(page.name[:4])


def test_how_a_run_works_quotes_the_rules_of_the_code_word_for_word() -> None:
    from flagstone.engine import resume, scheduler
    from flagstone.model.states import State, transitions

    page = " ".join((DOCS / "explanation" / "how-a-run-works.md").read_text("utf-8").replace("\n> ", " ").split())
    rules = re.findall(r"^R\d+\s+(.+)$", scheduler.__doc__ or "", re.MULTILINE)
    resume_rule = " ".join((resume.__doc__ or "").split("\n\n")[1].split())

    assert len(rules) == 10
    assert all(rule in page for rule in rules)
    assert resume_rule in page
    for state in State:
        for after in transitions()[state]:
            assert f"{state} --> {after}" in page


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert "make demo" in readme
    assert "make test" in readme
