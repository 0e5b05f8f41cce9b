from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from equal_events import assert_same_events
from hypothesis import HealthCheck, given, settings
from rich_events import RICH_SCHEMA, any_events, filled_events, rich_events
from toy import toy_events
from version_1 import write_version_1

from l1ml.data import LEVEL1_SCHEMA, EventFile, Events, EventWriter, file_info, iterate_events, read_events
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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=any_events())
def test_whatever_events_have_survives_the_file(tmp_path: Path, batches: list[Events]) -> None:
    first = batches[0]
    with EventWriter(tmp_path / "a.h5", first.schema, process=first.processes, provenance={}) as writer:
        for batch in batches:
            writer.append(batch)
    assert_same_events(read_events(tmp_path / "a.h5"), Events.concatenate(batches))


def test_equal_batches_make_equal_bytes(tmp_path: Path, rng: np.random.Generator) -> None:
    parts = [rich_events(n, rng) for n in (10, 3000)]
    contents = []
    for name in ("a.h5", "b.h5"):
        with EventWriter(tmp_path / name, RICH_SCHEMA, process=parts[0].processes, provenance={}) as writer:
            for part in parts:
                writer.append(part)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def test_files_without_compression_hold_the_same(tmp_path: Path, rng: np.random.Generator) -> None:
    events = toy_events(3000, rng)
    for name, compress in (("small.h5", True), ("fast.h5", False)):
        with EventWriter(tmp_path / name, LEVEL1_SCHEMA, process="toy", provenance={}, compress=compress) as writer:
            writer.append(events)
    small, fast = tmp_path / "small.h5", tmp_path / "fast.h5"
    assert fast.stat().st_size > small.stat().st_size
    with EventFile(small) as one, EventFile(fast) as other:
        assert one.digest == other.digest
        np.testing.assert_array_equal(one.read().features(), other.read().features())
    content = bytearray(fast.read_bytes())
    content[len(content) // 2] ^= 1
    fast.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        read_events(fast)


def test_the_digest_is_that_of_the_rows_and_not_of_the_batches(tmp_path: Path, rng: np.random.Generator) -> None:
    events = toy_events(20000, rng)
    whole = file_info(write(tmp_path / "a.h5", events))["digest"]
    parts = [events.select(slice(0, 8191)), events.select(slice(8191, 8193)), events.select(slice(8193, None))]
    assert file_info(write(tmp_path / "b.h5", *parts))["digest"] == whole
    assert file_info(write(tmp_path / "c.h5", *parts[:2]))["digest"] != whole


def test_words_take_the_bytes_that_they_need(tmp_path: Path, rng: np.random.Generator) -> None:
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=("signal", "background"), provenance={}) as writer:
        writer.append(rich_events(10, rng))
    with h5py.File(tmp_path / "a.h5") as file:
        types = {
            name: file[f"collections/{name}"].dtype.str
            for name in ("jet/hw_pt", "jet/hw_eta", "algorithm/hw_bit", "tower/hw_word")
        }
    assert types == {"jet/hw_pt": "<i2", "jet/hw_eta": "|i1", "algorithm/hw_bit": "|i1", "tower/hw_word": "<i4"}


def test_words_alone_are_the_same_and_nothing_can_be_counted_with_them(tmp_path: Path, rng: np.random.Generator) -> None:
    events = replace(toy_events(500, rng), crossing={"bx": np.arange(500)})
    with EventWriter(tmp_path / "a.h5", events.schema, process="toy", provenance={}) as writer:
        writer.append(events)
    with EventFile(tmp_path / "a.h5") as file:
        narrow, wide = file.read_words(slice(100, 400)), file.read(slice(100, 400))
        assert len(file.read_words(slice(400, 600))) == 100
    np.testing.assert_array_equal(narrow.event, wide.event)
    np.testing.assert_array_equal(narrow.crossing["bx"], wide.crossing["bx"])
    assert np.isnan(narrow.weight).all()
    assert not narrow.truth
    assert {words.dtype.name for words in narrow.collections["jet"].values()} == {"int16", "int8"}
    assert narrow.features().dtype == np.int32
    np.testing.assert_array_equal(narrow.features(), wide.features())
    rows = narrow.feature_rows(slice(7, 250), np.float32)
    np.testing.assert_array_equal(rows, wide.features()[7:250])
    assert rows.dtype == np.float32


def test_version_1_is_read(tmp_path: Path, events: Events) -> None:
    given = replace(events, truth={"gen_ht": np.arange(50, dtype=np.float32)}, processes=("toy",))
    write_version_1(tmp_path / "a.h5", given)
    found = read_events(tmp_path / "a.h5", LEVEL1_SCHEMA)
    np.testing.assert_array_equal(found.features(), given.features())
    np.testing.assert_array_equal(found.truth["gen_ht"], given.truth["gen_ht"])
    assert (found.processes, file_info(tmp_path / "a.h5")["digest"]) == (("toy",), None)


def test_slices_columns_and_rows(tmp_path: Path, rng: np.random.Generator) -> None:
    events = replace(toy_events(20000, rng), processes=("toy",))
    with EventFile(write(tmp_path / "toy.h5", events)) as file:
        assert (len(file), file.schema.digest) == (20000, LEVEL1_SCHEMA.digest)
        assert_same_events(file[100:9000], events.select(slice(100, 9000)))
        assert_same_events(file[-10:], events.select(slice(-10, None)))
        assert_same_events(file[::1000], events.select(slice(None, None, 1000)))
        assert len(file[5:5]) == 0
        rows = rng.integers(20000, size=300)
        assert_same_events(file.take(rows), events.select(rows))
        chosen = file.read(slice(0, 10), {"jet": ["hw_pt"], "met": ["hw_phi", "hw_pt"]})
        assert chosen.schema.features[:2] == ("jet_0_pt", "jet_1_pt")
        np.testing.assert_array_equal(chosen.collections["jet"]["hw_pt"], events.collections["jet"]["hw_pt"][:10])
        assert [len(batch) for batch in file.iterate(9000, ["muon"])] == [9000, 9000, 2000]
        with pytest.raises(SchemaError, match="did you mean 'hw_pt'"):
            file.read(slice(0, 10), {"jet": ["hw_ptt"]})
        with pytest.raises(SchemaError, match="has no object 'jets'"):
            file.read(slice(0, 10), ["jets"])
        with pytest.raises(DataError, match="has the rows 0 to 19999, asked for 20000"):
            file.take([20000])


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
    with pytest.raises(SchemaError, match="format version 99, this l1ml reads versions 1 to 2"):
        read_events(path)


def test_another_schema_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with pytest.raises(SchemaError, match="needed 'level1' version 2"):
        read_events(path, replace(LEVEL1_SCHEMA, version=2))


def test_an_edited_schema_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        file.attrs["schema"] = np.bytes_(file.attrs["schema"].replace(b'"n_bits": 9', b'"n_bits": 8', 1))
    with pytest.raises(SchemaError, match="digest does not match"):
        read_events(path)


def test_something_else_in_hdf5_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(SchemaError, match="not an l1ml event file"):
        read_events(tmp_path / "other.h5")


@pytest.mark.parametrize(("column", "value"), [("collections/met/hw_phi", -1), ("collections/egamma/hw_pt", 512)])
def test_a_word_out_of_range_in_a_file_is_named(tmp_path: Path, events: Events, column: str, value: int) -> None:
    path = write(tmp_path / "toy.h5", events)
    with h5py.File(path, "a") as file:
        file[column][5, 0] = value
    with pytest.raises(DataError, match=f"holds {value} at row 5, slot 0"):
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


def test_batches_must_be_alike(tmp_path: Path, rng: np.random.Generator) -> None:
    full, bare = rich_events(5, rng), replace(filled_events(RICH_SCHEMA, 5, rng), processes=("signal", "background"))
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=full.processes, provenance={}) as writer:
        writer.append(full)
        with pytest.raises(SchemaError, match="not in all of them: collections/constituent/valid, crossing/bx"):
            writer.append(bare)
    with EventWriter(tmp_path / "b.h5", RICH_SCHEMA, process="other", provenance={}) as writer:
        with pytest.raises(SchemaError, match=r"b\.h5 is of other; received events of signal, background"):
            writer.append(full)
        with pytest.raises(DataError, match=r"process numbers go from 0 to 1, but b\.h5 has 1"):
            writer.append(replace(full, processes=()))


def test_appending_to_a_file(tmp_path: Path, rng: np.random.Generator) -> None:
    parts = [toy_events(n, rng) for n in (8000, 400, 9000)]
    path = write(tmp_path / "a.h5", parts[0])
    for number, part in enumerate(parts[1:]):
        with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={"seed": number}, append=True) as writer:
            writer.append(part)
            assert len(read_events(path)) < sum(len(item) for item in parts[: number + 2])
    np.testing.assert_array_equal(read_events(path).features(), Events.concatenate(parts).features())
    info = file_info(path)
    assert info["provenance"] == {"seed": 7, "appended": [{"after": 8000, "seed": 0}, {"after": 8400, "seed": 1}]}
    assert info["digest"] == file_info(write(tmp_path / "b.h5", *parts))["digest"]


def test_appending_to_something_else_is_refused(tmp_path: Path, events: Events) -> None:
    path = write(tmp_path / "a.h5", events)
    with pytest.raises(SchemaError, match="is of toy; received other"):
        EventWriter(path, LEVEL1_SCHEMA, process="other", provenance={}, append=True).__enter__()
    write_version_1(path, events)
    with pytest.raises(SchemaError, match="make it version 2 with: l1ml data convert"):
        EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}, append=True).__enter__()


def test_an_interrupted_writer_leaves_nothing(tmp_path: Path, events: Events) -> None:
    def interrupted() -> None:
        with EventWriter(tmp_path / "a.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
            writer.append(events)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, events: Events) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((StorageError, OSError)):
        write(tmp_path / "file" / "a.h5", events)
