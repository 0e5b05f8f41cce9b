from __future__ import annotations

import numpy as np
import pytest
from falling_spectrum import HUNT, FallingSpectrum

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.bump_hunt import BumpHunt


def counts_of(signal: float, n: int, seed: int) -> np.ndarray:
    return np.histogram(FallingSpectrum(signal).draw(n, seed), HUNT.edges)[0]


def test_significances_without_a_signal_are_normal() -> None:
    found = [HUNT.of_events(counts_of(0, 20_000, seed)).significance for seed in range(150)]
    assert np.mean(found) == pytest.approx(0, abs=0.3)
    assert np.std(found) == pytest.approx(1, abs=0.2)


def test_a_signal_is_found_and_a_prescale_costs_its_root() -> None:
    expected = 1e6 * np.diff(FallingSpectrum(0.01).below(np.array(HUNT.edges)))
    full, kept = HUNT.of_events(expected), HUNT.of_events(expected / 100, 100)
    assert full.excess == pytest.approx(10_000 * 0.9545, rel=0.02)
    assert kept.excess == pytest.approx(full.excess, rel=1e-6)
    assert full.significance == pytest.approx(10 * kept.significance, rel=1e-6)


def test_an_exact_background_is_found_exactly() -> None:
    edges = np.array(HUNT.edges)
    shape = np.exp(3 - 2 * edges[:-1]) * 1000
    assert HUNT.of_events(shape).excess == pytest.approx(0, abs=1e-6 * shape.sum())
    assert HUNT.background(shape) == pytest.approx(shape)


def test_members_give_the_error_of_their_excess() -> None:
    rng = np.random.default_rng(1)
    nominal = counts_of(0.01, 50_000, 1)
    members = np.stack([nominal, *rng.poisson(nominal, (400, nominal.size))])
    bump, events = HUNT.of_members(members), HUNT.of_events(nominal)
    assert (bump.found, bump.background) == (events.found, events.background)
    # theirs has the fluctuations of the signal too
    assert bump.error == pytest.approx(np.hypot(events.error, np.sqrt(events.excess)), rel=0.12)


@pytest.mark.parametrize("window", [(0.35, 0.44), (0.44, 0.36), (0.0, 0.2)])
def test_a_window_stands_on_edges_between_bins(window: tuple[float, float]) -> None:
    with pytest.raises(ConfigError):
        BumpHunt(HUNT.edges, window)


def test_too_few_events_beside_the_window_are_said() -> None:
    counts = np.zeros(50)
    counts[:3] = 5
    with pytest.raises(DataError, match="3 bins beside the window"):
        HUNT.of_events(counts)


def test_the_misfit_of_a_background_of_the_right_shape_is_its_degrees_of_freedom_and_of_another_shape_more() -> None:
    found = []
    for seed in range(40):
        counts = counts_of(0, 20_000, seed)
        chi2, degrees = HUNT.misfit(counts, HUNT.background(counts))
        found.append(chi2 / degrees)
    assert np.mean(found) == pytest.approx(1, abs=0.15)
    bent = counts_of(0, 20_000, 1).astype(np.float64)
    bent[:10] *= np.linspace(0.1, 1, 10)  # a turn-on
    chi2, degrees = HUNT.misfit(bent, HUNT.background(bent))
    assert chi2 > 5 * degrees
