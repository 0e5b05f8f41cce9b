"""Generative unfolding: draws from p(gen | reco) for every measured event."""

from __future__ import annotations

from offline.unfolding.generative.methods import ConditionalFlow, FlowMatching, TransformerFlowMatching
from offline.unfolding.generative.parameter_range import ParameterRange, mixture
from offline.unfolding.generative.quantity import Quantity
from offline.unfolding.generative.schedule import Training

__all__ = ["ConditionalFlow", "FlowMatching", "ParameterRange", "Quantity", "Training", "TransformerFlowMatching", "mixture"]
