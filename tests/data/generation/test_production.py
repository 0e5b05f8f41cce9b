from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from l1ml.data import LEVEL1_SCHEMA, Events, file_info, read_events
from l1ml.data.generation import GenerationConfig, ProcessRecord, generate, pools, production
from l1ml.data.generation.level1.global_trigger import level1_words
from l1ml.data.generation.pileup_draws import PileupDraws
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.data.generation.plan import load_pools, plan_crossings
from l1ml.data.generation.pools import pool_jobs
from l1ml.errors import ConfigError, DataError

SMALL = GenerationConfig(seed=3, scale=0.02)
"""The configuration of the fixture `sample`."""

KHZ = 2760 * 11245.6 / 1000
TINY = GenerationConfig(
    seed=11, soft_collisions=90, hard_collisions=50, signal_collisions=8, quiet_crossings=40, hard_crossings=60
)  # fmt: skip


def arrays(path: Path) -> dict[str, bytes]:
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[...].tobytes()}) if isinstance(item, h5py.Dataset) else None)
    return found


def rate(events: Events, fired: np.ndarray) -> float:
    return float(events.weight[fired].sum() * KHZ)


def leading(events: Events, name: str) -> np.ndarray:
    """Transverse momentum of the leading object in GeV."""
    scale = LEVEL1_SCHEMA.object(name).field("pt").scale
    return scale.to_physical(events.collections[name]["hw_pt"][:, 0])


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several jobs of each kind even in a tiny sample."""
    monkeypatch.setattr(pools, "_SOFT_JOB", 40)
    monkeypatch.setattr(pools, "_HARD_JOB", 20)
    monkeypatch.setattr(production, "_CROSSING_JOB", 37)


@pytest.fixture
def prepared(sample_folder: Path, records: list[ProcessRecord], tmp_path: Path) -> Path:
    """Empty folder of events that already holds the tables of soft QCD, to save their 4 s."""
    assert records
    (tmp_path / "pool").mkdir()
    tables = pool_jobs(replace(TINY, seed=3), sample_folder / "pool").tables.path
    shutil.copy(tables, pool_jobs(TINY, tmp_path / "pool").tables.path)
    return tmp_path


@pytest.mark.usefixtures("small_jobs")
def test_one_worker_and_two_make_the_same_bytes(prepared: Path) -> None:
    shutil.copytree(prepared, prepared / "two")
    one, two = (generate(TINY, folder, workers=n) for n, folder in ((1, prepared), (2, prepared / "two")))
    for first, second in zip(one, two, strict=True):
        assert arrays(first.path) == arrays(second.path)
        assert first.to_dict() | {"seconds": 0, "path": ""} == second.to_dict() | {"seconds": 0, "path": ""}
    assert not list((prepared / "pool").glob("crossings-*"))


@pytest.mark.usefixtures("small_jobs")
def test_pileup_of_a_profile_is_drawn_written_and_weighted(prepared: Path) -> None:
    profile = PileupProfile((20.0, 50.0, 90.0), (1.0, 2.0, 1.0))
    config = replace(TINY, quiet_crossings=400, hard_crossings=400, signal_collisions=200, signals=("ttbar",)).with_profile(
        profile
    )
    zero_bias, signal = (read_events(record.path) for record in generate(config, prepared))
    for events, mean in (
        (zero_bias, profile.mean),
        (signal, np.average(profile.mu, weights=np.multiply(profile.mu, profile.share))),
    ):
        events.validate()
        mu, collisions = events.truth["pileup"], events.crossing["collisions"]
        assert set(mu.tolist()) == set(profile.mu)
        assert events.weight.sum() == pytest.approx(1.0)
        error = 4 * np.std(profile.mu) * np.sqrt(np.sum(events.weight**2))
        assert np.sum(events.weight * mu) == pytest.approx(mean, abs=error)
        assert np.sum(events.weight * collisions) == pytest.approx(mean, abs=error + 1)
        jets = (events.collections["jet"]["hw_pt"] >= 20).sum(axis=1)
        assert jets[mu == 90].mean() > jets[mu == 20].mean()
    assert (signal.crossing["collisions"] >= 1).all()
    _check_draws(PileupDraws.of(config, prepared), zero_bias)
    (one,) = generate(replace(TINY, pileup=50.0, signals=()).with_profile(PileupProfile.fixed(50.0)), prepared)
    (same,) = generate(replace(TINY, pileup=50.0, signals=()), prepared)
    assert (one.path, same.cached) == (same.path, True)
    assert "pileup" not in read_events(one.path).truth


def _check_draws(draws: PileupDraws, events: Events) -> None:
    """As many collisions as the crossings say they have, less what they are made around; none of a quiet one is hard."""
    crossing, collision = (np.concatenate(parts) for parts in zip(*draws, strict=True))
    quiet = np.arange(events.n) < 400
    np.testing.assert_array_equal(np.bincount(crossing, minlength=events.n), events.crossing["collisions"] - ~quiet)
    assert (collision[quiet[crossing]] < draws.n_soft).all()
    assert draws.n_soft <= collision.max() < draws.n_collisions
    part = np.arange(events.n) % 3 == 1
    place, found = (np.concatenate(parts) for parts in zip(*draws.among(part), strict=True))
    np.testing.assert_array_equal(np.flatnonzero(part)[place], crossing[part[crossing]])
    np.testing.assert_array_equal(found, collision[part[crossing]])
    with pytest.raises(DataError, match=f"{events.n - 1} crossings, the configuration makes {events.n}"):
        draws.among(part[1:])


def test_pileup_is_not_known_without_its_pools(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"soft-000.*h5"):
        PileupDraws.of(TINY, tmp_path)
    assert PileupDraws.if_kept(TINY, tmp_path) is None


@pytest.mark.usefixtures("small_jobs")
def test_another_seed_makes_another_sample(prepared: Path) -> None:
    other = replace(TINY, seed=12)
    folder = prepared / "pool"
    shutil.copy(pool_jobs(TINY, folder).tables.path, pool_jobs(other, folder).tables.path)
    for first, second in zip(generate(TINY, prepared), generate(other, prepared), strict=True):
        assert first.path != second.path
        assert arrays(first.path)["collections/jet/hw_pt"] != arrays(second.path)["collections/jet/hw_pt"]


@pytest.mark.usefixtures("small_jobs")
def test_damaged_files_are_made_again_and_whole_ones_are_not(prepared: Path) -> None:
    first = generate(TINY, prepared)
    expected = {record.process: arrays(record.path) for record in first}
    pool = sorted((prepared / "pool").glob("*.h5"))
    stamps = {path: path.stat().st_mtime_ns for path in pool}
    pool[0].write_bytes(pool[0].read_bytes()[:3000])
    pool[3].unlink()
    first[0].path.write_bytes(first[0].path.read_bytes()[:20000])
    first[1].path.unlink()
    (prepared / "pool" / ".hard-000.h5.999999999.part").write_text("of a killed process")
    again = generate(TINY, prepared)
    assert [record.cached for record in again] == [False, False, True, True]
    assert {record.process: arrays(record.path) for record in again} == expected
    assert {path for path in pool if path.stat().st_mtime_ns != stamps[path]} == {pool[0], pool[3]}
    assert not list(prepared.rglob(".*.part"))


def test_a_second_run_generates_nothing(records: list[ProcessRecord], sample_folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sample_folder.rglob("*.h5")}
    again = generate(SMALL, sample_folder, workers=2)
    assert all(record.cached for record in again)
    assert [replace(record, cached=False) for record in again] == records
    assert {path: path.stat().st_mtime_ns for path in sample_folder.rglob("*.h5")} == before


def test_a_larger_sample_reuses_whole_jobs(small_jobs: None, prepared: Path) -> None:
    def made() -> set[str]:
        return {path.name for path in (prepared / "pool").glob("*.h5")}

    generate(TINY, prepared)
    before = made()
    generate(replace(TINY, hard_collisions=70), prepared)
    assert len(made() - before) == 2  # the last, incomplete job of 10 became one of 20, and one more


def test_workers_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="workers must be 1 or more, received 0"):
        generate(TINY, tmp_path, workers=0)


def test_records_and_provenance_say_how_it_was_made(records: list[ProcessRecord]) -> None:
    for record in records:
        info = file_info(record.path)
        made = info["provenance"]
        assert json.loads(json.dumps(record.to_dict()))["digest"] == made["digest"]
        assert record.path.name == f"{record.process}-{record.digest[:8]}.h5"
        assert (record.kept, record.cached) == (info["n_events"], False)
        assert record.seconds > 0
        assert made["generator_version"].startswith("8.")
        assert made["tune"] == "Monash 2013"
        assert made["config"]["seed"] == 3
        assert made["pools"]["soft"]["sigma_mb"] == pytest.approx(78.6, rel=0.01)
        assert "SoftQCD:inelastic=on" in made["pools"]["soft"]["settings"]
        assert made["mean_hard_collisions"] == pytest.approx(60 * 2.1 / 78.6, rel=0.1)
    assert records[0].generated == SMALL.sized("soft_collisions") + SMALL.sized("hard_collisions")
    assert [record.kept for record in records[1:]] == [60, 60, 60]


def test_soft_and_hard_pool_meet_at_the_threshold(records: list[ProcessRecord], sample_folder: Path) -> None:
    """The share of soft QCD above p1 is the ratio of the cross sections, but for the damping of multiple interactions."""
    loaded = load_pools(pool_jobs(SMALL, sample_folder / "pool").files("zero_bias"), SMALL.profile)
    generated = SMALL.sized("soft_collisions")
    expected = generated * loaded.spectrum.mean / SMALL.pileup
    assert generated - loaded.n_soft == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert loaded.pool.scale[: loaded.n_soft].max() < SMALL.hard_threshold_gev < loaded.spectrum.scale.min() * 1.001
    plan = plan_crossings(loaded, SMALL)
    assert len(plan) == records[0].kept
    assert np.sum(plan.weight * ((plan.primary >= 0) + plan.hard_mean)) == pytest.approx(loaded.spectrum.mean, rel=0.02)


def test_words_weights_and_identities_hold_together(sample: dict[str, Events]) -> None:
    identities = np.concatenate([events.event for events in sample.values()])
    assert len(np.unique(identities)) == len(identities)
    groups = [set(events.group.tolist()) for events in sample.values()]
    assert len(set().union(*groups)) == sum(map(len, groups))
    for events in sample.values():
        events.validate()
        assert events.weight.sum() == pytest.approx(1.0)
        assert (events.weight > 0).all()
        for item in LEVEL1_SCHEMA.objects:
            pt = events.collections[item.name]["hw_pt"]
            assert (np.diff(pt, axis=1) <= 0).all()
            for column in events.collections[item.name].values():
                assert (column[pt == 0] == 0).all()


def test_copies_share_a_group_but_not_their_words(sample: dict[str, Events]) -> None:
    events = sample["zero_bias"]
    kinds, first, count = np.unique(events.group, return_index=True, return_counts=True)
    copied = first[count > 1]
    assert len(copied) > 100
    assert len(kinds) > SMALL.sized("quiet_crossings")
    twins = (events.features()[copied] == events.features()[copied + 1]).all(axis=1)
    assert not twins.any()


@pytest.mark.parametrize("name", ["egamma", "jet"])
def test_directions_are_even(sample: dict[str, Events], name: str) -> None:
    """Flat in phi and symmetric in eta, by construction of rotations, mirrors and the order of equal objects."""
    objects = sample["zero_bias"].collections[name]
    valid = objects["hw_pt"] > 0
    eta, phi = objects["hw_eta"][valid], objects["hw_phi"][valid]
    n = valid.sum()
    sectors = np.histogram(phi, 12, (0, 144))[0]
    assert np.sum((sectors - n / 12) ** 2 / (n / 12)) < 31.3  # chi square of 11, p = 0.001
    assert abs((eta > 0).sum() - n / 2) < 4 * np.sqrt(n) / 2


def test_rates_are_those_of_a_trigger(sample: dict[str, Events]) -> None:
    """Within a factor of a few of CMS in 2024 at pileup 60: some kHz to 10 kHz for each of these thresholds."""
    events = sample["zero_bias"]
    assert 0.8 < rate(events, leading(events, "jet") >= 180) < 20
    assert rate(events, leading(events, "egamma") >= 36) < 60
    assert rate(events, leading(events, "muon") >= 22) < 60
    assert rate(events, leading(events, "met") >= 100) < 30
    assert 20 < rate(events, leading(events, "jet") >= 90) < 400
    multiplicity = (events.collections["jet"]["hw_pt"] >= 60).sum(axis=1)
    assert 0.05 < np.sum(events.weight * multiplicity) < 0.5  # 0.095 +- 0.022 recorded at a pileup of about 50


def test_signals_fire_far_more_often_than_zero_bias(sample: dict[str, Events]) -> None:
    fraction = {name: np.sum(item.weight * (leading(item, "jet") >= 90)) for name, item in sample.items()}
    assert fraction["ttbar"] > 0.4
    assert min(fraction["haa4b"], fraction["htautau"]) > 0.03
    assert fraction["zero_bias"] < 0.012
    muons = {name: np.sum(item.weight * (leading(item, "muon") >= 22)) for name, item in sample.items()}
    assert min(muons["ttbar"], muons["htautau"]) > 10 * muons["zero_bias"]


def test_level1_jets_follow_the_generated_ones(sample: dict[str, Events]) -> None:
    events = sample["ttbar"]
    generated = events.truth["gen_jet_pt"]
    clear = (generated > 60) & (generated < 300)
    assert np.median(leading(events, "jet")[clear] / generated[clear]) == pytest.approx(1.0, abs=0.12)
    quiet = sample["zero_bias"].truth["gen_jet_pt"] == 0
    assert quiet.sum() >= 400


def test_all_objects_of_the_same_crossings_hold_the_same_words(sample: dict[str, Events], sample_folder: Path) -> None:
    """The larger set of objects from the same pools, file to file; and the plain towers, which are another sample."""
    full = replace(SMALL, objects="global_trigger", signals=())
    (record,) = generate(full, sample_folder)
    events = read_events(record.path)
    events.validate()
    reduced = level1_words(events)
    np.testing.assert_array_equal(reduced.features(), sample["zero_bias"].features())
    np.testing.assert_array_equal(reduced.weight, sample["zero_bias"].weight)
    (plain,) = generate(replace(full, tower_response="plain"), sample_folder)
    harder = read_events(plain.path)
    assert plain.path != record.path
    assert harder.collections["ett"]["hw_pt"].mean() > 2 * events.collections["ett"]["hw_pt"].mean()
    np.testing.assert_array_equal(harder.collections["muon"]["hw_pt"], events.collections["muon"]["hw_pt"])
