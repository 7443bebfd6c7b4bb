"""Parsers for configs and included files: YAML, and the files in which projects list the packages that they need."""

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flagstone.kit import late
from flagstone.model.errors import MissingExtra

if TYPE_CHECKING:  # only named in annotations
    from flagstone.dsl.configs import ConfigSpec
    from flagstone.dsl.parameters import Parameter

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<extras>\[[^\]]*\])?\s*(?P<version>.*)")


def yaml_parser(content: str) -> Any:
    """What a YAML text says, by the safe loader. Raises MissingExtra without the package pyyaml."""
    try:
        load = late.load("yaml:safe_load")  # an extra
    except ImportError:
        raise MissingExtra(what="reading YAML", package="pyyaml", hint="pip install 'flagstone[yaml]'") from None
    return load(content)


def requirements_txt_parser(content: str) -> dict[str, Any]:
    """A requirements.txt as `{"packages": {name: version}, "python": version}`; a line `python==3.12` gives the latter.

    Raises ValueError for what is not a package and a version: options, addresses, paths, markers.
    """
    packages: dict[str, str] = {}
    for number, raw in enumerate(content.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        if not line:
            continue
        name, version = _requirement(line, f"line {number}")
        packages[name] = version
    return _found(packages)


def pyproject_toml_parser(content: str) -> dict[str, Any]:
    """The dependencies of a pyproject.toml as `{"packages": {name: version}, "python": version}`.

    Raises ValueError for a text that is not TOML or that has no [project] table.
    """
    import tomllib  # few flows read TOML

    project = tomllib.loads(content).get("project")
    if not isinstance(project, dict):
        raise ValueError("there is no [project] table")
    packages = dict(_requirement(line, "dependencies") for line in project.get("dependencies", ()))
    python = project.get("requires-python")
    return _found(packages if python is None else {**packages, "python": _plain_version(python)})


def conda_environment_yml_parser(content: str) -> dict[str, Any]:
    """A conda environment.yml as `{"packages": {name: version}, "python": version}`.

    Raises ValueError for a pip section and for what is not a package and a version, MissingExtra without pyyaml.
    """
    packages: dict[str, str] = {}
    loaded = yaml_parser(content)
    for line in (loaded if isinstance(loaded, dict) else {}).get("dependencies") or ():
        if not isinstance(line, str):
            raise ValueError("a pip section cannot be read: list its packages in a requirements.txt")
        name, version = re.match(r"(?:[\w./-]+::)?([\w.-]+)\s*(.*)", line.strip()).groups()  # type: ignore[union-attr]
        packages[name] = _plain_version(version.removeprefix("=") if re.match(r"=[^=]", version) else version)
    return _found(packages)


def _found(packages: dict[str, str]) -> dict[str, Any]:
    """The packages, and Python apart from them."""
    python = packages.pop("python", None)
    return {"packages": packages} if python is None else {"packages": packages, "python": python}


def _requirement(line: str, place: str) -> tuple[str, str]:
    found = _REQUIREMENT.fullmatch(line)
    if found is None or "@" in line or ";" in line or "://" in line:
        raise ValueError(f"{place}: {line!r} is not a package and a version")
    version = _plain_version(found["version"])
    if version and not re.match(r"[<>=!~]|\d", version):
        raise ValueError(f"{place}: {line!r} is not a package and a version")
    return found["name"] + (found["extras"] or "").replace(" ", ""), version


def _plain_version(text: str) -> str:
    """`==1.2` is the version 1.2; every other condition stays as it is, without spaces."""
    text = text.replace(" ", "")
    return text[2:] if text.startswith("==") and "," not in text and not text.startswith("===") else text


OWN: dict[str, Callable[[str], Any]] = {
    parser.__name__: parser
    for parser in (yaml_parser, requirements_txt_parser, pyproject_toml_parser, conda_environment_yml_parser)
}


def parser_called(parser: str | Callable[[Any], Any], owner: "ConfigSpec | Parameter") -> Callable[[Any], Any]:
    """The function that a config or an included file names as its parser. Raises InvalidConfig, InvalidParameter."""
    if callable(parser):
        return parser
    ours = parser.rpartition(".")[2] if parser.startswith((".", "flagstone.")) else parser
    own = OWN.get(ours)
    if own is not None:
        return own
    module, dot, attribute = parser.rpartition(".")
    try:
        found = late.load(f"{module}:{attribute}") if dot else None
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise owner.wrong(f"parser={parser!r} cannot be loaded: {error}") from None
    if not callable(found):
        raise owner.wrong(
            f"parser={parser!r} is not the name of a function", f"write package.module.function, or {', '.join(OWN)}"
        )
    return found  # type: ignore[no-any-return]  # loaded by name


def parser_for(path: str) -> Callable[[str], Any] | None:
    """The parser that a file's suffix asks for; None for JSON, and for what has no parser of its own."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix == ".toml":
        import tomllib  # likewise

        return tomllib.loads
    return yaml_parser if suffix in (".yaml", ".yml") else None
