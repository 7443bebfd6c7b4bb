"""`IncludeFile`: a parameter that is given as a path, and whose value is what the file holds when the run starts."""

import os
import re
from collections.abc import Callable
from typing import Any

from flagstone.dsl.config_parsers import parser_called
from flagstone.dsl.kinds import Kind, Refused
from flagstone.dsl.parameters import Parameter, ParameterContext
from flagstone.dsl.source import shown
from flagstone.kit.digest import digest_of, to_hex
from flagstone.kit.text import preview

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")


class FileKind(Kind):
    """The path of a file that can be read now; what it holds is read when the run starts."""

    name = "file"
    metavar = "FILE"

    def parse(self, text: str) -> str:
        """The path, once it is known that it can be read. Raises Refused."""
        url = _URL.match(text)
        if url is not None and url["scheme"].lower() != "file":
            raise Refused(
                f"{text} is not on this machine, and IncludeFile stores files that are",
                "download it first, or make it a Parameter and read it in a step, so that its content is not copied",
            )
        path = os.path.expanduser(text.removeprefix("file://") if url is not None else text)
        try:
            with open(path, "rb"):
                return path
        except OSError as error:
            raise Refused(f"the file {shown(path)} cannot be read: {error.strerror}") from None

    def check(self, value: Any) -> str:
        """A path, as text or as an object."""
        try:
            return self.parse(os.fspath(value))
        except TypeError:
            raise Refused(f"{value!r} is of type {type(value).__name__}, and a path is expected") from None


class IncludeFile(Parameter):
    """A local file, read when a run starts and stored with it: steps read its content as `self.<attribute>`.

    `default` is a path, or a function that gives one. The content is text in `encoding`, or bytes with
    `is_text=False`; or else what `parser` makes of it: a function, or the dotted name of one. It is stored once,
    however many runs include it, and a resumed run has the content of its origin. Raises InvalidParameter, InvalidName.
    """

    def __init__(
        self,
        name: str,
        required: bool | None = None,
        is_text: bool | None = None,
        encoding: str | None = None,
        help: str | None = None,  # noqa: A002 - the name is shared with Metaflow
        default: Any = None,
        parser: str | Callable[[Any], Any] | None = None,
        **more: Any,
    ) -> None:
        own: dict[str, Any] = {"is_text": is_text, "encoding": encoding, "parser": parser}
        super().__init__(name, default=default, help=help, required=required, **own, **more)

    def _take(self, given: Any) -> None:
        more = dict(given)
        default = more.pop("default")
        is_text = more.pop("is_text")
        self.is_text = is_text is None or bool(is_text)
        self.encoding = more.pop("encoding") or "utf-8"
        self._parser = more.pop("parser")
        super()._take({**more, "default": None, "required": more["required"] and default is None})
        self._read = ""  # which file was read last, and the digest of its content
        if default is not None and not callable(default):
            try:
                default = os.fspath(default)
            except TypeError:
                raise self.wrong(f"default={preview(default)}: the path of a file is expected") from None
        self.default = default

    def _kind(self, kind: Any, choices: Any) -> Kind:
        return FileKind()

    def read_annotation(self, owner: type) -> None:
        """Its type is that of the content, whatever the annotation says."""

    def check(self, value: Any) -> Any:
        """What the file at a path holds. Raises InvalidParameter."""
        path = super().check(value)
        if path is None:
            return None
        try:
            with open(path, "rb") as handle:
                content: Any = handle.read()
        except OSError as error:
            raise self.wrong(f"the file {shown(path)} cannot be read: {error.strerror}") from None
        self._read = f"{path} blake3:{to_hex(digest_of(content))[:12]}"
        if self.is_text:
            try:
                content = content.decode(self.encoding)
            except (UnicodeDecodeError, LookupError) as error:
                hint = "say encoding=, or is_text=False for a file that is not text"
                raise self.wrong(f"the file {shown(path)} is not {self.encoding} text: {error}", hint) from None
        if self._parser is None:
            return content
        parser = parser_called(self._parser, self)
        try:
            return parser(content)
        except Exception as error:
            name = getattr(parser, "__name__", "its parser")
            raise self.wrong(f"{name} raised {type(error).__name__} for {shown(path)}: {error}") from error

    def resolve(self, context: ParameterContext) -> Any:
        """What the default file holds; None without a default. Raises InvalidParameter."""
        found = super().resolve(context)
        return found if callable(self.default) else self.check(found)

    def default_text(self) -> str | None:
        """The default path."""
        return None if self.default is None or callable(self.default) else str(self.default)

    def recorded(self, value: Any, given: Any) -> Any:
        """The path, and the digest of what was read there: the same path with another content is another value."""
        return None if value is None else self._read
