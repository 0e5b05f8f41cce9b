from __future__ import annotations

import resource
from pathlib import Path

import pytest

from l1ml.errors import DataError, StorageError
from l1ml.storage import atomic_path, digest_of, read_json, write_json, write_text


def test_a_failed_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail_half_way() -> None:
        with atomic_path(path) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    for content in ("one", "two"):
        with atomic_path(tmp_path / "project") as part:
            part.mkdir()
            (part / content).write_text(content)
    assert [item.name for item in (tmp_path / "project").iterdir()] == ["two"]


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageError, match=r"no space left while writing .*a\.json"):
            write_json(tmp_path / "a.json", list(range(10000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_json_that_is_absent_or_broken_names_the_verb(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="make it with: l1ml train x"):
        read_json(tmp_path / "a.json", "l1ml train x")
    (tmp_path / "a.json").write_text('{"a": ')
    with pytest.raises(DataError, match="make it again with: l1ml train x"):
        read_json(tmp_path / "a.json", "l1ml train x")


def test_nan_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_digests_do_not_depend_on_key_order() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of(b"x") != digest_of("x")
