from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from equal_events import assert_same_events
from rich_events import RICH_SCHEMA, rich_events

from l1ml.data import Events, EventWriter, read_events
from l1ml.errors import DataError, SchemaError

_LOOK = """
import resource, sys
from pathlib import Path
from l1ml.data import read_events
from l1ml.errors import DataError, SchemaError
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_events(path)
    except (DataError, SchemaError):
        print(path.name)
"""
"""In a process of its own, with bounded memory: HDF5 is C."""


@pytest.fixture
def given(rng: np.random.Generator) -> Events:
    return rich_events(300, rng)


@pytest.fixture
def content(tmp_path: Path, given: Events) -> bytes:
    with EventWriter(tmp_path / "good.h5", RICH_SCHEMA, process=given.processes, provenance={"seed": 1}) as writer:
        writer.append(given)
    return (tmp_path / "good.h5").read_bytes()


def refused(folder: Path) -> set[str]:
    """Names of the files in `folder` that are not read; the others are."""
    done = subprocess.run([sys.executable, "-c", _LOOK, str(folder)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_a_cut_file_is_refused_at_any_length(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "cut"
    folder.mkdir()
    for length in [*range(0, 600, 50), *range(600, len(content), len(content) // 40), len(content) - 1]:
        (folder / f"{length:08d}.h5").write_bytes(content[:length])
    assert refused(folder) == {path.name for path in folder.iterdir()}


def test_a_flipped_byte_is_found_or_changes_nothing(tmp_path: Path, content: bytes, given: Events) -> None:
    folder, rng = tmp_path / "flipped", np.random.default_rng(1)
    folder.mkdir()
    for place in [*range(0, 400, 8), *rng.integers(0, len(content), 150).tolist()]:
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        (folder / f"{place:08d}.h5").write_bytes(damaged)
    bad = refused(folder)
    names = {path.name for path in folder.iterdir()}
    assert len(bad) > 0.7 * len(names)
    for name in names - bad:
        assert_same_events(read_events(folder / name), given)


def test_shuffled_pages_are_found_or_change_nothing(tmp_path: Path, content: bytes, given: Events) -> None:
    folder, rng = tmp_path / "shuffled", np.random.default_rng(2)
    folder.mkdir()
    pages = [content[start : start + 512] for start in range(0, len(content), 512)]
    for number in range(20):
        first, second = sorted(rng.choice(len(pages), 2, replace=False))
        swapped = list(pages)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        (folder / f"{number}.h5").write_bytes(b"".join(swapped))
    for name in {path.name for path in folder.iterdir()} - refused(folder):
        assert_same_events(read_events(folder / name), given)


def test_a_header_that_says_something_else_is_refused(tmp_path: Path, given: Events) -> None:
    import h5py

    changes = {"n_events": 10**15, "schema": np.bytes_(b"{"), "processes": np.bytes_(b"[1"), "provenance": np.bytes_(b"\\xff")}
    for name, value in changes.items():
        with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=given.processes, provenance={}) as writer:
            writer.append(given)
        with h5py.File(tmp_path / "a.h5", "a") as file:
            file.attrs[name] = value
        with pytest.raises((DataError, SchemaError)):
            read_events(tmp_path / "a.h5")
