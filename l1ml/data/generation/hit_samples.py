"""Samples of hits of a detector, written as events."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from l1ml.data.event_writer import EventWriter
from l1ml.data.generation.drift_chamber import ChamberConfig, chamber_hits
from l1ml.data.hit_words import hit_events, hits_schema
from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of

__all__ = ["HitsConfig", "digest_of_hits", "write_hits"]

_AT_ONCE = 10_000
_VERSION = 1
"""Goes into the digest; raise it when the toy changes."""


@dataclass(frozen=True, slots=True)
class HitsConfig:
    """Size and conditions of a sample.

    Parameters
    ----------
    crossings : int
        How many.
    seed : int
        Of all of them; not negative.
    chamber : ChamberConfig
        Tracks and background of a crossing.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    crossings: int = 60_000
    seed: int = 1
    chamber: ChamberConfig = field(default_factory=ChamberConfig)

    def __post_init__(self) -> None:
        if self.crossings < 1 or self.seed < 0:
            msg = f"a sample has at least one crossing and a seed from 0 on, received {self.crossings} and {self.seed}"
            raise ConfigError(msg)


def digest_of_hits(detector: Detector, config: HitsConfig) -> str:
    """SHA-256 of everything that decides a sample."""
    return digest_of({"version": _VERSION, "detector": detector.to_dict(), "hits": asdict(config)})


def write_hits(path: Path, detector: Detector, config: HitsConfig, *, progress: Progress = SILENT) -> str:
    """Write the sample to `path` and return its digest; each block of crossings has a random stream of its own.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    schema, digest = hits_schema(detector, config.chamber.time_bits), digest_of_hits(detector, config)
    starts = range(0, config.crossings, _AT_ONCE)
    progress.start("hits", len(starts))
    with EventWriter(path, schema, process="hits", provenance={"generator": "toy drift chamber", "digest": digest}) as writer:
        for start, stream in zip(starts, np.random.SeedSequence(config.seed).spawn(len(starts)), strict=True):
            n = min(_AT_ONCE, config.crossings - start)
            hits = chamber_hits(detector, config.chamber, n, np.random.default_rng(stream))
            writer.append(hit_events(schema, hits.words, hits.of_track, start))
            progress.advance()
    progress.finish()
    return digest
