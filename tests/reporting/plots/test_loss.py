from __future__ import annotations

import numpy as np

from l1ml.reporting.plots import plot_loss


def test_curves_start_at_epoch_one(content):
    artists = plot_loss(content["training"])
    np.testing.assert_array_equal(artists.curves["val_loss"].get_ydata(), content["training"]["losses"]["val_loss"])
    assert artists.curves["loss"].get_xdata()[0] == 1
    assert artists.ax.get_xlabel() == "epoch"
    assert "kept: epoch 28" in [text.get_text() for text in artists.ax.get_legend().get_texts()]


def test_without_validation(content):
    artists = plot_loss({"losses": {"loss": [3.0, 2.0]}})
    assert list(artists.curves) == ["loss"]
