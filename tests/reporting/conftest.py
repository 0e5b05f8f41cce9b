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
