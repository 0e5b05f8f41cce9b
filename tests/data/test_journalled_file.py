from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.data.journalled_file import Journal, JournalledFile, journal_path

_OFFSETS = st.integers(0, 20_000)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), _OFFSETS, st.binary(min_size=1, max_size=9000)),
        st.tuples(st.just("truncate"), _OFFSETS, st.just(b"")),
        st.tuples(st.just("commit"), st.just(0), st.just(b"")),
    ),
    max_size=12,
)


def read(file: JournalledFile, offset: int, n: int) -> bytes:
    buffer = bytearray(n)
    file.seek(offset)
    file.readinto(buffer)
    return bytes(buffer)


@settings(deadline=None, max_examples=50)
@given(steps=_STEPS)
def test_it_reads_as_any_file_and_keeps_the_last_commit(steps: list[tuple[str, int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, model = Path(folder) / "a.part", io.BytesIO()
        committed = b""
        with JournalledFile(path, "new") as file:
            for action, offset, content in steps:
                if action == "write":
                    file.seek(offset)
                    file.write(content)
                    model.seek(offset)
                    model.write(content)
                elif action == "truncate":
                    file.truncate(offset)
                    model.truncate(offset)
                    model.seek(0, io.SEEK_END)
                    model.write(bytes(max(0, offset - model.tell())))
                else:
                    file.commit()
                    committed = model.getvalue()
                size = file.seek(0, io.SEEK_END)
                assert read(file, 0, size) == model.getvalue()
                assert path.read_bytes()[: len(committed)] == committed
            file.commit()
        assert path.read_bytes() == model.getvalue()
        assert not journal_path(path).exists()


def test_a_whole_journal_is_applied_and_shown_before_that(tmp_path: Path) -> None:
    path = tmp_path / "a.part"
    path.write_bytes(b"old content of the file")
    journal = Journal(3, {0: b"new"})
    journal.save(journal_path(path))
    with JournalledFile(path, "look") as file:
        assert (file.seek(0, io.SEEK_END), read(file, 0, 3)) == (3, b"new")
    assert path.read_bytes() == b"old content of the file"
    JournalledFile(path, "continue").close()
    assert path.read_bytes() == b"new"
    assert not journal_path(path).exists()


@pytest.mark.parametrize(
    "change", [lambda content: content[:-1], lambda content: content[:40] + b"x" + content[41:], lambda _: b""]
)
def test_a_cut_or_changed_journal_is_ignored(tmp_path: Path, change: object) -> None:
    path = tmp_path / "a.part"
    path.write_bytes(b"old")
    Journal(3, {0: b"new"}).save(journal_path(path))
    journal_path(path).write_bytes(change(journal_path(path).read_bytes()))  # type: ignore[operator]
    JournalledFile(path, "continue").close()
    assert path.read_bytes() == b"old"
