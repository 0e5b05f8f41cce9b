"""Networks behind posteriors, likelihoods and ratios: settings, summaries of sets, conditional densities, training."""

from __future__ import annotations

from offline.inference.networks.settings import Diffusion, Flow, Matching, RatioNetwork, Summary

__all__ = ["Diffusion", "Flow", "Matching", "RatioNetwork", "Summary"]
