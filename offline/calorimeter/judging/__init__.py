"""How good generated showers are: each number seeded, repeated, with an error, and beside what truth itself gives.

===================  =================================================================================================
``judge``            all of it, in one call; ``settings`` how thoroughly, ``judgement`` what is found, ``page`` as one page
``features``         high-level features of showers; ``response``, ``profiles``, ``pictures``, ``histograms`` for figures
``frechet``          distance of means and covariances (FPD); ``kernel`` a discrepancy of all low moments (KPD)
``manifold``         precision, recall, density, coverage
``separation``       separation power of each quantity; ``correlations`` of pairs
``classifier_test``  area under the curve of trained classifiers; ``ranks``, ``calibration`` and ``classifier`` are its parts
``weights``          weights of its output, tails and worst showers
``floor``            any of them beside two halves of the truth
``amplification``    how many true showers a generator is worth; ``timing`` what one costs
``published``        tables of the CaloChallenge's submissions
===================  =================================================================================================

The metrics work on tables of numbers, whatever the showers are.
"""

from __future__ import annotations

from offline.calorimeter.judging.amplification import amplification
from offline.calorimeter.judging.classifier import ClassifierSettings
from offline.calorimeter.judging.classifier_test import classifier_test
from offline.calorimeter.judging.features import Features
from offline.calorimeter.judging.floor import beside_floor
from offline.calorimeter.judging.frechet import FrechetSettings, frechet_physics_distance
from offline.calorimeter.judging.judge import judge
from offline.calorimeter.judging.judgement import Judgement
from offline.calorimeter.judging.kernel import kernel_physics_distance
from offline.calorimeter.judging.manifold import manifold
from offline.calorimeter.judging.page import write_judgement_page
from offline.calorimeter.judging.separation import separation_powers
from offline.calorimeter.judging.settings import JudgingSettings
from offline.calorimeter.judging.timing import time_sampler
from offline.calorimeter.judging.weights import weight_test

__all__ = [
    "ClassifierSettings",
    "Features",
    "FrechetSettings",
    "Judgement",
    "JudgingSettings",
    "amplification",
    "beside_floor",
    "classifier_test",
    "frechet_physics_distance",
    "judge",
    "kernel_physics_distance",
    "manifold",
    "separation_powers",
    "time_sampler",
    "weight_test",
    "write_judgement_page",
]
