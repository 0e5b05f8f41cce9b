from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Simulation
from offline.unfolding.classical import Bins, Errors, Grid, Histogram, Ibu, Inversion, ResponseMatrix, Svd, histogram
from offline.unfolding.classical.binned import BinnedMethod
from offline.unfolding.classical.svd import curvature
from offline.unfolding.gaussian_toy import em_moments


def response_of(both: np.ndarray, missed: object = 0.0, fake: object = 0.0) -> ResponseMatrix:
    both = np.asarray(both, float)
    missed, fake = np.zeros(both.shape[1]) + missed, np.zeros(both.shape[0]) + fake
    return ResponseMatrix(both, both, missed, missed, fake, fake, (both.shape[1],))


def counts(values: object) -> Histogram:
    values = np.asarray(values, float)
    return Histogram(values, values)


METHODS = (Ibu(iterations=3), Svd(k=2), Inversion())


@pytest.fixture
def response(rng: np.random.Generator) -> ResponseMatrix:
    both = 1000 * np.exp(-0.5 * np.square((np.arange(6)[:, None] - np.linspace(0, 5, 4)) / 0.8)) + rng.uniform(5, 20, (6, 4))
    return response_of(both, missed=rng.uniform(50, 300, 4), fake=rng.uniform(20, 90, 6))


def test_two_bins_by_hand() -> None:
    response = response_of([[60, 10], [20, 30]], missed=[20, 60])
    # t = gen * D / reco, f = P t, ratio = P^T (d / f) / eps
    start = np.array([100, 100]) * 150 / 120
    matrix = np.array([[0.6, 0.1], [0.2, 0.3]])
    expected = start / matrix.sum(axis=0) * (matrix.T @ (np.array([90, 60]) / (matrix @ start)))
    solution = Ibu(iterations=1).solve(response, counts([90, 60]))
    np.testing.assert_allclose(solution.stages[0], expected, rtol=1e-12)
    np.testing.assert_allclose(expected, [125 * 1.0114285714, 125 * 0.9771428571], rtol=1e-9)
    inverted = Inversion().solve(response, counts([90, 60])).stages[-1]
    np.testing.assert_allclose(inverted, [131.25, 112.5], rtol=1e-12)
    np.testing.assert_allclose(Ibu(iterations=3000).solve(response, counts([90, 60])).stages[-1], inverted, rtol=1e-9)


def test_inversion_is_exact_and_its_covariance_closed(response: ResponseMatrix) -> None:
    truth = np.array([700.0, 900, 400, 300])
    scale = (response.matrix @ truth).sum() / response.both.sum()
    data = counts(response.matrix @ truth + scale * response.fake)
    solution = Inversion().solve(response, data, jacobian=True)
    np.testing.assert_allclose(solution.stages[-1], truth, rtol=1e-10)
    plain = Inversion().solve(response_of(response.both, response.missed), data, jacobian=True).jacobian
    assert plain is not None
    fisher = response.matrix.T @ (response.matrix / data.variance[:, None])
    np.testing.assert_allclose((plain * data.variance) @ plain.T, np.linalg.inv(fisher), rtol=1e-9)


def test_svd_is_the_solution_of_its_normal_equations(response: ResponseMatrix) -> None:
    data = counts([500.0, 600, 0, 700, 300, 200])
    solution = Svd(tau=30.0).solve(response, data)
    scale = data.values.sum() / response.reco_total
    inverse_variance = 1 / np.where(data.values > 0, data.values, 200)
    a, c = scale * response.both, curvature((4,))
    normal = a.T @ (a * inverse_variance[:, None]) + 30 * c.T @ c
    w = np.linalg.solve(normal, a.T @ (inverse_variance * (data.values - scale * response.fake)))
    np.testing.assert_allclose(solution.stages[-1], w * scale * response.gen, rtol=1e-9)


def test_svd_of_a_diagonal_response_shrinks_by_hand() -> None:
    response = response_of(np.diag([100.0, 100, 100]))
    data = counts([130.0, 100, 70])
    weak, strong = (Svd(tau=tau).solve(response, data).stages[-1] for tau in (1e-9, 1e12))
    np.testing.assert_allclose(weak, data.values, rtol=1e-9)
    assert np.ptp(strong) < 1e-3 * strong.mean()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_derivative_agrees_with_differences(method: BinnedMethod, response: ResponseMatrix) -> None:
    data = counts([500.0, 600, 400, 700, 300, 200])
    jacobian = method.solve(response, data, jacobian=True).jacobian
    assert jacobian is not None
    for index in range(6):
        step = np.eye(6)[index]
        up, down = (method.solve(response, Histogram(data.values + s * step, data.variance)).stages[-1] for s in (1e-3, -1e-3))
        np.testing.assert_allclose(jacobian[:, index], (up - down) / 2e-3, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), fakes=st.booleans())
def test_simulation_unfolds_to_itself(method: BinnedMethod, seed: int, fakes: bool) -> None:
    rng = np.random.default_rng(seed)
    both = np.diag(rng.uniform(50, 100, 5)) + rng.uniform(1, 9, (5, 5))
    response = response_of(both, rng.uniform(0, 50, 5), rng.uniform(1, 9, 5) if fakes else 0.0)
    data = counts(3 * (both.sum(axis=1) + response.fake))
    np.testing.assert_allclose(method.solve(response, data).stages[-1], 3 * response.gen, rtol=3e-4)


def test_ibu_follows_expectation_maximisation(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=1.0, shift=0.5)
    mc, data = toy.simulation(400_000, rng), toy.nature(400_000, rng).measured()
    bins = Bins((tuple(np.linspace(-4, 4, 81)),), (tuple(np.linspace(-6, 6, 121)),))
    result = Ibu(bins=bins, iterations=6).fit(mc, data)
    prior, measured = (mc.gen.mean(), mc.gen.std()), (data.reco.mean(), data.reco.std())
    means, widths = em_moments(1.0, prior, measured, 6)
    assert result.iterations is not None
    got = np.array([np.average(result.gen[:, 0], weights=weight) for weight in result.iterations])
    spread = [
        np.sqrt(np.average(np.square(result.gen[:, 0] - m), weights=w)) for m, w in zip(got, result.iterations, strict=True)
    ]
    np.testing.assert_allclose(got, means, atol=0.01 * 0.5)
    np.testing.assert_allclose(spread, widths, atol=0.005)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_errors_are_the_spread_of_toys(method: BinnedMethod) -> None:
    toy, rng = GaussianToy(smear=0.5, misses=0.2, fakes=0.1), np.random.default_rng(7)
    edges = (tuple(np.linspace(-2, 2, 7)),)
    bins = Bins(edges, (tuple(np.linspace(-2.5, 2.5, 11)),))
    own = replace(method, bins=bins)  # type: ignore[type-var]
    mc = toy.simulation(50_000, rng)
    gen, reco = (Grid(("z",), (np.array(side[0]),)) for side in (bins.gen_edges, bins.reco_edges))
    response, expected = ResponseMatrix.of(mc, gen, reco), histogram(reco, toy.nature(5000, rng).measured())
    got = np.array([own.solve(response, counts(rng.poisson(expected.values))).stages[-1] for _ in range(300)])
    jacobian = own.solve(response, expected, jacobian=True).jacobian
    assert jacobian is not None
    closed = np.sqrt(np.einsum("ij,j,ij->i", jacobian, expected.variance, jacobian))
    np.testing.assert_allclose(got.std(axis=0), closed, rtol=0.25)


def test_every_call_takes_events_and_gives_events(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=0.5, shift=0.4, misses=0.2, fakes=0.1)
    mc, nature = toy.simulation(40_000, rng), toy.nature(20_000, rng)
    settings = {"bins": {"gen_bins": 6, "reco_bins": 12}, "errors": {"covariance": "data+mc", "toys": 40}}
    for kind in (Ibu, Svd, Inversion):
        method = from_mapping(kind, settings, "method")
        result, again = (method.fit(mc, nature.measured(), seed=5) for _ in range(2))
        assert result.method == method.name
        assert result.n == mc.pass_gen.sum()
        assert result.total == pytest.approx(20_000, rel=0.02)
        assert np.average(result.gen[:, 0], weights=result.weight) == pytest.approx(0.4, abs=0.05)
        assert result.record == again.record
        few = from_mapping(kind, settings | {"errors": {"covariance": "data"}}, "method").spectrum(mc, nature.measured())
        assert (np.array(result.record["errors"]) > few.error).all()
        assert np.abs(few.correlation).max() == pytest.approx(1)
        free = from_mapping(kind, settings | {"errors": {"covariance": "none"}}, "method").spectrum(mc, nature.measured())
        np.testing.assert_array_equal(free.values, few.values)
        with pytest.raises(DataError, match="without its covariance"):
            _ = free.error


def test_thousand_bins_stay_small(rng: np.random.Generator) -> None:
    n = 1000
    both = 1e4 * np.exp(-0.5 * np.square((np.arange(n)[:, None] - np.arange(n)) / 3.0))
    response = response_of(both, missed=1e4, fake=1e3)
    data = counts(rng.poisson(both.sum(axis=1)))
    for method, times in ((Ibu(iterations=10), 20), (Svd(k=60), 20)):
        tracemalloc.start()
        jacobian = method.solve(response, data, jacobian=True).jacobian
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert jacobian is not None
        assert jacobian.shape == (n, n)
        assert peak < times * 8 * n * n


def test_several_dimensions_are_flattened(rng: np.random.Generator) -> None:
    gen = rng.normal(size=(60_000, 2))
    names, ones = ("a", "b"), np.ones(60_000, bool)
    event = np.arange(60_000, dtype=np.uint64)
    mc = Simulation(gen, gen + rng.normal(0, 0.3, gen.shape), np.ones(60_000), ones, ones, event, names, names)
    truth = rng.normal([0.3, -0.2], 1, (60_000, 2))
    data = Measured(truth + rng.normal(0, 0.3, truth.shape), np.ones(60_000), event, names)
    for method in (Ibu(Bins(gen_bins=6, reco_bins=8)), Svd(Bins(gen_bins=6, reco_bins=8))):
        result = method.fit(mc, data)
        np.testing.assert_allclose(np.average(result.gen, weights=result.weight, axis=0), [0.3, -0.2], atol=0.03)
        assert method.spectrum(mc, data).grid.shape == (6, 6)
    with pytest.raises(ConfigError, match="unfold fewer quantities"):
        Ibu(Bins(gen_bins=200)).fit(mc, data)


def test_negative_weights_and_background(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=0.5)
    mc, nature = toy.simulation(50_000, rng), toy.nature(50_000, rng).measured()
    extra = Measured(rng.normal(1, 0.3, (20_000, 1)), np.ones(20_000), np.arange(20_000, dtype=np.uint64), ("x",))
    wrong = Measured(*(np.concatenate([getattr(nature, k), getattr(extra, k)]) for k in ("reco", "weight", "event")), ("x",))
    other = Measured(rng.normal(1, 0.3, (20_000, 1)), np.ones(20_000), extra.event, ("x",))
    signs = np.where(rng.random(mc.n) < 0.1, -1.0, 1.0)
    bins = Bins(gen_bins=4, reco_bins=10)
    for method in (Ibu(bins), Svd(bins, k=4), Inversion(bins)):
        result = method.fit(mc.reweighted(signs), wrong.without(other))
        assert result.total == pytest.approx(50_000, rel=0.01)
        assert np.average(result.gen[:, 0], weights=result.weight) == pytest.approx(0.2, abs=0.04)


def test_errors_of_the_response(rng: np.random.Generator) -> None:
    mc = GaussianToy(misses=0.3).simulation(30_000, rng)
    grid = Grid(("z",), (np.linspace(-2, 2, 5),))
    response = ResponseMatrix.of(mc, grid, grid)
    p = response.matrix
    np.testing.assert_allclose(response.error, np.sqrt(p * (1 - p) / response.gen), rtol=1e-9)
    np.testing.assert_allclose(response.efficiency, 0.7, atol=0.03)
    drawn = np.array([response.varied(np.random.default_rng(seed)).matrix for seed in range(400)])
    np.testing.assert_allclose(drawn.std(axis=0), response.error, rtol=0.2)


def test_what_cannot_be_unfolded_is_refused(response: ResponseMatrix, rng: np.random.Generator) -> None:
    toy = GaussianToy()
    mc, data = toy.simulation(500, rng), toy.nature(500, rng).measured()
    with pytest.raises(DataError, match="use at least as many there"):
        Inversion(Bins(gen_bins=5, reco_bins=4)).fit(mc, data)
    with pytest.raises(DataError, match="condition number inf"):
        Inversion(Bins(((-50, -40, 40),), ((-3, 0, 3),))).fit(mc, data)
    with pytest.raises(DataError, match="k = 30 is more than the 20"):
        Svd(k=30).fit(mc, data)
    negative = mc.reweighted(np.where(mc.gen[:, 0] > 1, -0.5, 1.0))
    with pytest.raises(DataError, match="no positive simulated weight"):
        Ibu().fit(negative, data)
    with pytest.raises(ConfigError, match="give edges for each"):
        Ibu(Bins(gen_edges=((0, 1), (0, 1)))).fit(mc, data)
    with pytest.raises(ConfigError, match="must be finite, increasing"):
        Ibu(Bins(gen_edges=((0, 0),))).fit(mc, data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ibu(iterations=0),
        lambda: Svd(k=2, tau=1.0),
        lambda: Inversion(largest_condition=0.5),
        lambda: Errors("full"),
        lambda: Errors(toys=1),
        lambda: Bins(gen_bins=0),
    ],
)
def test_impossible_settings_are_refused(make: object) -> None:
    with pytest.raises(ConfigError):
        make()  # type: ignore[operator]
