"""Generators: `fit_cascade` trains one on showers, its `sample` draws new ones, and files keep it.

Training needs Keras; reading a generator and drawing from it need numpy and scipy.
"""

from __future__ import annotations

from offline.calorimeter.generators.cascade import Cascade
from offline.calorimeter.generators.fit import fit_cascade
from offline.calorimeter.generators.generator_file import read_generator, write_generator
from offline.calorimeter.generators.settings import CascadeSettings, Schedule

__all__ = ["Cascade", "CascadeSettings", "Schedule", "fit_cascade", "read_generator", "write_generator"]
