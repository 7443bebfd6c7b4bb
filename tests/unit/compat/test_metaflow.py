"""The alias: what `metaflow` means once it is asked for, in a fresh interpreter each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.person import SOURCE


def said(code: str, folder: Path, **more: str) -> str:
    """What a fresh interpreter in `folder` prints on both streams that runs this code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
    environment = {**kept, "PYTHONPATH": f"{SOURCE}{os.pathsep}{folder}", "HOME": str(folder), **more}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return (done.stdout + done.stderr).strip()


def test_names_and_modules_of_metaflow_are_ours(tmp_path: Path) -> None:
    code = """if True:
        import flagstone.compat.metaflow
        import metaflow, flagstone
        from metaflow import FlowSpec, step, current, parallel_map
        from metaflow.cards import Markdown
        from metaflow.exception import MetaflowException, MetaflowNotFound
        from metaflow.client import Run
        from metaflow.parameters import Parameter
        from metaflow.client.core import Task
        print(FlowSpec is flagstone.FlowSpec, Run is flagstone.Run, Parameter is flagstone.Parameter)
        print(metaflow.cards.Markdown is Markdown, issubclass(MetaflowNotFound, MetaflowException))
        print(metaflow.__version__.split("+")[0])
    """

    assert said(code, tmp_path).splitlines() == ["True True True", "True True", "2.19.38"]


def test_exceptions_of_retry_catch_and_timeout_are_found_where_metaflow_has_them(tmp_path: Path) -> None:
    code = """if True:
        import flagstone.compat.metaflow
        import flagstone
        from metaflow.exception import MetaflowExceptionWrapper
        from metaflow.plugins.catch_decorator import FailureHandledByCatch
        from metaflow.plugins.timeout_decorator import TimeoutException
        print(MetaflowExceptionWrapper is FailureHandledByCatch is flagstone.CaughtException)
        print(TimeoutException is flagstone.TimeoutException)
    """

    assert said(code, tmp_path).splitlines() == ["True", "True"]


def test_without_being_asked_metaflow_is_not_there(tmp_path: Path) -> None:
    assert "No module named 'metaflow'" in said("import flagstone, metaflow", tmp_path)


def test_a_name_that_is_not_shared_is_an_import_error_that_says_so(tmp_path: Path) -> None:
    code = "import flagstone.compat.metaflow; from metaflow import Frobnicate"

    assert "ImportError: cannot import name 'Frobnicate' from 'metaflow'" in said(code, tmp_path)


def test_a_module_that_is_not_shared_is_an_import_error_that_lists_those_that_are(tmp_path: Path) -> None:
    shown = said("import flagstone.compat.metaflow; import metaflow.plugins.airflow", tmp_path)

    assert "metaflow.plugins.airflow is not part of the vocabulary" in shown
    assert "metaflow.cards" in shown


def test_the_alias_goes_before_an_installed_metaflow_in_this_process_only(tmp_path: Path) -> None:
    (tmp_path / "metaflow.py").write_text("real = True")

    assert said("import flagstone, metaflow; print(metaflow.real)", tmp_path) == "True"
    assert said("import flagstone.compat.metaflow, metaflow; print(hasattr(metaflow, 'real'))", tmp_path) == "False"


def test_the_real_metaflow_that_was_imported_before_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "metaflow.py").write_text("real = True")

    shown = said("import metaflow, flagstone.compat.metaflow", tmp_path)

    assert "the module metaflow is imported already" in shown
    assert "Import flagstone.compat.metaflow before anything" in shown


def test_variables_of_metaflow_and_its_configuration_files_are_fallbacks_for_ours(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config_team.json").write_text(
        '{"METAFLOW_USER": "team", "METAFLOW_RUN_ALPHA": 3, "DEFAULT_DECOSPECS": "retry timeout:seconds=3"}'
    )
    (tmp_path / ".metaflow").mkdir()
    (tmp_path / ".metaflow" / "config.json").write_text('{"METAFLOW_RUN_MAX_WORKERS": 7}')
    code = """if True:
        import os, flagstone.compat.metaflow
        print(*(os.environ.get(name) for name in ("FLAGSTONE_USER", "FLAGSTONE_WITH", "FLAGSTONE_MAX_WORKERS")))
        print(os.environ["METAFLOW_RUN_ALPHA"])
    """

    shown = said(code, tmp_path, METAFLOW_HOME=str(tmp_path / "conf"), METAFLOW_PROFILE="team", METAFLOW_USER="ada")

    assert shown.splitlines() == ["ada retry timeout:seconds=3 7", "3"]


def test_what_is_set_for_us_goes_before_what_is_set_for_metaflow(tmp_path: Path) -> None:
    code = "import os, flagstone.compat.metaflow; print(os.environ['FLAGSTONE_USER'])"

    assert said(code, tmp_path, METAFLOW_USER="ada", FLAGSTONE_USER="bob") == "bob"


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_configuration_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)

    shown = said("import flagstone.compat.metaflow", tmp_path, METAFLOW_HOME=str(tmp_path))

    assert f"{tmp_path}/config.json" in shown
    assert "JSON" in shown
