"""Errors of an unfolding by doing it again: bootstraps, other starts, other detectors."""

from __future__ import annotations

from offline.unfolding.replicas.bootstrap import bootstrapped, poisson_counts
from offline.unfolding.replicas.uncertainties import Uncertainties
from offline.unfolding.replicas.unfolding import unfold

__all__ = ["Uncertainties", "bootstrapped", "poisson_counts", "unfold"]
