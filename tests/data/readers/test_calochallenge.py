from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hep_toy import shower_arrays, write_hdf5

from l1ml.data import Events, EventWriter, read_events
from l1ml.data.readers.calochallenge import (
    READER,
    iterate_calochallenge,
    schema_of,
    shower_schema,
    write_calochallenge,
)
from l1ml.errors import DataError, SchemaError

XML = '<Bins><Bin pid="22" name="photon"><Layer id="0" r_edges="0,1,2" n_bin_alpha="5"/></Bin></Bins>'


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_calochallenge(path, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_written_files_are_what_was_read(tmp_path: Path, rng: np.random.Generator, dtype: str) -> None:
    arrays = {name: array.astype(dtype) for name, array in shower_arrays(rng).items()}
    source = write_hdf5(tmp_path / "a.hdf5", arrays)
    count = write_calochallenge(
        tmp_path / "b.hdf5", iterate_calochallenge(source, chunk=7), dtype=dtype, attributes={"unit": "MeV"}
    )  # type: ignore[arg-type]
    assert count == 40
    with h5py.File(tmp_path / "b.hdf5") as file:
        for name, array in arrays.items():
            assert file[name].dtype == np.dtype(f"<{dtype}")
            assert file[name][:].tobytes() == array.tobytes()
    described = READER.describe(tmp_path / "b.hdf5")
    assert described["attributes"] == {"unit": "MeV"}
    assert described["stored"]["showers"] == {"f4": "float32", "f8": "float64"}[dtype]


def test_real_showers_byte_by_byte(tmp_path: Path, real_data: Path) -> None:
    source = real_data / "generated-geant4-em" / "geant4_gamma_pbwo4.hdf5"
    assert write_calochallenge(tmp_path / "b.hdf5", iterate_calochallenge(source, chunk=300)) == 1400
    with h5py.File(source) as first, h5py.File(tmp_path / "b.hdf5") as second:
        for name in ("incident_energies", "showers"):
            assert first[name].dtype == second[name].dtype
            assert first[name][:].tobytes() == second[name][:].tobytes()


def test_showers_in_an_event_file(tmp_path: Path, rng: np.random.Generator) -> None:
    arrays = shower_arrays(rng)
    events = read(write_hdf5(tmp_path / "a.hdf5", arrays))
    with EventWriter(tmp_path / "e.h5", shower_schema(10), process="gamma", provenance={}) as writer:
        writer.append(events)
    found = read_events(tmp_path / "e.h5", schema_of(tmp_path / "a.hdf5"))
    np.testing.assert_array_equal(found.collections["shower"]["energy"], arrays["showers"])


def test_float64_that_would_change_is_refused_unless_asked_for(tmp_path: Path, rng: np.random.Generator) -> None:
    arrays = {name: array.astype("f8") for name, array in shower_arrays(rng).items()}
    arrays["showers"][5, 3] = 0.1
    path = write_hdf5(tmp_path / "a.hdf5", arrays)
    with pytest.raises(DataError, match=r"'showers', row 5: .*0\.1.*rounded=True"):
        read(path, chunk=2)
    assert read(path, rounded=True).collections["shower"]["energy"][5, 3] == np.float32(0.1)


def test_the_binning_must_fit(tmp_path: Path, rng: np.random.Generator) -> None:
    path = write_hdf5(tmp_path / "a.hdf5", shower_arrays(rng))
    (tmp_path / "b.xml").write_text(XML)
    assert read(path, binning=str(tmp_path / "b.xml")).n == 40
    (tmp_path / "b.xml").write_text(XML.replace("0,1,2", "0,1"))
    with pytest.raises(SchemaError, match="has 10 voxels, the binning of photon has 5"):
        read(path, binning=str(tmp_path / "b.xml"))


def test_wrong_content_is_named(tmp_path: Path, rng: np.random.Generator) -> None:
    arrays = shower_arrays(rng)
    short = {**arrays, "incident_energies": arrays["incident_energies"][:-1]}
    with pytest.raises(DataError, match=r"differ in length: .*'incident_energies' has 39"):
        read(write_hdf5(tmp_path / "a.hdf5", short))
    flat = {**arrays, "incident_energies": arrays["incident_energies"][:, 0]}
    with pytest.raises(SchemaError, match=r"expected \(N, 1\)"):
        read(write_hdf5(tmp_path / "b.hdf5", flat))
    arrays["showers"][6, 0] = np.inf
    with pytest.raises(DataError, match="'showers', row 6: NaN, infinite"):
        read(write_hdf5(tmp_path / "c.hdf5", arrays), chunk=4)


def test_only_showers_are_written(tmp_path: Path, events: Events) -> None:
    with pytest.raises(SchemaError, match="has no object 'shower'"):
        write_calochallenge(tmp_path / "a.hdf5", [events])
    with pytest.raises(DataError, match="no showers"):
        write_calochallenge(tmp_path / "a.hdf5", [])
    assert list(tmp_path.iterdir()) == []


def test_wide_showers_come_in_small_batches(tmp_path: Path) -> None:
    arrays = {"incident_energies": np.ones((900, 1), "f4"), "showers": np.zeros((900, 40500), "f4")}
    path = write_hdf5(tmp_path / "a.hdf5", arrays, compression="lzf", chunks=True)
    assert max(part.n for part in iterate_calochallenge(path, chunk=100_000)) <= 829
