"""Simulation and data as generative networks see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from l1ml.data import split_of
from l1ml.errors import DataError
from offline.unfolding.generative.quantity import Quantity, Scaling, fit_scaling
from offline.unfolding.generative.regression import Regression, fit_regression
from offline.unfolding.sample import BoolArray, FloatArray, Measured, Simulation

__all__ = ["Problem", "prepare"]


@dataclass(frozen=True, eq=False)
class Problem:
    """An unfolding, scaled.

    Parameters
    ----------
    mc : Simulation
        Simulated events.
    data : Measured
        Measured events.
    gen_scaling : Scaling
        Between quantities and columns at generation.
    gen, reco : ndarray of float64, shape (n, d_gen) and (n, d_reco)
        Columns of the simulation; zeros where a level does not pass.
    measured : ndarray of float64, shape (m, d_reco)
        Columns of the data.
    regression : Regression
        Of `gen` by `reco`, from pairs that are not held out.
    weight : ndarray of float64, shape (n,)
        Weights of the simulation in the unit of those of data: its yield at reconstruction is that of the data.
    held_out : ndarray of bool, shape (n,)
        Events that no network of p(gen | reco) is trained on.
    """

    mc: Simulation
    data: Measured
    gen_scaling: Scaling
    gen: FloatArray
    reco: FloatArray
    measured: FloatArray
    regression: Regression
    weight: FloatArray
    held_out: BoolArray


def prepare(mc: Simulation, data: Measured, quantities: Sequence[Quantity], held_out: float, rng: np.random.Generator) -> Problem:
    """Scale both levels by the simulation.

    Raises
    ------
    DataError
        If a value does not fit the kind of its quantity, or no pair is left on a side of the split.
    """
    gen_scaling = fit_scaling(mc.gen[mc.pass_gen], mc.gen_names, quantities)
    reco_scaling = fit_scaling(mc.reco[mc.pass_reco], mc.reco_names, quantities)
    gen, reco = np.zeros(mc.gen.shape), np.zeros(mc.reco.shape)
    gen[mc.pass_gen] = gen_scaling.forward(mc.gen[mc.pass_gen], rng)
    reco[mc.pass_reco] = reco_scaling.forward(mc.reco[mc.pass_reco])
    apart = split_of(mc.event, (1 - held_out, held_out), salt="generative") == 1
    sides = [int((mc.pass_both & side).sum()) for side in (~apart, apart)]
    if min(sides) == 0:
        msg = f"{sum(sides)} pairs split into {sides[0]} to train on and {sides[1]} held out: too few; simulate more"
        raise DataError(msg)
    weight = mc.weight * (data.weight.sum() / mc.weight[mc.pass_reco].sum())
    learnt = mc.pass_both & ~apart
    regression = fit_regression(gen[learnt], reco[learnt])
    return Problem(mc, data, gen_scaling, gen, reco, reco_scaling.forward(data.reco), regression, weight, apart)
