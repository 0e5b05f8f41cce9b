from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calo_toy import regular_geometry

from offline.calorimeter import Showers
from offline.calorimeter.generators import Cascade, CascadeSettings, Schedule, fit_cascade
from offline.calorimeter.simulation import SIMULATORS, Simulator

QUICK = CascadeSettings(flow=Schedule((32,), 4, 200), rings=Schedule((32,), 30, 100, 1e-2), steps=4)


@pytest.fixture(scope="session")
def quick() -> CascadeSettings:
    return QUICK


@pytest.fixture(scope="session")
def small() -> Simulator:
    return replace(SIMULATORS["45x16x9"], geometry=regular_geometry())


@pytest.fixture(scope="session")
def truth(small: Simulator) -> Showers:
    return Showers.concatenate(list(small.batches(2000, 1e3, 1e4, seed=1)))


@pytest.fixture(scope="session")
def trained(truth: Showers) -> Cascade:
    # a shower of a small block may lie behind it
    return fit_cascade(truth.select(np.flatnonzero(truth.total_energy() > 0)), QUICK, threshold=0.01515)
