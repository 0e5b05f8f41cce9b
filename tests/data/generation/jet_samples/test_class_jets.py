from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from file_contents import contents
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.data import Events, file_info, read_events
from l1ml.data.generation.jet_samples import class_jet_jobs
from l1ml.data.generation.jet_samples.class_jet_jobs import ClassJets, generate_jets
from l1ml.data.generation.jet_samples.class_jets import CLASSES, ClassJetsConfig
from l1ml.data.generation.jet_samples.four_vectors import four_vectors
from l1ml.data.generation.jet_samples.jet_clusters import Jets
from l1ml.data.generation.jet_samples.jet_job import JetJob
from l1ml.data.generation.jet_samples.parton_matching import matched
from l1ml.data.jobs.part_files import parts_folder
from l1ml.data.jobs.sample_files import SampleRecord
from l1ml.data.readers.jet_arrays import HLF_CLASSES, HLF_NAMES
from l1ml.errors import ConfigError

SMALL = ClassJetsConfig(jets=40, seed=5)
TINY = ClassJetsConfig(jets=3, seed=6)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> SampleRecord:
    return generate_jets(SMALL, tmp_path_factory.mktemp("jets with blanks") / "jets.h5", workers=2)


@pytest.fixture(scope="module")
def jets(record: SampleRecord) -> dict[str, Events]:
    events = read_events(record.path)
    assert events.processes == CLASSES
    return {name: events.select(events.crossing["process"] == number) for number, name in enumerate(CLASSES)}


class Interrupter:
    """A listener that presses Ctrl-C after some jobs, and notes which files there are at the first one."""

    def __init__(self, folder: Path, after: int | None = None) -> None:
        self.folder, self.after, self.seen = folder, after, 0
        self.at_first: dict[str, int] = {}

    def start(self, task: str, total: int | None = None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        self.seen += 1
        if self.seen == 1:
            self.at_first = self.stamps()
        if self.seen == self.after:
            raise KeyboardInterrupt

    def finish(self) -> None:
        pass

    def stamps(self) -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in self.folder.glob("*.h5") if not path.name.startswith(".")}


def test_every_class_has_its_jets_and_they_are_where_they_should_be(jets: dict[str, Events]) -> None:
    for name, events in jets.items():
        assert len(events) == SMALL.jets, name
        assert events.weight.sum() == pytest.approx(1)
        columns = events.collections["jet"]
        assert np.median(columns["pt"]) == pytest.approx(1000, rel=0.04)
        assert (np.abs(columns["eta"]) < SMALL.max_eta).all()
        assert np.median(events.truth["parton_pt"]) == pytest.approx(1000, rel=0.03)
        events.validate()
    identities = np.concatenate([events.event for events in jets.values()])
    assert len(np.unique(identities)) == len(identities)


@pytest.mark.parametrize(("name", "peak"), [("w", 80.4), ("z", 91.2), ("t", 172.5)])
def test_masses_peak_where_particles_are(jets: dict[str, Events], name: str, peak: float) -> None:
    """Half of the jets at least lie within 10 % of the mass of the particle (PDG 2024), and their median within 3 %."""
    mass = jets[name].collections["jet"]["mass_mmdt"][:, 0]
    near = np.abs(mass / peak - 1) < 0.1
    assert near.mean() > 0.4
    assert np.median(mass[near]) == pytest.approx(peak, rel=0.03)


def order(first: np.ndarray, second: np.ndarray) -> float:
    """Probability that a value of `first` is the larger one: the area under the curve of a cut, which knows no scale."""
    return float(np.mean(first[:, None] > second))


def test_features_part_the_classes_as_in_the_public_set(jets: dict[str, Events], real_data: Path) -> None:
    """Its features are standardised, so what is compared is how each of the 16 orders each of the 10 pairs of classes."""
    with np.load(real_data / "jsc-hlf" / "jsc_x_raw_y_0000_0599.npz") as file:
        public = {name: file["x_raw"][file["y"] == number] for number, name in enumerate(HLF_CLASSES)}
    pairs = list(combinations(CLASSES, 2))
    theirs = [order(public[a][:, k], public[b][:, k]) for k in range(16) for a, b in pairs]
    ours = [order(*(jets[key].collections["jet"][name][:, 0] for key in pair)) for name in HLF_NAMES for pair in pairs]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9
    assert np.sqrt(np.mean(np.subtract(ours, theirs) ** 2)) < 0.12


def test_gluons_are_broad_and_full_quarks_narrow(jets: dict[str, Events]) -> None:
    medians = {name: np.median(events.collections["jet"]["multiplicity"]) for name, events in jets.items()}
    assert medians["g"] > 1.3 * medians["q"]
    assert medians["t"] > 1.3 * medians["w"]
    assert np.median(jets["q"].collections["jet"]["mass_mmdt"]) < 40


def test_constituents_add_up_to_the_jet(jets: dict[str, Events]) -> None:
    events = jets["q"]
    mask, columns, jet = events.masks["constituent"], events.collections["constituent"], events.collections["jet"]
    np.testing.assert_array_equal(mask.sum(axis=1), np.minimum(jet["multiplicity"][:, 0], SMALL.constituents))
    assert (np.diff(columns["pt"], axis=1) <= 0).all()
    assert all((values[~mask] == 0).all() for values in columns.values())
    whole = jet["multiplicity"][:, 0] <= SMALL.constituents
    assert whole.any()
    px = np.sum(columns["pt"] * np.cos(columns["phi_rel"]), axis=1)
    np.testing.assert_allclose(px[whole], jet["pt"][whole, 0], rtol=1e-3)
    hard = columns["pt"] > 2  # the pseudorapidity of slow particles is not their rapidity
    assert np.hypot(columns["eta_rel"], columns["phi_rel"])[hard].max() < 1.2


def test_both_jets_of_a_collision_share_a_group(jets: dict[str, Events]) -> None:
    for events in jets.values():
        counts = np.unique(events.group, return_counts=True)[1]
        assert set(counts.tolist()) <= {1, 2}
        assert (counts == 2).sum() > 5


def test_the_file_says_how_it_was_made(record: SampleRecord) -> None:
    made = file_info(record.path)["provenance"]
    assert made["digest"] == record.digest
    assert made["config"]["seed"] == 5
    assert made["generated"] == record.generated >= 5 * SMALL.jets / 2
    assert "Top:gg2ttbar=on" in made["settings"]["t"]
    assert made["versions"]["pythia8mc"].startswith("8.")
    assert record.seconds is not None
    assert json.loads(json.dumps(record.to_dict()))["kept"] == 5 * SMALL.jets
    assert not parts_folder(record.path).exists()


def test_a_file_that_is_there_is_found(record: SampleRecord) -> None:
    stamp = record.path.stat().st_mtime_ns
    again = generate_jets(SMALL, record.path)
    assert again.seconds is None
    assert (again.digest, again.kept, again.generated) == (record.digest, record.kept, record.generated)
    assert record.path.stat().st_mtime_ns == stamp
    with pytest.raises(ConfigError, match=r"jets.h5 exists and holds something else; --force"):
        generate_jets(TINY, record.path)
    assert record.path.stat().st_mtime_ns == stamp


def test_one_worker_and_a_stopped_run_of_two_make_the_same_file(tmp_path: Path) -> None:
    one, stopped = tmp_path / "one.h5", tmp_path / "stopped.h5"
    generate_jets(TINY, one)
    folder = parts_folder(stopped)
    with pytest.raises(KeyboardInterrupt):
        generate_jets(TINY, stopped, progress=Interrupter(folder, after=2))
    kept = Interrupter(folder).stamps()
    assert len(kept) == 2
    assert not stopped.exists()
    listener = Interrupter(folder)
    generate_jets(TINY, stopped, workers=2, progress=listener)
    assert listener.at_first == kept
    assert contents(stopped) == contents(one)


def test_the_first_jets_of_a_class_do_not_depend_on_how_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_jet_jobs, "_JOB", 2)
    few, many = (JetJob(ClassJets(ClassJetsConfig(jets=n, seed=6), "q"), 0, 2, tmp_path) for n in (2, 4))
    for job in (few, many):
        job.run(lambda: None)
        assert job.is_done()
    first, second = read_events(few.path), read_events(many.path)
    assert few.path != many.path
    assert (first.collections["jet"]["pt"] == second.collections["jet"]["pt"]).all()
    assert (first.event == second.event).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_matching_is_one_to_one_and_near(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def directions(n: int) -> np.ndarray:
        eta, pt = rng.uniform(-1, 1, n), rng.uniform(100, 1000, n)
        return four_vectors(pt, eta, rng.uniform(-1, 1, n), pt * np.cosh(eta))

    collision, owner = np.sort(rng.integers(0, 3, 6)), np.sort(rng.integers(0, 3, 4))
    jets = Jets(collision, directions(6), np.ones(6, int), directions(6))
    rows, partons = matched(jets, directions(4), owner, 0.7)
    assert len(set(rows.tolist())) == len(rows) == len(set(partons.tolist()))
    assert (collision[rows] == owner[partons]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"jets": 0}, "jets must be positive, received 0"),
        ({"seed": -1}, "seed must not be negative, received -1"),
        ({"pt_gev": 7000.0}, "out of reach of two beams of 6500"),
    ],
)
def test_numbers_out_of_range_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ClassJetsConfig(**change)
