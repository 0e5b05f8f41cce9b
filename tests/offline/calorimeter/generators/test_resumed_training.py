from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from l1ml.progress import Checking
from offline.calorimeter import Showers
from offline.calorimeter.generators import CascadeSettings, Schedule, fit_cascade, write_generator

SETTINGS = CascadeSettings(flow=Schedule((16,), 3, 200), rings=Schedule((16,), 3, 200), steps=4)


class _Stop:
    """Ctrl-C at the n-th epoch."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_a_stopped_training_goes_on_to_the_same_bytes(tmp_path: Path, truth: Showers) -> None:
    showers = truth.select(np.flatnonzero(truth.total_energy() > 0)[:1200])
    write_generator(tmp_path / "whole.h5", fit_cascade(showers, SETTINGS, threshold=0.01515))
    # within the flow, at its end, and within the law of rings; epochs that are resumed are told about at once
    for n in (2, 3, 4):
        with pytest.raises(KeyboardInterrupt):
            fit_cascade(showers, SETTINGS, threshold=0.01515, folder=tmp_path / "parts", progress=Checking(_Stop(n)))
    made = fit_cascade(showers, SETTINGS, threshold=0.01515, folder=tmp_path / "parts")
    write_generator(tmp_path / "resumed.h5", made)
    assert (tmp_path / "resumed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    # what was kept of another training is not used
    other = fit_cascade(showers, replace(SETTINGS, seed=2), threshold=0.01515, folder=tmp_path / "parts")
    assert other.record["rings"] != made.record["rings"]
    assert len(list((tmp_path / "parts").iterdir())) == 2
