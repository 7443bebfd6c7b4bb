"""Decorators of steps by name, and put on a step by a text: `resources:cpu=2,memory=4096`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from flagstone.dsl import extensions
from flagstone.dsl.decorating import FlowDecorator
from flagstone.dsl.extensions import StepExtension
from flagstone.dsl.registry import GROUP, KNOWN, OF_FLOWS
from flagstone.dsl.shape import Applied, Shape
from flagstone.dsl.step import step
from flagstone.kit import late
from flagstone.kit.text import listed
from flagstone.model.declarations import AnyDeclaration
from flagstone.model.declaring import Declaration
from flagstone.model.errors import InvalidDeclaration, Location, UnknownStepDecoratorException
from flagstone.model.plan import Plan


def decorator_called(name: str) -> Callable[..., Any]:
    """The decorator called `name`: ours, one that is imported, an installed one, or `package.module.attribute`.

    Raises InvalidDeclaration, which lists the names.
    """
    if name in KNOWN:
        return late.load(KNOWN[name])  # type: ignore[no-any-return]  # loaded by name
    users_own = extensions.called(name)
    if users_own is not None:
        return users_own
    for found in late.installed(GROUP, name):
        return found.load()  # type: ignore[no-any-return]  # likewise
    module, dot, attribute = name.rpartition(".")
    if dot:
        try:
            return late.load(f"{module}:{attribute}")  # type: ignore[no-any-return]  # likewise
        except (ImportError, AttributeError) as error:
            raise UnknownStepDecoratorException(problem=f"there is no step decorator {name!r}: {error}") from None
    raise UnknownStepDecoratorException(
        problem=f"there is no step decorator called {name!r}",
        hint=f"there are {', '.join(late.registered_names(KNOWN, GROUP))}",
    )


def parse_spec(text: str) -> tuple[str, dict[str, Any]]:
    """`name:attribute=value,attribute=value` as a name and arguments; values are JSON, or else texts.

    Commas inside brackets, braces and quotes belong to a value. Raises InvalidDeclaration.
    """
    name, _, arguments = text.partition(":")
    return name.strip(), dict(_argument(text, part) for part in _parts(arguments) if part.strip())


class Said(NamedTuple):
    """What a decorator says about the step it stands on."""

    declared: tuple[AnyDeclaration, ...]
    applied: tuple[Applied, ...]


def said_by(
    decorator: str | Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], where: Location | None = None
) -> Said:
    """What a step says that is decorated with this, given as a text or as itself. Raises InvalidDeclaration."""

    def anything(self: object) -> None:
        """A step to try the decorator on."""

    trial = step(anything)
    function, arguments = _with_arguments(decorator, where)
    if hasattr(function, "stands_on") and not function.stands_on(trial):
        raise _no_step_decorator(decorator, where)
    try:
        if args or kwargs or arguments or isinstance(function, type) or isinstance(decorator, str):
            function = function(*args, **{**arguments, **kwargs})
        decorated = function(trial)
    except InvalidDeclaration as error:
        error.where = where
        raise
    except TypeError as error:
        raise InvalidDeclaration(problem=f"{_shown(decorator)} cannot be put on a step: {error}", where=where) from None
    own = getattr(decorated, "__dict__", {})
    said = Said(own.get("__flagstone_declarations__", ()), own.get("__flagstone_applied__", ()))
    if not any(said):
        raise _no_step_decorator(decorator, where)
    for applied in said.applied:
        applied.where = where
    return said


def _with_arguments(
    decorator: str | Callable[..., Any], where: Location | None = None
) -> tuple[Callable[..., Any], dict[str, Any]]:
    if not isinstance(decorator, str):
        return decorator, {}
    try:
        name, arguments = parse_spec(decorator)
        return decorator_called(name), arguments
    except InvalidDeclaration as error:
        error.where = where
        raise


def _no_step_decorator(decorator: Any, where: Location | None) -> InvalidDeclaration:
    return InvalidDeclaration(
        problem=f"{_shown(decorator)} is not a step decorator",
        hint="give one of Flagstone's, one made with user_step_decorator, or a class that derives from"
        " UserStepDecorator or StepMutator",
        where=where,
    )


def _shown(decorator: Any) -> str:
    return repr(decorator if isinstance(decorator, str) else getattr(decorator, "__name__", decorator))


def said_of_flow(
    decorator: str | Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], where: Location | None = None
) -> Applied | Declaration:
    """What a flow says that is decorated with this: a built-in declaration, or a mutator. Raises InvalidDeclaration."""
    arguments: dict[str, Any] = {}
    if isinstance(decorator, str) and parse_spec(decorator)[0] in OF_FLOWS:
        name, arguments = parse_spec(decorator)
        found: Any = late.load(OF_FLOWS[name])
    else:
        found, arguments = _with_arguments(decorator, where)
    try:
        if isinstance(found, FlowDecorator):
            said: Any = found.declaration({**arguments, **kwargs}, tuple(args))
        elif isinstance(found, type) and hasattr(found, "run_hook"):
            said = found(*args, **{**arguments, **kwargs}).applied
        else:
            said = getattr(found, "applied", None)
    except InvalidDeclaration as error:
        error.where = where
        raise
    if isinstance(said, Declaration):
        return said
    if not isinstance(said, Applied) or issubclass(said.kind, StepExtension):
        raise InvalidDeclaration(
            problem=f"{_shown(decorator)} is not a decorator of flows",
            hint="give one of Flagstone's, or a class that derives from FlowMutator",
            where=where,
        )
    return Applied(said.kind, said.args, said.kwargs, where)


def attach(flow: Any, text: str) -> None:
    """Decorate the steps that lack it as the text says, as the outermost. Raises InvalidDeclaration."""
    shape: Shape = flow.__flagstone__
    for name in shape.steps:
        said = said_by(text, (), {})
        own = {type(declaration) for declaration in shape.declared[name] if not declaration.several}
        users_own = {applied.kind for applied in shape.applied[name]}
        attached = [one for one in said.declared if type(one) not in own]
        shape.declared[name] += attached
        shape.attached += attached
        shape.applied[name] += [one for one in said.applied if one.kind not in users_own]


def gave_way(flow: Any, plan: Plan) -> list[str]:
    """What `--with` put on every step and some cannot have, in words."""
    shape: Shape = flow.__flagstone__
    kinds = {type(one) for said in shape.declared.values() for one in said if any(one is put for put in shape.attached)}
    found = []
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        steps = [
            s.name
            for s in plan.steps
            if s.declared(kind) is None and any(isinstance(d, kind) for d in shape.declared[s.name])
        ]
        if steps:
            name = kind.__name__.lower()
            found.append(
                f"--with {name}: not on {listed(steps)}, where after a failure nobody could say where to go on"
            )
    return found


def _argument(text: str, part: str) -> tuple[str, Any]:
    name, equals, value = part.partition("=")
    if not equals:
        raise InvalidDeclaration(problem=f"{text}: {part!r} is not attribute=value")
    try:
        return name.strip(), msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name.strip(), value


def _parts(text: str) -> list[str]:
    """Split at the commas that are not inside brackets, braces or quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character in "[{") - (character in "]}")
        if character == "," and not quoted and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
