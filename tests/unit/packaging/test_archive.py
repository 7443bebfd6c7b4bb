"""The same files make the same archive, byte for byte."""

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from flagstone.model.errors import UnreadableFile
from flagstone.packaging.archive import INFO, digest, names_in, pack
from flagstone.packaging.collect import collect


def project(folder: Path) -> Path:
    (folder / "shop").mkdir(parents=True)
    (folder / "flow.py").write_text("print('flow')\n")
    (folder / "shop" / "tool.py").write_text("#!/usr/bin/env python\n")
    (folder / "shop" / "tool.py").chmod(0o755)
    return folder / "flow.py"


def test_two_people_pack_the_same_bytes(tmp_path: Path) -> None:
    one, other = project(tmp_path / "one"), project(tmp_path / "other")
    os.utime(other, (0, 0))
    other.chmod(0o600)

    ours, theirs = (collect(script, modules={}) for script in (one, other))

    assert pack(ours, {"flow": "Shop"}) == pack(theirs, {"flow": "Shop"})
    assert digest(ours) == digest(theirs)
    (tmp_path / "other" / "flow.py").write_text("print('other')\n")
    assert digest(collect(other, modules={})) != digest(ours)


def test_an_archive_unpacks_to_what_was_packed(tmp_path: Path) -> None:
    script = project(tmp_path / "one")
    saved = tmp_path / "code.tar.gz"
    saved.write_bytes(pack(collect(script, modules={}), {"flow": "Shop", "files": 2}))

    with tarfile.open(saved) as tar:
        tar.extractall(tmp_path / "there", filter="data")

    assert (tmp_path / "there" / "flow.py").read_text() == "print('flow')\n"
    assert os.access(tmp_path / "there" / "shop" / "tool.py", os.X_OK)
    assert [name for name, _ in names_in(saved)] == [INFO, "flow.py", "shop/tool.py"]


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    members = collect(project(tmp_path / "one"), modules={})
    shutil.rmtree(tmp_path / "one" / "shop")

    with pytest.raises(UnreadableFile, match=r"shop/tool\.py: No such file"):
        pack(members, {})


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b\x08\x00"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)

    with pytest.raises(UnreadableFile, match="no archive"):
        names_in(tmp_path / "x.tar.gz")
