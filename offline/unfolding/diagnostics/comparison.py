"""Spectra of one quantity before and after unfolding, at either level, as a figure shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import DataError, nearest
from offline.unfolding.diagnostics.fold_back import folded_weight, gen_weight
from offline.unfolding.diagnostics.triangular import bins_for
from offline.unfolding.sample import FloatArray, Measured, Simulation
from offline.unfolding.spectrum import Binning, Spectrum
from offline.unfolding.unfolded import Unfolded

__all__ = ["Comparison", "Series", "compare_gen", "compare_reco"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Yields in bins with errors of one standard deviation, shape (bins,); `inner` are those of the data alone."""

    values: FloatArray
    errors: FloatArray
    inner: FloatArray | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        inner = None if self.inner is None else self.inner.tolist()
        return {"values": self.values.tolist(), "errors": self.errors.tolist(), "inner": inner}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Spectra of one quantity.

    Parameters
    ----------
    quantity : str
        Its name.
    level : {"gen", "reco"}
        Where.
    edges : ndarray of float64, shape (bins + 1,)
        Common edges.
    series : mapping of str to Series
        ``simulation``, ``unfolded`` and, where it is known, ``truth`` at generation; ``simulation``, ``folded`` and ``data`` at
        reconstruction.
    reference : str
        The series that the others are divided by.
    """

    quantity: str
    level: str
    edges: FloatArray
    series: Mapping[str, Series]
    reference: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "quantity": self.quantity,
            "level": self.level,
            "edges": self.edges.tolist(),
            "series": {name: values.to_dict() for name, values in self.series.items()},
            "reference": self.reference,
        }


def compare_gen(
    unfolded: Unfolded,
    mc: Simulation,
    quantity: str,
    truth: Simulation | None = None,
    *,
    edges: Sequence[float] | FloatArray | None = None,
    bins: int = 25,
) -> Comparison:
    """The unfolded spectrum beside that of the simulation, scaled to the same total, and the truth if there is one.

    Parameters
    ----------
    unfolded, mc : Unfolded, Simulation
        The result and what it was made with.
    quantity : str
        A true quantity.
    truth : Simulation, optional
        Nature, of the yield that it has.
    edges : sequence of float, optional
        Of the bins; `bins` equally wide ones when left out.
    bins : int
        Their number.

    Raises
    ------
    DataError
        If there is no such quantity.
    """
    column, prior = unfolded.column(quantity), mc.select(mc.pass_gen)
    binning = Binning.of({quantity: bins_for(column, unfolded.weight, bins) if edges is None else edges})
    spectrum = Spectrum.of(unfolded, {quantity: binning.edges[0]})
    kinds = [kind for kind in ("data",) if kind in spectrum.replicas]
    errors = spectrum.errors() if spectrum.replicas else np.zeros(binning.n)
    scale = unfolded.total / prior.weight.sum()
    series = {
        "simulation": _counted(binning, prior.gen, prior.gen_names, prior.weight * scale),
        "unfolded": Series(spectrum.values, errors, spectrum.errors(kinds) if kinds else None),
    }
    if truth is not None:
        true = truth.select(truth.pass_gen)
        series["truth"] = _counted(binning, true.gen, true.gen_names, true.weight)
    return Comparison(quantity, "gen", binning.edges[0], series, "unfolded" if truth is None else "truth")


def compare_reco(
    unfolded: Unfolded,
    mc: Simulation,
    data: Measured,
    quantity: str,
    *,
    edges: Sequence[float] | FloatArray | None = None,
    bins: int = 25,
) -> Comparison:
    """Data beside the simulation, scaled to their total, and the unfolded result put through the detector of the simulation.

    Parameters
    ----------
    unfolded, mc, data : Unfolded, Simulation, Measured
        The result and what it was made of.
    quantity : str
        A reconstructed quantity.
    edges, bins
        As for `compare_gen`.

    Raises
    ------
    DataError
        If there is no such quantity.
    """
    if quantity not in data.names:
        msg = f"unknown quantity {quantity!r}; {nearest(quantity, data.names)}"
        raise DataError(msg)
    column = data.reco[:, data.names.index(quantity)]
    binning = Binning.of({quantity: bins_for(column, data.weight, bins) if edges is None else edges})
    seen = mc.pass_reco
    folded = folded_weight(gen_weight(unfolded, mc)[0], mc, data)[seen]
    scaled = mc.weight[seen] * data.weight.sum() / mc.weight[seen].sum()
    series = {
        "simulation": _counted(binning, mc.reco[seen], mc.reco_names, scaled),
        "folded": _counted(binning, mc.reco[seen], mc.reco_names, folded),
        "data": _counted(binning, data.reco, data.names, data.weight),
    }
    return Comparison(quantity, "reco", binning.edges[0], series, "data")


def _counted(binning: Binning, values: FloatArray, names: tuple[str, ...], weight: FloatArray) -> Series:
    """Sums of weights, with the root of the sums of their squares."""
    places = binning.places(values, names)
    return Series(binning.sums(places, weight), np.sqrt(binning.sums(places, weight**2)))
