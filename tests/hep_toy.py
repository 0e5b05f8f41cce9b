"""Small files of jets, showers and generators in the layouts of others, written by us from arrays that the tests know."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import numpy as np

__all__ = [
    "HEPMC_END",
    "adc_array",
    "hepmc_text",
    "hls4ml_arrays",
    "lhe_text",
    "omnifold_arrays",
    "omnilearn_arrays",
    "write_hdf5",
    "write_text",
    "writers",
]

HEPMC_END = "HepMC::Asciiv3-END_EVENT_LISTING\n"

Arrays = dict[str, np.ndarray]


def write_hdf5(path: Path, arrays: Mapping[str, np.ndarray], **options: object) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, **({} if array.dtype.kind == "S" else options))
    return path


def write_text(path: Path, text: str) -> Path:
    content = text.encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def adc_array(rng: np.random.Generator, n: int = 50, dtype: str = "f4") -> np.ndarray:
    """Particles (n, 19, 4) with empty slots at the end of each kind."""
    particles = np.zeros((n, 19, 4))
    for kind, (first, end) in enumerate(((0, 1), (1, 5), (5, 9), (9, 19)), start=1):
        there = np.sort(rng.random((n, end - first)) < (1 if kind == 1 else 0.6), axis=1)[:, ::-1]
        shape = there.shape
        pt = -np.sort(-rng.exponential(40, shape), axis=1) + 1
        eta = np.zeros(shape) if kind == 1 else rng.uniform(-2.4, 2.4, shape)
        columns = (pt, eta, rng.uniform(-np.pi, np.pi, shape), np.full(shape, kind))
        particles[:, first:end] = np.stack(columns, axis=2) * there[..., None]
    return particles.astype(np.float32).astype(dtype)


def hls4ml_arrays(rng: np.random.Generator, n: int = 40, constituents: int = 6) -> Arrays:
    """Five features, six one-hot classes, and constituents padded with zeros."""
    features = ("j_pt", "j_eta", "j_mass_mmdt", "j_tau21", "j_multiplicity")
    classes = ("j_g", "j_q", "j_w", "j_z", "j_t", "j_undef")
    flags = np.eye(6)[rng.integers(0, 5, n)]
    parts = rng.normal(size=(n, constituents, 3)) + 5
    parts *= (np.arange(constituents) < rng.integers(1, constituents + 1, n)[:, None])[..., None]
    return {
        "jets": np.concatenate([rng.normal(size=(n, 5)), flags], axis=1),
        "jetFeatureNames": np.array([name.encode() for name in (*features, *classes)]),
        "jetConstituentList": parts,
        "particleFeatureNames": np.array([b"j1_pt", b"j1_etarel", b"j1_phirel", b"j1_pdgid"]),
        "jetImage": rng.random((n, 2, 2)),
    }


def omnilearn_arrays(rng: np.random.Generator, n: int = 40, width: int = 13) -> Arrays:
    there = np.arange(8) < rng.integers(1, 9, n)[:, None]
    return {
        "data": (rng.normal(size=(n, 8, width)) * there[..., None]).astype(np.float32),
        "jet": rng.normal(size=(n, 4)) + 100,
        "pid": np.eye(4)[rng.integers(0, 4, n)].astype(np.int64),
    }


def omnifold_arrays(rng: np.random.Generator, n: int = 40) -> Arrays:
    arrays: Arrays = {}
    for level in ("gen", "sim"):
        jets = (rng.uniform(100, 500, n), rng.uniform(-2, 2, n), rng.uniform(0, 6, n), rng.uniform(2, 40, n))
        arrays[f"{level}_jets"] = np.stack(jets, axis=1)
        arrays[f"{level}_mults"] = rng.integers(1, 60, n).astype(np.float64)
        for name in ("widths", "tau2s", "zgs", "sdms", "lhas"):
            arrays[f"{level}_{name}"] = rng.random(n)
    arrays["gen_widths"][0] = 0
    arrays["gen_Zs"] = rng.normal(size=(n, 3))
    return arrays


def lhe_text(rng: np.random.Generator, n: int = 30, *, exponent: str = "E") -> tuple[str, list[np.ndarray]]:
    """A Les Houches file of two processes with weights by id, and the particles of each event, (particles, 13)."""
    init = "2212 2212 6.5E+03 6.5E+03 0 0 247000 247000 -4 2\n 1.5E+01 1.0E-01 2.0E+00 11\n 5.0E-01 1.0E-02 1.0E+00 7\n"
    parts = ['<LesHouchesEvents version="3.0">\n<header>\nnot an <init> \n</header>\n<init>\n', init, "</init>\n"]
    tables = []
    for event in range(n):
        table = np.zeros((int(rng.integers(3, 9)), 13))
        table[:, 0] = rng.choice([21, -5, 11, 1000822080], len(table))
        table[:, 1:6] = rng.integers(-1, 503, (len(table), 5))
        table[:, 6:] = np.round(rng.normal(size=(len(table), 7)) * 100, 6)
        lines = [" ".join([*(f"{int(x)}" for x in row[:6]), *(f"{x:.9E}" for x in row[6:])]) for row in table]
        head = f" {len(table)} {7 if event % 3 else 11} {event + 0.5:.6E} 9.1E+01 7.8E-03 1.2E-01"
        extra = f"#aMCatNLO 1 2\n<rwgt>\n<wgt id='1'> {event}.25E+00 </wgt>\n<wgt id=\"mur2\"> -{event}.5E+00 </wgt>\n</rwgt>\n"
        parts.append("\n".join(["<event>", head, *lines]).replace("E", exponent) + "\n" + extra + "</event>\n")
        tables.append(table)
    # the tag was caught by the change of exponents
    text = "".join(parts).replace(f"L{exponent}s", "Les") + "</LesHouchesEvents>\n"
    return text, tables


def hepmc_text(rng: np.random.Generator, n: int = 30, *, unit: str = "GEV") -> tuple[str, list[np.ndarray]]:
    """A HepMC3 file with two named weights, and the particles of each event: number, parent, pdg, px, py, pz, e, m, status."""
    parts = ["HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\nW Default\\|muR=2\nT toy\\|1.0\\|none\n"]
    tables = []
    for event in range(n):
        table = np.zeros((int(rng.integers(3, 20)), 9))
        table[:, 0] = np.arange(1, len(table) + 1)
        table[2:, 1] = -1
        table[:, 2] = rng.choice([2212, -211, 22, 11], len(table))
        table[:, 3:8] = rng.normal(size=(len(table), 5)) * 50
        table[:, 8] = rng.choice([1, 2, 4], len(table))
        lines = [
            f"P {row[0]:.0f} {row[1]:.0f} {row[2]:.0f} {' '.join(f'{x:.16e}' for x in row[3:8])} {row[8]:.0f}" for row in table
        ]
        units = [f"U {unit} MM"] if event == 0 else []
        head = [f"E {event + 100} 1 {len(table)} @ 0 0 0 0", *units, f"W {event + 0.5} {-event}", "A 0 signal_process_id 221"]
        parts.append("\n".join([*head, *lines[:2], "V -1 0 [1,2]", *lines[2:]]) + "\n")
        tables.append(table)
    return "".join(parts) + HEPMC_END, tables


def shower_arrays(rng: np.random.Generator, n: int = 40, voxels: int = 10) -> Arrays:
    showers = rng.exponential(3, (n, voxels)).astype(np.float32)
    return {"incident_energies": showers.sum(axis=1, keepdims=True) * np.float32(1.25), "showers": showers}


def _npz(path: Path, arrays: Arrays) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def _features(rng: np.random.Generator) -> Arrays:
    return {"x_raw": rng.normal(size=(40, 5)).astype(np.float32), "y": rng.integers(0, 3, 40)}


def writers() -> dict[str, tuple[str, Callable[[Path, np.random.Generator], Path]]]:
    """For each layout: format, and how to write a small file; the key ends as the name of the file must."""
    packed = {"compression": "gzip", "chunks": True}
    return {
        "adc.h5": ("adc2021", lambda path, rng: write_hdf5(path, {"Particles": adc_array(rng)}, **packed)),
        "flat_adc.h5": ("adc2021", lambda path, rng: write_hdf5(path, {"Particles": adc_array(rng)})),
        "showers.hdf5": ("calochallenge", lambda path, rng: write_hdf5(path, shower_arrays(rng), **packed)),
        "hls4ml.h5": ("jet_features", lambda path, rng: write_hdf5(path, hls4ml_arrays(rng), **packed)),
        "hls4ml_parts.h5": ("jet_constituents", lambda path, rng: write_hdf5(path, hls4ml_arrays(rng))),
        "table.npz": ("jet_features", lambda path, rng: _npz(path, _features(rng))),
        "omnilearn.h5": ("omnilearn", lambda path, rng: write_hdf5(path, omnilearn_arrays(rng), **packed)),
        "events.lhe": ("lhe", lambda path, rng: write_text(path, lhe_text(rng)[0])),
        "events.lhe.gz": ("lhe", lambda path, rng: write_text(path, lhe_text(rng)[0])),
        "events.hepmc3": ("hepmc", lambda path, rng: write_text(path, hepmc_text(rng)[0])),
        "events.hepmc.gz": ("hepmc", lambda path, rng: write_text(path, hepmc_text(rng)[0])),
    }
