"""A learned logarithm of a density ratio: evaluated by numpy, kept as arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.ratio import regression
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["Layers", "LogRatio", "forward"]

Layers = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
"""Kernel, shape (members, inputs, outputs), and bias, shape (members, 1, outputs), of each layer; the last has one output."""

_BLOCK = 8192
"""Events at a time: their activations fit the cache."""


def forward(layers: Layers, scaled: FloatArray) -> FloatArray:
    """Outputs of all members at `scaled`, shape (n, d): an array of shape (n, members). SiLU between the layers."""
    blocks = range(0, max(len(scaled), 1), _BLOCK)
    return np.concatenate([_forward(layers, scaled[start : start + _BLOCK]) for start in blocks])


def _forward(layers: Layers, scaled: FloatArray) -> FloatArray:
    values: NDArray[np.float32] = scaled.astype(np.float32)[None]
    for index, (kernel, bias) in enumerate(layers):
        if index:
            # x * sigmoid(x) by tanh, which does not overflow
            values = 0.5 * values * (1 + np.tanh(0.5 * values))
        values = values @ kernel + bias
    return values[..., 0].T.astype(np.float64)


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
    """

    scaling: Scaling
    terms: Terms
    coefficients: FloatArray
    layers: Layers
    log_total: float
    limit: float
    record: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, values: FloatArray) -> FloatArray:
        """The logarithm at `values`, shape (n, d): an array of shape (n,), within `limit` of `log_total`."""
        return self.evaluate(values)[0]

    def evaluate(self, values: FloatArray) -> tuple[FloatArray, BoolArray]:
        """The same, and which events are saturated, shape (n,)."""
        free = self.free(self.scaling(values))
        return np.clip(free, -self.limit, self.limit) + self.log_total, np.abs(free) >= self.limit

    def free(self, scaled: FloatArray) -> FloatArray:
        """Before the limit and `log_total`, at quantities that are scaled already."""
        return regression.evaluate(self.terms, self.coefficients, scaled) + self.network(scaled)

    def network(self, scaled: FloatArray) -> FloatArray:
        """Part of the networks, shape (n,): the logarithm of their averaged ratio."""
        if not self.layers:
            return np.zeros(len(scaled))
        outputs = forward(self.layers, scaled)
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
        return arrays

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
        )
