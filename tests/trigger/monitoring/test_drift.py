from __future__ import annotations

import numpy as np
import pytest
from decisions_toy import SEEDS, Run

from l1ml.errors import DataError
from l1ml.trigger.monitoring.drift import Drift, DriftSample, drift_of
from l1ml.trigger.monitoring.recorded_bits import INITIAL

N_PERMUTATIONS = 999


def sample(run: Run, **changes: np.ndarray) -> DriftSample:
    filled = DriftSample(SEEDS, INITIAL)
    for pair in run.pairs(**changes):
        filled.add(pair)
    return filled


def found(drift: Drift, level: float = 0.01) -> set[str]:
    return {item.name for item in drift.quantities if item.adjusted <= level}


def test_nothing_drifts_between_two_draws(rng: np.random.Generator) -> None:
    drift = drift_of(sample(Run.make(rng)), sample(Run.make(rng, 50000)), N_PERMUTATIONS)
    names = {item.name for item in drift.quantities}
    assert names == {
        "jet pt", "jet eta", "jet phi", "jet pt bits", "jet eta bits", "jet phi bits", "jet number", "axo",
        "mean of jet pt", "mean of jet eta", "mean of jet number", "mean of axo", "bx of objects", "bx of firings", *SEEDS,
    }  # fmt: skip
    assert found(drift) == set()
    rate = next(item for item in drift.quantities if item.name == "L1_Jet60")
    assert abs(rate.run[0] - rate.reference[0]) < 4 * np.hypot(rate.run_error[0], rate.reference_error[0])


DRIFTS = {
    # what is put in, in how many crossings, and what must see it
    "jets 2 % harder": (lambda run: {"pt": np.floor(run.pt * 1.02).astype(int)}, 80000, "mean of jet pt"),
    "no jets in 7 of 231 eta words": (lambda run: {"pt": np.where(abs(run.eta - 44) < 4, 0, run.pt)}, 20000, "jet eta"),
    "lowest bit of jet pt stuck at 0": (lambda run: {"pt": run.pt & ~1}, 20000, "jet pt bits"),
    "bit 3 of jet phi stuck at 1": (lambda run: {"phi": np.minimum(run.phi | 8, 143)}, 20000, "jet phi bits"),
    "crossings numbered one too high": (lambda run: {"bx": (run.bx + 1) % 3564}, 20000, "bx of objects"),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_power_for_injected_drifts_at_a_family_wise_percent(rng: np.random.Generator, name: str) -> None:
    inject, n, where = DRIFTS[name]
    for _ in range(2):
        run = Run.make(rng, n)
        drift = drift_of(sample(run, **inject(run)), sample(Run.make(rng, 2 * n)), N_PERMUTATIONS)
        assert where in found(drift)


def test_too_unequal_files_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="16 times"):
        drift_of(sample(Run.make(rng, 300)), sample(Run.make(rng, 200_000)))


def test_nothing_in_common(rng: np.random.Generator) -> None:
    first, second = DriftSample((), ""), DriftSample((), "")
    with pytest.raises(DataError, match="nothing in common"):
        drift_of(first, second)
