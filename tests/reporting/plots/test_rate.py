from __future__ import annotations

import numpy as np

from l1ml.reporting.plots import plot_rate


def test_objects_are_drawn_in_gev(content):
    curves = [curve for curve in content["rate_curves"] if curve["unit"]]
    artists = plot_rate(curves)
    assert artists.ax.get_xlabel() == "threshold [GeV]"
    assert artists.ax.get_yscale() == "log"
    for line, curve in zip(artists.curves, curves, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), curve["threshold_physical"])
        np.testing.assert_array_equal(line.get_ydata(), curve["rate_khz"])
    assert len(artists.bands) == len(curves)


def test_a_score_is_drawn_in_words_with_its_targets(content):
    curve = next(item for item in content["rate_curves"] if not item["unit"])
    artists = plot_rate([curve], targets_khz=(60.0,))
    np.testing.assert_array_equal(artists.curves[0].get_xdata(), curve["threshold"])
    assert artists.ax.get_xlabel() == "threshold on the axo score word"
    assert [text.get_text() for text in artists.ax.texts] == ["60 kHz"]


def test_the_band_is_one_standard_deviation(content):
    curve = content["rate_curves"][1]
    vertices = plot_rate([curve]).bands[0].get_paths()[0].vertices
    top = np.add(curve["rate_khz"], curve["rate_error_khz"])
    assert np.isclose(vertices[:, 1][:, None], top[None, :]).any(axis=0).all()
