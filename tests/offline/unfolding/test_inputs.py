from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pairs_toy import toy_pairs, write_pairs

from l1ml.data import EventWriter, read_events
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA
from l1ml.errors import DataError, SchemaError
from offline.unfolding.configuration import read_configuration
from offline.unfolding.inputs import Inputs, read_inputs

BASE = """
[simulation]
files = ["mc.h5"]
[data]
files = ["data.h5"]
truth = true
[quantities]
gen = ["pt"]
reco = ["pt", "mass"]
[method]
name = "ibu"
"""


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    write_pairs(tmp_path / "mc.h5", toy_pairs(400, rng))
    write_pairs(tmp_path / "data.h5", toy_pairs(300, rng, 0.3))
    return tmp_path


def inputs(folder: Path, text: str = BASE) -> Inputs:
    (folder / "unfold.toml").write_text(text)
    return read_inputs(read_configuration(folder / "unfold.toml"))


def test_files_with_their_truth(folder: Path) -> None:
    read = inputs(folder)
    assert (read.mc.n, read.mc.gen_names, read.data.names) == (400, ("pt",), ("pt", "mass"))
    assert read.nature is not None
    np.testing.assert_array_equal(read.nature.measured().reco, read.data.reco)
    assert read.units == {"pt": "GeV"}
    assert [entry["file"] for entry in read.origin["data"]] == ["data.h5"]
    assert inputs(folder, BASE.replace("truth = true", "")).nature is None


def test_files_are_joined_and_levels_come_apart(folder: Path, rng: np.random.Generator) -> None:
    write_pairs(folder / "more.h5", toy_pairs(100, rng))
    assert inputs(folder, BASE.replace('["mc.h5"]', '["mc.h5", "more.h5"]')).mc.n == 500
    apart = inputs(folder, BASE.replace('files = ["mc.h5"]', 'gen = ["mc.h5"]\nreco = ["mc.h5"]'))
    np.testing.assert_array_equal(apart.mc.reco, inputs(folder).mc.reco)


def test_joined_samples_share_no_identity(folder: Path, rng: np.random.Generator) -> None:
    first = toy_pairs(100, rng)
    write_pairs(folder / "mc.h5", first)
    write_pairs(folder / "more.h5", replace(toy_pairs(100, rng), event=first.event, group=first.group))
    joined = inputs(folder, BASE.replace('["mc.h5"]', '["mc.h5", "more.h5"]')).mc.event
    assert np.unique(joined).size == 200
    write_pairs(folder / "copy.h5", first)
    with pytest.raises(DataError, match=r"simulation: copy.h5 has the content of mc.h5; name each event once"):
        inputs(folder, BASE.replace('["mc.h5"]', '["mc.h5", "copy.h5"]'))


def test_background_is_subtracted(folder: Path, rng: np.random.Generator) -> None:
    write_pairs(folder / "b.h5", background := toy_pairs(50, rng))
    data = inputs(folder, BASE + '[background]\nfiles = ["b.h5"]\nscale = 0.5\n').data
    expected = inputs(folder).data.weight.sum() - 0.5 * background.masks["reco_jet"].sum()
    assert data.weight.sum() == pytest.approx(expected)
    with pytest.raises(DataError, match="the weights of measured data add up to"):
        inputs(folder, BASE + '[background]\nfiles = ["b.h5"]\nscale = 50.0\n')


def test_systematic_files(folder: Path, rng: np.random.Generator) -> None:
    write_pairs(folder / "up.h5", toy_pairs(400, rng))
    assert list(inputs(folder, BASE + '[systematics."scale.up"]\nfiles = ["up.h5"]\n').systematics) == ["scale.up"]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('"mc.h5"', '"no.h5"', DataError, "no.h5 does not exist"),
        ('"mc.h5"', '"unfold.toml"', DataError, "unfold.toml is not a readable HDF5 file"),
        ('gen = ["pt"]', 'gen = ["ptt"]', SchemaError, "unknown quantity 'ptt' of gen_jet; did you mean 'pt'?"),
        ('"mass"]', '"mas"]', SchemaError, "unknown quantity 'mas' of reco_jet; did you mean 'mass'?"),
        ('"mass"]', '"mass"]\ngen_collection = "genjet"', SchemaError, "has no collection 'genjet'; did you mean 'gen_jet'?"),
        ('"mass"]', '"mass"]\n[selection]\ngen = { pt = [1e6] }', DataError, "no event of simulated gen passes"),
        ('"mass"]', '"mass"]\n[selection]\nreco = { mas = [1.0] }', SchemaError, "unknown quantity 'mas'"),
    ],
)
def test_what_cannot_be_unfolded(folder: Path, old: str, new: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        inputs(folder, BASE.replace(old, new, 1))
    assert message in str(caught.value)


def test_mismatched_levels_and_weights_of_zero(folder: Path, rng: np.random.Generator) -> None:
    apart = BASE.replace('files = ["mc.h5"]', 'gen = ["mc.h5"]\nreco = ["data.h5"]')
    with pytest.raises(DataError, match="400 events at generation and 300 at reconstruction"):
        inputs(folder, apart)
    write_pairs(folder / "data.h5", toy_pairs(400, rng))
    with pytest.raises(DataError, match="400 of 400 rows differ"):
        inputs(folder, apart)
    with EventWriter(folder / "data.h5", JET_PAIRS_SCHEMA, process="other", provenance={}) as writer:
        writer.append(replace(read_events(folder / "mc.h5"), processes=()))
    with pytest.raises(DataError, match=r"\['toy'\] at generation and \['other'\] at reconstruction: two samples"):
        inputs(folder, apart)
    write_pairs(folder / "mc.h5", replace(toy_pairs(40, rng), weight=np.zeros(40)))
    with pytest.raises(DataError, match="add up to 0"):
        inputs(folder)
    write_pairs(folder / "mc.h5", toy_pairs(40, rng).select(slice(0)))
    with pytest.raises(DataError, match="holds no events"):
        inputs(folder)
