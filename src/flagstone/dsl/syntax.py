"""The syntax tree of the user's source: the nodes that stand on a line or have a name."""

import ast
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(text: bytes | str, file: str) -> ast.Module:
    """The syntax tree of a whole file. Raises SyntaxError, and ValueError for null bytes."""
    return ast.parse(text, file)


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, decorators included: what a code object gives as its first line."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno


def function_at(tree: ast.Module, line: int) -> Function | None:
    """The function whose first line is `line`; only what encloses that line is looked at."""
    blocks = [tree.body]
    while blocks:
        around = [node for block in blocks if (node := _enclosing(block, line)) is not None]
        for node in around:
            if isinstance(node, Function) and first_line(node) == line:
                return node
        blocks = [inner for node in around for inner in _blocks(node)]
    return None


def _enclosing(block: list[ast.stmt], line: int) -> ast.stmt | None:
    """The last statement of a block that begins at or before a line, if it reaches that far."""
    place = bisect_right(block, line, key=first_line) - 1
    return block[place] if place >= 0 and line <= (block[place].end_lineno or 0) else None


def class_called(tree: ast.Module, qualified: str, around: int | None = None) -> ast.ClassDef | None:
    """The last class with this `__qualname__` in a file; with `around`, the last one that encloses that line."""
    names = [name for name in qualified.split(".") if name != "<locals>"]
    pending: list[tuple[ast.stmt, int]] = [(node, 0) for node in tree.body]
    while pending:
        node, depth = pending.pop()  # from the end of the file upwards
        if isinstance(node, ast.ClassDef | Function):
            if node.name != names[depth]:
                continue
            depth += 1
            if depth == len(names):
                inside = around is None or node.lineno <= around <= (node.end_lineno or node.lineno)
                if isinstance(node, ast.ClassDef) and inside:
                    return node
                continue
        pending.extend((child, depth) for child in statements(node))
    return None


def statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements right inside a compound statement: its body, its `else`, its handlers and cases."""
    return chain.from_iterable(_blocks(node))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for name in ("handlers", "cases"):
        for part in getattr(node, name, ()):
            yield part.body
