"""Small ROOT files in the layouts of CMS, written by us: lists of words that the tests know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

awkward = pytest.importorskip("awkward")
uproot = pytest.importorskip("uproot")

Jagged = list[list[int]]

NANO_LISTS = {"EG": 4, "Jet": 6, "Tau": 3, "Mu": 2}
SUM_TYPES = (1, 2, 3, 8)


def coarse(values: np.ndarray, n_bits: int = 12) -> np.ndarray:
    """Floats with a mantissa of `n_bits`, as NanoAOD keeps them."""
    mantissa, exponent = np.frexp(np.asarray(values, np.float64))
    return np.ldexp(np.rint(mantissa * 2.0 ** (n_bits + 1)) / 2.0 ** (n_bits + 1), exponent).astype(np.float32)


def angle(words: np.ndarray, step: float) -> np.ndarray:
    """phi as CMSSW states it: words in rounded steps, put between -pi and pi."""
    phi = words * step
    return np.where(phi > np.pi, phi - 2 * np.pi, phi)


def jagged(counts: np.ndarray, values: np.ndarray) -> Any:
    return awkward.unflatten(values, counts)


def write_tree(path: Path, trees: Mapping[str, Mapping[str, Any]], *, per_basket: int = 1_000_000) -> None:
    """Write `trees`: columns of numbers (numpy) or lists (awkward) by branch."""
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        for name, columns in trees.items():
            kinds = {
                key: column.type.content if isinstance(column, awkward.Array) else column.dtype for key, column in columns.items()
            }
            file.mktree(name, {key: str(kind) if isinstance(kind, np.dtype) else kind for key, kind in kinds.items()})
            n = len(next(iter(columns.values())))
            for start in range(0, n, per_basket):
                file[name].extend({key: column[start : start + per_basket] for key, column in columns.items()})


@dataclass(frozen=True)
class Nano:
    """Columns of a toy NanoAOD, and the words that they were made of: one flat array an object and field."""

    columns: dict[str, Any]
    words: dict[str, dict[str, np.ndarray]]
    counts: dict[str, np.ndarray]


def nano_toy(rng: np.random.Generator, n: int = 40) -> Nano:
    """`n` events with trigger objects, sums of two crossings, bits and a generator."""
    columns: dict[str, Any] = {
        "run": np.full(n, 359571, np.uint32),
        "luminosityBlock": np.arange(n, dtype=np.uint32) // 7,
        "event": rng.permutation(n).astype(np.uint64) + 10**12,
        "bunchCrossing": rng.integers(0, 3564, n).astype(np.uint32),
        "genWeight": rng.normal(size=n).astype(np.float32),
        "L1_SingleMu22": rng.random(n) < 0.3,
        "L1_AlwaysTrue": np.ones(n, np.bool_),
        "L1Reco_step": np.ones(n, np.bool_),
    }
    words, all_counts = {}, {}
    for name, most in NANO_LISTS.items():
        counts = rng.integers(0, most + 1, n)
        words[name] = _words(name, int(counts.sum()), rng)
        all_counts[name] = counts
        columns |= {f"L1{name}_{key}": jagged(counts, column) for key, column in _reals(name, words[name]).items()}
    columns |= _sums(n, rng, words)
    counts = rng.integers(0, 5, n)
    columns["GenJet_pt"] = jagged(counts, rng.uniform(10, 100, counts.sum()).astype(np.float32))
    columns["GenJet_partonFlavour"] = jagged(counts, rng.integers(-5, 22, counts.sum()).astype(np.int16))
    all_counts["GenJet"] = counts
    return Nano(columns, words, all_counts)


def _words(name: str, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    muon = name == "Mu"
    words = {
        "pt": rng.integers(2, 512, n),
        "eta": rng.integers(-225 if muon else -115, 226 if muon else 116, n),
        "phi": rng.integers(0, 576 if muon else 144, n),
    }
    if muon:
        return words | {"quality": rng.integers(0, 16, n), "charge": rng.integers(0, 2, n)}
    return words if name == "Jet" else words | {"isolation": rng.integers(0, 4, n)}


def _reals(name: str, words: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What NanoAOD makes of words."""
    n = len(words["pt"])
    columns = {"bx": np.zeros(n, np.int16)}
    if name == "Mu":
        eta, phi = coarse(words["eta"] * 0.010875), coarse(angle(words["phi"], 0.010908))
        columns |= {"pt": ((words["pt"] - 1) * 0.5).astype(np.float32), "etaAtVtx": eta, "phiAtVtx": phi}
        return columns | {"hwQual": words["quality"].astype(np.int32), "hwCharge": words["charge"].astype(np.int16)}
    columns |= {"pt": (words["pt"] * 0.5).astype(np.float32), "eta": coarse(words["eta"] * 0.0435)}
    columns["phi"] = coarse(angle(words["phi"], 0.0435))
    return columns if name == "Jet" else columns | {"hwIso": words["isolation"].astype(np.int16)}


def _sums(n: int, rng: np.random.Generator, words: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Sums of the crossings -1 and 0, every type once."""
    kinds = np.tile(np.repeat(SUM_TYPES, 1), 2 * n).astype(np.int32)
    bx = np.tile(np.repeat([-1, 0], len(SUM_TYPES)), n).astype(np.int16)
    words["EtSum"] = {"pt": rng.integers(0, 4096, len(kinds)), "phi": rng.integers(0, 144, len(kinds)), "kind": kinds, "bx": bx}
    counts = np.full(n, 2 * len(SUM_TYPES))
    pt, phi = words["EtSum"]["pt"] * 0.5 + 1e-6, coarse(angle(words["EtSum"]["phi"], 0.0435))
    columns = {"bx": bx, "etSumType": kinds, "pt": pt.astype(np.float32), "phi": phi}
    return {f"L1EtSum_{key}": jagged(counts, column) for key, column in columns.items()}


def ntuple_toy(rng: np.random.Generator, n: int = 30) -> dict[str, dict[str, Any]]:
    """Trees of a toy L1Ntuple: three crossings of objects, sums, towers and bits."""
    trees: dict[str, dict[str, Any]] = {
        "l1EventTree/L1EventTree": {
            "Event/run": np.full(n, 320040, np.uint32),
            "Event/lumi": np.full(n, 612, np.uint32),
            "Event/event": rng.permutation(n).astype(np.uint64) + 10**9,
            "Event/bx": rng.integers(0, 3564, n).astype(np.uint32),
            "Event/orbit": rng.integers(0, 2**40, n).astype(np.uint64),
        }
    }
    for emu in ("", "Emu"):
        trees[f"l1Upgrade{emu}Tree/L1UpgradeTree"] = _upgrade(rng, n)
        trees[f"l1uGT{emu}Tree/L1uGTTree"] = {
            "L1uGT/m_algoDecisionInitial": jagged(np.full(n, 512), rng.random(512 * n) < 0.03),
            "L1uGT/m_algoDecisionFinal": jagged(np.full(n, 512), rng.random(512 * n) < 0.01),
            "L1uGT/m_finalOR": rng.random(n) < 0.5,
            "L1uGT/m_preScColumn": np.full(n, 6, np.int32),
        }
    counts = rng.integers(0, 9, n)
    total = int(counts.sum())
    trees["l1CaloTowerTree/L1CaloTowerTree"] = {
        "L1CaloTower/nTower": counts.astype(np.int16),
        "L1CaloTower/ieta": jagged(counts, rng.integers(-41, 42, total).astype(np.int16)),
        "L1CaloTower/iphi": jagged(counts, rng.integers(1, 73, total).astype(np.int16)),
        "L1CaloTower/iet": jagged(counts, rng.integers(1, 510, total).astype(np.int16)),
        "L1CaloCluster/ieta": jagged(counts, np.full(total, 99, np.int16)),
    }
    return trees


def _upgrade(rng: np.random.Generator, n: int) -> dict[str, Any]:
    counts = rng.integers(0, 7, n)
    total = int(counts.sum())
    bx = rng.integers(-1, 2, total).astype(np.int16)
    types = np.tile(np.repeat([0, 2, 21], 3), n).astype(np.int16)
    sums = np.full(n, 9)
    limits = {"jetIEt": (1, 2048), "jetIEta": (-115, 116), "jetIPhi": (0, 144), "muonIEt": (1, 512), "muonIEtaAtVtx": (-225, 226)}
    lists = {key: rng.integers(*limit, total).astype(np.int16) for key, limit in limits.items()}
    lists |= {"jetBx": bx, "muonBx": bx, "muonChg": rng.choice(np.array([-1, 1], np.int16), total)}
    columns = {f"L1Upgrade/{key}": jagged(counts, column) for key, column in lists.items()}
    columns["L1Upgrade/sumType"] = jagged(sums, types)
    columns["L1Upgrade/sumBx"] = jagged(sums, np.tile([-1, 0, 1], 3 * n).astype(np.float32))
    columns["L1Upgrade/sumIEt"] = jagged(sums, rng.integers(0, 4096, 9 * n).astype(np.int16))
    columns["L1Upgrade/sumIPhi"] = jagged(sums, rng.integers(0, 144, 9 * n).astype(np.int16))
    return columns
