from __future__ import annotations

import numpy as np
import pytest

from offline.calorimeter import Showers
from offline.calorimeter.generators import Diffusion, DiffusionSettings, Drawing, Schedule
from offline.calorimeter.generators.diffusion.fit import fit_diffusion
from offline.density import Training

SETTINGS = DiffusionSettings(
    widths=(8,), training=Training(120, 100, 1e-2), drawing=Drawing("ddim", 4), flow=Schedule((8,), 1, 200), steps=2
)


@pytest.fixture(scope="session")
def learnt(truth: Showers) -> Showers:
    return truth.select(np.flatnonzero(truth.total_energy() > 0))


@pytest.fixture(scope="session")
def diffusion(learnt: Showers) -> Diffusion:
    return fit_diffusion(learnt, SETTINGS, threshold=0.01515)
