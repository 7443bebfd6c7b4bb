"""Secrets in a file of lines `NAME=value`."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, refuse

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class DotenvSecrets:
    """`{"type": "dotenv", "id": "path/to/.env"}`; without an id, `.env`. The option `only` lists the names to take."""

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The file's values. Raises SecretUnavailable for one that cannot be read, or a line that is not right."""
        check_options(source, ("only",))
        path = Path(os.path.expanduser(source.id or ".env"))
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not a text"
            refuse(source, f"{path.absolute()} cannot be read: {why}")
        found = dict(_values(source, text))
        only = source.options.get("only")
        if only is None:
            return found
        if isinstance(only, str) or not all(name in found for name in only):
            missing = [only] if isinstance(only, str) else [str(name) for name in only if name not in found]
            refuse(
                source, f"{path} does not have {', '.join(missing)}", "the option only is a list of names in the file"
            )
        return {name: found[name] for name in only}


def _values(source: Source, text: str) -> Iterator[tuple[str, str]]:
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            refuse(source, f"line {number} is not NAME=value")
        value = found["value"]
        quote = value[:1]
        if quote in ("'", '"') and quote:
            while _end(value) is None:
                _, more = next(lines, (0, None))
                if more is None:
                    refuse(source, f"the quotes that open in line {number} are not closed")
                value += f"\n{more}"
            value = value[1 : _end(value)]
            yield found["name"], re.sub(r"\\(.)", _unescaped, value) if quote == '"' else value
        else:
            yield found["name"], re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _end(value: str) -> int | None:
    """Where the quotes close that a value begins with; None when they do not."""
    quote, place = value[0], 1
    while place < len(value):
        if value[place] == "\\" and quote == '"':
            place += 1
        elif value[place] == quote:
            return place
        place += 1
    return None


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])
