from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from equal_events import assert_same_events
from hep_toy import omnifold_arrays

from l1ml.data import Events
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA
from l1ml.data.readers.omnifold import READER, iterate_omnifold
from l1ml.errors import DataError, SchemaError


def read(path: Path, **content: np.ndarray) -> Events:
    np.savez(path, **content)
    return Events.concatenate(list(iterate_omnifold(path, chunk=7)))


def test_every_quantity(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnifold_arrays(rng)
    events = read(tmp_path / "a.npz", **content)
    events.validate()
    assert (events.schema, events.n) == (JET_PAIRS_SCHEMA, 40)
    for name, level in (("gen_jet", "gen"), ("reco_jet", "sim")):
        columns = {key: column[:, 0] for key, column in events.collections[name].items()}
        for key, given in (("multiplicity", "mults"), ("width", "widths"), ("zg", "zgs"), ("sdmass", "sdms")):
            np.testing.assert_array_equal(columns[key], content[f"{level}_{given}"].astype(np.float32))
        for axis, key in ((0, "pt"), (2, "phi"), (3, "mass")):
            np.testing.assert_array_equal(columns[key], content[f"{level}_jets"][:, axis].astype(np.float32))
        assert not columns["ptd"].any()
    assert READER.describe(tmp_path / "a.npz")["missing"] == ["ptd"]
    assert READER.describe(tmp_path / "a.npz")["left_out"] == ["gen_lhas", "sim_lhas", "gen_Zs"]


def test_arrays_in_any_order(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnifold_arrays(rng)
    first = read(tmp_path / "a.npz", **content)
    second = read(tmp_path / "b.npz", **{name: content[name] for name in rng.permutation(list(content))})
    assert_same_events(second, first)


def test_what_is_derived(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnifold_arrays(rng)
    # a jet of pt 3 and mass 4 with sinh(y) = 1 has sinh(eta) = 5 / 3; one without mass has eta = y
    content["sim_jets"][0] = 3, np.arcsinh(1), 0, 4
    content["sim_jets"][1] = 50, 1.5, 0, 0
    content["sim_jets"][2] = 0, 0, 0, 0
    content["sim_widths"][:2], content["sim_tau2s"][:2] = 0.5, 0.125
    events = read(tmp_path / "a.npz", **content)
    reco = events.collections["reco_jet"]
    assert reco["eta"][:2, 0].tolist() == [np.float32(np.arcsinh(5 / 3)), np.float32(1.5)]
    assert reco["tau21"][:2, 0].tolist() == [0.25, 0.25]
    assert events.collections["gen_jet"]["tau21"][0, 0] == 0
    assert np.flatnonzero(~events.valid("reco_jet")[:, 0]).tolist() == [2]


def test_what_is_wrong_is_named(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnifold_arrays(rng)
    with pytest.raises(SchemaError, match="has no array 'sim_zgs'"):
        read(tmp_path / "a.npz", **{name: array for name, array in content.items() if name != "sim_zgs"})
    assert not READER.sniff(tmp_path / "a.npz")
    with pytest.raises(SchemaError, match=r"expected \(N, 4\)"):
        read(tmp_path / "a.npz", **{**content, "gen_jets": content["gen_jets"][:, :3]})
    with pytest.raises(DataError, match="differ in length"):
        read(tmp_path / "a.npz", **{**content, "gen_mults": content["gen_mults"][1:]})
    content["sim_tau2s"][33] = np.inf
    with pytest.raises(DataError, match="'sim_tau2s', row 33: NaN"):
        read(tmp_path / "a.npz", **content)
