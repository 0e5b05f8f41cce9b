"""A pool: measured collisions, ready to be placed in crossings, in memory and in HDF5."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.response import MuonCandidates, TowerDeposits
from l1ml.data.generation.truth import TRUTH_NAMES
from l1ml.errors import DataError
from l1ml.storage import write_bytes

__all__ = ["CollisionPool", "read_header", "read_pool", "write_pool"]

_FORMAT = "l1ml-pool-2"
_TOWER_COLUMNS = ("count", "tower", "ecal", "hcal")
_MUON_COLUMNS = ("count", "pt", "eta", "phi", "probability", "least_fraction", "charge")


@dataclass(frozen=True, eq=False)
class CollisionPool:
    """Collisions of one process after the Level-1 response.

    Parameters
    ----------
    scale : ndarray of float64, shape (n,)
        pThat of the primary interaction in GeV; small where a diffractive collision has none.
    weight : ndarray of float64, shape (n,)
        Weight of Pythia (not 1 where the phase space was biased).
    towers : TowerDeposits
        Tower energies.
    muons : MuonCandidates
        Muon candidates.
    truth : mapping of ndarray of float32, shape (n,)
        See `l1ml.data.generation.truth`.
    """

    scale: NDArray[np.float64]
    weight: NDArray[np.float64]
    towers: TowerDeposits
    muons: MuonCandidates
    truth: Mapping[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.scale)

    @cached_property
    def tower_start(self) -> NDArray[np.int64]:
        """First tower row of each collision, and the total at the end."""
        return np.concatenate([[0], np.cumsum(self.towers.count)])

    @cached_property
    def muon_start(self) -> NDArray[np.int64]:
        """First muon row of each collision, and the total at the end."""
        return np.concatenate([[0], np.cumsum(self.muons.count)])

    def select(self, mask: NDArray[np.bool_]) -> Self:
        """The collisions that `mask` picks."""
        tower_rows = np.repeat(mask, self.towers.count)
        muon_rows = np.repeat(mask, self.muons.count)
        towers = {name: getattr(self.towers, name)[tower_rows] for name in _TOWER_COLUMNS[1:]}
        muons = {name: getattr(self.muons, name)[muon_rows] for name in _MUON_COLUMNS[1:]}
        return type(self)(
            self.scale[mask],
            self.weight[mask],
            TowerDeposits(self.towers.count[mask], **towers),
            MuonCandidates(self.muons.count[mask], **muons),
            {name: values[mask] for name, values in self.truth.items()},
        )

    @classmethod
    def concatenate(cls, pools: Sequence[CollisionPool]) -> Self:
        """All collisions of `pools`, in order."""
        towers = {name: np.concatenate([getattr(pool.towers, name) for pool in pools]) for name in _TOWER_COLUMNS}
        muons = {name: np.concatenate([getattr(pool.muons, name) for pool in pools]) for name in _MUON_COLUMNS}
        return cls(
            np.concatenate([pool.scale for pool in pools]),
            np.concatenate([pool.weight for pool in pools]),
            TowerDeposits(**towers),
            MuonCandidates(**muons),
            {name: np.concatenate([pool.truth[name] for pool in pools]) for name in TRUTH_NAMES},
        )


def write_pool(path: Path, pool: CollisionPool, header: Mapping[str, Any]) -> None:
    """Write `pool` and its `header` (JSON values) to `path`, whole or not at all.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    # made in memory (some MB): a full disk then is an error of write(), where HDF5 itself crashes while it closes the file
    with h5py.File(path.name, "w", driver="core", backing_store=False) as file:
        for name, column in _columns(pool).items():
            file.create_dataset(name, data=column)
        file.attrs.update({"format": _FORMAT, "header": json.dumps(dict(header), sort_keys=True)})
        file.flush()
        image = file.id.get_file_image()
    write_bytes(path, image)


def _columns(pool: CollisionPool) -> dict[str, NDArray[Any]]:
    """Dataset name and values of every column."""
    columns: dict[str, NDArray[Any]] = {"scale": pool.scale, "weight": pool.weight}
    columns |= {f"towers/{name}": getattr(pool.towers, name) for name in _TOWER_COLUMNS}
    columns |= {f"muons/{name}": getattr(pool.muons, name) for name in _MUON_COLUMNS}
    return columns | {f"truth/{name}": pool.truth[name] for name in TRUTH_NAMES}


def read_pool(path: Path) -> tuple[CollisionPool, dict[str, Any]]:
    """Pool and header in the file at `path`.

    Raises
    ------
    DataError
        If the file is missing, truncated or not a pool.
    """
    with _opened(path) as file:
        towers = TowerDeposits(**{name: file[f"towers/{name}"][:] for name in _TOWER_COLUMNS})
        muons = MuonCandidates(**{name: file[f"muons/{name}"][:] for name in _MUON_COLUMNS})
        truth = {name: file[f"truth/{name}"][:] for name in TRUTH_NAMES}
        pool = CollisionPool(file["scale"][:], file["weight"][:], towers, muons, truth)
        return pool, json.loads(str(file.attrs["header"]))


def read_header(path: Path) -> dict[str, Any]:
    """Header alone of the file at `path`; raises as `read_pool` does."""
    with _opened(path) as file:
        return dict(json.loads(str(file.attrs["header"])))


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """The pool file at `path`; damage becomes a DataError that names it."""
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != _FORMAT:
                msg = f"{path} is not a pool of collisions; delete it, and it is generated again"
                raise DataError(msg)
            yield file
    except (OSError, KeyError) as error:
        msg = f"{path} is truncated or damaged ({error}); delete it, and it is generated again"
        raise DataError(msg) from error
