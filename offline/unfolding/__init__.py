"""Unfolding: from reconstructed to true distributions, event by event and binned, with errors.

Start with a `Simulation` of pairs and `Measured` events (`simulation_from_events`, `measured_from_events`, or a `GaussianToy`). A
method is a value with its settings, and ``method.fit(mc, data)`` gives an `Unfolded`: true events with weights. `unfold` does the
same with the replicas that `Uncertainties` ask for, and `Spectrum` puts the result into bins, with covariance.

=====================  ==================================================================================================
``objects``            sets of all objects of each event, for ``omnifold``; ``event_objects`` reads them
``methods``            names of the methods in configuration files, and where they are: classical, omnifold, generative, spinup
``replicas``           bootstraps, ensembles, systematics; on other processes or a cluster
``diagnostics``        closure, fold-back, bottom line, convergence, weights, coverage; ``plots`` draws each
``unfolded_file``      the file to be published: `write_unfolded`, `read_unfolded`
``configuration``      an unfolding as TOML; ``inputs`` reads what it names, ``study`` runs it, ``validation`` examines it
=====================  ==================================================================================================

Importing this costs numpy and h5py; networks come with the methods that need them.
"""

from __future__ import annotations

from offline.unfolding.event_objects import ObjectQuantities
from offline.unfolding.gaussian_toy import GaussianToy
from offline.unfolding.method import UnfoldingMethod, check_inputs
from offline.unfolding.objects import Objects
from offline.unfolding.pair_events import measured_from_events, simulation_from_events
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.selection import Selection
from offline.unfolding.spectrum import Spectrum
from offline.unfolding.unfolded import Replica, Unfolded
from offline.unfolding.unfolded_file import read_unfolded, write_unfolded

__all__ = [
    "GaussianToy",
    "Measured",
    "ObjectQuantities",
    "Objects",
    "Replica",
    "Selection",
    "Simulation",
    "Spectrum",
    "Uncertainties",
    "Unfolded",
    "UnfoldingMethod",
    "check_inputs",
    "measured_from_events",
    "read_unfolded",
    "simulation_from_events",
    "unfold",
    "write_unfolded",
]
