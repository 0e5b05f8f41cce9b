from __future__ import annotations

import pytest

from l1ml.console import told


def test_lines_at_the_start_and_each_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    with told() as progress:
        progress.start("replicas", 8)
        for _ in range(8):
            progress.advance()
    assert capsys.readouterr().err.splitlines() == [
        "replicas ...",
        *(f"replicas: {done} of 8" for done in (2, 4, 6, 8)),
    ]
