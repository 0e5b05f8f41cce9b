from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_MOST_MB = 2000


@pytest.mark.slow
def test_ten_million_events_in_two_gigabytes(tmp_path: Path) -> None:
    tests, n = Path(__file__).parents[1], 10_000_000
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    command = [sys.executable, str(tests / "ten_million_events.py"), str(tmp_path), str(n)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    steps = json.loads(done.stdout)
    assert steps.pop("file_mb") < _MOST_MB
    assert {name: step["result"] for name, step in steps.items()} == {
        "write": None, "info": n, "validate": 0, "iterate": n, "split": n, "batches": n
    }  # fmt: skip
    assert max(step["peak_mb"] for step in steps.values()) < _MOST_MB
