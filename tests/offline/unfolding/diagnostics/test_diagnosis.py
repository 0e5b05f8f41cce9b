from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from binned_ratio import BinnedRatio
from scipy import stats

from l1ml.errors import DataError
from offline.unfolding import GaussianToy, Simulation, Unfolded
from offline.unfolding.diagnostics import bottom_line, closure, convergence, diagnose, fold_back, weight_quality
from offline.unfolding.diagnostics.bottom_line import BottomLine, ChiSquare, chi_square
from offline.unfolding.diagnostics.fold_back import folded_weight, gen_weight
from offline.unfolding.replicas import Uncertainties, unfold

TOY = GaussianToy(smear=0.5, shift=0.5, misses=0.2, fakes=0.1)


@pytest.fixture
def mc(rng: np.random.Generator) -> Simulation:
    return TOY.simulation(20_000, rng)


@pytest.fixture
def nature(rng: np.random.Generator) -> Simulation:
    return TOY.nature(20_000, rng)


def perfect(mc: Simulation) -> Unfolded:
    """The simulation with the exact ratio of the densities as weights."""
    gen, own = mc.gen[mc.pass_gen], mc.pass_gen
    ratio = stats.norm.pdf(gen[:, 0], TOY.shift, TOY.width) / stats.norm.pdf(gen[:, 0])
    return Unfolded("perfect", mc.gen_names, gen, ratio, mc.event[own], np.stack([np.sqrt(ratio), ratio]))


def test_exact_weights_close_and_fold_back(mc: Simulation, nature: Simulation) -> None:
    found = diagnose(perfect(mc), mc, nature.measured(), nature)
    row = found.closure[0]
    assert row.after.triangular.value < 2 * row.after.triangular.floor
    assert row.before.triangular.value > 20 * row.before.triangular.floor
    assert row.before.wasserstein == pytest.approx(0.5, abs=0.03)
    assert row.after.wasserstein < 0.03
    assert row.gain > 10
    back = found.fold_back[0]
    assert back.exact
    assert back.after.value < 2 * back.after.floor < back.before.value
    together = found.together
    assert together.separation_before.auc > 0.6
    assert together.separation_after.auc == pytest.approx(0.5, abs=4 * together.separation_after.floor)
    assert abs(together.energy_after) < 0.01 < together.energy_before
    assert found.bottom_line is None
    assert found.convergence.truth["z"][1] < found.convergence.truth["z"][0]
    assert found.convergence.change["z"][0] == pytest.approx(0.25, abs=0.05)
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain


def test_drawn_events_fold_back_through_a_classifier(rng: np.random.Generator, mc: Simulation, nature: Simulation) -> None:
    drawn = rng.normal(TOY.shift, TOY.width, (20_000, 1))
    unfolded = Unfolded("drawn", ("z",), drawn, np.ones(20_000), np.arange(20_000, dtype=np.uint64))
    weight, exact = gen_weight(unfolded, mc)
    assert not exact
    assert weight.sum() == pytest.approx(20_000)
    back = fold_back(unfolded, mc, nature.measured())[0]
    assert back.after.value < 3 * back.after.floor < back.before.value
    assert convergence(unfolded, mc, nature.measured()) is None


def test_fakes_keep_their_share_of_the_data(mc: Simulation, nature: Simulation) -> None:
    data = nature.measured()
    halved = data.select(np.arange(data.n) % 2 == 0)
    weight = folded_weight(perfect(mc).weight, mc, halved)
    fakes = mc.pass_reco & ~mc.pass_gen
    assert weight[fakes].sum() / halved.n == pytest.approx(fakes.sum() / mc.pass_reco.sum())
    assert (weight[~mc.pass_reco] == 0).all()


def test_bottom_line_passes_for_an_honest_method_and_fails_for_errors_too_small(mc: Simulation, nature: Simulation) -> None:
    data = nature.measured()
    result = unfold(BinnedRatio(), mc, data, Uncertainties(data=40, mc=0, ensemble=0))
    honest = bottom_line(result, data, mc, "z", "x", bins=(6, 10))
    assert honest.passed
    assert honest.unfolded.ndf <= 6
    assert diagnose(result, mc, data).bottom_line[0].passed
    tight = [replace(item, weight=result.weight + (item.weight - result.weight) / 5) for item in result.replicas]
    assert not bottom_line(replace(result, replicas=tuple(tight)), data, mc, "z", "x", bins=(6, 10)).passed
    with pytest.raises(DataError, match="three replicas more than bins"):
        bottom_line(replace(result, replicas=result.replicas[:5]), data, mc, "z", "x", bins=(6, 10))
    with pytest.raises(DataError, match="unknown quantity 'y'"):
        bottom_line(result, data, mc, "z", "y")


def test_bottom_line_does_not_order_models_that_nobody_rejects() -> None:
    data = ChiSquare(0.5, 3, 0.92)
    assert BottomLine("z", "x", ChiSquare(1.7, 3, 0.64, 100), data).passed
    assert not BottomLine("z", "x", ChiSquare(17.0, 3, 0.0008, 100), data).passed
    assert BottomLine("z", "x", ChiSquare(17.0, 3, 0.0008), ChiSquare(17.5, 3, 0.0006)).passed


def test_chi_square_of_correlated_bins(rng: np.random.Generator) -> None:
    covariance = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    found = chi_square(np.array([1.0, -1.0, 5.0]), covariance)
    expected = np.array([1.0, -1.0]) @ np.linalg.inv(covariance[:2, :2]) @ np.array([1.0, -1.0])
    assert (found.value, found.ndf) == (pytest.approx(expected), 2)
    assert found.p == pytest.approx(np.exp(-expected / 2))
    values = []
    for _ in range(400):
        draws = rng.multivariate_normal([0, 0], covariance[:2, :2], 9)
        values.append(chi_square(draws[0], np.cov(draws[1:].T), 8))
    assert np.mean([item.value for item in values]) == pytest.approx(2.0, rel=0.25)
    assert np.mean([item.p < 0.1 for item in values]) == pytest.approx(0.1, abs=0.05)


def test_a_heavy_event_is_seen() -> None:
    weight = np.ones(1000)
    even = weight_quality(weight)
    assert (even.effective, even.largest, even.largest_percent, even.zero) == (1000, 0.001, 0.01, 0)
    weight[3], weight[4], weight[5] = 1000.0, 0.0, -1.0
    heavy = weight_quality(weight)
    assert heavy.largest == pytest.approx(1000 / 1996)
    assert heavy.effective == pytest.approx(1996**2 / (1e6 + 998))
    assert (heavy.zero, heavy.negative) == (1, 1)


def test_other_truths_are_refused(mc: Simulation, nature: Simulation) -> None:
    with pytest.raises(DataError, match="must be the same"):
        closure(perfect(mc), mc, replace(nature, gen_names=("y",)))
