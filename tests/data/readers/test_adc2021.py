from __future__ import annotations

import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest
from hep_toy import adc_array, write_hdf5
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.data import LEVEL1_SCHEMA, Events
from l1ml.data.readers.adc2021 import ADC2021_SCHEMA, READER, iterate_adc2021, write_adc2021
from l1ml.data.readers.level1_words import WordReport, level1_words
from l1ml.errors import ConfigError, DataError, SchemaError, StorageError


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_adc2021(path, **options)))  # type: ignore[arg-type]


def test_every_number_and_every_empty_slot(tmp_path: Path, rng: np.random.Generator) -> None:
    given_array = adc_array(rng)
    events = read(write_hdf5(tmp_path / "a.h5", {"Particles": given_array}), chunk=7)
    events.validate()
    assert (events.schema, events.n) == (ADC2021_SCHEMA, 50)
    np.testing.assert_array_equal(events.event, np.arange(50))
    for name, (first, end) in {"met": (0, 1), "egamma": (1, 5), "muon": (5, 9), "jet": (9, 19)}.items():
        for axis, column in enumerate(("pt", "eta", "phi", "hw_type")):
            np.testing.assert_array_equal(events.collections[name][column], given_array[:, first:end, axis])
        np.testing.assert_array_equal(events.valid(name), given_array[:, first:end, 0] > 0)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_written_files_are_what_was_read(tmp_path: Path, rng: np.random.Generator, dtype: str) -> None:
    given_array = adc_array(rng, dtype=dtype)
    source = write_hdf5(tmp_path / "a.h5", {"Particles": given_array})
    assert write_adc2021(tmp_path / "b.h5", iterate_adc2021(source, chunk=7), dtype=dtype) == 50  # type: ignore[arg-type]
    with h5py.File(tmp_path / "b.h5") as file:
        assert file["Particles"].dtype == np.dtype(f"<{dtype}")
        assert file["Particles"][:].tobytes() == given_array.tobytes()


def test_types_are_made_where_there_are_none(tmp_path: Path, rng: np.random.Generator) -> None:
    source = write_hdf5(tmp_path / "a.h5", {"Particles": adc_array(rng)})
    events = read(source)
    bare = {
        name: {key: column for key, column in columns.items() if key != "hw_type"} for name, columns in events.collections.items()
    }
    schema = type(ADC2021_SCHEMA)(
        "mine", 1, tuple(type(item)(item.name, item.n_slots, (), item.reals) for item in ADC2021_SCHEMA.objects)
    )
    write_adc2021(tmp_path / "b.h5", [Events(schema, bare, events.weight, events.event, events.group)])
    with h5py.File(tmp_path / "a.h5") as first, h5py.File(tmp_path / "b.h5") as second:
        np.testing.assert_array_equal(first["Particles"][:], second["Particles"][:])


def test_float64_that_would_change_is_refused_unless_asked_for(tmp_path: Path, rng: np.random.Generator) -> None:
    array = adc_array(rng, dtype="f8")
    array[11, 0, 0] = 20.1
    path = write_hdf5(tmp_path / "a.h5", {"Particles": array})
    with pytest.raises(DataError, match=r"row 11: .*20\.1.* is float64 and events keep float32.*rounded=True"):
        read(path, chunk=4)
    assert read(path, rounded=True).collections["met"]["pt"][11, 0] == np.float32(20.1)


def test_words_by_hand(tmp_path: Path) -> None:
    array = np.zeros((1, 19, 4), np.float32)
    array[0, 0] = 40.49, 0, -0.001, 1
    array[0, 1] = 22.3, -0.01, 0.0, 2
    array[0, 2] = 0.4, 1.0, 1.0, 2
    array[0, 5] = 22.3, 2.0, 3.2, 3
    array[0, 9] = 5000, 9.0, -3.1415, 4
    report = WordReport()
    events = read(write_hdf5(tmp_path / "a.h5", {"Particles": array}), scales="ugt", report=report)
    events.validate()
    assert events.schema is LEVEL1_SCHEMA
    assert events.features().shape == (1, 57)
    words = {name: {key: column[0].tolist() for key, column in columns.items()} for name, columns in events.collections.items()}
    # 40.49 / 0.5 = 80.98; just below a turn is the last of 144
    assert words["met"] == {"hw_pt": [80], "hw_eta": [0], "hw_phi": [143]}
    # -0.01 / 0.0435 lies between -1 and 0; the second one is below one count and so no object
    assert words["egamma"] == {"hw_pt": [44, 0, 0, 0], "hw_eta": [-1, 0, 0, 0], "hw_phi": [0, 0, 0, 0]}
    # the muon word counts from 1; 2.0 / 0.010875 = 183.9; 3.2 / (2 pi / 576) = 293.4
    assert words["muon"] == {"hw_pt": [45, 0, 0, 0], "hw_eta": [183, 0, 0, 0], "hw_phi": [293, 0, 0, 0]}
    assert (words["jet"]["hw_pt"][0], words["jet"]["hw_eta"][0], words["jet"]["hw_phi"][0]) == (2047, 127, 72)
    assert report.n_objects == 5
    assert dict(+report.saturated) == {"jet/pt": 1, "jet/eta": 1}
    assert dict(+report.lost) == {"egamma": 1}
    assert "jet/eta 1, jet/pt 1" in report.summary()


def test_saturation_is_said_aloud(tmp_path: Path, rng: np.random.Generator) -> None:
    array = adc_array(rng)
    path = write_hdf5(tmp_path / "a.h5", {"Particles": array})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(path, scales="ugt")
    array[3, 9, 0] = 1024
    with pytest.warns(UserWarning, match=r"of \d+ objects these were beyond their words and saturated: jet/pt 1"):
        read(write_hdf5(tmp_path / "b.h5", {"Particles": array}), scales="ugt")


@settings(max_examples=40, deadline=None)
@given(
    pt=arrays(np.float32, (3, 10), elements=st.floats(0, 4000, width=32)),
    angle=arrays(np.float32, (3, 10), elements=st.floats(-6, 6, width=32)),
)
def test_a_word_is_at_most_one_count_below_its_quantity(pt: np.ndarray, angle: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    events = Events.empty(ADC2021_SCHEMA)
    collections = {
        name: {
            key: np.repeat(column, 3, axis=0) if len(column) else np.zeros((3, column.shape[1]), column.dtype)
            for key, column in columns.items()
        }
        for name, columns in events.collections.items()
    }
    collections["jet"] |= {"pt": pt, "eta": angle, "phi": angle * rng.choice([-1, 1])}
    masks = {name: columns["pt"] != 0 for name, columns in collections.items()}
    number = np.arange(3, dtype=np.uint64)
    report = WordReport()
    words = level1_words(Events(ADC2021_SCHEMA, collections, np.ones(3), number, number, {}, masks), report)
    words.validate()
    jet, there = words.collections["jet"], words.collections["jet"]["hw_pt"] > 0
    np.testing.assert_array_equal(jet["hw_pt"], np.minimum(np.floor(pt * 2), 2047))
    np.testing.assert_array_equal(jet["hw_eta"][~there], 0)
    turns = (jet["hw_phi"] * (2 * np.pi / 144) - collections["jet"]["phi"].astype(np.float64) + 1e-9) % (2 * np.pi)
    assert ((turns[there] > 2 * np.pi * 143 / 144) | (turns[there] < 1e-6)).all()
    assert report.saturated["jet/pt"] == (pt >= 1024).sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({(8, 2, 3): 5}, "row 8, slot 2: 5.0 is not a type"),
        ({(8, 2, 3): 0.5}, "row 8, slot 2: 0.5 is not a type"),
        ({(9, 2, 0): np.nan}, "row 9: NaN, infinite"),
        ({(9, 2, 3): np.nan}, "row 9, slot 2: nan is not a type"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, rng: np.random.Generator, change: dict, message: str) -> None:
    array = adc_array(rng)
    for place, value in change.items():
        array[place] = value
    with pytest.raises(DataError, match=message):
        read(write_hdf5(tmp_path / "a.h5", {"Particles": array}), chunk=5)


def test_other_layouts_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    for name, array in (("Particle", adc_array(rng)), ("Particles", adc_array(rng)[:, :18])):
        path = write_hdf5(tmp_path / f"{name}.h5", {name: array})
        assert not READER.sniff(path)
        with pytest.raises(SchemaError, match=r"did you mean 'Particle'|expected \(N, 19, 4\)"):
            read(path)
    path = write_hdf5(tmp_path / "a.h5", {"Particles": adc_array(rng), "EvtId": np.arange(50)})
    assert READER.describe(path)["left_out"] == ["EvtId"]
    with pytest.raises(ConfigError, match="expected 'real' or 'ugt'"):
        read(path, scales="gev")


def test_rows_that_were_never_stored_are_not_zeros(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("Particles", (1000, 19, 4), chunks=(100, 19, 4), dtype="f4")[:100] = 0
    with pytest.raises(DataError, match="declares"):
        read(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["Particles"] = h5py.ExternalLink(str(tmp_path / "a.h5"), "Particles")
    with pytest.raises(SchemaError, match="in another file"):
        read(tmp_path / "b.h5")


def test_words_alone_and_nothing_cannot_be_written(tmp_path: Path, events: Events) -> None:
    with pytest.raises(SchemaError, match=r"met has 1 slots of hw_pt.*pt, eta and phi as real quantities"):
        write_adc2021(tmp_path / "a.h5", [events])
    with pytest.raises(DataError, match="no events to write"):
        write_adc2021(tmp_path / "a.h5", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a limit on the size of files")
def test_a_full_disk_leaves_nothing(tmp_path: Path, rng: np.random.Generator) -> None:
    import resource

    events = read(write_hdf5(tmp_path / "a.h5", {"Particles": adc_array(rng, 2000)}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(StorageError, match="no space left"):
            write_adc2021(tmp_path / "b.h5", [events] * 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [item.name for item in tmp_path.iterdir()] == ["a.h5"]
