"""What every store of metadata agrees on: which tags may be, how parameter values compare, when a run is lost."""

from collections.abc import Iterable

import msgspec

from flagstone.kit.digest import digest_of, to_hex
from flagstone.model.errors import InvalidTag
from flagstone.model.states import State

MOST_TAGS = 50
LONGEST_TAG = 500
NOT_OURS = "only the process that began a run, and has not ended it, records what happens in it"

_LONGEST_KEY = 200


def checked_tags(tags: Iterable[str], system: Iterable[str]) -> tuple[str, ...]:
    """User tags without repetitions and without those that are system tags already. Raises InvalidTag."""
    known = set(system)
    kept = tuple(tag for tag in dict.fromkeys(_checked(tag) for tag in tags) if tag not in known)
    if len(kept) > MOST_TAGS:
        raise InvalidTag(tag=kept[MOST_TAGS], problem=f"a run has at most {MOST_TAGS} tags, and this makes {len(kept)}")
    return kept


def changed_tags(
    tags: Iterable[str], system: Iterable[str], add: Iterable[str], remove: Iterable[str]
) -> tuple[str, ...]:
    """User tags after a removal and an addition, in this order. Raises InvalidTag."""
    fixed, gone = set(system), set(remove)
    for tag in sorted(gone & fixed):
        raise InvalidTag(tag=tag, problem="it is a system tag, and those stay as they are")
    return checked_tags([*(tag for tag in tags if tag not in gone), *add], fixed)


def _checked(tag: str) -> str:
    if not isinstance(tag, str):
        raise InvalidTag(tag=tag, problem=f"a tag is a text, and this is of type {type(tag).__name__}")
    if not tag:
        raise InvalidTag(tag=tag, problem="a tag is not empty")
    if len(tag) > LONGEST_TAG:
        raise InvalidTag(tag=tag[:40] + "…", problem=f"it has {len(tag)} characters, and {LONGEST_TAG} are allowed")
    try:
        tag.encode()
    except UnicodeEncodeError:
        raise InvalidTag(tag=ascii(tag), problem="it is not valid Unicode") from None
    return tag


def parameter_key(text: str) -> str:
    """What stands for a parameter's JSON text when values are compared: equal values have equal keys.

    Spaces, the order of keys and 3 or 3.0 make no difference. Long texts are represented by their digest, since
    an index should not hold them.
    """
    try:
        value = msgspec.json.decode(text)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = msgspec.json.encode(value, order="sorted").decode()
    except (msgspec.MsgspecError, UnicodeError):
        pass  # NaN and the like are not JSON, but people may look for them all the same
    if len(text) <= _LONGEST_KEY:
        return text
    digest = digest_of(text.encode("utf-8", "surrogatepass"))
    return f"blake3:{to_hex(digest)}"


def run_state(recorded: State, *, alive: bool) -> State:
    """The state of a run: one that is recorded as running and has no living process is lost."""
    return State.LOST if recorded is State.RUNNING and not alive else recorded


def task_state(recorded: State, run: State) -> State:
    """The state of a task: one that is recorded as running is lost when its run runs no more."""
    return State.LOST if recorded is State.RUNNING and run is not State.RUNNING else recorded
