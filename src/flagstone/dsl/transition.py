"""The last statement of a step, `self.next(...)`: its forms, and what to write instead of what is none of them."""

import ast
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from flagstone.dsl.syntax import statements
from flagstone.kit.text import listed
from flagstone.model.draft import Trouble
from flagstone.model.errors import Location
from flagstone.model.plan import Case, Transition

_KEYWORDS = ("foreach", "num_parallel", "condition")


class Onward(Struct, frozen=True):
    """How a step goes on, or why that cannot be told; the fields are those of a step and of its draft."""

    transition: Transition = Transition.END
    next: tuple[str, ...] = ()
    foreach: str | None = None
    num_parallel: str | None = None
    condition: str | None = None
    cases: tuple[Case, ...] = ()
    said: Location | None = None
    missing: Trouble | None = None
    invalid: Trouble | None = None


class _Misread(Exception):
    """A self.next of no known form: what is wrong with it, and what to write."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


def read_onward(step: str, owner: str, body: Sequence[ast.stmt], file: str) -> Onward:
    """Read how a step goes on from its statements; `owner` is what its method calls `self`."""
    arms = _arms(body[-1], owner)
    calls = [arm.call for arm in arms]
    stray = _stray(body, owner, calls)
    if not calls:
        return Onward(missing=_misplaced(step, owner, stray, file) if stray else None)
    said = Location(file, calls[0].lineno)
    try:
        if stray:
            raise _Misread(
                f"names what comes next twice, also in line {stray[0].lineno}",
                f"keep one {owner}.next, as the last statement of the step; {_SWITCH.format(self=owner)}",
            )
        if isinstance(body[-1], ast.If):
            return _chosen_by_if(owner, arms, said)
        return _Form(owner, calls[0]).read(said)
    except _Misread as misread:
        problem = f"in step {step!r}, {owner}.next {misread.problem}"
        return Onward(said=said, invalid=Trouble(said, problem, misread.hint))


# --- where self.next stands ------------------------------------------------------------------------------------

_SWITCH = (
    'to choose while the flow runs, use a switch:\n        {self}.choice = "yes"  # or "no"\n'
    '        {self}.next({{"yes": {self}.a, "no": {self}.b}}, condition="choice")'
)

_INSIDE: dict[type[ast.stmt], str] = {
    ast.If: "inside an `if`",
    ast.For: "inside a loop",
    ast.AsyncFor: "inside a loop",
    ast.While: "inside a loop",
    ast.Try: "inside a `try`",
    ast.TryStar: "inside a `try`",
    ast.With: "inside a `with`",
    ast.AsyncWith: "inside a `with`",
    ast.Match: "inside a `match`",
}


def _next_call(statement: ast.AST, owner: str) -> ast.Call | None:
    """The call, when a statement is `self.next(...)` and nothing else."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="next")) as call):
            return call if name == owner else None
    return None


class _Arm(NamedTuple):
    """One way to end a step: its self.next, and the test under which an `if` leads there."""

    test: str
    call: ast.Call


def _arms(last: ast.stmt, owner: str) -> list[_Arm]:
    """The self.next that a step ends with; several where its last statement is an `if` of which each arm has one.

    An arm may raise instead. Empty when some way through the statement ends otherwise.
    """
    call = _next_call(last, owner)
    if call is not None:
        return [_Arm("", call)]
    if not isinstance(last, ast.If):
        return []
    found: list[_Arm] = []
    pending: list[tuple[str, list[ast.stmt]]] = [("else", last.orelse), (ast.unparse(last.test), last.body)]
    while pending:
        test, block = pending.pop()
        ending = block[-1] if block else None
        if isinstance(ending, ast.Raise):
            continue
        if isinstance(ending, ast.If):
            inner = ast.unparse(ending.test)
            around = "" if test == "else" else f"{test} and "
            pending += [(test, ending.orelse), (f"{around}{inner}", ending.body)]
            continue
        call = _next_call(ending, owner) if ending is not None else None
        if call is None:
            return []
        found.append(_Arm(test, call))
    return found


def _chosen_by_if(owner: str, arms: Sequence[_Arm], said: Location) -> Onward:
    """An `if` as a switch: each arm goes on to one step."""
    cases: list[Case] = []
    for arm in arms:
        onward = _Form(owner, arm.call).read(said)
        if onward.transition is not Transition.LINEAR:
            target = onward.next[0]
            raise _Misread(
                f"inside an `if` does more than go on to one step, in line {arm.call.lineno}",
                f"go on to one step, and let that one split or choose:\n        {owner}.next({owner}.{target})",
            )
        cases.append(Case(arm.test, onward.next[0]))
    targets = tuple(dict.fromkeys(case.target for case in cases))
    if len(targets) == 1:
        return Onward(Transition.LINEAR, targets, said=said)
    return Onward(Transition.SWITCH, targets, cases=tuple(cases), said=said)


def _stray(body: Sequence[ast.stmt], owner: str, last: Sequence[ast.Call]) -> tuple[ast.Call, str] | None:
    """A self.next elsewhere than at the end, and where it stands; those in nested functions are not the step's own."""
    pending: list[tuple[ast.stmt, str]] = [(statement, "before other statements") for statement in reversed(body)]
    while pending:
        statement, place = pending.pop()
        if isinstance(statement, ast.Return) and statement.value is not None:
            call, place = _next_call(ast.Expr(statement.value), owner), "in a `return`"
        else:
            call = _next_call(statement, owner)
        if call is not None and not any(call is one for one in last):
            return call, place
        inside = _INSIDE.get(type(statement))
        if inside:
            pending.extend((child, inside) for child in reversed(list(statements(statement))))
    return None


def _misplaced(step: str, owner: str, stray: tuple[ast.Call, str], file: str) -> Trouble:
    call, place = stray
    hint = f"write it once, as the last statement of the step, not indented further; {_SWITCH.format(self=owner)}"
    if place == "inside an `if`":
        hint = f"let every way through the `if` end with {owner}.next, its `else` too; {_SWITCH.format(self=owner)}"
    if place == "before other statements":
        hint = "move it to the end of the step"
    elif place == "in a `return`":
        hint = f"write it without return:\n        {ast.unparse(call)}"
    problem = f"in step {step!r}, {owner}.next stands {place}: it has to be the last statement"
    return Trouble(Location(file, call.lineno), problem, hint)


# --- the forms ---------------------------------------------------------------------------------------------------


class _Form:
    """The arguments of one self.next."""

    def __init__(self, owner: str, call: ast.Call) -> None:
        self.owner = owner
        self.each = f'        {owner}.next({owner}.work, foreach="items")'
        self.switch = f'write\n        {owner}.next({{"yes": {owner}.a, "no": {owner}.b}}, condition="choice")'
        self.positional = call.args
        self.keywords = {keyword.arg: keyword.value for keyword in call.keywords}

    def read(self, said: Location) -> Onward:
        """Raises _Misread for anything but a known form."""
        self._check_arguments()
        if isinstance(self.positional[0], ast.Dict):
            return self._switch(self.positional[0], said)
        if "condition" in self.keywords:
            raise _Misread("has a condition and no cases", self.switch)
        targets = tuple(self._target(node) for node in self.positional)
        twice = [target for target in targets if targets.count(target) > 1]
        if twice:
            raise _Misread(f"names {twice[0]!r} twice", f"name each step once; a step for each item is\n{self.each}")
        if not self.keywords:
            return Onward(Transition.LINEAR if len(targets) == 1 else Transition.SPLIT, targets, said=said)
        if len(targets) > 1:
            keyword = next(iter(self.keywords))
            raise _Misread(
                f"has {keyword}= and {len(targets)} steps: it goes to one",
                f"name one step, and let that one split:\n        {self._to(f'{targets[0]}, {keyword}=...')}",
            )
        if "foreach" in self.keywords:
            return Onward(Transition.FOREACH, targets, foreach=self._attribute("foreach"), said=said)
        return Onward(Transition.PARALLEL, targets, num_parallel=self._gang(targets[0]), said=said)

    def _check_arguments(self) -> None:
        for name in self.keywords:
            if name is None:
                raise _Misread("unpacks its arguments with **", f"write them out, as in\n{self.each}")
            if name not in _KEYWORDS:
                known = listed([f"{keyword}=" for keyword in _KEYWORDS], "or")
                raise _Misread(f"does not know {name}=", f"it takes {known}, as in\n{self.each}")
        if len(self.keywords) > 1:
            raise _Misread(
                f"has {listed([f'{name}=' for name in self.keywords])}: they do not go together",
                "keep one of them, and let the step that follows do the other",
            )
        if not self.positional:
            raise _Misread("names no step", f"name the step that follows:\n        {self._to('some_step')}")

    def _to(self, target: str) -> str:
        return f"{self.owner}.next({self.owner}.{target})"

    def _target(self, node: ast.expr) -> str:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=target) if name == self.owner:
                return target
            case ast.Constant(value=str(target)) if target.isidentifier():
                raise _Misread(f"names a step as a text ({target!r})", f"write\n        {self._to(target)}")
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=target)) if name == self.owner:
                raise _Misread(f"calls the step {target!r}", f"write it without (): {self._to(target)}")
            case ast.Dict():
                raise _Misread("has a dict of cases beside other arguments", self.switch)
        raise _Misread(
            f"has {ast.unparse(node)!r} where a step should be: the graph is read from the source, without running it",
            f"write the step itself, as in {self._to('some_step')}; {_SWITCH.format(self=self.owner)}",
        )

    def _attribute(self, keyword: str) -> str:
        match self.keywords[keyword]:
            case ast.Constant(value=str(name)) if name.isidentifier():
                return name
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == self.owner:
                raise _Misread(
                    f"has {keyword}={owner}.{name}: the name of the artifact is expected, not its value",
                    f'write {keyword}="{name}"',
                )
            case node:
                raise _Misread(
                    f"has {keyword}={ast.unparse(node)}: the name of an artifact is expected, in quotes",
                    f"assign it and name it:\n        {self.owner}.items = ...\n{self.each}"
                    if keyword == "foreach"
                    else self.switch,
                )

    def _gang(self, target: str) -> str:
        node = self.keywords["num_parallel"]
        text = ast.unparse(node)
        size = _literal(node)
        if isinstance(node, ast.Constant | ast.UnaryOp) and (type(size) is not int or size < 1):
            raise _Misread(
                f"has num_parallel={text}: a number of at least 1 is expected",
                f"write\n        {self._to(f'{target}, num_parallel=4')}",
            )
        return text

    def _switch(self, cases: ast.Dict, said: Location) -> Onward:
        if len(self.positional) > 1:
            raise _Misread("has a dict of cases beside other arguments", self.switch)
        if "condition" not in self.keywords:
            other = next(iter(self.keywords), None)
            raise _Misread(f"has cases and {f'{other}=' if other else 'no condition='}", self.switch)
        condition = self._attribute("condition")
        if not cases.keys:
            raise _Misread("has no cases", self.switch)
        found: dict[object, Case] = {}
        for key, target in zip(cases.keys, cases.values, strict=True):
            case = Case(self._key(key), self._target(target))
            if case.key in found:
                raise _Misread(f"has the case {case.key!r} twice", "write each key once (True is 1, and False is 0)")
            found[case.key] = case
        targets = tuple(dict.fromkeys(case.target for case in found.values()))
        return Onward(Transition.SWITCH, targets, condition=condition, cases=tuple(found.values()), said=said)

    def _key(self, node: ast.expr | None) -> str | int | float | bool | None:
        value = _literal(node) if node is not None else _NOT_LITERAL
        if isinstance(value, str | int | float | bool | None):
            return value
        if isinstance(node, ast.Attribute) and self._is_own(node):
            return ast.unparse(node)
        shown = "**" if node is None else ast.unparse(node)
        raise _Misread(f"has the key {shown!r}: a text, a number, True, False or None is expected", self.switch)

    def _is_own(self, node: ast.expr) -> bool:
        """Whether it is `self.config.key`: a value that is fixed before the flow starts."""
        depth = 0
        while isinstance(node, ast.Attribute):
            node, depth = node.value, depth + 1
        return depth > 1 and isinstance(node, ast.Name) and node.id == self.owner


_NOT_LITERAL = object()


def _literal(node: ast.expr) -> object:
    """The value of a constant or of a negative number."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
            return -value
    return _NOT_LITERAL
