"""From the cells of a notebook to one file: what a class needs of them, by names, and nothing else.

A name that the class uses leads to the statement that binds it, which may use more names, and so on. What runs at once
(a base class, a decorator, the value of an assignment) sees what was bound before it; the body of a function sees what
is bound last. Statements that bind no needed name (plots, printed tables, calls for their effect) stay out.
"""

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

Place = tuple[int, int]  # cell and statement

_COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")  # scopes of their own that run at once


class _Statement(Struct, frozen=True):
    """One statement of a cell: the names that it binds or changes, and those that it uses at once or later."""

    place: Place
    node: ast.stmt
    text: str
    binds: frozenset[str]
    changes: frozenset[str]
    at_once: frozenset[str]
    later: frozenset[str]
    starred: bool = False


def assemble(cells: Sequence[str], name: str, modules: Mapping[str, str] | None = None) -> str | None:
    """The text of a file that defines the class `name` as the cells do, in their order; None when no cell does.

    `modules` are imports by name for what no cell binds: what a notebook brings by itself.
    """
    statements = [statement for number, cell in enumerate(cells) for statement in _statements(number, cell)]
    last = next((s for s in reversed(statements) if isinstance(s.node, ast.ClassDef) and name in s.binds), None)
    if last is None:
        return None
    needed, unknown = _needed(statements, last)
    unknown -= set(dir(builtins))
    if unknown:
        stars = [statement for statement in statements if statement.starred]
        needed |= {statement.place: statement for statement in stars}
    lines = [f"import {modules[one]} as {one}\n" for one in sorted(unknown) if modules and one in modules]
    lines += [_with_comment(needed[place], place) for place in sorted(needed)]
    futures = {line for cell in cells for line in _futures(cell)}
    return "\n".join([*sorted(futures), *lines])


def _needed(statements: Sequence[_Statement], first: _Statement) -> tuple[dict[Place, _Statement], set[str]]:
    """The statements that `first` stands on, itself among them, and the names that none binds."""
    found = {first.place: first}
    unknown: set[str] = set()
    waiting = [first]
    while waiting:
        one = waiting.pop()
        wanted = [(name, one.place) for name in one.at_once] + [(name, None) for name in one.later]
        for name, before in wanted:
            bound = _bindings(statements, name, before)
            if not bound:
                unknown.add(name)
            for other in bound:
                if other.place not in found:
                    found[other.place] = other
                    waiting.append(other)
    return found, {name for name in unknown if not any(name in s.binds for s in found.values())}


def _bindings(statements: Sequence[_Statement], name: str, before: Place | None) -> list[_Statement]:
    """The last statement that binds a name (before a place), and those that change its value after that."""
    earlier = [s for s in statements if before is None or s.place < before]
    places = [number for number, s in enumerate(earlier) if name in s.binds]
    if not places:
        return []
    return [s for s in earlier[places[-1] :] if s is earlier[places[-1]] or name in s.changes]


# --- one statement -----------------------------------------------------------------------------------------------


def _statements(number: int, cell: str) -> Iterator[_Statement]:
    """The statements of a cell; none of one that is not Python, since it never ran."""
    try:
        tree = ast.parse(cell)
    except (SyntaxError, ValueError):
        return
    for place, node in enumerate(tree.body):
        binds, at_once, later = _names(node)
        yield _Statement(
            place=(number, place),
            node=node,
            text=_text(cell, node),
            binds=frozenset(binds),
            changes=frozenset(_changes(node)),
            at_once=frozenset(at_once | _added_to(node)),
            later=frozenset(later),
            starred=isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names),
        )


def _text(cell: str, node: ast.stmt) -> str:
    lines = cell.splitlines(keepends=True)
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    end = node.end_lineno or start
    if start == end:
        return (ast.get_source_segment(cell, node) or "") + "\n"  # several statements may share a line
    return "".join(lines[start - 1 : end]).rstrip("\n") + "\n"


def _with_comment(statement: _Statement, place: Place) -> str:
    gap = "\n" if isinstance(statement.node, ast.ClassDef | ast.FunctionDef) else ""
    return f"{gap}# In[{place[0]}]\n{statement.text}"


def _futures(cell: str) -> Iterator[str]:
    for line in cell.splitlines():
        if line.startswith("from __future__ import "):
            yield line + "\n"


def _names(node: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """The names of the module that a statement binds, that it uses at once, and that functions in it use later."""
    binds: set[str] = set()
    at_once: set[str] = set()
    later: set[str] = set()
    waiting = [(symtable.symtable(ast.unparse(node), "cell", "exec"), at_once)]
    while waiting:
        table, used = waiting.pop()
        outermost = table.get_type() == "module"
        for symbol in table.get_symbols():
            if outermost and (symbol.is_assigned() or symbol.is_imported()):
                binds.add(symbol.get_name())
            if symbol.is_referenced() and (outermost or symbol.is_global()):
                used.add(symbol.get_name())
        for inner in table.get_children():
            runs_later = inner.get_type() == "function" and inner.get_name() not in _COMPREHENSIONS
            waiting.append((inner, later if runs_later else used))
    return binds, at_once, later


def _changes(node: ast.AST) -> Iterator[str]:
    """The names whose values a statement changes in place by assigning to a part of them: `table["a"] = 1`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name):
            yield root.id
    for child in ast.iter_child_nodes(node):
        yield from _changes(child)


def _added_to(node: ast.stmt) -> set[str]:
    """The names that a statement changes with `+=` or its like: what they were before matters."""
    return {
        inner.target.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name)
    }
