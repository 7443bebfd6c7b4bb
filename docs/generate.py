"""Writes the pages, and the parts of pages, that say what the code already says.

    python docs/generate.py            write them
    python docs/generate.py --check    change nothing; name those that are stale, and exit with 1

Whole pages lie in docs/reference; parts stand between `<!-- generated: NAME -->` and `<!-- end -->` in any page.
"""

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
from error_samples import sample

import flagstone
from flagstone.cli.door import Door
from flagstone.cli.lazy import sentences
from flagstone.cli.main import command
from flagstone.dsl.current import FIELDS, Current
from flagstone.dsl.loading import load_flow
from flagstone.dsl.registry import KNOWN, OF_FLOWS
from flagstone.kit import late
from flagstone.model import errors
from flagstone.model.states import State, transitions
from flagstone.testing import fixtures

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "flagstone"
NOTE = "<!-- Written by docs/generate.py out of the code: change it there. -->"
WIDTH = 100

CLI_WORDS = """\
`python flow.py VERB` works on the flow in that file; `flagstone VERB` works on everything in the home, and on a flow
where a file is given. Exit statuses: 0 it worked, 1 a step failed, 2 the input or the graph is not right, 3 the machine
or the home is not ready, 70 a mistake in Flagstone, 130 stopped by Ctrl-C."""

ERROR_WORDS = """\
Every refusal says what happened, where, and what to do next. Each is a class of `flagstone.model.errors`: `UserError`
for the flow and its input, `SetupError` for the machine and the home, `InternalError` for our own mistakes. The exit
status is that of a command which ends with the error; an error inside a step fails that step."""

TESTING_WORDS = """\
How they are used: [tests](../howto/test-your-flow.md), [runs from Python](../howto/run-from-python.md), and
[faults](../howto/break-it-on-purpose.md)."""

OBJECTS = {
    "flagstone.dsl.inputs": ("Inputs", "Input"),
    "flagstone.dsl.gangs": ("Parallel",),
    "flagstone.dsl.card_place": ("Cards", "CardPlace"),
    "flagstone.dsl.triggering": ("TriggeredBy", "TriggerEvent"),
    "flagstone.dsl.parameters": ("ParameterContext",),
    "flagstone.dsl.mutable": ("DecoratorSpec",),
    "flagstone.client.flow": ("Conditions",),
    "flagstone.client.task_data": ("TaskData",),
    "flagstone.client.task": ("ArtifactSet", "TaskException", "MetadataEntry"),
    "flagstone.client.trigger": ("Trigger", "MetaflowEvent"),
}
PLUMBING = {"of", "raws"}  # how objects of the client make each other, and what the engine asks of them
CONSTANTS = {"USER_SKIP_STEP": "`{}`: what a step decorator yields, or has as `skip_step`, to skip the step."}

# --- the command line --------------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every verb of both commands, in the words of `--help`."""
    group = command()
    flow = load_flow(str(ROOT / "examples" / "parameters.py"))
    parts = [
        "# The command line",
        NOTE,
        CLI_WORDS,
        "\n".join(f"- [`{name}`](#{name}): {words}" for name, words in sentences().items()),
    ]
    for name in sentences():
        parts.append(f"## {name}")
        verb = importlib.import_module(f"flagstone.cli.verbs.{name.replace('-', '_')}")
        if hasattr(verb, "command"):
            parts.append(_help(group.get_command(click.Context(group), name), f"flagstone {name}", None))
        if hasattr(verb, "script_command"):
            parts.append("In a flow's script, here [parameters.py](../../examples/parameters.py):")
            parts.append(_help(verb.script_command(flow), f"python parameters.py {name}", flow))
    return "\n\n".join(parts) + "\n"


def _help(verb: click.Command | None, program: str, flow: Any) -> str:
    assert verb is not None
    door = Door(program=program.rpartition(" ")[0], flow=flow)
    with click.Context(verb, info_name=program, terminal_width=WIDTH, obj=door) as context:
        text = f"```text\n{verb.get_help(context).rstrip()}\n```"
    if isinstance(verb, click.Group):
        inner = (_help(command, f"{program} {name}", flow) for name, command in sorted(verb.commands.items()))
        text = "\n\n".join((text, *inner))
    return text


# --- the Python names --------------------------------------------------------------------------------------------


def python_page() -> str:
    """Every public name with its signature and its docstring."""
    parts = [
        "# The Python names",
        NOTE,
        "All of these come from `flagstone`: `from flagstone import FlowSpec, step`.",
        " · ".join(f"[`{name}`](#{_anchor(name)})" for name in flagstone.__all__),
    ]
    for name in flagstone.__all__:
        parts += [f"## {name}", *_public(name, getattr(flagstone, name))]
    return "\n\n".join(part for part in parts if part) + "\n"


def testing_page() -> str:
    """Every name of `flagstone.testing`, the fixtures, and what runners return, likewise."""
    parts = [
        "# The names for tests, and for runs on their way",
        NOTE,
        TESTING_WORDS,
    ]
    for module in ("flagstone.testing", "flagstone.testing.faults", "flagstone.client.runner"):
        loaded = importlib.import_module(module)
        for name in loaded.__all__:
            if name not in flagstone.__all__:
                parts += [f"## {name}", f"From `{module}`.", *_public(name, getattr(loaded, name))]
    for name in fixtures.__all__:
        parts += [f"## {name}", "A fixture of pytest.", inspect.cleandoc(getattr(fixtures, name).__doc__ or "")]
    return "\n\n".join(part for part in parts if part) + "\n"


def objects_page() -> str:
    """What the public names give and take, though nobody imports it."""
    parts = ["# What the names give and take", NOTE, "Objects that you meet and do not make."]
    for module, names in OBJECTS.items():
        loaded = importlib.import_module(module)
        for name in names:
            kind = getattr(loaded, name)
            parts += [f"## {name}", inspect.getdoc(kind) or "", _table_of_fields(kind), _table_of_members(kind)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _anchor(name: str) -> str:
    """How a link names a heading: a second one that differs only in capitals gets a number."""
    before = flagstone.__all__[: flagstone.__all__.index(name)]
    return name.lower() + ("-1" if name.lower() in map(str.lower, before) else "")


def _public(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        yield from _doc(f"class {name}{_signature(value)}", value)
        yield _table_of_members(value)
    elif isinstance(value, Current):
        yield from _doc(f"{name}: {type(value).__name__}", value)
        yield _table("field", ((f"`{field}`", words) for field, words in FIELDS.items()))
        yield _table_of_members(type(value))
    elif callable(value):
        yield from _doc(f"{name}{_signature(value)}", value)
    else:
        ours = type(value).__module__.split(".")[0] == "flagstone"
        yield from _doc(f"{name}: {type(value).__name__}", type(value) if ours else None)
        yield CONSTANTS.get(name, "")


def _doc(heading: str, value: Any) -> Iterator[str]:
    yield f"```text\n{heading}\n```"
    yield "" if value is None else inspect.getdoc(value) or ""


def _signature(value: Any) -> str:
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"\*<class '([\w.]+)'>", r"Unpack[\1]", text)
    return re.sub(r"\b(?:[a-z_]+\.)+([A-Z])", r"\1", text).replace("typing.", "")


def _table(what: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {first} | {second} |" for first, second in rows]
    return "\n".join([f"| {what} | |", "|---|---|", *lines]) if lines else ""


def _table_of_members(kind: type) -> str:
    """Properties as `.name`, methods as they are called."""
    return _table("member", ((f"`.{call}`".replace("|", "\\|"), words) for call, words in sorted(_members(kind))))


def _table_of_fields(kind: type) -> str:
    """The fields of a tuple or a struct, with the comment that each may have."""
    if not getattr(kind, "__annotations__", None) or "Protocol" in str(kind.__mro__):
        return ""
    found = re.findall(r"^    (\w+): ([^=#\n]+?)(?: = .+?)?(?:  # (.+))?$", inspect.getsource(kind), re.MULTILINE)
    rows = ((name, taken, words) for name, taken, words in found if not name.startswith("_"))
    return _table("field", ((f"`{name}: {taken}`".replace("|", "\\|"), words) for name, taken, words in rows))


def _members(kind: type) -> Iterator[tuple[str, str]]:
    """How each public member is called, and the first paragraph of what it says of itself."""
    for owner in reversed(kind.__mro__):
        for name, value in vars(owner).items():
            if name.startswith(("_", "test_")) or name in PLUMBING or owner.__module__.split(".")[0] != "flagstone":
                continue
            if inspect.getattr_static(kind, name, None) is not value:
                continue
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if not callable(function):
                continue
            doc = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
            call = "" if isinstance(value, property) else _without_self(_signature(function))
            yield name + call, doc


def _without_self(signature: str) -> str:
    return re.sub(r"\((self|cls)(: '?\w+'?)?(, )?(/, )?", "(", signature)


# --- errors and settings -----------------------------------------------------------------------------------------


def errors_page() -> str:
    """Every error with its headline, a message with sample data, its remedy and its exit status."""
    parts = [
        "# Errors",
        NOTE,
        ERROR_WORDS,
    ]
    for kind in error_kinds():
        error = sample(kind)
        parts.append(f"## {kind.__name__}")
        base = kind.__mro__[1].__name__
        parts.append(f"{error.headline}. A `{base}`; exit status {kind.exit_status}.")
        hint = f"\n{error.hint[:1].upper()}{error.hint[1:]}." if error.hint else ""
        parts.append(f"```text\n{error.message_text}{hint}\n```")
    return "\n\n".join(parts) + "\n"


def error_kinds() -> list[type[errors.FlagstoneError]]:
    """The classes that are raised, in the order of their module."""
    return [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, errors.FlagstoneError) and kind is not errors.FlagstoneError
    ]


# --- parts of pages ----------------------------------------------------------------------------------------------


def map_of_rooms() -> str:
    """The tree of the package: each module with its first sentence."""
    lines = []
    for path in sorted(SOURCE.rglob("*.py"), key=_order):
        parts = path.relative_to(SOURCE).parts
        sentence = first_sentence(path)
        if parts[-1] == "__init__.py":
            if len(parts) > 1:
                lines.append("")
            lines.append(f"{'/'.join(('flagstone', *parts[:-1]))}/".ljust(34) + sentence)
        else:
            lines.append(f"  {parts[-1]:<30}  {sentence}")
    return "```text\n" + "\n".join(lines) + "\n```"


def _order(path: Path) -> tuple[str, bool, str]:
    return str(path.parent), path.name != "__init__.py", path.name


def first_sentence(path: Path) -> str:
    """The first line of a module's docstring."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return doc.partition("\n")[0]


def scheduler_rules() -> str:
    """R1 to R10, word for word."""
    doc = inspect.getdoc(importlib.import_module("flagstone.engine.scheduler")) or ""
    rules = re.findall(r"^(R\d+)\s+(.+)$", doc, re.MULTILINE)
    return "\n".join(f"- **{number}** {words}" for number, words in rules)


def resume_rule() -> str:
    """The rule of the resume, word for word."""
    doc = inspect.getdoc(importlib.import_module("flagstone.engine.resume")) or ""
    return textwrap.fill("> " + " ".join(doc.split("\n\n")[1].split()), WIDTH, subsequent_indent="> ")


def table_of_states() -> str:
    """Each state with its meaning, and what it can become."""
    source = inspect.getsource(State)
    rows = ["| state | meaning | can become |", "|---|---|---|"]
    for state in State:
        found = re.search(rf'{state.name} = "{state}"\s+# (.+)', source)
        assert found is not None, f"{state.name} has no comment"
        after = [str(then) for then in State if then in transitions()[state]]
        rows.append(f"| `{state}` | {found.group(1)} | {', '.join(after) or 'nothing: it is final'} |")
    return "\n".join(rows)


def attributes_of(name: str) -> str:
    """A decorator's sentence, and a table of what it takes with the defaults."""
    decorator = late.load({**KNOWN, **OF_FLOWS}[name])
    taken = inspect.signature(decorator).parameters.values()
    words = inspect.getdoc(decorator) or ""
    if not taken:
        return words
    rows = "\n".join(f"| `{one.name}` | {_kind(one.annotation)} | {_default(one)} |" for one in taken)
    return f"{words}\n\n| attribute | type | default |\n|---|---|---|\n{rows}"


def _kind(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")
    text = re.sub(r"\b(?:[a-z_]+\.)+([A-Za-z])", r"\1", text if "[" not in str(annotation) else str(annotation))
    text = text.replace("Callable[..., Any]", "a function")
    return f"`{text}`".replace(" | None", "").replace("|", "\\|")


def _default(one: inspect.Parameter) -> str:
    return "needed" if one.default is inspect.Parameter.empty else f"`{one.default!r}`"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/cli.md": cli_page,
    "docs/reference/python.md": python_page,
    "docs/reference/errors.md": errors_page,
    "docs/reference/objects.md": objects_page,
    "docs/reference/testing.md": testing_page,
}
PARTS: dict[str, Callable[[], str]] = {
    "map": map_of_rooms,
    "scheduler rules": scheduler_rules,
    "resume rule": resume_rule,
    "states": table_of_states,
    **{f"@{name}": partial(attributes_of, name) for name in (*KNOWN, *OF_FLOWS)},
}


def with_parts(text: str) -> str:
    """A page with its generated parts written again. Raises KeyError for a part that nobody writes."""
    return re.sub(
        r"(<!-- generated: (.+?) -->\n).*?(\n<!-- end -->)",
        lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}",
        text,
        flags=re.DOTALL,
    )


def wanted() -> Iterator[tuple[Path, str]]:
    """Each page that has something generated, with the text that it should have."""
    for name, page in PAGES.items():
        yield ROOT / name, page()
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))):
        if path.relative_to(ROOT).as_posix() not in PAGES:
            yield path, with_parts(path.read_text("utf-8"))


def main() -> int:
    """Write, or check. Returns the exit status."""
    stale = [(path, text) for path, text in wanted() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        print("stale" if "--check" in sys.argv else "written", path.relative_to(ROOT))
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        print("`make docs` writes them again")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
