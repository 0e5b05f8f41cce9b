from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, DataError, SchemaError
from offline.unfolding import GaussianToy, Measured, Simulation, Unfolded
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.spinup import FlowSettings, Schedule, Spinup
from offline.unfolding.spinup.checks import draw_checks, folded_checks
from offline.unfolding.spinup.coordinates import Coordinates
from offline.unfolding.spinup.members import Members

QUICK = Spinup(
    starts=1,
    bootstraps=2,
    samples=2000,
    response=FlowSettings(bins=4, hidden=8, layers=1),
    unfolding=FlowSettings(bins=4, hidden=8, layers=1),
    response_schedule=Schedule(steps=50, batch=2048, learning_rate=0.003, checks=2),
    unfolding_schedule=Schedule(steps=150, batch=2048, learning_rate=0.02, checks=2),
)
TOY = GaussianToy(smear=0.5, shift=0.5, width=0.8, misses=0.2, fakes=0.1)


class Kept:
    """A checkpoint in memory."""

    def __init__(self) -> None:
        self.steps: dict[str, Mapping[str, NDArray[Any]]] = {}

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        return self.steps.get(step)

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.steps[step] = arrays


class Nominal:
    """A checkpoint of an unfolding whose nominal fit has the steps of another one."""

    def __init__(self, whole: Kept) -> None:
        self.whole = whole

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        return self.whole.read(step.removeprefix("nominal "))

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        pass


def samples(seed: int = 1) -> tuple[Simulation, Measured]:
    rng = np.random.default_rng(seed)
    return TOY.simulation(20_000, rng), TOY.nature(20_000, rng).measured()


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def unfolded(kept: Kept) -> Unfolded:
    return QUICK.fit(*samples(), seed=3, checkpoint=kept)


def moments(gen: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    mean = np.average(gen[:, 0], weights=weight)
    return float(mean), float(np.sqrt(np.average(np.square(gen[:, 0] - mean), weights=weight)))


def test_finds_the_truth_behind_misses_and_fakes(unfolded: Unfolded) -> None:
    mean, sd = moments(unfolded.gen, unfolded.weight)
    assert mean == pytest.approx(0.5, abs=0.03)
    assert sd == pytest.approx(0.8, abs=0.03)
    assert unfolded.total == pytest.approx(20_000, rel=0.02)
    assert [(replica.kind, replica.index) for replica in unfolded.replicas] == [("ensemble", 0), ("data", 0), ("data", 1)]
    for replica in unfolded.replicas:
        assert replica.gen is not None
        assert moments(replica.gen, replica.weight)[0] == pytest.approx(0.5, abs=0.06)
    totals = [replica.weight.sum() for replica in unfolded.replicas]
    assert totals[1] != totals[2]


def test_record_says_how_far_to_trust_it(unfolded: Unfolded) -> None:
    record = unfolded.record
    assert record["fake_share"] == pytest.approx(0.1, abs=0.01)
    assert 0 <= record["at_least_efficiency"] < 0.01
    assert record["folded"]["x"]["kolmogorov"] < 0.02
    assert record["importance"]["effective_draws"]["0.5"] > 4
    assert list(record["importance"]["draw_scan"]) == ["4", "8", "16"]
    assert record["settings"]["unfolding"]["bins"] == 4
    assert set(record["losses"]) == {"surrogate", "proposal", "spectrum", "efficiency", "unfolding"}


def test_goes_on_from_a_checkpoint_to_the_same_result(unfolded: Unfolded, kept: Kept) -> None:
    again = QUICK.fit(*samples(), seed=3, checkpoint=kept)
    np.testing.assert_array_equal(again.gen, unfolded.gen)
    np.testing.assert_array_equal(again.weight, unfolded.weight)
    assert again.record == unfolded.record


@pytest.mark.parametrize(("layout", "advice"), [(None, "delete the folder of the checkpoint"), (3, "install a newer one")])
def test_a_response_that_another_version_kept_is_refused(unfolded: Unfolded, kept: Kept, layout: int | None, advice: str) -> None:
    assert len(unfolded.replicas) == 3  # the checkpoint is full
    other = Kept()
    other.steps = {
        step: {key: values for key, values in arrays.items() if key != "layout" and not key.startswith("spectrum.")}
        | ({"layout": np.asarray(layout)} if layout and "layout" in arrays else {})
        for step, arrays in kept.steps.items()
    }
    with pytest.raises(SchemaError, match=f"a response of layout {layout or 1}, this l1ml reads layout 2: {advice}"):
        QUICK.fit(*samples(), seed=3, checkpoint=other)


class Heard:
    """Tasks that a listener is told of, with their lengths and what was counted."""

    def __init__(self) -> None:
        self.tasks: list[list[Any]] = []

    def start(self, task: str, total: int | None = None) -> None:
        self.tasks.append([task, total, 0])

    def advance(self, n: int = 1) -> None:
        self.tasks[-1][2] += n

    def finish(self) -> None:
        pass


def test_a_replica_is_the_same_whatever_the_number_of_the_others(unfolded: Unfolded, kept: Kept) -> None:
    response, members = Kept(), Heard()
    response.steps = {step: arrays for step, arrays in kept.steps.items() if step.startswith("simulation ")}
    wanted = Uncertainties(data=7, mc=0, ensemble=0)
    more = unfold(QUICK, *samples(), wanted, seed=3, checkpoint=Nominal(response), progress=members)
    assert [replica.kind for replica in more.replicas] == ["ensemble"] + 7 * ["data"]
    for one, other in zip(more.replicas, unfolded.replicas, strict=False):
        np.testing.assert_array_equal(one.weight, other.weight)
        np.testing.assert_array_equal(one.gen, other.gen)
    told = [task for task, total, done in members.tasks if total == done == 150]
    assert told == [
        "unfolding",
        "other starts 1 to 1 of 1",
        "bootstraps of the data 1 to 5 of 7",
        "bootstraps of the data 6 to 7 of 7",
    ]


def correlated(n: int, mean: float, sd: float, rho: float, rng: np.random.Generator) -> Simulation:
    """A quantity and a count that goes with it; what is reconstructed depends on the quantity."""
    z = rng.multivariate_normal([mean, mean], sd**2 * np.array([[1, rho], [rho, 1]]), n)
    z[:, 1] = np.round(12 + 4 * z[:, 1])
    reco = z + np.stack([rng.normal(0, 0.5, n), np.round(rng.normal(0, 2, n))], axis=1)
    seen = rng.random(n) < 1 / (1 + np.exp(-1 - z[:, 0]))
    names = ("a", "n")
    identity = rng.integers(0, 2**63, n, dtype=np.uint64)
    return Simulation(z, reco, np.ones(n), np.ones(n, np.bool_), seen, identity, names, names)


@pytest.mark.slow
def test_unfolds_counts_and_correlations_behind_an_uneven_efficiency() -> None:
    rng = np.random.default_rng(1)
    mc, nature = correlated(20_000, 0.0, 1.0, 0.5, rng), correlated(20_000, 0.3, 0.8, 0.2, rng)
    method = replace(
        QUICK,
        starts=0,
        bootstraps=0,
        samples=20_000,
        response=FlowSettings(bins=5, hidden=16, layers=1, spline_rate=0.3),
        response_schedule=Schedule(steps=300, batch=1024, learning_rate=0.01, checks=5),
        unfolding_schedule=Schedule(steps=200, batch=512, learning_rate=0.02),
    )
    unfolded = method.fit(mc, nature.measured())
    np.testing.assert_allclose(np.average(unfolded.gen, axis=0, weights=unfolded.weight), nature.gen.mean(axis=0), atol=0.15)
    found = np.cov(unfolded.gen.T, aweights=unfolded.weight)
    np.testing.assert_allclose(np.sqrt(np.diag(found)), nature.gen.std(axis=0), rtol=0.06)
    # half way from the simulation to nature would be 0.35
    assert found[0, 1] / np.sqrt(found[0, 0] * found[1, 1]) == pytest.approx(0.2, abs=0.08)
    assert unfolded.total == pytest.approx(20_000, rel=0.03)
    assert (unfolded.column("n") % 1 == 0).all()
    assert unfolded.record["whole_numbers"] == ["n"]


@pytest.mark.slow
def test_background_is_a_density_of_its_own() -> None:
    toy = GaussianToy(smear=0.5, shift=0.5, width=0.8)
    rng = np.random.default_rng(4)
    mc, nature = toy.simulation(20_000, rng), toy.nature(20_000, rng).measured()
    background = Measured(rng.normal(-1, 0.5, (6000, 1)), np.ones(6000), np.arange(6000, dtype=np.uint64), ("x",))
    seen = replace(background, reco=rng.normal(-1, 0.5, (6000, 1)))
    data = Measured(
        np.concatenate([nature.reco, seen.reco]), np.ones(26_000), np.arange(26_000, dtype=np.uint64), ("x",)
    ).without(background)
    result = replace(QUICK, starts=0, bootstraps=0).fit(mc, data)
    mean, sd = moments(result.gen, result.weight)
    assert mean == pytest.approx(0.5, abs=0.04)
    assert sd == pytest.approx(0.8, abs=0.04)
    assert result.total == pytest.approx(20_000)


def test_members_share_signal_and_contamination_by_their_own_data() -> None:
    weight = np.concatenate([np.full(900, 2.0), np.full(100, -2.0)])
    data = Measured(np.zeros((1000, 1)), weight, np.arange(1000, dtype=np.uint64), ("x",))
    starts = Members.of(data, 0.25, "ensemble", range(2), spread=0.1, seed=1)
    assert starts.spread.tolist() == [0.1, 0.1]
    assert (starts.weight == 1).all()
    assert starts.signal.tolist() == [1200] * 2
    assert starts.share == pytest.approx(1 - 1200 / 1800)
    bootstraps = Members.of(data, 0.25, "data", range(3), spread=0.1, seed=1)
    assert bootstraps.spread.tolist() == [0] * 3
    assert bootstraps.weight.shape == (900, 3)
    assert len(set(bootstraps.signal)) == 3
    assert len(set(starts.start)) == 2
    assert set(bootstraps.start) == set(Members.of(data, 0.25, "nominal", (0,), seed=1).start)
    np.testing.assert_array_equal(bootstraps.weight[:, 2:], Members.of(data, 0.25, "data", (2,), seed=1).weight)


def test_coordinates_are_standard_normal_and_come_back(rng: np.random.Generator) -> None:
    values = np.stack([rng.exponential(20, 20_000) + 100, rng.poisson(12, 20_000)], axis=1)
    coordinates = Coordinates.of(values, np.ones(20_000), rng, ("pt", "multiplicity"))
    inner = coordinates.forward(values, rng)
    np.testing.assert_allclose(inner.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(inner.std(axis=0), 1, atol=0.02)
    back = coordinates.backward(inner)
    np.testing.assert_array_equal(back[:, 1], values[:, 1])
    np.testing.assert_allclose(back[:, 0], values[:, 0], rtol=1e-9)
    with pytest.raises(DataError, match="'pt' is 3 in every simulated event"):
        Coordinates.of(np.full((10, 1), 3.0), np.ones(10), rng, ("pt",))


def test_checks_see_a_bad_fit(rng: np.random.Generator) -> None:
    even = draw_checks(np.zeros((50, 16)))
    assert even["effective_draws"]["0.01"] == pytest.approx(16)
    one = draw_checks(np.where(np.arange(16) == 3, 50.0, 0.0)[None])
    assert one["effective_draws"]["0.5"] == pytest.approx(1)
    one_sample = rng.normal(size=(5000, 1))
    folded = folded_checks(("x",), one_sample + 1, np.ones(5000), one_sample, np.ones(5000))
    assert folded["x"]["folded_mean"] - folded["x"]["data_mean"] == pytest.approx(1)
    assert folded["x"]["kolmogorov"] == pytest.approx(0.383, abs=0.02)


def test_settings_come_from_toml_and_are_checked() -> None:
    spinup = from_mapping(Spinup, {"draws": 64, "unfolding": {"bins": 12}, "unfolding_schedule": {"steps": 7}}, "method")
    assert (spinup.draws, spinup.unfolding.bins, spinup.unfolding_schedule.steps) == (64, 12, 7)
    assert spinup.name == "spinup"
    for change in ({"draws": 2}, {"draw_width": 0.5}, {"starts": -1}, {"validation": 0.0}):
        with pytest.raises(ConfigError, match="received"):
            replace(spinup, **change)
