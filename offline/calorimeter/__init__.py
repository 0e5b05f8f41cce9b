"""Calorimeter showers: geometries and files, a parametrised simulation, generators and what judges them.

==============  ===================================================================================================
``geometry``    layers of rings and sectors; ``layouts`` has some by name, ``binning`` reads those of the CaloChallenge
``showers``     a batch of showers; ``points`` the same as clouds of hits; ``shower_file`` many of them, in HDF5
``simulation``  showers from a parametrisation
``transforms``  showers as numbers that a network learns easily, and back
``generators``  trained on showers, they draw new ones
``judging``     generated showers against true ones
==============  ===================================================================================================

Importing this costs numpy and h5py.
"""

from __future__ import annotations

from offline.calorimeter.geometry import CalorimeterGeometry, Layer
from offline.calorimeter.layouts import layout
from offline.calorimeter.points import Points
from offline.calorimeter.showers import Showers

__all__ = ["CalorimeterGeometry", "Layer", "Points", "Showers", "layout"]
