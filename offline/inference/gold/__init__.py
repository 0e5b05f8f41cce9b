"""Mining gold: what a generator knows of its events teaches networks more than which of two made them (arXiv:1805.12244).

=====================  ===================================================================================================
``morphing``           `Morphing`: weights at benchmarks give weights at any couplings
``weighted_events``    `WeightedEvents`: a sample with weights at benchmarks and its `Response` to nuisance parameters
``drawn_events``       `DrawnEvents`: unweighted events drawn of such a sample, for toys
``event_files``        `EventFiles`: the table ``[events]`` of a configuration
``madminer_file``      files of MadMiner: `read_madminer`, `write_madminer`
``labels``             `Gold`: joint ratios and joint scores, of weighted events or of a simulator that shows what it did
``settings``           `GoldNetwork`, with the losses CARL, ROLR, ALICE, CASCAL, RASCAL, ALICES; `ScoreNetwork`
``neural_gold``        `NeuralGold`: learns a ratio for `offline.inference.neyman`
``neural_score``       `NeuralScore`: learns the score at one point (SALLY)
``smeared_gaussian``   `SmearedGaussian`: a model whose ratio and score are known
=====================  ===================================================================================================

Importing this costs numpy and h5py.
"""

from __future__ import annotations

from offline.inference.gold.drawn_events import DrawnEvents
from offline.inference.gold.labels import Gold, JointModel, gold_of_events, gold_of_model, scores_of_events
from offline.inference.gold.morphing import Morphing
from offline.inference.gold.settings import GoldNetwork, ScoreNetwork
from offline.inference.gold.smeared_gaussian import SmearedGaussian
from offline.inference.gold.weighted_events import Response, WeightedEvents

__all__ = [
    "DrawnEvents",
    "Gold",
    "GoldNetwork",
    "JointModel",
    "Morphing",
    "Response",
    "ScoreNetwork",
    "SmearedGaussian",
    "WeightedEvents",
    "gold_of_events",
    "gold_of_model",
    "scores_of_events",
]
