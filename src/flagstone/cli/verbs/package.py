"""Tell which code belongs to a flow: list it, or save it as an archive."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from flagstone import __version__
from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.output import note, printable, say, say_json, say_table
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.packaged import packaged
from flagstone.dsl.reading import read_plan
from flagstone.kit import text
from flagstone.kit.files import publish
from flagstone.model.errors import InvalidSetting
from flagstone.packaging import archive
from flagstone.packaging.collect import SUFFIXES, Member, collect

HELP = f"""{__doc__}

These are the files of the folder of the flow's file with the suffixes .py, .R and .RDS (or --package-suffixes), without
hidden ones and those that .gitignore and .flagstoneignore leave out, and the project's modules that the flow imports
from elsewhere. Installed packages are not code of the flow.
"""

Inner = Callable[[type[FlowSpec]], click.Command]


def _common() -> list[click.Parameter]:
    return [
        click.Option(["--package-suffixes"], help="Which files of the folder, as in .py,.sql.  [default: .py,.R,.RDS]"),
        click.Option(["--timeout"], type=float, hidden=True),
        click.Option(["--json", "as_json"], is_flag=True, help="The same as JSON."),
    ]


def _script(flow: type[FlowSpec]) -> Path:
    return Path(read_plan(flow).file)


def _members(flow: type[FlowSpec], door: Door, suffixes: str | None) -> list[Member]:
    asked = suffixes if suffixes is not None else door.package_suffixes
    named = [name.strip() for name in asked.split(",")] if asked is not None else list(SUFFIXES)
    more = packaged(flow)
    wanted = [name if name.startswith(".") else f".{name}" for name in named if name]
    return collect(_script(flow), [*wanted, *more.suffixes], folders=more.folders, files=more.files)


def _facts(flow: type[FlowSpec], members: list[Member]) -> dict[str, Any]:
    """What is known about a package and does not depend on the machine."""
    return {
        "flow": flow.__name__,
        "script": _script(flow).name,
        "files": len(members),
        "bytes": sum(member.size for member in members),
        "modules": sorted({member.origin for member in members if member.origin}),
        "digest": archive.digest(members),
        "flagstone": __version__,
    }


def info(flow: type[FlowSpec]) -> click.Command:
    """`package info` of one flow."""

    @click.pass_obj
    def start(door: Door, /, package_suffixes: str | None, as_json: bool, timeout: float | None) -> None:
        facts = _facts(flow, _members(flow, door, package_suffixes))
        if as_json:
            say_json({**facts, "root": str(_script(flow).parent), "python": sys.version.split()[0]})
            return
        say(f"{facts['flow']}: {text.plural(facts['files'], 'file')}, {text.size(facts['bytes'])}")
        say(f"  folder   {printable(str(_script(flow).parent))}")
        if facts["modules"]:
            say(f"  modules  {', '.join(facts['modules'])}")
        say(f"  digest   {facts['digest']}")

    return click.Command("info", callback=start, help="Tell how much it is, and from where.", params=_common())


def list_files(flow: type[FlowSpec]) -> click.Command:
    """`package list` of one flow."""

    @click.pass_obj
    def start(
        door: Door, /, package_suffixes: str | None, saved: str | None, as_json: bool, timeout: float | None
    ) -> None:
        if saved is not None:
            found = [
                {"name": name, "size": size, "path": saved, "module": None}
                for name, size in archive.names_in(Path(saved))
            ]
        else:
            found = [
                {"name": one.name, "size": one.size, "path": one.path, "module": one.origin or None}
                for one in _members(flow, door, package_suffixes)
            ]
        if as_json:
            say_json(found)
            return
        rows = ((str(one["name"]), text.size(int(str(one["size"]))), str(one["module"] or "")) for one in found)
        say_table(("FILE", "SIZE", "MODULE"), rows)

    saved = click.Option(["--archive", "saved"], type=click.Path(), help="Of an archive that was saved, instead.")
    return click.Command("list", callback=start, help="List the files.", params=[saved, *_common()])


def save(flow: type[FlowSpec]) -> click.Command:
    """`package save` of one flow."""

    @click.pass_obj
    def start(door: Door, /, target: str, package_suffixes: str | None, as_json: bool, timeout: float | None) -> None:
        members = _members(flow, door, package_suffixes)
        facts = _facts(flow, members)
        data = archive.pack(members, facts)
        try:
            publish(Path(target).absolute(), [data], mode=0o644)
        except OSError as error:
            problem = f"it cannot be written: {error.strerror or error}"
            raise InvalidSetting(setting="path", value=target, problem=problem, source="the command line") from None
        if as_json:
            say_json({**facts, "path": target, "size": len(data)})
        else:
            note(f"{text.plural(len(members), 'file')} in {target} ({text.size(len(data))})")

    return click.Command(
        "save",
        callback=start,
        help="Write an archive; the same files always make the same bytes.",
        params=[click.Argument(["target"], metavar="FILE.tar.gz", type=click.Path(dir_okay=False)), *_common()],
    )


INNER: dict[str, tuple[Inner, str]] = {
    "info": (info, "Tell how much code it is, and from where."),
    "list": (list_files, "List the files that belong to a flow."),
    "save": (save, "Write them as an archive: `package save flow.py FILE.tar.gz`."),
}


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`package` of one flow."""
    return click.Group("package", help=HELP, commands={name: make(flow) for name, (make, _) in INNER.items()})


command = click.Group(
    "package",
    help=HELP,
    commands={name: file_command(f"package {name}", make, sentence) for name, (make, sentence) in INNER.items()},
)
