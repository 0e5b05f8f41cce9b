"""Decision files and recorded crossings of our own, and drifts to put into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decision_file import DecisionBatch, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.monitoring.pairing import PairedBatch
from l1ml.trigger.monitoring.recorded_bits import INITIAL, RecordedBatch

SEEDS = ("L1_Jet60", "L1_Jet80", "L1_TripleJet20", "L1_AXO")


def write_decisions(
    path: Path,
    names: list[str],
    bits: np.ndarray,
    identity: Mapping[str, np.ndarray],
    final: np.ndarray | None = None,
    **more: Any,
) -> Path:
    """Write a decision file; `more` are words of the header, and `scores`."""
    scores, digest = more.pop("scores", {}), more.pop("menu_digest", "0" * 64)
    header = DecisionHeader("toy", digest, tuple(names), **more)
    final = bits if final is None else final
    with DecisionWriter(path, header) as writer:
        writer.append(DecisionBatch(dict(identity), scores, bits, final, final.any(axis=1)), header, {})
    return path


@dataclass(frozen=True)
class Run:
    """Jets, seeds and a score of crossings in trains of 48 bunches."""

    bx: np.ndarray
    pt: np.ndarray
    eta: np.ndarray
    phi: np.ndarray

    @classmethod
    def make(cls, rng: np.random.Generator, n: int = 20000, scale: float = 1.0) -> Run:
        """`n` crossings with a falling spectrum of pt times `scale`, only where bunches are."""
        bx = rng.integers(0, 3564, n)
        filled = bx % 56 < 48
        number = np.where(filled, rng.poisson(2.0, n), 0)
        there = np.arange(6) < number[:, None]
        pt = np.where(there, 1 + (scale * rng.exponential(40.0, (n, 6))).astype(int), 0)
        return cls(bx, np.minimum(pt, 2047), rng.integers(-115, 116, (n, 6)), rng.integers(0, 144, (n, 6)))

    @property
    def bits(self) -> np.ndarray:
        pt = np.sort(self.pt, axis=1)
        return np.stack([pt[:, -1] >= 120, pt[:, -1] >= 160, pt[:, -3] >= 40, self.score >= 5000], axis=1)

    @property
    def score(self) -> np.ndarray:
        return np.square(self.pt).sum(axis=1) // 16

    def batch(self, **changes: Any) -> RecordedBatch:
        """All crossings as one batch."""
        shown = replace(self, **changes)
        objects = {"jet": {"pt": shown.pt, "eta": shown.eta, "phi": shown.phi}}
        identity = {"orbit": np.arange(len(self.bx)) // 100, "bx": shown.bx}
        return RecordedBatch(len(self.bx), identity, {INITIAL: shown.bits}, Columns(len(self.bx), objects, "toy"))

    def pairs(self, chunk: int = 4096, **changes: Any) -> Iterator[PairedBatch]:
        """The same in batches, with scores."""
        shown = replace(self, **changes)
        for start in range(0, len(self.bx), chunk):
            part = Run(*(getattr(shown, name)[start : start + chunk] for name in ("bx", "pt", "eta", "phi")))
            batch = part.batch()
            rows = np.arange(batch.n)
            yield PairedBatch(batch, rows, RecordedBatch(batch.n, batch.identity, batch.bits, None, {"axo": part.score}))
