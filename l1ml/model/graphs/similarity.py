"""How alike two ways to build graphs are, on the hits of events."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["EdgeSimilarity", "compare_graphs"]


@dataclass(frozen=True, slots=True)
class EdgeSimilarity:
    """Numbers of undirected edges of two graphs of the same events: of one, of the other, and of both."""

    found: int
    wanted: int
    common: int

    @property
    def precision(self) -> float:
        """Share of the edges found that are wanted; 1 if none is found."""
        return self.common / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the edges wanted that are found; 1 if none is wanted."""
        return self.common / self.wanted if self.wanted else 1.0

    @property
    def jaccard(self) -> float:
        """Common edges over those of either: 1 for equal graphs, 0 for graphs without a common edge (P. Jaccard, 1912)."""
        union = self.found + self.wanted - self.common
        return self.common / union if union else 1.0

    def to_dict(self) -> dict[str, float]:
        """Plain values for JSON."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "jaccard": self.jaccard}


def compare_graphs(found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> EdgeSimilarity:
    """Compare undirected edges, each of shape (n, n_sensors, n_sensors) and symmetric.

    Raises
    ------
    DataError
        If the shapes differ.
    """
    if found.shape != wanted.shape:
        msg = f"graphs of the same events and sensors are compared, received shapes {found.shape} and {wanted.shape}"
        raise DataError(msg)
    upper = np.triu(np.ones(found.shape[1:], np.bool_), 1)
    counts = (int((edges & upper).sum()) for edges in (found, wanted, found & wanted))
    return EdgeSimilarity(*counts)
