"""Diffusion and flow matching of voxels, and their distillation.

`schedules` of noise and `samplers` are of any data; `voxel_scores` makes numbers of voxels, `network` is the network.
"""

from __future__ import annotations

from offline.calorimeter.generators.diffusion.settings import DiffusionSettings, DistillationSettings, Drawing

__all__ = ["DiffusionSettings", "DistillationSettings", "Drawing"]
