"""Inference: parameters from high-dimensional data by simulation, with posteriors and intervals that are tested.

Start with a `Prior` of named parameters and a `Simulator`, any callable from parameters to observations; `simulate` makes
`Simulations`, which train a posterior and judge it.

=====================  ===================================================================================================
``distributions``      what a prior is made of: `Uniform`, `LogUniform`, `Normal`
``simulations_file``   the file of simulations: `read_simulations`, `write_simulations`
``posterior``          what methods give: `Posterior`, `DensePosterior`, `LikelihoodRatio`
``gaussian_model``     a model whose posterior is known
``neural_posterior``   `NeuralPosterior`: a flow or flow matching learns the posterior, of rows or of sets of any size
``neural_likelihood``  `NeuralLikelihood`: a flow learns the likelihood, of independent events each on its own
``neural_ratio``       `NeuralRatio`: a classifier learns the ratio of likelihoods: pairs, NRE-C, two hypotheses (CARL)
``gold``               joint ratios and scores of a generator as labels; morphing; files of MadMiner
``neyman``             confidence sets from ratios: scans, asymptotic and toy-calibrated belts, maps of coverage
``normalised``         `NormalisedRatio`: the factor by which a learnt ratio is wrong on average, taken out
``nuisances``          `Nuisances`: parameters that are not asked for, profiled or marginalised; ``rate``: Poisson numbers
``sequential``         `sequential_posterior`: rounds of simulations from a truncated prior, for one observation (TSNPE)
``examples``           a coupling of an effective field theory, axion-like particles, the top mass
``networks``           settings of networks: `Flow`, `Matching`, `Diffusion`, `RatioNetwork`, `Summary`
``diagnostics``        ranks, TARP, regions of highest density, two-sample test, predictive checks, misspecification, calibration
                       of ratios: numbers with p-values; ``plots`` draws each
``configuration``      an inference as TOML; ``study`` learns, judges, draws and scans what it describes, ``figures`` draws it
=====================  ===================================================================================================

Importing this costs numpy and h5py.
"""

from __future__ import annotations

from offline.inference.distributions import LogUniform, Normal, Uniform
from offline.inference.gaussian_model import GaussianModel
from offline.inference.posterior import DensePosterior, LikelihoodRatio, Posterior
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations
from offline.inference.simulations_file import read_simulations, write_simulations
from offline.inference.simulator import Simulator, simulate

__all__ = [
    "DensePosterior",
    "GaussianModel",
    "LikelihoodRatio",
    "LogUniform",
    "Normal",
    "Posterior",
    "Prior",
    "Simulations",
    "Simulator",
    "Uniform",
    "read_simulations",
    "simulate",
    "write_simulations",
]
