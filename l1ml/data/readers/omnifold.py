"""Gen/reco pairs of jets in the .npz layout of OmniFold (Zenodo 3548091), as `l1ml.data.jet_pairs` keeps them.

For either level (``gen_``, ``sim_``) the file has ``jets`` (N, 4) as pt, rapidity, phi, mass, and one number a jet in ``mults``,
``widths``, ``tau2s``, ``zgs``, ``sdms``. Two quantities follow from these: eta from the rapidity and the mass, sinh(eta) =
sqrt(1 + m^2 / pt^2) sinh(y); and tau21 = tau2 / width, as in arXiv:1911.09107 (the width is the 1-subjettiness around the jet
axis), 0 for a jet of width 0. A jet of pt 0 is none. The file has no ptd: it is 0 for every jet. The identity
of a pair is its row; float64 is rounded to float32. Particles, Z bosons and other angularities of the file are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA
from l1ml.data.readers.batches import as_reals, numbered
from l1ml.data.readers.numpy_rows import NumpyArrays, is_numpy, numpy_arrays
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import Rows, together
from l1ml.errors import DataError, SchemaError

__all__ = ["READER", "iterate_omnifold"]

_LEVELS = {"gen_jet": "gen", "reco_jet": "sim"}
_NUMBERS = {"mults": "multiplicity", "widths": "width", "zgs": "zg", "sdms": "sdmass"}
_MISSING = ("ptd",)
_KEYS = ("jets", "tau2s", *_NUMBERS)


def _rows(arrays: NumpyArrays) -> dict[str, Rows]:
    rows = {f"{level}_{key}": arrays.rows(f"{level}_{key}") for level in _LEVELS.values() for key in _KEYS}
    for name, item in rows.items():
        item.check((None, 4) if name.endswith("_jets") else (None,))
    return rows


def iterate_omnifold(path: Path, *, chunk: int = 8192) -> Iterator[Events]:
    """Pairs of the file `path`, batch after batch.

    Raises
    ------
    SchemaError
        If an array is missing or has another shape.
    DataError
        If the file is damaged or a value is not finite.
    """
    with numpy_arrays(path) as arrays:
        rows = _rows(arrays)
        for start, blocks in together(rows, chunk):
            for name, block in blocks.items():
                as_reals(block, str(rows[name]), start)
            collections = {name: _jets(blocks, level, str(path), start) for name, level in _LEVELS.items()}
            masks = {name: columns["pt"] != 0 for name, columns in collections.items()}
            yield numbered(JET_PAIRS_SCHEMA, collections, start, len(blocks["gen_jets"]), masks=masks)


def _jets(blocks: dict[str, NDArray[Any]], level: str, where: str, start: int) -> dict[str, NDArray[np.float32]]:
    """Columns of the jets of one level, each of the shape (n, 1)."""
    pt, rapidity, phi, mass = blocks[f"{level}_jets"].astype(np.float64).T
    values = {name: blocks[f"{level}_{key}"] for key, name in _NUMBERS.items()}
    width, tau2 = values["width"].astype(np.float64), blocks[f"{level}_tau2s"].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        stretch = np.sqrt(1 + np.divide(mass, pt, out=np.zeros_like(pt), where=pt != 0) ** 2)
        values |= {"pt": pt, "eta": np.arcsinh(stretch * np.sinh(rapidity)), "phi": phi, "mass": mass}
        values["tau21"] = np.divide(tau2, width, out=np.zeros_like(width), where=width != 0)
    values |= {name: np.zeros_like(pt) for name in _MISSING}
    order = [real.name for real in JET_PAIRS_SCHEMA.objects[0].reals]
    return {name: as_reals(values[name], f"{where}: {name} of {level}", start)[:, None] for name in order}


def _describe(path: Path) -> dict[str, Any]:
    with numpy_arrays(path) as arrays:
        rows = _rows(arrays)
        return {
            "n_events": rows["gen_jets"].n,
            "objects": JET_PAIRS_SCHEMA.to_dict()["objects"],
            "missing": list(_MISSING),
            "left_out": [name for name in arrays.names if name not in rows],
        }


def _sniff(path: Path) -> bool:
    if not is_numpy(path):
        return False
    try:
        with numpy_arrays(path) as arrays:
            return bool(_rows(arrays))
    except (DataError, SchemaError):
        return False


READER = Reader(
    name="omnifold",
    title="OmniFold pairs of generated and reconstructed jets, .npz of gen_* and sim_*",
    suffixes=(".npz",),
    sniff=_sniff,
    iterate=iterate_omnifold,
    describe=_describe,
)
