"""Files and functions stay small, modules say what they are, and the tree knows no machine but the reader's."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "flagstone"
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
PARAMETERS = 6
SKIPPED = {".git", ".venv", ".bench-venv", "__pycache__", "build", "dist"}
TEXTS = {".py", ".md", ".toml", ".txt", ".in", ".sql", ".sh", ".svg", ".json", ".r", ".yaml", ""}


def modules() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def tracked() -> list[Path]:
    """Every text of the tree that is meant to be kept."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = (
        listed.stdout.splitlines() if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    )
    paths = [ROOT / name for name in names if not SKIPPED & set(Path(name).parts)]
    return [path for path in paths if path.is_file() and path.suffix in TEXTS]


def test_no_file_is_long() -> None:
    long = {path.name: count for path in modules() if (count := path.read_text("utf-8").count("\n")) > LINES_OF_A_FILE}

    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{path.name}:{function.name}": length
        for path in modules()
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LINES_OF_A_FUNCTION
    }

    assert long == {}


def test_no_function_takes_many_parameters() -> None:
    """Those after a star are named by every caller, so they do not count; the language's own calls are Metaflow's."""
    many = {
        f"{path.name}:{function.name}": count
        for path in modules()
        for function in functions(path)
        if function.name not in ("__init__", "__new__")
        and (count := len([a for a in function.args.args if a.arg not in ("self", "cls")])) > PARAMETERS
    }

    assert many == {}


def test_every_module_begins_with_its_sentence() -> None:
    silent = []  # without a docstring, or with one whose first line is not a whole sentence
    for path in modules():
        first = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
        if not first.endswith((".", "?")):
            silent.append(path.relative_to(SOURCE).as_posix())

    assert silent == []


def test_no_file_names_a_machine_of_ours() -> None:
    places = re.compile(
        r"(?<![\w.])/(?:work|root|tmp/[a-z0-9]|opt)/[\w.-]+|pypi\.org|files\.pythonhosted|index-url https?:"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__)
        for match in places.finditer(path.read_text("utf-8", errors="replace"))
    ]

    assert found == []


def test_there_is_no_history_in_the_code() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK|deprecated since|moved from|legacy|used to be)\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(SOURCE)}: {match[0]}"
        for path in modules()
        for match in words.finditer(path.read_text("utf-8"))
    ]

    assert found == []
