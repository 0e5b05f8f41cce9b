from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from toy import toy_events

from l1ml.data import Events


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


@pytest.fixture
def events(rng: np.random.Generator) -> Events:
    return toy_events(50, rng)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real files, from $L1ML_DATA or beside the checkout; tests that need it skip when it is absent."""
    folder = Path(os.environ.get("L1ML_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder.name!r}; set L1ML_DATA")
    return folder
