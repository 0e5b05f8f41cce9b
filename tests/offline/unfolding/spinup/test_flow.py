from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from offline.unfolding.spinup import FlowSettings, Schedule
from offline.unfolding.spinup.flow import Flow, linear_gaussian
from offline.unfolding.spinup.lattice import gaussian_lattice
from offline.unfolding.spinup.spline import n_spline_parameters, spline, spline_inverse

SMALL = FlowSettings(bins=5, hidden=8, layers=1, spline_rate=1.0)


def scattered(d: int, n_context: int, members: int, rng: np.random.Generator) -> Flow:
    flow = Flow(d, n_context, members, SMALL)
    flow.start(rng.normal(size=(d, 2 + d + n_context)) / 2, [rng] * members)
    flow.scatter([rng] * members, np.full(members, 0.5))
    return flow


def test_parameters_of_zero_give_the_identity(rng: np.random.Generator) -> None:
    x = rng.normal(0, 3, 1000).astype(np.float32)
    y, log_slope = spline(x, np.zeros((1, n_spline_parameters(6)), np.float32), bins=6, bound=4.0)
    np.testing.assert_allclose(y, x, atol=2e-6)
    np.testing.assert_allclose(log_slope, 0, atol=2e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.1, 1))
def test_spline_is_inverted_and_rises_with_its_slope(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    raw = (size * rng.normal(size=(1, n_spline_parameters(5)))).astype(np.float32)
    x = np.linspace(-5, 5, 401, dtype=np.float32)
    y, log_slope = (np.asarray(part) for part in spline(x, raw, bins=5, bound=4.0))
    assert (np.diff(y) > 0).all()
    np.testing.assert_allclose(spline_inverse(y, raw, bins=5, bound=4.0), x, atol=1e-3)
    area = np.diff(x) * (np.exp(log_slope)[1:] + np.exp(log_slope)[:-1]) / 2
    assert area.sum() == pytest.approx(y[-1] - y[0], rel=0.05)


def test_density_of_every_member_integrates_to_one(rng: np.random.Generator) -> None:
    flow = scattered(2, 1, 3, rng)
    axis = np.linspace(-14, 14, 281, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(1, 1, -1, 2)
    context = np.full((1, 1, 1, 1), 0.3, np.float32)
    density = np.exp(np.asarray(flow.log_density(points, context), np.float64))
    np.testing.assert_allclose(density.sum(axis=(1, 2)) * 0.1**2, 1, atol=5e-3)


def test_members_are_what_they_would_be_alone(rng: np.random.Generator) -> None:
    flow = scattered(3, 2, 4, rng)
    x, context = (rng.normal(size=(1, 7, 5, d)).astype(np.float32) for d in (3, 2))
    together = np.asarray(flow.log_density(x, context))
    for index in range(4):
        np.testing.assert_allclose(flow.member(index).log_density(x, context)[0], together[index], rtol=1e-5, atol=1e-4)


def test_density_is_that_of_the_draws(rng: np.random.Generator) -> None:
    flow = scattered(2, 0, 3, rng)
    noise = rng.normal(size=(1, 200, 1, 2)).astype(np.float32)
    drawn = np.asarray(flow.draw(noise), np.float64)[:, :, 0]
    # each quantity follows from its own noise and that of those before it: the Jacobian is a product of slopes
    log_slopes = np.zeros((3, 200))
    for index, step in enumerate(np.eye(2, dtype=np.float32) * 0.01):
        up, down = (np.asarray(flow.draw(noise + sign * step), np.float64)[:, :, 0, index] for sign in (1, -1))
        log_slopes += np.log((up - down) / 0.02)
    expected = -0.5 * np.square(noise[0, :, 0]).sum(axis=-1) - np.log(2 * np.pi) - log_slopes
    for index in range(3):
        member = flow.member(index).log_density(drawn[index, None, :, None].astype(np.float32))
        assert np.abs(np.asarray(member)[0, :, 0] - expected[index]).mean() < 0.01


def test_members_start_at_another_density_and_scatter_by_their_spread(rng: np.random.Generator) -> None:
    other, flow = scattered(2, 0, 1, rng), Flow(2, 0, 2, SMALL)
    flow.start_at(other)
    x = rng.normal(size=(1, 50, 1, 2)).astype(np.float32)
    expected = np.asarray(other.log_density(x))[0]
    flow.scatter(rng.spawn(2), np.array([0.0, 0.1]))
    found = np.asarray(flow.log_density(x))
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-5)
    assert 0.01 < np.abs(found[1] - expected).mean() < 1


def test_linear_gaussian_finds_slopes_and_widths(rng: np.random.Generator) -> None:
    context = rng.normal(size=(100_000, 1))
    first = 1 + 0.5 * context[:, 0] + rng.normal(0, 0.3, 100_000)
    second = -2 * first + rng.normal(0, 0.1, 100_000)
    found = linear_gaussian(np.stack([first, second], axis=1), context, np.ones(100_000))
    np.testing.assert_allclose(found[0], [1, np.log(0.3), 0, 0, 0.5], atol=0.01)
    np.testing.assert_allclose(found[1], [0, np.log(0.1), -2, 0, 0], atol=0.01)


@pytest.mark.parametrize("d", [1, 3])
def test_lattice_is_standard_normal_and_even(d: int, rng: np.random.Generator) -> None:
    noise = gaussian_lattice(2000, 16, d, rng)
    assert noise.shape == (2000, 16, d)
    np.testing.assert_allclose(noise.mean(axis=(0, 1)), 0, atol=0.02)
    np.testing.assert_allclose(noise.std(axis=(0, 1)), 1, atol=0.02)
    # independent draws would scatter by a quarter
    assert noise[..., 0].mean(axis=1).std() < 0.12


@pytest.mark.parametrize("settings", [{"bins": 1}, {"spline_rate": 0.0}, {"bound": -1.0}])
def test_impossible_flow_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="a flow needs"):
        FlowSettings(**settings)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="must be positive"):
        Schedule(steps=0)


ON_JAX = """
import keras, numpy as np
from l1ml.progress import SILENT
from offline.unfolding.spinup.likelihood import DataLikelihood
from offline.unfolding.spinup import FlowSettings, Schedule
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.training import train
assert keras.backend.backend() == "jax"
rng = np.random.default_rng(1)
flow = Flow(2, 0, 3, FlowSettings(bins=4, hidden=4, layers=1))
flow.start(np.zeros((2, 4)), rng.spawn(3))
flow.scatter(rng.spawn(3), np.full(3, 0.1))
truth = rng.normal(0.5, 1, (500, 8, 2)).astype(np.float32)
arrays = (truth, np.zeros((500, 8), np.float32), np.zeros((500, 1), np.float32), np.ones((500, 3), np.float32))
losses = train(DataLikelihood(flow, np.full(3, 0.1)), arrays, Schedule(steps=200, batch=256, checks=4), rng, progress=SILENT)
assert losses[-1] < losses[0], losses
"""


def test_trains_on_jax() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", ON_JAX], env=environment, check=True, timeout=120)
