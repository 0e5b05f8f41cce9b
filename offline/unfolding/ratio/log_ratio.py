"""A learned logarithm of a density ratio: evaluated by numpy, kept as arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.unfolding.objects import Objects
from offline.unfolding.ratio import regression
from offline.unfolding.ratio.embedding import Embedding, outputs_of
from offline.unfolding.ratio.layers import Layers
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["LogRatio"]


@dataclass(frozen=True, eq=False)
class LogRatio:
    """ln of the density of the numerator over that of the denominator, with their totals: ln(dN_a / dN_b).

    Parameters
    ----------
    scaling : Scaling
        Scale of the quantities.
    terms : Terms
        What the regression is linear in.
    coefficients : ndarray of float64, shape (terms.n,)
        Of the regression.
    layers : tuple
        Networks whose averaged ratio multiplies the regression's; empty where they did not improve on it.
    log_total : float
        ln of the ratio of the totals.
    limit : float
        As in `RatioSettings`.
    record : mapping
        How it was learned, as JSON holds it.
    embedding : Embedding, optional
        How networks read objects, of which they then are functions, too.
    """

    scaling: Scaling
    terms: Terms
    coefficients: FloatArray
    layers: Layers
    log_total: float
    limit: float
    record: Mapping[str, Any] = field(default_factory=dict)
    embedding: Embedding | None = None

    def __call__(self, values: FloatArray, objects: Objects | None = None) -> FloatArray:
        """The logarithm at `values`, shape (n, d), and `objects`: an array of shape (n,), within `limit` of `log_total`.

        Raises
        ------
        DataError
            If the ratio was learned from other objects, or without any.
        """
        return self.evaluate(values, objects)[0]

    def evaluate(self, values: FloatArray, objects: Objects | None = None) -> tuple[FloatArray, BoolArray]:
        """The same, and which events are saturated, shape (n,)."""
        free = self.free(self.scaling(values), self.scaled(objects))
        return np.clip(free, -self.limit, self.limit) + self.log_total, np.abs(free) >= self.limit

    def scaled(self, objects: Objects | None) -> Objects | None:
        """`objects` as the networks read them."""
        known = None if self.embedding is None else (self.embedding.names, self.embedding.angles)
        given = None if objects is None else (objects.names, objects.angles)
        if known != given:
            msg = f"the ratio was learned from objects with (names, angles) {known}, received {given}: they must agree"
            raise DataError(msg)
        return None if self.embedding is None or objects is None else self.embedding.scaled(objects)

    def free(self, scaled: FloatArray, objects: Objects | None = None) -> FloatArray:
        """Before the limit and `log_total`, at quantities and objects that are scaled already."""
        return regression.evaluate(self.terms, self.coefficients, scaled) + self.network(scaled, objects)

    def network(self, scaled: FloatArray, objects: Objects | None = None) -> FloatArray:
        """Part of the networks, shape (n,): the logarithm of their averaged ratio."""
        if not self.layers:
            return np.zeros(len(scaled))
        outputs = outputs_of(self.layers, self.embedding, scaled, objects)
        return np.asarray(np.logaddexp.reduce(outputs, axis=1) - np.log(outputs.shape[1]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, for a checkpoint."""
        arrays: dict[str, NDArray[Any]] = {
            "mean": self.scaling.mean,
            "width": self.scaling.width,
            "nodes": self.terms.nodes,
            "coefficients": self.coefficients,
            "constants": np.array([self.log_total, self.limit, self.terms.quadratic, self.terms.degree]),
            "record": np.frombuffer(json.dumps(dict(self.record)).encode(), dtype=np.uint8),
        }
        for index, (kernel, bias) in enumerate(self.layers):
            arrays[f"kernel_{index}"], arrays[f"bias_{index}"] = kernel, bias
        return arrays | ({} if self.embedding is None else self.embedding.arrays())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """What `arrays` were made from."""
        depth = sum(name.startswith("kernel_") for name in arrays)
        log_total, limit, quadratic, degree = (float(value) for value in arrays["constants"])
        return cls(
            Scaling(np.asarray(arrays["mean"]), np.asarray(arrays["width"])),
            Terms(np.asarray(arrays["nodes"]), bool(quadratic), int(degree)),
            np.asarray(arrays["coefficients"]),
            tuple((np.asarray(arrays[f"kernel_{index}"]), np.asarray(arrays[f"bias_{index}"])) for index in range(depth)),
            log_total,
            limit,
            json.loads(np.asarray(arrays["record"]).tobytes()),
            Embedding.from_arrays(arrays),
        )
