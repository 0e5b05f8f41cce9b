"""Subtracted background as positive weights of the data."""

from __future__ import annotations

import numpy as np

from l1ml.progress import SILENT, Progress
from offline.unfolding.ratio import Contrast, RatioSettings, fit_log_ratio
from offline.unfolding.sample import Measured

__all__ = ["positive_weights"]


def positive_weights(
    data: Measured, settings: RatioSettings, *, seed: int | np.random.SeedSequence = 1, progress: Progress = SILENT
) -> Measured:
    """The events of `data` with positive weights, reweighted to the density of all of them (arXiv:2007.11586).

    Each keeps the share of its weight that is left where it lies once the negative ones are taken off. The total stays.

    Parameters
    ----------
    data : Measured
        With negative weights, as of `Measured.without`; without any it comes back as it is.
    settings : RatioSettings
        How the share is learned.
    seed : int or SeedSequence
        Root of the random numbers.
    progress : Progress
        Told about epochs.
    """
    positive = np.maximum(data.weight, 0.0)
    if (data.weight >= 0).all():
        return data
    contrast = Contrast(data.reco, data.weight, positive, data.event, data.objects)
    ratio = fit_log_ratio(contrast, settings, seed=seed, progress=progress)
    kept = data.select(positive > 0)
    weight = kept.weight * np.exp(ratio(kept.reco, kept.objects))
    return kept.reweighted(weight * (data.weight.sum() / weight.sum()))
