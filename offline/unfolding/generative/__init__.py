"""Generative unfolding: draws from p(gen | reco) for every measured event."""

from __future__ import annotations

from offline.density.schedule import Training
from offline.unfolding.generative.methods import ConditionalFlow, FlowMatching, TransformerFlowMatching
from offline.unfolding.generative.parameter_range import ParameterRange, mixture
from offline.unfolding.generative.quantity import Quantity

__all__ = ["ConditionalFlow", "FlowMatching", "ParameterRange", "Quantity", "Training", "TransformerFlowMatching", "mixture"]
