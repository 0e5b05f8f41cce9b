from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.unfolding.ratio import Contrast, LogRatio, RatioSettings, fit_log_ratio
from offline.unfolding.ratio.members import make_members
from offline.unfolding.ratio.training import _rates
from offline.unfolding.sample import FloatArray

FORM = RatioSettings(hidden=(), degree=0)
SMALL = RatioSettings(hidden=(24, 24), degree=0, epochs=12, batch=1024, learning_rate=1e-2)
GRID = np.linspace(-2.0, 2.0, 9)[:, None]


def _gaussians(n: int, rng: np.random.Generator) -> Contrast:
    """N(0.2, 0.9) with twice the yield of N(0, 1)."""
    events = np.arange(2 * n, dtype=np.uint64)
    numerator = rng.normal(0.2, 0.9, (n, 1)), np.full(n, 2.0), events[:n]
    return Contrast.between(numerator, (rng.normal(0.0, 1.0, (n, 1)), np.ones(n), events[n:]))


def _log_normal(x: FloatArray, mean: float, width: float) -> FloatArray:
    return -0.5 * ((x[:, 0] - mean) / width) ** 2 - np.log(width)


def _bumps(n: int, rng: np.random.Generator) -> Contrast:
    """Half of the numerator is N(-1, 0.4), half N(1, 0.4); the denominator is N(0, 1)."""
    bumps = rng.normal(np.where(rng.random(n) < 0.5, -1.0, 1.0), 0.4)[:, None]
    events = np.arange(2 * n, dtype=np.uint64)
    return Contrast.between((bumps, np.ones(n), events[:n]), (rng.normal(size=(n, 1)), np.ones(n), events[n:]))


def _truth_of_bumps(x: FloatArray) -> FloatArray:
    return np.asarray(np.logaddexp(_log_normal(x, -1, 0.4), _log_normal(x, 1, 0.4)) - np.log(2) - _log_normal(x, 0, 1))


def _off(ratio: LogRatio) -> float:
    """Root mean square of what is wrong with a log ratio of bumps."""
    return float(np.sqrt(np.mean(np.square(ratio(GRID) - _truth_of_bumps(GRID)))))


def test_gaussians_need_no_network(rng: np.random.Generator) -> None:
    ratio = fit_log_ratio(_gaussians(100_000, rng), FORM, seed=1)
    truth = np.log(2) + _log_normal(GRID, 0.2, 0.9) - _log_normal(GRID, 0.0, 1.0)
    assert np.abs(ratio(GRID) - truth).max() < 0.05
    assert len(ratio.record["newton_loss"]) < 8


def test_the_network_learns_what_a_quadratic_form_cannot(rng: np.random.Generator) -> None:
    contrast = _bumps(20_000, rng)
    form, ratio = (fit_log_ratio(contrast, settings, seed=1) for settings in (FORM, SMALL))
    off = [_off(each) for each in (form, ratio)]
    assert off[0] > 0.8
    assert off[1] < 0.25
    assert ratio.record["network_loss"] < ratio.record["start_loss"] - 0.01
    warm = fit_log_ratio(contrast, replace(SMALL, epochs=1), seed=1, start=ratio)
    assert warm.record["start_loss"] <= ratio.record["network_loss"]
    assert _off(warm) < 0.25


def test_polynomials_of_the_ranks_give_a_marginal_its_shape(rng: np.random.Generator) -> None:
    contrast = _bumps(20_000, rng)
    ratio = fit_log_ratio(contrast, replace(FORM, degree=8), seed=1)
    assert _off(ratio) < 0.25
    # nothing but ranks: a monotonous function of the quantity changes nothing but rounding
    ranked = replace(FORM, degree=4, quadratic=False)
    plain = fit_log_ratio(contrast, ranked, seed=1)
    bent = fit_log_ratio(replace(contrast, values=np.arctan(contrast.values)), ranked, seed=1)
    np.testing.assert_allclose(bent(np.arctan(GRID)), plain(GRID), atol=0.01)


def test_whole_numbers_have_ranks(rng: np.random.Generator) -> None:
    n = 20_000
    events = np.arange(2 * n, dtype=np.uint64)
    more, less = (rng.poisson(mean, (n, 1)).astype(float) for mean in (3.3, 3.0))
    contrast = Contrast.between((more, np.ones(n), events[:n]), (less, np.ones(n), events[n:]))
    grid = np.arange(8.0)[:, None]
    ratio = fit_log_ratio(contrast, replace(FORM, degree=4), seed=1)
    np.testing.assert_allclose(ratio(grid), grid[:, 0] * np.log(1.1) - 0.3, atol=0.15)


def test_members_are_averaged_and_kept_in_arrays(rng: np.random.Generator) -> None:
    ratio = fit_log_ratio(_bumps(4000, rng), replace(SMALL, members=3, quadratic=False, degree=0), seed=1)
    assert ratio.layers[0][0].shape == (3, 1, 24)
    single = [replace(ratio, layers=tuple((k[[i]], b[[i]]) for k, b in ratio.layers)) for i in range(3)]
    np.testing.assert_allclose(np.exp(ratio(GRID)), np.mean([np.exp(each(GRID)) for each in single], axis=0), rtol=1e-6)
    again = LogRatio.from_arrays(ratio.arrays())
    np.testing.assert_array_equal(again(GRID), ratio(GRID))
    assert again.record == json.loads(json.dumps(ratio.record))


def test_the_seed_alone_decides(rng: np.random.Generator) -> None:
    contrast = _bumps(4000, rng)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - what must stay untouched
    first, np_between = fit_log_ratio(contrast, SMALL, seed=3), np.random.get_state()[1]  # noqa: NPY002
    np.testing.assert_array_equal(before, np_between)
    np.random.seed(5)  # noqa: NPY002
    np.testing.assert_array_equal(fit_log_ratio(contrast, SMALL, seed=3)(GRID), first(GRID))
    assert (fit_log_ratio(contrast, SMALL, seed=4)(GRID) != first(GRID)).all()


def test_subtracted_background_leaves_the_signal(rng: np.random.Generator) -> None:
    n = 60_000
    signal, background, copy = rng.normal(0.5, 0.8, (n, 1)), rng.normal(-1, 0.5, (n // 4, 1)), rng.normal(-1, 0.5, (n // 4, 1))
    values = np.concatenate([signal, background, copy])
    weight = np.concatenate([np.ones(n + n // 4), -np.ones(n // 4)])
    events = np.arange(3 * n, dtype=np.uint64)
    contrast = Contrast.between(
        (values, weight, events[: len(values)]), (rng.normal(size=(n, 1)), np.ones(n), events[len(values) :][:n])
    )
    grid = np.linspace(-0.5, 2.0, 6)[:, None]
    ratio = fit_log_ratio(contrast, replace(SMALL, hidden=(24,)), seed=1)
    assert np.abs(ratio(grid) - _log_normal(grid, 0.5, 0.8) + _log_normal(grid, 0, 1)).max() < 0.15


def test_events_without_weight_change_nothing(rng: np.random.Generator) -> None:
    plain = _bumps(4000, rng)
    more = Contrast(
        np.concatenate([plain.values, np.full((7, 1), np.nan)]),
        np.concatenate([plain.numerator, np.zeros(7)]),
        np.concatenate([plain.denominator, np.zeros(7)]),
        np.concatenate([plain.event, np.arange(7, dtype=np.uint64)]),
    )
    first, second = (fit_log_ratio(each, SMALL, seed=3) for each in (plain, more))
    np.testing.assert_array_equal(first(GRID), second(GRID))
    assert second.record["without_weight"] == 7


def test_saturation_is_told(rng: np.random.Generator) -> None:
    n = 2000
    events = np.arange(2 * n, dtype=np.uint64)
    far = Contrast.between(
        (rng.uniform(1, 2, (n, 1)), np.ones(n), events[:n]), (rng.uniform(-2, -1, (n, 1)), np.ones(n), events[n:])
    )
    ratio = fit_log_ratio(far, replace(FORM, limit=5.0), seed=1)
    log_ratio, saturated = ratio.evaluate(np.array([[-1.5], [1.5]]))
    assert log_ratio.tolist() == [-5.0, 5.0]
    assert saturated.all()


def test_learning_rate_falls_and_acts(rng: np.random.Generator) -> None:
    rates = _rates(SMALL, 10_000).ravel()
    assert rates[0] == SMALL.learning_rate
    assert (np.diff(rates) < 0).all()
    assert rates[-1] < 0.01 * SMALL.learning_rate
    contrast = _bumps(4000, rng)
    still = fit_log_ratio(contrast, replace(SMALL, learning_rate=1e-12), seed=1)
    assert still.record["network_loss"] == pytest.approx(still.record["start_loss"], abs=1e-9)
    assert fit_log_ratio(contrast, SMALL, seed=1).record["network_loss"] < still.record["start_loss"] - 0.01


def test_the_weights_of_the_best_epoch_are_kept(rng: np.random.Generator) -> None:
    ratio = fit_log_ratio(_bumps(500, rng), replace(SMALL, epochs=40, batch=64, patience=3, quadratic=False), seed=1)
    network = ratio.record["network"]
    losses = np.array(network["validation_loss"])[:, 0]
    assert np.argmin(losses) == network["best_epoch"][0]
    assert len(losses) == network["best_epoch"][0] + 4
    assert len(network["loss"]) == len(network["learning_rate"]) == len(losses) - 1


def test_impossible_fits_are_refused(rng: np.random.Generator) -> None:
    contrast = _gaussians(1000, rng)
    with pytest.raises(DataError, match=r"quantity 0 is 1 in every event"):
        fit_log_ratio(replace(contrast, values=np.ones((2000, 1))), FORM, seed=1)
    ratio = fit_log_ratio(contrast, FORM, seed=1)
    with pytest.raises(ConfigError, match="other quantities or settings"):
        fit_log_ratio(replace(contrast, values=rng.normal(size=(2000, 2))), FORM, seed=1, start=ratio)
    network = fit_log_ratio(_bumps(4000, rng), replace(SMALL, epochs=2), seed=1)
    with pytest.raises(ConfigError, match="they must be the same"):
        fit_log_ratio(contrast, replace(SMALL, hidden=(8,)), seed=1, start=network)


@pytest.mark.parametrize(
    "change",
    [{"epochs": 0}, {"validation": 1.0}, {"hidden": (0,)}, {"hidden": (), "quadratic": False, "degree": 0}, {"degree": -1}],
)
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        RatioSettings(**change)


_ON_JAX = """
import keras, numpy as np
from tests.offline.unfolding.ratio import test_fit
assert keras.backend.backend() == "jax"
contrast = test_fit._bumps(4000, np.random.default_rng(1))
print(*test_fit.fit_log_ratio(contrast, test_fit.SMALL, seed=3)(test_fit.GRID))
"""


def test_the_same_on_jax() -> None:
    pytest.importorskip("jax")
    script = _ON_JAX.replace("from tests.offline.unfolding.ratio import test_fit", f"import importlib.util, sys\n{_IMPORT}")
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, check=True
    )
    here = fit_log_ratio(_bumps(4000, np.random.default_rng(1)), SMALL, seed=3)(GRID)
    np.testing.assert_allclose(np.array(done.stdout.split(), dtype=float), here, atol=0.02)


_IMPORT = f"""
spec = importlib.util.spec_from_file_location("test_fit", {__file__!r})
test_fit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test_fit)
"""


def test_a_fit_does_not_depend_on_the_sizes_of_those_before_it() -> None:
    samples = [_bumps(n, np.random.default_rng(n)) for n in (2500, 2700, 3000)]
    settings = replace(SMALL, epochs=5)
    make_members.cache_clear()
    alone = fit_log_ratio(samples[-1], settings, seed=1)
    make_members.cache_clear()
    last = [fit_log_ratio(sample, settings, seed=1) for sample in samples][-1]
    assert alone.record["network"] == last.record["network"]
    assert max(alone.record["network"]["best_epoch"]) > 0
    for pair, same in zip(alone.layers, last.layers, strict=True):
        np.testing.assert_array_equal(pair[0], same[0])
        np.testing.assert_array_equal(pair[1], same[1])
