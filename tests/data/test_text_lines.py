from __future__ import annotations

from pathlib import Path

import pytest

from l1ml.data.text_lines import line_sink, open_lines
from l1ml.errors import DataError


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_lines_come_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with line_sink(path) as stream:
        stream.write(b"one\n")
        stream.write(b"two\n")
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    with open_lines(path) as lines:
        assert list(lines) == [b"one\n", b"two\n"]


def test_equal_content_makes_equal_files(tmp_path: Path) -> None:
    paths = [tmp_path / "a.gz", tmp_path / "b.gz"]
    for path in paths:
        with line_sink(path) as stream:
            stream.write(b"x\n" * 1000)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old\n")

    def write_half() -> None:
        with line_sink(path) as stream:
            stream.write(b"new\n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert path.read_text() == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    with line_sink(path) as stream:
        stream.write(bytes(range(256)) * 100)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="damaged or truncated gzip"), open_lines(path) as lines:
        list(lines)
    with pytest.raises(DataError, match="is not a file"), open_lines(tmp_path) as lines:
        list(lines)
