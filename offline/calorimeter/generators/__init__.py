"""Generators: `fit` trains one on showers, its `sample` draws new ones, and files keep it.

==============  ====================================================================================================
``cascade``     a flow of layers, then the likelihood of voxels, ring by ring
``diffusion``   the same flow of layers, then voxels by diffusion or flow matching with a network of convolutions
``methods``     both by name, with their settings from tables
``bank``        trained ones of many particles and slices of pseudorapidity
==============  ====================================================================================================

Training needs Keras, and so does drawing from a diffusion; reading a generator and drawing from a cascade need numpy and scipy.
"""

from __future__ import annotations

from offline.calorimeter.generators.bank import EtaSlice, GeneratorBank
from offline.calorimeter.generators.bank_file import read_bank, write_bank
from offline.calorimeter.generators.cascade import Cascade
from offline.calorimeter.generators.cascade_fit import fit_cascade
from offline.calorimeter.generators.diffusion.generator import Diffusion
from offline.calorimeter.generators.diffusion.settings import DiffusionSettings, DistillationSettings, Drawing
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.generators.generator_file import read_generator, write_generator
from offline.calorimeter.generators.methods import fit, method_settings
from offline.calorimeter.generators.settings import CascadeSettings, Schedule

__all__ = [
    "Cascade",
    "CascadeSettings",
    "Diffusion",
    "DiffusionSettings",
    "DistillationSettings",
    "Drawing",
    "EtaSlice",
    "GeneratorBank",
    "Schedule",
    "ShowerGenerator",
    "fit",
    "fit_cascade",
    "method_settings",
    "read_bank",
    "read_generator",
    "write_bank",
    "write_generator",
]
