"""Classical unfolding of histograms: D'Agostini's iterations, singular value decomposition, matrix inversion."""

from __future__ import annotations

from offline.unfolding.classical.binned import Errors
from offline.unfolding.classical.binned_spectrum import BinnedSpectrum
from offline.unfolding.classical.binning import Bins, Grid
from offline.unfolding.classical.ibu import Ibu
from offline.unfolding.classical.inversion import Inversion
from offline.unfolding.classical.response import Histogram, ResponseMatrix, histogram
from offline.unfolding.classical.svd import Svd

__all__ = ["BinnedSpectrum", "Bins", "Errors", "Grid", "Histogram", "Ibu", "Inversion", "ResponseMatrix", "Svd", "histogram"]
