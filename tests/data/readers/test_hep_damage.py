from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hep_toy import omnifold_arrays, writers

from l1ml.data.readers import READERS, reader_called
from l1ml.data.readers.omnifold import READER as OMNIFOLD
from l1ml.errors import DataError, SchemaError

JOB = Path(__file__).parents[2] / "damage_job.py"
FILES = writers()


@pytest.mark.parametrize("name", FILES)
def test_damaged_copies_are_refused_or_read(tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    format_name, write = FILES[name]
    file = write(tmp_path / name, rng)
    command = [sys.executable, str(JOB), format_name, str(file), "150", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout)
    assert set(counts) <= {"refused", "equal", "other"}
    assert counts["refused"] > 50


def test_damaged_pairs_are_refused_or_read(tmp_path: Path, rng: np.random.Generator) -> None:
    file = tmp_path / "pairs.npz"
    np.savez(file, **omnifold_arrays(rng))
    content, refused = file.read_bytes(), 0
    for copy in range(150):
        wrong = bytearray(content[: rng.integers(len(content))] if copy % 3 == 0 else content)
        for place in rng.integers(0, max(1, len(wrong)), 1 + copy % 5) if wrong and copy % 3 else ():
            wrong[place] = int(rng.integers(256))
        file.write_bytes(wrong)
        OMNIFOLD.sniff(file)
        with suppress(DataError, SchemaError):
            refused += 1
            list(OMNIFOLD.iterate(file, chunk=16))
            refused -= 1
    assert refused > 50


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_known_by_its_content(tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    format_name, write = FILES[name]
    file = write(tmp_path / name, rng)
    known = [
        item
        for item in ("adc2021", "jet_features", "jet_constituents", "omnilearn", "calochallenge", "hepmc", "lhe")
        if READERS[item].fits_name(file) and READERS[item].sniff(file)
    ]
    assert format_name in known
    assert set(known) <= {format_name, *(("jet_features", "jet_constituents") if "hls4ml" in name else ())}


@pytest.mark.parametrize("name", FILES)
def test_what_is_described_is_what_is_read(tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    format_name, write = FILES[name]
    file, reader = write(tmp_path / name, rng), reader_called(format_name)
    content = json.loads(json.dumps(reader.describe(file)))
    parts = list(reader.iterate(file, chunk=7))
    assert content["n_events"] == sum(part.n for part in parts)
    assert content["objects"] == json.loads(json.dumps(parts[0].schema.to_dict()["objects"]))
    assert max(part.n for part in parts) == 7
    assert len({(part.schema.digest, part.processes, tuple(part.masks)) for part in parts}) == 1
    for part in parts:
        part.validate()


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str) -> None:
    reader = reader_called(FILES[name][0])
    for content in (
        b"",
        b"\x89HDF\r\n\x1a\n",
        b"\x93NUMPY",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"root",
        b"<html>",
        b"<LesHouchesEvents>",
    ):
        file = tmp_path / name
        file.write_bytes(content)
        assert reader.sniff(file) in {False, content == b"<LesHouchesEvents>"}
        with pytest.raises((DataError, SchemaError), match=name):
            list(reader.iterate(file))
    with pytest.raises(DataError, match="is not a file"):
        list(reader.iterate(tmp_path / "none"))
    assert not reader.sniff(tmp_path / "none")


@pytest.mark.parametrize("name", FILES)
def test_a_chunk_of_nothing_is_refused(tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    format_name, write = FILES[name]
    with pytest.raises(DataError, match="chunk is 0"):
        list(reader_called(format_name).iterate(write(tmp_path / name, rng), chunk=0))
