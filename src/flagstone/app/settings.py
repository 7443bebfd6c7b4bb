"""Settings, parsed once at the door: built-in default < user file < project file < environment < option."""

import json
import os
import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from flagstone.model.errors import InvalidSetting, SetupError
from flagstone.model.stores import StorePlace

KNOWN = (
    "home",
    "user",
    "max_workers",
    "isolation",
    "namespace",
    "check_types",
    "branch",
    "production",
    "default_decospecs",
    "default_secrets_backend_type",
    "default_secrets_role",
    "store",
    "store_cache",
    "store_patience",
)
_PLACE = {"store": "url", "store_cache": "cache", "store_patience": "patience"}
_TRUTH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class Settings(Struct, frozen=True, kw_only=True):
    """Where things are and how runs behave unless an option says otherwise."""

    home: Path
    user: str
    max_workers: int | None = None  # None: the cores
    isolation: str = "fork"
    namespace: str | None = None  # None: user:<name>
    check_types: bool = True  # whether artifacts are compared with their annotations
    branch: str | None = None  # of the project of a flow that has one
    production: bool | None = None  # likewise
    default_decospecs: tuple[str, ...] = ()  # decorators for the steps of every run, as `--with` takes them
    default_secrets_backend_type: str | None = None  # where secrets come from that do not say it
    default_secrets_role: str | None = None  # whom to be while secrets are fetched
    place: StorePlace = StorePlace()  # where values lie: `store`, `store_cache` and `store_patience`


def load(start: Path | None = None) -> Settings:
    """The settings as seen from a folder (the current one by default). Raises InvalidSetting."""
    values: dict[str, Any] = {}
    for source, table in (_user_file(), _project_file(start or _here()), _environment()):
        for name, value in table.items():
            if name not in KNOWN:
                hint = f"the settings are {', '.join(KNOWN)}"
                raise InvalidSetting(
                    setting=name, value=value, problem="there is no such setting", source=source, hint=hint
                )
            values[name] = checked(name, value, source)
    values.setdefault("home", Path.home() / ".flagstone")
    values.setdefault("user", _system_user())
    place = {own: values.pop(name) for name, own in _PLACE.items() if name in values}
    return Settings(**values, place=StorePlace(**place))


def checked(name: str, value: Any, source: str) -> Any:
    """The value of a setting from wherever it was said. Raises InvalidSetting."""
    if name == "max_workers":
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = 0
        if number < 1:
            raise InvalidSetting(setting=name, value=value, problem="a whole number from 1 is expected", source=source)
        return number
    if name in ("store_cache", "store_patience"):
        return _amount(name, value, source)
    if name == "default_decospecs":
        return _several(name, value, source)
    if name in ("check_types", "production"):
        truth = _TRUTH.get(str(value).lower())
        if truth is None:
            raise InvalidSetting(setting=name, value=value, problem="true or false is expected", source=source)
        return truth
    if not isinstance(value, str) or not value:
        raise InvalidSetting(setting=name, value=value, problem="a text is expected", source=source)
    if name == "isolation" and value not in ("fork", "worker", "spawn", "inline"):
        hint = "write fork, worker, spawn or inline"
        raise InvalidSetting(setting=name, value=value, problem="there is no such isolation", source=source, hint=hint)
    if name == "home":
        base = Path(source).parent if source.endswith(".toml") else _here()
        return (base / Path(value).expanduser()).absolute()
    return value


def _amount(name: str, value: Any, source: str) -> int | float:
    """A size in bytes, as a number or as in "20 GiB", or seconds."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?\s*", str(value).lower())
    if match is None or (name == "store_patience" and (match[2] or match[3])):
        problem = "a size is expected, as in 20GiB" if name == "store_cache" else "a number of seconds is expected"
        raise InvalidSetting(setting=name, value=value, problem=problem, source=source)
    amount = float(match[1]) * 1024 ** " kmgt".index(match[2] or " ")
    return int(amount) if name == "store_cache" else amount


def _several(name: str, value: Any, source: str) -> tuple[str, ...]:
    """A list of texts: as TOML or JSON has them, or with spaces between them."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise InvalidSetting(setting=name, value=value, problem=f"not JSON: {error}", source=source) from None
    given = value.split() if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise InvalidSetting(setting=name, value=value, problem="a list of texts is expected", source=source)
    return tuple(given)


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise SetupError(message="the current folder was removed", hint="cd to one that exists") from None


def _user_file() -> tuple[str, dict[str, Any]]:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return _read(Path(base) / "flagstone" / "config.toml")


def _project_file(start: Path) -> tuple[str, dict[str, Any]]:
    """`flagstone.toml`, or `[tool.flagstone]` of a `pyproject.toml`, in the folder or the nearest one above it."""
    for folder in (start, *start.parents):
        if (folder / "flagstone.toml").is_file():
            return _read(folder / "flagstone.toml")
        if (folder / "pyproject.toml").is_file():
            source, table = _read(folder / "pyproject.toml")
            own = table.get("tool", {}).get("flagstone")
            if own is not None:
                return source, own
    return "", {}


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            data = file.read()
    except FileNotFoundError:
        return str(path), {}
    except OSError as error:
        raise InvalidSetting(setting="file", value=str(path), problem=str(error.strerror), source=str(path)) from None
    import tomllib  # milliseconds, and many have no such file

    try:
        return str(path), tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise InvalidSetting(setting="file", value=str(path), problem=f"not UTF-8: {error}", source=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(setting="file", value=str(path), problem=f"not TOML: {error}", source=str(path)) from None


def _environment() -> tuple[str, dict[str, Any]]:
    found = {
        name: os.environ[f"FLAGSTONE_{name.upper()}"] for name in KNOWN if os.environ.get(f"FLAGSTONE_{name.upper()}")
    }
    if "user" not in found and os.environ.get("METAFLOW_USER"):
        found["user"] = os.environ["METAFLOW_USER"]
    return "the environment", found


def _system_user() -> str:
    for name in ("SUDO_USER", "USERNAME", "USER", "LOGNAME"):
        if os.environ.get(name):
            return os.environ[name]
    try:
        import pwd  # not on every system

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return "unknown"
