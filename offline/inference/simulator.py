"""From parameters to observations, in chunks that a stopped run need not make again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from offline.folder_checkpoint import FolderCheckpoint
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.prior import Prior, described
from offline.inference.simulations import Simulations

__all__ = ["Observed", "Simulator", "observe", "simulate"]

Observed = FloatArray | tuple[FloatArray, BoolArray]
"""Shape (n, k); or sets of events, shape (n, m, k), with or without a mask of shape (n, m)."""


class Simulator(Protocol):
    """What experiments would see: any callable."""

    def __call__(self, theta: FloatArray, rng: np.random.Generator, /) -> Observed:
        """An observation for each row of `theta`, shape (n, d), in the order of the prior."""


def observe(simulator: Simulator, prior: Prior, theta: FloatArray, rng: np.random.Generator) -> Simulations:
    """One observation for each row of `theta`.

    Raises
    ------
    DataError
        If the simulator gives another number of rows, another dimension, or numbers that are not finite: with the parameters.
    """
    made = simulator(theta, rng)
    x, mask = made if isinstance(made, tuple) else (made, None)
    n, x, mask = len(theta), np.asarray(x, np.float64), None if mask is None else np.asarray(mask, np.bool_)
    if x.ndim not in (2, 3) or len(x) != len(theta) or (mask is not None and mask.shape != x.shape[:2]):
        msg = (
            f"the simulator gave {_shape(x, mask)} for {n} parameters, starting with "
            f"{described(prior.names, theta[0])}: expected ({n}, k), or ({n}, m, k) and a mask ({n}, m)"
        )
        raise DataError(msg)
    finite = np.isfinite(x) if mask is None else np.isfinite(x) | ~mask[..., None]
    bad = ~finite.reshape(len(x), -1).all(axis=1)
    if bad.any():
        msg = (
            f"the simulator gave numbers that are not finite for {int(bad.sum())} of {len(x)} parameters, "
            f"the first of them {described(prior.names, theta[bad][0])}"
        )
        raise DataError(msg)
    return Simulations(prior, theta, x, mask)


def simulate(
    prior: Prior,
    simulator: Simulator,
    n: int,
    *,
    seed: int,
    chunk: int = 1000,
    folder: Path | None = None,
    identity: str = "",
    progress: Progress = SILENT,
) -> Simulations:
    """`n` pairs from the prior.

    Parameters
    ----------
    prior : Prior
        Where parameters come from.
    simulator : Simulator
        What is asked.
    n : int
        How many.
    seed : int
        Of every random number; chunk by chunk, so that more simulations begin with those of fewer.
    chunk : int
        Rows that the simulator is asked for at once.
    folder : Path, optional
        Where finished chunks are kept, for a run that goes on after a stop; the caller deletes it.
    identity : str
        What else decides the result, such as the version of the simulator: chunks of another one are not used.
    progress : Progress
        Told about simulations.
    """
    if n < 1 or chunk < 1:
        msg = f"the number of simulations and of those at once must be positive, received {n} and {chunk}"
        raise ConfigError(msg)
    key = digest_of(json.dumps([prior.to_dict(), seed, chunk, identity]))
    kept = None if folder is None else FolderCheckpoint(folder, key)
    progress.start("simulating", n)
    parts = []
    for index in range(-(-n // chunk)):
        parts.append(_chunk(prior, simulator, min(chunk, n - index * chunk), (seed, index), kept))
        progress.advance(len(parts[-1]))
    progress.finish()
    return _joined(prior, parts)


def _chunk(prior: Prior, simulator: Simulator, n: int, place: tuple[int, int], kept: FolderCheckpoint | None) -> Simulations:
    """`n` rows: read where they are kept, made and kept otherwise."""
    step = f"simulations-{place[1]}-{n}"
    arrays: Mapping[str, Any] | None = None if kept is None else kept.read(step)
    if arrays is not None:
        return Simulations(prior, arrays["theta"], arrays["x"], arrays.get("mask"))
    rng = np.random.default_rng(place)
    made = observe(simulator, prior, prior.sample(n, rng), rng)
    if kept is not None:
        kept.write(step, {"theta": made.theta, "x": made.x} | ({} if made.mask is None else {"mask": made.mask}))
    return made


def _joined(prior: Prior, parts: list[Simulations]) -> Simulations:
    """All chunks as one; sets of fewer events are filled up."""
    shapes = {part.x.shape[2:] if part.sets else part.x.shape[1:] for part in parts}
    if len(shapes) > 1 or len({part.sets for part in parts}) > 1:
        msg = f"the simulator gave observations of different dimensions: {sorted(shapes)}"
        raise DataError(msg)
    theta = np.concatenate([part.theta for part in parts])
    if not parts[0].sets:
        return Simulations(prior, theta, np.concatenate([part.x for part in parts]))
    longest = max(part.x.shape[1] for part in parts)
    masks = [np.ones(part.x.shape[:2], np.bool_) if part.mask is None else part.mask for part in parts]
    x = np.concatenate([np.pad(part.x, ((0, 0), (0, longest - part.x.shape[1]), (0, 0))) for part in parts])
    mask = np.concatenate([np.pad(mask, ((0, 0), (0, longest - mask.shape[1]))) for mask in masks])
    return Simulations(prior, theta, x, None if mask.all() else mask)


def _shape(x: FloatArray, mask: BoolArray | None) -> str:
    return f"shape {x.shape}" if mask is None else f"shapes {x.shape} and {mask.shape}"
