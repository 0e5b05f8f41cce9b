"""Networks behind posteriors, likelihoods and ratios: settings, summaries of sets, conditional densities, training."""

from __future__ import annotations

from offline.inference.networks.settings import Flow, Matching, Summary

__all__ = ["Flow", "Matching", "Summary"]
