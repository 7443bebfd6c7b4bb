"""Out of the cells of a notebook comes the file that a flow needs, and nothing else of them."""

from flagstone.client.runner.cells import assemble

FLOW = "class MyFlow(FlowSpec):\n    @step\n    def start(self):\n        self.x = {}\n"


def names(text: str | None) -> list[str]:
    """The lines of a file without comments and empty lines."""
    assert text is not None
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_imports_helpers_and_bases_are_taken_from_wherever_they_stand() -> None:
    cells = [
        "import math\nimport antigravity",
        "from flagstone import FlowSpec, step",
        "def deeper(x):\n    return math.sqrt(x)",
        "def helper(x):\n    return deeper(x)",
        FLOW.format("helper(4)"),
    ]

    text = names(assemble(cells, "MyFlow"))

    assert text[:2] == ["import math", "from flagstone import FlowSpec, step"]
    assert "def deeper(x):" in text
    assert "import antigravity" not in text


def test_what_runs_for_its_effect_stays_out() -> None:
    cells = [
        "from flagstone import FlowSpec, step\nprint('hello')",
        "frame = read_a_lot()\nframe.plot()",
        FLOW.format(1),
    ]

    text = assemble(cells, "MyFlow")

    assert text is not None
    assert "print" not in text
    assert "read_a_lot" not in text


def test_a_local_name_does_not_bring_in_what_a_cell_calls_the_same() -> None:
    cells = ["frame = read_a_lot()", "def helper():\n    frame = 1\n    return frame", FLOW.format("helper()")]

    assert "read_a_lot" not in str(assemble(cells, "MyFlow"))


def test_the_last_definition_counts_as_it_does_in_the_notebook() -> None:
    cells = ["LIMIT = 1", "LIMIT = 2", FLOW.format("LIMIT"), "LIMIT = 3", FLOW.format("LIMIT + 1")]

    text = names(assemble(cells, "MyFlow"))

    assert [line for line in text if line.startswith("LIMIT")] == ["LIMIT = 3"]
    assert text.count("class MyFlow(FlowSpec):") == 1
    assert "        self.x = LIMIT + 1" in text


def test_what_a_default_was_made_from_is_what_was_there_at_that_time() -> None:
    cells = ["LIMIT = 1", "class MyFlow(FlowSpec):\n    limit = Parameter('limit', default=LIMIT)", "LIMIT = 'later'"]

    text = names(assemble(cells, "MyFlow"))

    assert [line for line in text if line.startswith("LIMIT")] == ["LIMIT = 1"]


def test_a_value_that_is_built_over_several_lines_is_whole() -> None:
    cells = ["table = {}\ntable['a'] = 1", "table['b'] = 2\ntotal = 1\ntotal += 2", FLOW.format("table, total")]

    text = names(assemble(cells, "MyFlow"))

    assert text[:5] == ["table = {}", "table['a'] = 1", "table['b'] = 2", "total = 1", "total += 2"]


def test_several_statements_on_a_line_are_parted() -> None:
    text = names(assemble(["a = 1; b = 2; print(a)", FLOW.format("a")], "MyFlow"))

    assert text[0] == "a = 1"


def test_decorators_and_what_is_bound_inside_a_block_come_along() -> None:
    cells = [
        "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None",
        "import functools\n@functools.cache\ndef helper():\n    return tomllib",
        FLOW.format("helper()"),
    ]

    text = names(assemble(cells, "MyFlow"))

    assert text[0] == "try:"
    assert "@functools.cache" in text


def test_names_that_no_cell_binds_may_come_from_a_star_or_from_the_notebook_itself() -> None:
    cells = ["from math import *", FLOW.format("sqrt(np.pi)")]

    text = names(assemble(cells, "MyFlow", {"np": "numpy"}))

    assert text[:2] == ["import numpy as np", "from math import *"]


def test_promises_about_the_future_come_first() -> None:
    text = assemble(["a = 1", "from __future__ import annotations\nb = 2", FLOW.format("a")], "MyFlow")

    assert str(text).startswith("from __future__ import annotations")


def test_a_cell_that_is_not_python_is_passed_over_and_a_class_that_is_nowhere_gives_nothing() -> None:
    assert assemble(["%%bash\necho 1 2", "a ="], "MyFlow") is None
