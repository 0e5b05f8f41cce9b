from __future__ import annotations

import copy
from typing import Any

import pytest
from trigger_toy import step_files

from l1ml.reporting.content import report_content


@pytest.fixture(scope="session")
def made_steps() -> dict[str, dict[str, Any]]:
    return step_files()


@pytest.fixture
def steps(made_steps: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Step files of a whole run, free to be changed."""
    return copy.deepcopy(made_steps)


@pytest.fixture
def content(steps: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What report.json holds for them."""
    return report_content("axo", steps)


@pytest.fixture
def background() -> dict[str, Any]:
    """What an evaluation says about two scores."""
    row = {"asked": 0.02, "efficiency": 0.0204, "thresholds": [30, 41], "crossings": [1000, 90, 80, 7000]}
    signals = {"ttbar": {"efficiency": 0.125, "estimate_ratio": 1.004}}
    closure = {"closure": 1.0132, "closure_error": 0.0211, "signals": signals}
    areas = {"ttbar": {"value": 0.9905, "error": 0.0008}}
    alone = {"a/0": {"ttbar": 0.9612}, "a/1": {"ttbar": 0.9551}}
    return {
        "scores": ["a/0", "a/1"],
        "signal_fraction": 0.001,
        "areas": areas,
        "alone": alone,
        "rows": [row | closure],
        "unresolved": [],
    }
