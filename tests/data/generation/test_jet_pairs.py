from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from file_contents import contents
from jets_toy import toy_jets

from l1ml.data import Events, file_info, read_events
from l1ml.data.generation.jet_samples.jet_pair_jobs import generate_pairs, jet_observables
from l1ml.data.generation.jet_samples.jet_pair_recipe import JetPairsConfig
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA
from l1ml.data.jobs.sample_files import SampleRecord
from l1ml.errors import ConfigError

SMALL = JetPairsConfig(pairs=120, seed=4)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> SampleRecord:
    return generate_pairs(SMALL, tmp_path_factory.mktemp("pairs") / "pairs.h5")


@pytest.fixture(scope="module")
def pairs(record: SampleRecord) -> Events:
    return read_events(record.path)


def level(pairs: Events, name: str) -> dict[str, np.ndarray]:
    """Columns of the jets that are there."""
    mask = pairs.masks[name][:, 0]
    return {key: values[mask, 0] for key, values in pairs.collections[name].items()}


def test_pairs_misses_and_fakes_are_all_kept(pairs: Events, record: SampleRecord) -> None:
    gen, reco = (pairs.masks[name][:, 0] for name in ("gen_jet", "reco_jet"))
    assert pairs.schema == JET_PAIRS_SCHEMA
    assert (gen | reco).all()
    assert (gen & reco).mean() > 0.7
    assert (gen != reco).any()
    assert len(pairs) == SMALL.pairs < record.generated
    assert pairs.weight.sum() == pytest.approx(1)
    for name in ("gen_jet", "reco_jet"):
        assert all((values[~pairs.masks[name]] == 0).all() for values in pairs.collections[name].values())
    pairs.validate()


@pytest.mark.parametrize("name", ["gen_jet", "reco_jet"])
def test_quantities_are_in_their_ranges(pairs: Events, name: str) -> None:
    jet = level(pairs, name)
    assert (jet["pt"] >= SMALL.jet_pt_gev).all()
    assert (np.abs(jet["eta"]) < SMALL.max_eta).all()
    assert (jet["sdmass"] <= jet["mass"] + 0.1).all()
    assert ((jet["zg"] == 0) | (jet["zg"] >= 0.1)).all()
    assert (jet["zg"] <= 0.5).all()
    assert ((jet["width"] > 0) & (jet["width"] < 0.4)).all()
    assert (jet["ptd"] >= 1 / np.sqrt(jet["multiplicity"]) - 1e-6).all()
    assert ((jet["ptd"] > 0.1) & (jet["ptd"] <= 1)).all()
    assert ((jet["tau21"] >= 0) & (jet["tau21"] < 1.2)).all()
    assert 5 < np.median(jet["multiplicity"]) < 60


def test_the_detector_smears_and_loses_particles(pairs: Events) -> None:
    both = pairs.masks["gen_jet"][:, 0] & pairs.masks["reco_jet"][:, 0]
    gen, reco = ({key: values[both, 0] for key, values in pairs.collections[name].items()} for name in ("gen_jet", "reco_jet"))
    near = np.hypot(gen["eta"] - reco["eta"], (gen["phi"] - reco["phi"] + np.pi) % (2 * np.pi) - np.pi) < 0.2
    assert near.mean() > 0.85
    ratio = (reco["pt"] / gen["pt"])[near]
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert 0.02 < np.std(ratio[np.abs(ratio - 1) < 0.5]) < 0.2
    assert reco["multiplicity"][near].mean() < gen["multiplicity"][near].mean()


def test_two_workers_make_the_same_file(record: SampleRecord, tmp_path: Path) -> None:
    again = tmp_path / "again.h5"
    generate_pairs(SMALL, again, workers=2)
    assert contents(again) == contents(record.path)
    assert file_info(again)["provenance"]["settings"][1] == "Tune:pp=14"


@pytest.mark.parametrize("variant", ["a14", "vincia"])
def test_other_tunes_and_showers_make_other_jets(variant: str, record: SampleRecord, pairs: Events, tmp_path: Path) -> None:
    other = generate_pairs(JetPairsConfig(pairs=3, seed=4, variant=variant), tmp_path / "other.h5")
    made = read_events(other.path)
    assert file_info(other.path)["processes"] == [f"zjet_{variant}"]
    assert other.digest != record.digest
    assert not (made.collections["gen_jet"]["pt"] == pairs.collections["gen_jet"]["pt"][:3]).any()


def test_observables_of_known_jets(rng: np.random.Generator) -> None:
    jets = toy_jets([30, 1], rng)
    values = jet_observables(jets)
    assert values["multiplicity"].tolist() == [30, 1]
    assert values["width"][1] == pytest.approx(0, abs=1e-9)
    assert values["tau21"][1] == values["zg"][1] == 0
    assert 0 < values["tau21"][0] < 1.1
    assert all(len(column) == 0 for column in jet_observables(jets.select(np.zeros(2, bool))).values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variant": "monahs"}, "did you mean 'monash'"),
        ({"pairs": 0}, "pairs must be positive"),
        ({"seed": -2}, "seed must not be negative"),
        ({"jet_pt_gev": 100.0}, r"between pt_hat_gev \(150.0\)"),
    ],
)
def test_numbers_out_of_range_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        JetPairsConfig(**change)  # type: ignore[arg-type]
