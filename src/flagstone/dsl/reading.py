"""How a flow class becomes a plan: its methods' source says what follows what, without running anything."""

import ast
import os
import sys
from collections.abc import Sequence
from types import CodeType, FunctionType
from typing import Any

from flagstone.dsl.extensions import as_data, check_arguments, path_of
from flagstone.dsl.mutating import mutate
from flagstone.dsl.shape import Applied, Shape, StepFunction, StepMark
from flagstone.dsl.source import text_of
from flagstone.dsl.syntax import Function, class_called, function_at, parse
from flagstone.dsl.transition import Onward, read_onward
from flagstone.model.attempts import Catch
from flagstone.model.declarations import AnyDeclaration, Isolation, UserDecorator
from flagstone.model.draft import Draft, StepDraft, Trouble
from flagstone.model.errors import InvalidFlow, Location
from flagstone.model.lint.splits import CANNOT_CATCH
from flagstone.model.plan import ConfigPlan, ParameterPlan, Plan, Step
from flagstone.model.validate import arranged, validate

_GENERATOR = 0x20  # the flag of a code object that yields: `inspect.CO_GENERATOR`, without the import


def read_plan(cls: type) -> Plan:
    """The plan of a flow class. Raises InvalidGraph for one that makes no sense, InvalidFlow without source."""
    mutate(cls)
    shape: Shape = cls.__flagstone__  # type: ignore[attr-defined]  # every flow has it: see dsl/flow.py
    draft = read_draft(cls)
    validate(draft)
    steps, matching_split = arranged(draft)
    return Plan(
        flow=cls.__name__,
        file=_file_of(cls, draft),
        start=draft.start.name,
        end=draft.end.name,
        steps=steps,
        parameters=tuple(
            ParameterPlan(p.name, attribute, p.type_name, p.required, p.default_text(), p.help, p.choices)
            for attribute, p in shape.parameters.items()
        ),
        configs=tuple(
            ConfigPlan(spec.name, attribute, spec.required, spec.help)
            for attribute, spec in ((name, config._flagstone_spec) for name, config in shape.configs.items())
        ),
        constants=tuple(shape.constants),
        doc=_unindented(cls.__doc__),
        matching_split=matching_split,
        declarations=tuple(shape.said),
    )


def read_draft(cls: type) -> Draft:
    """What the source says, right or wrong. Raises InvalidFlow when there is no source."""
    shape: Shape = cls.__flagstone__  # type: ignore[attr-defined]  # likewise
    sources = _Sources()
    steps = tuple(_read_step(name, shape, sources) for name in shape.steps)
    methods = frozenset(
        name
        for base in cls.__mro__
        for name, value in vars(base).items()
        if isinstance(value, FunctionType) and name not in shape.steps
    )
    return Draft(cls.__name__, _where_defined(cls, steps, sources), steps, methods)


class _Sources:
    """The files that a flow is written in, each parsed once."""

    def __init__(self) -> None:
        self._trees: dict[str, ast.Module | None] = {}

    def tree(self, file: str, namespace: dict[str, Any] | None = None) -> ast.Module | None:
        """The syntax tree of a file; None when it cannot be had."""
        if file not in self._trees:
            text = text_of(file, namespace)
            try:
                self._trees[file] = None if text is None else parse(text, file)
            except (SyntaxError, ValueError):
                self._trees[file] = None
        return self._trees[file]

    def function(self, step: str, function: FunctionType) -> Function:
        """Where a step's method stands. Raises InvalidFlow."""
        code = function.__code__
        tree = self.tree(code.co_filename, function.__globals__)
        if tree is None:
            raise _no_source(step, code, "its source cannot be read")
        node = function_at(tree, code.co_firstlineno)
        if node is None or node.name != code.co_name:
            raise _no_source(step, code, "its source is not there (any more)")
        if node.name != step:
            raise InvalidFlow(
                problem=f"step {step!r} is the method {node.name!r} under another name",
                hint=f"give the step a method of its own:\n    @step\n    def {step}(self):",
                where=Location(code.co_filename, node.lineno),
            )
        return node


def _no_source(step: str, code: CodeType, why: str) -> InvalidFlow:
    return InvalidFlow(
        problem=f"the graph of a flow is read from its source, and for step {step!r} {why}",
        hint="write the step with `def` in a file or in a notebook's cell; if the file changed meanwhile, run it again",
        where=Location(code.co_filename, code.co_firstlineno),
    )


def _read_step(name: str, shape: Shape, sources: _Sources) -> StepDraft:
    function = shape.steps[name]
    mark: StepMark = vars(function)["__flagstone_step__"]
    declarations: tuple[AnyDeclaration, ...] = (*shape.declared[name], *_users_own(shape.applied[name], mark.where))
    if mark.isolation is not None:
        declarations = (Isolation(mark.isolation), *declarations)
    plain = _unwrapped(function)
    node = sources.function(name, plain)
    file = plain.__code__.co_filename
    arguments = [*node.args.posonlyargs, *node.args.args]
    onward = read_onward(name, arguments[0].arg, node.body, file) if arguments else Onward()
    where = Location(file, node.lineno)
    if onward.transition in CANNOT_CATCH:
        declarations = tuple(one for one in declarations if not _gives_way(one, shape))
    step = Step(
        name=name,
        transition=onward.transition,
        next=onward.next,
        joins=len(arguments) > 1,
        where=where,
        doc=_unindented(plain.__doc__),
        foreach=onward.foreach,
        num_parallel=onward.num_parallel,
        condition=onward.condition,
        cases=onward.cases,
        declarations=declarations,
    )
    return StepDraft(
        step=step,
        start=mark.start,
        end=mark.end,
        arguments=len(arguments),
        said=onward.said,
        odd=_oddity(name, plain, node, where),
        missing=onward.missing,
        invalid=onward.invalid,
    )


def _gives_way(declaration: AnyDeclaration, shape: Shape) -> bool:
    """Whether `--with` put it on every step, and this one cannot have it."""
    return isinstance(declaration, Catch) and any(declaration is one for one in shape.attached)


def _users_own(applied: Sequence[Applied], where: Location) -> tuple[UserDecorator, ...]:
    """The user's own decorators of a step as data, the innermost first. Raises InvalidDeclaration."""
    found = []
    for one in applied:
        if not one.mutates:
            check_arguments(one, where)
            found.append(UserDecorator(path_of(one.kind), as_data(one.args), as_data(one.kwargs)))
    return tuple(found)


def _unwrapped(function: StepFunction) -> FunctionType:
    """The method itself, under decorators that keep it in `__wrapped__`."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if not isinstance(function, FunctionType):
        name = getattr(function, "__name__", repr(function))
        raise InvalidFlow(problem=f"step {name!r} is not a function", hint="write @step directly above a `def`")
    return function


def _oddity(name: str, function: FunctionType, node: Function, where: Location) -> Trouble | None:
    """Why a method cannot be a step whatever its self.next says."""
    if isinstance(node, ast.AsyncFunctionDef):
        return Trouble(
            where,
            f"step {name!r} is an async function: a step is an ordinary one",
            f"write\n    @step\n    def {name}(self):\nand call asyncio.run(...) in it for what is async",
        )
    if function.__code__.co_flags & _GENERATOR:
        return Trouble(
            where,
            f"step {name!r} contains yield, so that calling it runs nothing",
            "move what yields to a function outside of the step, and use it here, as in\n"
            "        self.rows = list(rows())",
        )
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return Trouble(
            where,
            f"step {name!r} takes more than self, and inputs for a join",
            f"write `def {name}(self):`, or for a join `def {name}(self, inputs):`",
        )
    return None


def _where_defined(cls: type, steps: tuple[StepDraft, ...], sources: _Sources) -> Location:
    """The line of `class ...:`; a step's line when it cannot be found."""
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    places: list[tuple[str, int | None]] = [
        (step.step.where.file, step.step.where.line) for step in steps if step.name in vars(cls)
    ]
    for candidate, line in [*places[:1], *([(file, None)] if file else [])]:
        tree = sources.tree(candidate, vars(module) if module else None)
        node = class_called(tree, cls.__qualname__, line) if tree else None
        if node:
            return Location(candidate, node.lineno)
    return steps[0].step.where if steps else Location(file or "?", 1)


def _file_of(cls: type, draft: Draft) -> str:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None) or draft.where.file
    return file if file.startswith("<") else os.path.abspath(file)


def _unindented(doc: str | None) -> str:
    """A docstring without the indentation of its source and without empty lines at its ends."""
    lines = (doc or "").expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    return "\n".join([lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]).strip("\n")
