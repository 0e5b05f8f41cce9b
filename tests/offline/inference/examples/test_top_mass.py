from __future__ import annotations

import numpy as np
import pytest

from offline.inference.examples.top_mass import TopDecays


def medians(mass: float, scale: float) -> np.ndarray:
    rows = TopDecays()(np.tile([mass, scale], (200, 1)), np.random.default_rng(1))
    return np.median(rows.reshape(-1, 2), axis=0)


def test_masses_follow_the_parameters() -> None:
    top, w = medians(172.5, 1.0)
    assert top == pytest.approx(172.5, abs=2)
    assert w == pytest.approx(80.4, abs=2)
    # the same random numbers: differences are those of the parameters
    assert medians(176.0, 1.0)[0] - top == pytest.approx(3.5, abs=0.8)
    assert medians(172.5, 1.03) / [top, w] == pytest.approx([1.03, 1.03], abs=1e-6)


def test_a_perfect_detector_sees_the_decays(rng: np.random.Generator) -> None:
    model = TopDecays(stochastic=0.0, constant=0.0, tagged=1.0)
    rows = model(np.tile([172.5, 1.0], (100, 1)), rng).reshape(-1, 2)
    # half of a Lorentz curve lies within half a width
    assert (np.abs(rows[:, 0] - 172.5) < 0.7).mean() == pytest.approx(0.5, abs=0.02)
    assert (np.abs(rows[:, 1] - 80.4) < 1.05).mean() == pytest.approx(0.5, abs=0.03)
