"""Networks behind posteriors, likelihoods and ratios: settings, summaries of sets, conditional densities, training."""

from __future__ import annotations

from offline.inference.networks.settings import Flow, Matching, RatioNetwork, Summary

__all__ = ["Flow", "Matching", "RatioNetwork", "Summary"]
