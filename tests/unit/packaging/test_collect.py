"""What belongs to a flow: its folder by suffixes, without what is hidden or ignored, and the project's own modules."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from flagstone.packaging.collect import collect


def write(root: Path, *names: str) -> Path:
    """Files with a line each; the first one is the flow's."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")
    return root / names[0]


def names(script: Path, modules: dict[str, ModuleType | None] | None = None, **more: object) -> list[str]:
    return [member.name for member in collect(script, modules=modules or {}, **more)]  # type: ignore[arg-type]


def test_code_is_found_below_the_folder_by_its_suffix(tmp_path: Path) -> None:
    script = write(tmp_path, "flow.py", "shop/prices.py", "shop/model.R", "data/big.csv", "notes.md", "shop/q.sql")

    assert names(script) == ["flow.py", "shop/model.R", "shop/prices.py"]
    assert names(script, suffixes=[".sql"]) == ["flow.py", "shop/q.sql"]


def test_what_is_hidden_installed_or_made_by_tools_is_not_code(tmp_path: Path) -> None:
    script = write(
        tmp_path, "flow.py", ".secret.py", ".git/hook.py", "__pycache__/flow.py", "env/lib/x.py", "node_modules/y.py"
    )
    (tmp_path / "env" / "pyvenv.cfg").touch()

    assert names(script) == ["flow.py"]


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ("build/\n", ["a.py", "sub/a.py", "sub/b_test.py"]),
        ("*_test.py\n# a comment\n\n", ["a.py", "build/x.py", "sub/a.py", "sub/build/y.py"]),
        ("/a.py", ["build/x.py", "sub/a.py", "sub/b_test.py", "sub/build/y.py"]),
        ("a.py\n!sub/a.py", ["build/x.py", "sub/a.py", "sub/b_test.py", "sub/build/y.py"]),
        ("sub/**", ["a.py", "build/x.py"]),
        ("**/build", ["a.py", "sub/a.py", "sub/b_test.py"]),
        ("[ab].p?", ["build/x.py", "sub/b_test.py", "sub/build/y.py"]),
        ("[!a]*", ["a.py"]),
        ("sub/*/y.py", ["a.py", "build/x.py", "sub/a.py", "sub/b_test.py"]),
        ("[", ["a.py", "build/x.py", "sub/a.py", "sub/b_test.py", "sub/build/y.py"]),
    ],
)
def test_ignored_files_stay_behind_as_git_leaves_them(tmp_path: Path, rules: str, left: list[str]) -> None:
    script = write(tmp_path, "flow.py", "a.py", "build/x.py", "sub/a.py", "sub/b_test.py", "sub/build/y.py")
    (tmp_path / ".gitignore").write_text(rules)

    assert names(script) == sorted([*left, "flow.py"])


def test_a_folder_may_have_rules_of_its_own_and_some_are_for_packages_alone(tmp_path: Path) -> None:
    script = write(tmp_path, "flow.py", "sub/a.py", "sub/b.py", "a.py", "c.py")
    (tmp_path / "sub" / ".gitignore").write_text("a.py\n")
    (tmp_path / ".flagstoneignore").write_text("c.py\n")

    assert names(script) == ["a.py", "flow.py", "sub/b.py"]


def test_the_flow_itself_is_never_left_out(tmp_path: Path) -> None:
    script = write(tmp_path, "flow.py")
    (tmp_path / ".gitignore").write_text("*.py\n")

    assert names(script) == ["flow.py"]


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path / "elsewhere", "lib.py")
    script = write(tmp_path / "project", "flow.py")
    (tmp_path / "project" / "shared").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "project")

    assert names(script) == ["flow.py", "shared/lib.py"]


def module(name: str, file: Path | None = None, folder: Path | None = None) -> ModuleType:
    made = ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    if folder is not None:
        made.__path__ = [str(folder)]
    return made


def test_modules_of_the_project_come_along_and_installed_ones_do_not(tmp_path: Path) -> None:
    script = write(tmp_path / "flows", "flow.py")
    write(tmp_path / "libs", "shop/__init__.py", "shop/deep/prices.py", "shop/README.md", "single.py", "space/part.py")
    libs = tmp_path / "libs"
    loaded: dict[str, ModuleType | None] = {
        "shop": module("shop", libs / "shop" / "__init__.py", libs / "shop"),
        "shop.deep.prices": module("shop.deep.prices", libs / "shop" / "deep" / "prices.py"),
        "single": module("single", libs / "single.py"),
        "space": module("space", None, libs / "space"),
        "flow": module("flow", script),
        "gone": None,
        "json": sys.modules["json"],
        "pytest": pytest,
        "flagstone": sys.modules["flagstone"],
        "built_in": module("built_in"),
    }

    members = collect(script, modules=loaded)

    assert [member.name for member in members] == [
        "flow.py",
        "shop/__init__.py",
        "shop/deep/prices.py",
        "single.py",
        "space/part.py",
    ]
    assert {member.origin for member in members} == {"", "shop", "single", "space"}


@pytest.mark.parametrize("policy", ["FLAGSTONE_PACKAGE_POLICY", "METAFLOW_PACKAGE_POLICY"])
def test_an_installed_module_comes_along_when_it_asks_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    script = write(tmp_path / "flows", "flow.py")
    extra = write(tmp_path / "site-packages", "extra.py")
    asking = module("extra", extra)
    monkeypatch.setattr("site.getsitepackages", lambda: [str(tmp_path / "site-packages")])
    assert names(script, {"extra": asking}) == ["flow.py"]

    setattr(asking, policy, "include")

    assert names(script, {"extra": asking}) == ["extra.py", "flow.py"]


def test_the_folders_own_file_goes_before_a_modules(tmp_path: Path) -> None:
    script = write(tmp_path / "flows", "flow.py", "single.py")
    other = write(tmp_path / "libs", "single.py")

    members = collect(script, modules={"single": module("single", other)})

    assert [member.path for member in members] == [str(script), str(tmp_path / "flows" / "single.py")]
