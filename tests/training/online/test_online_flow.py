from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from falling_spectrum import FallingSpectrum

from l1ml.errors import ConfigError, DataError, TrainingError
from l1ml.training.online import OnlineFlow, OnlineSettings, Quantity, expected_counts

SETTINGS = OnlineSettings(members=5, bins=16, hidden=8, buffer=2000, batch=500, passes=2)
X = Quantity("x", 0, 1)
TRUTH = FallingSpectrum(0.02)


def flow_of(values: np.ndarray, settings: OnlineSettings = SETTINGS, names: str = "x", size: int = 777) -> OnlineFlow:
    flow = OnlineFlow([Quantity(name, 0, 1) for name in names], settings)
    for first in range(0, len(values), size):
        flow.see(values[first : first + size])
    return flow


@pytest.fixture(scope="module")
def learned() -> OnlineFlow:
    flow = flow_of(TRUTH.draw(21_000, 1))
    flow.flush()
    return flow


def test_a_stream_of_known_density_is_learned_as_well_as_its_events_tell(learned: OnlineFlow) -> None:
    edges = np.linspace(0, 1, 201)
    worst = np.abs(learned.shares_below(edges)[0] - TRUTH.below(edges)).max()
    # Kolmogorov's distance of the events themselves exceeds 1.95 once in a thousand streams
    assert worst * np.sqrt(21_000) < 1.95


def test_members_scatter_as_bootstrap_samples_do(learned: OnlineFlow) -> None:
    counts = expected_counts(learned, "x", np.linspace(0, 1, 11).tolist())
    expected = 21_000 * np.diff(TRUTH.below(np.linspace(0, 1, 11)))
    ratio = np.std(counts[1:], axis=0, ddof=1) / np.sqrt(expected)
    assert 0.7 < np.sqrt(np.mean(ratio**2)) < 1.8
    assert learned.yields[0] == 21_000
    assert learned.yields[1:].std() == pytest.approx(np.sqrt(21_000), rel=0.9)


def test_density_shares_and_draws_agree(learned: OnlineFlow) -> None:
    x = (np.arange(2000) + 0.5) / 2000
    density = np.exp(learned.log_density(x[:, None]))
    assert density.mean(axis=1) == pytest.approx(1, abs=1e-3)
    drawn = learned.draw(20_000, seed=3)
    assert drawn.shape == (6, 20_000, 1)
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert (drawn[:, :, 0] < 0.3).mean(axis=1) == pytest.approx(learned.shares_below([0.3])[:, 0], abs=0.015)
    assert np.isneginf(learned.log_density(np.array([[-0.1], [1.0]]))).all()


def test_batches_do_not_matter_and_every_training_is_the_same() -> None:
    values = TRUTH.draw(5000, 2)
    one, other = flow_of(values, size=5000), flow_of(values, size=333)
    assert (one.seen, one.learned, one.buffers) == (other.seen, other.learned, other.buffers) == (5000, 4000, 2)
    for left, right in zip(one.state().arrays, other.state().arrays, strict=True):
        np.testing.assert_array_equal(left, right)


def test_events_out_of_range_are_seen_and_not_learned() -> None:
    values = TRUTH.draw(4000, 2)
    mixed = np.insert(values, np.arange(0, 4000, 4), [[2.0]], axis=0)
    mixed[:5000:10] = -np.inf
    one, other = flow_of(values), flow_of(np.concatenate([mixed, [[1.5]]]))
    assert other.seen == 5001
    assert other.learned == 5000
    np.testing.assert_array_equal(one.shares_below([0.3, 0.6]), other.shares_below([0.3, 0.6]))


def test_weights_count_as_so_many_events() -> None:
    values = TRUTH.draw(20_000, 3)
    heavy = np.where(values[:, 0] < 0.2, 3.0, 1.0)
    flow = OnlineFlow([X], SETTINGS)
    flow.see(values, heavy)
    expected = heavy[values[:, 0] < 0.2].sum() / heavy.sum()
    assert flow.shares_below([0.2])[0, 0] == pytest.approx(expected, abs=0.01)
    assert flow.yields[0] == pytest.approx(heavy.sum())


def test_two_quantities_keep_their_correlation() -> None:
    rng = np.random.default_rng(5)
    x = rng.beta(2, 4, 20_000)
    y = np.clip(0.6 * x + 0.2 + rng.normal(0, 0.05, x.size), 0, 0.999)
    flow = flow_of(np.stack([x, y], axis=1), replace(SETTINGS, members=2, learning_rate=0.01, batch=200, tail=3.0), "xy")
    drawn = flow.draw(10_000)[0]
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=0.03)
    cut = [Quantity("x", 0.3, 0.5)]
    edges = [0.2, 0.35, 0.45, 0.6]
    truth = np.histogram(y[(x >= 0.3) & (x < 0.5)], edges)[0]
    assert expected_counts(flow, "y", edges, cut)[0] == pytest.approx(truth, rel=0.12)
    grid = np.stack(np.meshgrid(*[(np.arange(100) + 0.5) / 100] * 2), axis=-1).reshape(-1, 2)
    assert np.exp(flow.log_density(grid)).mean(axis=1) == pytest.approx(1, abs=0.01)


def test_bad_events_are_refused_by_place_and_take_nothing() -> None:
    flow = OnlineFlow([X], SETTINGS)
    flow.see(np.full((10, 1), 0.5))
    with pytest.raises(DataError, match="event 12 of the stream"):
        flow.see(np.array([[0.1], [0.2], [np.nan]]))
    with pytest.raises(DataError, match="weight -1"):
        flow.see(np.array([[0.1]]), np.array([-1.0]))
    with pytest.raises(DataError, match="columns x and one weight each"):
        flow.see(np.zeros((3, 2)))
    assert flow.seen == 10
    with pytest.raises(DataError, match="nothing was learned of the 10 events"):
        flow.draw(5)


def test_a_buffer_without_weight_teaches_nothing() -> None:
    flow = OnlineFlow([X], SETTINGS)
    flow.see(np.full((2000, 1), 0.5), np.zeros(2000))
    assert (flow.learned, flow.buffers) == (2000, 0)


def test_a_loss_that_is_no_number_keeps_the_weights_before() -> None:
    flow = flow_of(TRUTH.draw(2000, 1))
    before = flow.shares_below([0.2, 0.7])
    with pytest.raises(TrainingError, match="in buffer 2; the weights before it are kept"):
        flow.see(np.full((2000, 1), 0.5), np.full(2000, 3e35))
    np.testing.assert_array_equal(flow.shares_below([0.2, 0.7]), before)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"members": 1}, "members is 2 or more"),
        ({"buffer": 1500, "batch": 1000}, "whole batches"),
        ({"learning_rate": 0.0}, "above zero"),
    ],
)
def test_settings_that_cannot_be_meant(wrong: dict[str, float], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        OnlineSettings(**wrong)  # type: ignore[arg-type]


def test_ranges_and_names_that_cannot_be_meant(learned: OnlineFlow) -> None:
    with pytest.raises(ConfigError, match="smaller one first"):
        Quantity("x", 1, 0)
    with pytest.raises(ConfigError, match="no quantity 'mas'"):
        learned.column("mas")
