from __future__ import annotations

import numpy as np
import pytest
from falling_spectrum import HUNT, FallingSpectrum

from l1ml.reporting.bump_figure import render_bump
from l1ml.reporting.plots import plot_bump


def test_bars_stand_above_the_background_in_units_of_its_root() -> None:
    counts = 1e5 * np.diff(FallingSpectrum(0.02).below(np.array(HUNT.edges)))
    background = HUNT.background(counts)
    bump = {"significance": HUNT.of_events(counts).significance}
    content = {
        "quantity": "mass",
        "window": list(HUNT.window),
        "edges": list(HUNT.edges),
        "counts": counts.tolist(),
        "errors": np.sqrt(counts).tolist(),
        "background": background.tolist(),
        "bump": bump,
    }
    drawn = plot_bump(content)
    heights = drawn.excess.lines[0].get_ydata()
    assert heights == pytest.approx((counts - background) / np.sqrt(background))
    assert drawn.ax.get_xlabel() == "mass"
    assert render_bump(content) == render_bump(content)
