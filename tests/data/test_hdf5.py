from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter, file_info, iterate_events, read_events
from l1ml.errors import DataError, SchemaError, StorageError


def write(path: Path, *batches: Events) -> Path:
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={"seed": 7}) as writer:
        for batch in batches:
            writer.append(batch)
    return path


def test_words_survive_the_file(tmp_path: Path, rng: np.random.Generator) -> None:
    parts = [toy_events(n, rng) for n in (10, 3, 20000)]
    path = write(tmp_path / "toy.h5", *parts)
    np.testing.assert_array_equal(read_events(path, LEVEL1_SCHEMA).features(), Events.concatenate(parts).features())
    info = file_info(path)
    assert (info["process"], info["n_events"], info["provenance"]) == ("toy", 20013, {"seed": 7})
    assert [batch.n for batch in iterate_events(path, chunk=8192)] == [8192, 8192, 3629]


def test_truth_and_identity_survive(tmp_path: Path, events: Events) -> None:
    given = replace(events, truth={"gen_ht": np.arange(50, dtype=np.float32)}, event=events.event + np.uint64(2**63))
    found = read_events(write(tmp_path / "toy.h5", given))
    np.testing.assert_array_equal(found.truth["gen_ht"], given.truth["gen_ht"])
    np.testing.assert_array_equal(found.event, given.event)


def test_a_failed_writer_leaves_the_old_file_and_no_part(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    before = path.read_bytes()
    bad = replace(events, weight=np.full(50, np.nan))
    with pytest.raises(DataError):
        write(path, events, bad)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["toy.h5"]


def test_missing_file_names_the_verb(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist; make events with: l1ml data generate"):
        read_events(tmp_path / "none.h5")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, rng: np.random.Generator, share: float) -> None:
    path = write(tmp_path / "toy.h5", toy_events(5000, rng))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match="truncated or damaged"):
        read_events(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no events"):
        read_events(write(tmp_path / "empty.h5"))


def test_another_version_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        file.attrs["format_version"] = 99
    with pytest.raises(SchemaError, match="format version 99, this l1ml reads version 1"):
        read_events(path)


def test_another_schema_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with pytest.raises(SchemaError, match="needed 'level1' version 2"):
        read_events(path, replace(LEVEL1_SCHEMA, version=2))


def test_an_edited_schema_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        file.attrs["schema"] = str(file.attrs["schema"]).replace('"n_bits": 9', '"n_bits": 8', 1)
    with pytest.raises(SchemaError, match="digest does not match"):
        read_events(path)


def test_something_else_in_hdf5_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(SchemaError, match="not an l1ml event file"):
        read_events(tmp_path / "other.h5")


@pytest.mark.parametrize(("column", "value"), [("collections/jet/hw_eta", 200), ("collections/egamma/hw_pt", -1)])
def test_a_word_out_of_range_in_a_file_is_named(tmp_path: Path, events: Events, column: str, value: int) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        file[column][5, 1] = value
    with pytest.raises(DataError, match=f"holds {value} at row 5, slot 1"):
        read_events(path)


def test_a_lost_column_is_named(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        del file["collections/muon/hw_phi"]
    with pytest.raises(DataError, match="damaged"):
        read_events(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, rng: np.random.Generator) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(StorageError, match="no space left while writing"):
            write(tmp_path / "toy.h5", toy_events(50000, rng))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
