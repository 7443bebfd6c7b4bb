"""Flows for tests: written to a real file, imported from there, read, and judged."""

import sys
import textwrap
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model.errors import InvalidGraph

PREAMBLE = """\
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import JSONType, Parameter
from flagstone.dsl.step import declare, step
from flagstone.model.declarations import Parallel

def parallel(function):
    return declare(function, Parallel())

"""

MARK = "# here"


def flow_class(folder: Path, source: str, file: str = "flow.py") -> type[FlowSpec]:
    """Write a module with `source` (the names of `PREAMBLE` are there), import it, and give its last flow."""
    path = folder / file
    path.write_text(PREAMBLE + textwrap.dedent(source))
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    flows = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, FlowSpec) and v is not FlowSpec]
    return flows[-1]


def refusal(folder: Path, source: str) -> InvalidGraph:
    """The error that a broken flow is refused with; it has to point at the line that is marked with `# here`."""
    cls = flow_class(folder, source)
    with pytest.raises(InvalidGraph) as caught:
        read_plan(cls)
    error = caught.value
    lines = (folder / "flow.py").read_text().splitlines()
    marked = [number for number, line in enumerate(lines, 1) if MARK in line]
    assert error.where is not None
    assert error.where.file == str(folder / "flow.py")
    assert [error.where.line] == marked, str(error)
    assert error.hint, "every refusal says what to write instead"
    return error
