"""Files of MadMiner 0.9 (HDF5): benchmarks, morphing, nuisance benchmarks, observations and weights of events.

What is read and written::

    /parameters            names, lha_blocks, lha_ids, max_power, val_ranges (d, 2), transforms
    /benchmarks            names, values (B, d), is_nuisance, is_reference
    /morphing              components (c, d), the powers of each term; morphing_matrix (b, c) from terms to benchmarks
    /nuisance_parameters   names, systematics, benchmark_positive, benchmark_negative ("None" where there is none)
    /observables           names, definitions
    /samples               observations (n, k), weights (n, B), sampling_benchmarks (n), -1 for background
    /sample_summary        signal_events of each sampling benchmark, background_events

Text is ASCII of fixed length. Weights have the unit of MadMiner, pb; nothing here depends on it. Events that were made at several
benchmarks are put together as MadMiner does it: the weights of each sample times its share of all made events.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from l1ml.data.event_layout import text_of
from l1ml.errors import DataError
from l1ml.storage import atomic_path
from offline.inference.arrays import BoolArray, FloatArray, IntArray
from offline.inference.gold.morphing import Morphing
from offline.inference.gold.weighted_events import Response, WeightedEvents

__all__ = ["read_madminer", "write_madminer"]

_NONE = "None"
_TEXT = "S256"


def read_madminer(path: Path) -> WeightedEvents:
    """The events in the file `path`.

    Raises
    ------
    DataError
        If the file is missing or damaged, has no events or no morphing, or a benchmark that it names is not there.
    """
    if not path.is_file():
        msg = f"{path} does not exist; MadMiner writes such a file after its detector simulation"
        raise DataError(msg)
    try:
        with h5py.File(path, "r") as file:
            return _events(file, path)
    except (OSError, KeyError, RuntimeError) as error:
        msg = f"{path} is not a file of MadMiner with parameters, benchmarks, morphing, observables and samples: {error}"
        raise DataError(msg) from error


def write_madminer(path: Path, events: WeightedEvents, reference: int = 0) -> None:
    """Write `events` as MadMiner would, whole or not at all.

    Parameters
    ----------
    path : Path
        Where.
    events : WeightedEvents
        The sample.
    reference : int
        Benchmark that events were drawn at, and that nuisance benchmarks stand beside.
    """
    benchmarks, p = events.morphing.benchmarks, len(events.response.names)
    shifted = [sign * row for row in np.eye(p) for sign in (1, -1)]
    around = [events.response.linear @ row + events.response.square @ np.square(row) for row in shifted]
    weights = [events.weights, *(events.weights[:, [reference]] * np.exp(values)[:, None] for values in around)]
    nuisances = [f"{name}_{end}" for name in events.response.names for end in ("up", "down")]
    values = np.concatenate([benchmarks, np.zeros((2 * p, benchmarks.shape[1]))])
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        _write_parameters(file, events.morphing)
        b = len(benchmarks)
        _write_texts(file, "benchmarks/names", [*(f"benchmark_{index}" for index in range(b)), *nuisances])
        file["benchmarks/values"] = values
        file["benchmarks/is_nuisance"] = (np.arange(len(values)) >= b).astype(int)
        file["benchmarks/is_reference"] = (np.arange(len(values)) == reference).astype(int)
        if p:
            _write_nuisances(file, events.response.names)
        _write_texts(file, "observables/names", events.observables)
        _write_texts(file, "observables/definitions", [_NONE] * len(events.observables))
        file["samples/observations"], file["samples/weights"] = events.x, np.concatenate(weights, axis=1)
        file["samples/sampling_benchmarks"] = np.full(len(events), reference)
        file["sample_summary/signal_events"] = np.where(np.arange(b) == reference, len(events), 0)
        file["sample_summary/background_events"] = 0


def _events(file: h5py.File, path: Path) -> WeightedEvents:
    """Events of an open file."""
    names, benchmarks = _texts(file, "parameters/names"), _texts(file, "benchmarks/names")
    physical = ~_flags(file, "benchmarks/is_nuisance", len(benchmarks))
    reference = np.flatnonzero(_flags(file, "benchmarks/is_reference", len(benchmarks)))
    values, powers = np.asarray(file["benchmarks/values"][:], np.float64), np.asarray(file["morphing/components"][:], np.int64)
    x, weights = _samples(file, path)
    if weights.shape[1] != len(benchmarks):
        msg = f"{path} has weights for {weights.shape[1]} benchmarks, and names {len(benchmarks)}"
        raise DataError(msg)
    columns = dict(zip(benchmarks, weights.T, strict=True))
    nominal = weights[:, reference[0] if len(reference) else 0]
    morphing = Morphing(tuple(names), powers, values[physical])
    response = _response(file, columns, nominal, path)
    return WeightedEvents(tuple(_texts(file, "observables/names")), x, weights[:, physical], morphing, response)


def _samples(file: h5py.File, path: Path) -> tuple[FloatArray, FloatArray]:
    """Observations, and weights as those of one sample."""
    x, weights = (np.asarray(file[f"samples/{name}"][:], np.float64) for name in ("observations", "weights"))
    sampled: IntArray = np.asarray(file["samples/sampling_benchmarks"][:], np.int64)
    if not len(x) == len(weights) == len(sampled):
        msg = f"{path} has {len(x)} observations, {len(weights)} rows of weights and {len(sampled)} benchmarks of samples"
        raise DataError(msg)
    if "sample_summary/signal_events" not in file:
        return x, weights
    made = np.asarray(file["sample_summary/signal_events"][:], np.float64)
    # the last one is for background, whose number is -1
    share = np.append(made / max(made.sum(), 1.0), 1.0)
    return x, weights * share[sampled][:, None]


def _response(file: h5py.File, columns: dict[str, FloatArray], nominal: FloatArray, path: Path) -> Response:
    """To the nuisance parameters of a file, if it has any; one benchmark alone gives a straight line."""
    if "nuisance_parameters/names" not in file:
        return Response.none(len(nominal))
    names = tuple(_texts(file, "nuisance_parameters/names"))
    ends = [_texts(file, f"nuisance_parameters/benchmark_{end}") for end in ("positive", "negative")]
    for name in {*ends[0], *ends[1]} - {_NONE, *columns}:
        msg = f"{path} has no benchmark {name!r}, which one of its nuisance parameters {', '.join(names)} needs"
        raise DataError(msg)
    up = np.stack([columns[name] for name in ends[0]], axis=1)
    below = zip(ends[1], up.T, strict=True)
    down = np.stack([np.square(nominal) / above if name == _NONE else columns[name] for name, above in below], axis=1)
    return Response.of(names, nominal, up, down)


def _write_parameters(file: h5py.File, morphing: Morphing) -> None:
    """Parameters and morphing."""
    d = len(morphing.names)
    _write_texts(file, "parameters/names", morphing.names)
    _write_texts(file, "parameters/lha_blocks", ["l1ml"] * d)
    _write_texts(file, "parameters/transforms", [_NONE] * d)
    file["parameters/lha_ids"], file["parameters/max_power"] = np.arange(1, d + 1), morphing.powers.max(axis=0)
    file["parameters/val_ranges"] = np.stack([morphing.benchmarks.min(axis=0), morphing.benchmarks.max(axis=0)], axis=1)
    file["morphing/components"], file["morphing/morphing_matrix"] = morphing.powers, morphing.matrix.T


def _write_nuisances(file: h5py.File, names: tuple[str, ...]) -> None:
    _write_texts(file, "nuisance_parameters/names", names)
    _write_texts(file, "nuisance_parameters/systematics", names)
    _write_texts(file, "nuisance_parameters/benchmark_positive", [f"{name}_up" for name in names])
    _write_texts(file, "nuisance_parameters/benchmark_negative", [f"{name}_down" for name in names])


def _texts(file: h5py.File, name: str) -> list[str]:
    return [text_of(value) for value in file[name][:].tolist()]


def _flags(file: h5py.File, name: str, n: int) -> BoolArray:
    """Flags of benchmarks; older files have none."""
    return np.asarray(file[name][:], np.bool_) if name in file else np.zeros(n, np.bool_)


def _write_texts(file: h5py.File, name: str, texts: Any) -> None:
    file.create_dataset(name, data=np.array([text.encode("ascii", "ignore") for text in texts], _TEXT))
