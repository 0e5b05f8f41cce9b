"""Classical unfolding of histograms: D'Agostini's iterations, singular value decomposition, matrix inversion."""

from __future__ import annotations

from offline.unfolding.classical.binned import Errors
from offline.unfolding.classical.binning import Bins, Grid
from offline.unfolding.classical.ibu import Ibu
from offline.unfolding.classical.inversion import Inversion
from offline.unfolding.classical.response import Histogram, ResponseMatrix, histogram
from offline.unfolding.classical.spectrum import Spectrum
from offline.unfolding.classical.svd import Svd

__all__ = ["Bins", "Errors", "Grid", "Histogram", "Ibu", "Inversion", "ResponseMatrix", "Spectrum", "Svd", "histogram"]
