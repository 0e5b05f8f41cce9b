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
    # factor on pt, what is changed, in how many crossings, what sees it; of ten draws at a family-wise 1 % all five are seen in
    # nine or ten; 2 % in pt in 9 of 20 with 20000 crossings, 19 of 20 with 60000; the dead region in 20 of 20 already with 5000
    "jets 2 % harder": (1.02, {}, 60000, "mean of jet pt"),
    "no jets in 7 of 231 eta words": (1.0, {"pt": lambda run: np.where(abs(run.eta - 44) < 4, 0, run.pt)}, 20000, "jet eta"),
    "lowest bit of jet pt stuck at 0": (1.0, {"pt": lambda run: run.pt & ~1}, 20000, "jet pt bits"),
    "bit 3 of jet phi stuck at 1": (1.0, {"phi": lambda run: np.minimum(run.phi | 8, 143)}, 20000, "jet phi bits"),
    "crossings numbered one too high": (1.0, {"bx": lambda run: (run.bx + 1) % 3564}, 60000, "bx of objects"),
}


def injected(name: str, rng: np.random.Generator, n: int) -> Drift:
    """`n` crossings with a drift, against twice as many without."""
    scale, changes, _, _ = DRIFTS[name]
    run = Run.make(rng, n, scale)
    changed = {field: change(run) for field, change in changes.items()}
    return drift_of(sample(run, **changed), sample(Run.make(rng, 2 * n)), N_PERMUTATIONS)


@pytest.mark.parametrize("name", DRIFTS)
def test_power_for_injected_drifts(rng: np.random.Generator, name: str) -> None:
    _, _, n, where = DRIFTS[name]
    assert where in found(injected(name, rng, n))


@pytest.mark.slow
def test_false_alarms_of_everything_that_is_watched_over_1000_toys(rng: np.random.Generator) -> None:
    level, n_alarms = 0.05, 0
    for _ in range(1000):
        drift = drift_of(sample(Run.make(rng, 1500)), sample(Run.make(rng, 2500)), 99)
        n_alarms += bool(found(drift, level))
    # 99.9 % of a binomial with 5 %
    assert n_alarms <= 74


def test_too_unequal_files_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="16 times"):
        drift_of(sample(Run.make(rng, 300)), sample(Run.make(rng, 200_000)))


def test_nothing_in_common(rng: np.random.Generator) -> None:
    first, second = DriftSample((), ""), DriftSample((), "")
    with pytest.raises(DataError, match="nothing in common"):
        drift_of(first, second)
