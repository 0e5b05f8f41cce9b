from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from killed_writer import batch
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, EventFile, Events, EventWriter, file_info, read_events, recover_events
from l1ml.data.journalled_file import journal_path
from l1ml.errors import DataError, StorageError

_KILLS = 20


def boundaries(batches: list[Events]) -> list[int]:
    """Rows after each number of batches."""
    return np.cumsum([0, *(len(item) for item in batches)]).tolist()


def check_rest(folder: Path, batches: list[Events], least: int) -> int:
    """Open what is left in `folder`: whole batches, at least `least` of them, equal to what was written. How many there are."""
    with EventFile(folder / "a.h5", unfinished=True) as rest:
        n = len(rest)
    n_batches = boundaries(batches).index(n)
    assert n_batches >= least
    if not n:
        return 0
    if (folder / "a.h5.part").exists():
        assert recover_events(folder / "a.h5") == n
    found, given = read_events(folder / "a.h5"), Events.concatenate(batches[:n_batches])
    np.testing.assert_array_equal(found.features(), given.features())
    np.testing.assert_array_equal(found.event, given.event)
    return n_batches


class _Tape:
    """Runs `os` functions that change files and keeps a copy of the folder before each of them, as a kill would leave it."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.folder, self.copies, self.taken, self.n = folder, copies, 0, 0
        self.returned: list[int] = []

    def before(self, function: object) -> object:
        def run(*arguments: object) -> object:
            self.copy()
            if function is os.pwrite and len(arguments[1]) > 1:  # type: ignore[arg-type]
                # a kill may come in the middle of a write
                descriptor, content, offset = arguments
                half = len(content) // 2  # type: ignore[arg-type]
                os_pwrite(descriptor, content[:half], offset)  # type: ignore[index, arg-type]
                self.copy()
            return function(*arguments)  # type: ignore[operator]

        return run

    def copy(self) -> None:
        shutil.copytree(self.folder, self.copies / str(self.n))
        self.returned.append(self.taken)
        self.n += 1


os_pwrite = os.pwrite


@pytest.mark.parametrize("old", [False, True])
def test_every_state_of_the_disk_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool) -> None:
    folder, rng = tmp_path / "work", np.random.default_rng(3)
    batches = [toy_events(n, rng) for n in (300, 1, 200)]
    folder.mkdir()
    if old:
        with EventWriter(folder / "a.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
            writer.append(batches[0])
    tape = _Tape(folder, tmp_path / "copies")
    tape.taken = int(old)
    for name in ("pwrite", "ftruncate", "fsync", "unlink", "replace"):
        monkeypatch.setattr(os, name, tape.before(getattr(os, name)))
    with EventWriter(folder / "a.h5", LEVEL1_SCHEMA, process="toy", provenance={}, append=True) as writer:
        started = tape.n
        for item in batches[int(old) :]:
            writer.append(item)
            tape.taken += 1
    tape.copy()
    monkeypatch.undo()
    assert tape.n > 60
    for number, least in enumerate(tape.returned):
        state = tmp_path / "copies" / str(number)
        if old:
            # the old file is whole whatever happens; the part stands beside it
            assert len(read_events(state / "a.h5")) in boundaries(batches)
            if not (state / "a.h5.part").exists() or number < started:
                continue
            (state / "a.h5").unlink()
        elif number < started:
            continue
        check_rest(state, batches, least)


def test_a_killed_writer_loses_nothing_that_it_had_taken(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    kept = []
    for kill in range(_KILLS):
        folder = tmp_path / str(kill)
        folder.mkdir()
        command = [sys.executable, str(tests / "killed_writer.py"), str(folder / "a.h5")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "1\n"
            time.sleep(float(rng.uniform(0, 0.2)))
            writer.kill()
            told = [1, *(int(line) for line in writer.stdout.read().split("\n")[:-1])]
        kept.append(check_rest(folder, [batch(number) for number in range(told[-1] + 2)], told[-1]))
    assert max(kept) > 1


def test_a_living_writer_is_left_alone(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "a.h5"
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)
        with pytest.raises(StorageError, match="being written by another process"):
            recover_events(path)
        with pytest.raises(StorageError, match="being written by another process"):
            EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}).__enter__()
        with pytest.raises(DataError, match="unfinished; save its rows with: l1ml data recover"):
            read_events(path)
    assert len(read_events(path)) == 50


def leave_part(path: Path, *batches: Events) -> None:
    """What a writer of `path` leaves that is killed after `batches`."""
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={"seed": 1}) as writer:
        for item in batches:
            writer.append(item)
        shutil.copy(f"{path}.part", f"{path}.kept")
    path.unlink()
    Path(f"{path}.kept").rename(f"{path}.part")


def test_a_recovered_file_says_so(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "a.h5"
    leave_part(path, events, events)
    info = file_info(path, unfinished=True)
    assert (info["complete"], info["n_events"]) == (False, 100)
    with pytest.raises(DataError, match="is unfinished"):
        read_events(tmp_path / "a.h5.part")
    assert recover_events(path, tmp_path / "b.h5") == 100
    assert file_info(tmp_path / "b.h5")["provenance"] == {"seed": 1, "recovered": {"n_events": 100}}
    assert [item.name for item in tmp_path.iterdir()] == ["b.h5"]


def test_nothing_is_overwritten_by_a_recovery(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(DataError, match=r"no writer of a\.h5 was killed"):
        recover_events(path)
    leave_part(path, events)
    path.write_text("something")
    with pytest.raises(DataError, match="exists; name another file"):
        recover_events(path)


def test_a_part_without_rows_is_said_so(tmp_path: Path) -> None:
    leave_part(tmp_path / "a.h5")
    with pytest.raises(DataError, match="holds no complete batch"):
        recover_events(tmp_path / "a.h5")


def test_a_cut_journal_is_ignored(tmp_path: Path, events: Events) -> None:
    leave_part(tmp_path / "a.h5", events)
    journal_path(tmp_path / "a.h5.part").write_bytes(b"l1ml-journal-1\n\0" + bytes(100))
    assert recover_events(tmp_path / "a.h5") == 50


def test_appending_to_a_part_of_someone_else_is_refused(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "a.h5"
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)
        shutil.copy(f"{path}.part", f"{path}.kept")
    Path(f"{path}.kept").rename(f"{path}.part")
    with pytest.raises(DataError, match="recover or delete it first"):
        EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}, append=True).__enter__()
