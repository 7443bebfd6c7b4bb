"""Numbers, sizes, times and values as people read them."""

import reprlib


def size(count: float) -> str:
    """Bytes in the largest unit that leaves at least one: `512 B`, `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def duration(seconds: float) -> str:
    """A length of time: `12 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def encodable(text: str) -> str:
    """The same, with the halves of surrogate pairs, which no encoding takes, shown as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 100
_short.maxlist = _short.maxtuple = _short.maxset = _short.maxfrozenset = _short.maxdict = 6
_short.maxlevel = 3

_PLAIN = (int, float, bool)
_SHORT = 10**15


def preview(value: object, limit: int = 120) -> str:
    """A `repr` that is bounded in length and depth and never raises."""
    if type(value) in _PLAIN and -_SHORT < value < _SHORT:  # type: ignore[operator]  # these types compare
        return repr(value)
    try:
        text = _short.repr(value)
    except Exception as error:  # noqa: BLE001 - a user's __repr__ may raise anything; a preview must not
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    text = encodable(" ".join(text.split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"
