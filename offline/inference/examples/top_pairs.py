"""Top quarks of large transverse momentum from Pythia, and what a detector makes of those that decay to three quarks.

The measurement follows that of CMS with boosted top quarks (arXiv:2211.01456), made simple: of a pair one top quark decays to
three quarks, the other one to a lepton. `l1ml.data.generation.jet_samples.particle_flow` measures the particles; the leading
anti-kt jet of radius 1.2 away from the lepton is clustered again with a radius of 0.3, and its three leading subjets stand for
the quarks. Which one is the b quark's nobody tells; two of them have about the mass of the W boson.

The lepton only selects and is exact. No pileup, no background, no trigger; no underlying event either: Pythia's multiparton
interactions, with which it takes five times as long, are off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.data.generation.jet_samples.four_vectors import (
    azimuth,
    azimuth_difference,
    mass,
    pseudorapidity,
    transverse,
)
from l1ml.data.generation.jet_samples.jet_clusters import Jets, anti_kt_jets
from l1ml.data.generation.jet_samples.particle_flow import particle_flow
from l1ml.data.generation.particles import Particles, stable_particles
from l1ml.data.generation.pythia import PythiaProcess, batches, start
from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.sample_files import random_streams, versions
from l1ml.data.jobs.workers import is_whole
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from offline.array_file import read_arrays, write_arrays
from offline.inference.arrays import FloatArray, IntArray

__all__ = ["COLUMNS", "TopPairs", "TopSample", "make_samples"]

COLUMNS = ("three_jet_mass", "lowest_pair", "middle_pair", "highest_pair", "third_pt", "jet_pt")
"""Of a candidate, in GeV: masses of three subjets and of their pairs, pt of the softest of them and of the jet around them."""

_OBSERVED = 4
_LEPTONS = (11, 13)


@dataclass(frozen=True)
class TopPairs:
    """Conditions of samples.

    Parameters
    ----------
    collisions : int
        Of a sample; some four of ten give a candidate.
    energy_gev : float
        Of both beams.
    jet_pt, subjet_pt, lepton_pt : float
        Least transverse momenta, GeV; the first is that of the top quarks that Pythia makes, too.
    radius, subjet_radius : float
        Of anti-kt.
    max_eta : float
        Greatest absolute pseudorapidity of jet and lepton.
    largest_scale : float
        Up to which energy scale candidates are complete.
    """

    collisions: int = 800
    energy_gev: float = 13000.0
    jet_pt: float = 350.0
    subjet_pt: float = 30.0
    lepton_pt: float = 25.0
    radius: float = 1.2
    subjet_radius: float = 0.3
    max_eta: float = 2.4
    largest_scale: float = 1.06

    def process(self, top_mass: float) -> PythiaProcess:
        """Pairs of top quarks of a mass in GeV, one of which decays to quarks alone."""
        beams = (f"Beams:eCM={self.energy_gev!r}", "Tune:pp=14", "Random:setSeed=on", "Print:quiet=on", "PartonLevel:MPI=off")
        pairs = ("Top:gg2ttbar=on", "Top:qqbar2ttbar=on", f"PhaseSpace:pTHatMin={self.jet_pt!r}", f"6:m0={top_mass!r}")
        decays = ("24:onMode=off", "24:onPosIfAny=1 2 3 4", "24:onNegIfAny=11 13")
        return PythiaProcess("top_pairs", (*beams, *pairs, *decays))

    def candidates(self, batch: Any, pythia: Any, rng: np.random.Generator) -> FloatArray:
        """Those of a batch of collisions that pass at the largest energy scale, shape (n, 6): see `COLUMNS`."""
        particles = stable_particles(batch, pythia.particleData)
        lepton = _leptons(particles)
        others = np.ones(len(particles), np.bool_)
        others[lepton] = False
        momentum, collision = particle_flow(particles.select(others), rng)
        least, eta = self.jet_pt / self.largest_scale, self.max_eta
        jets = anti_kt_jets(momentum, collision, len(batch), radius=self.radius, min_pt=least, max_eta=eta)
        jets = jets.select(self._opposite(jets, particles, lepton)).leading()
        if not len(jets):
            return np.zeros((0, len(COLUMNS)))
        least = self.subjet_pt / self.largest_scale
        parts = jets.constituents, jets.owner, len(jets)
        return _measured(jets, anti_kt_jets(*parts, radius=self.subjet_radius, min_pt=least, max_eta=np.inf))

    def observed(self, candidates: FloatArray, scale: float | FloatArray) -> tuple[FloatArray, Any]:
        """What is seen of candidates if the energy scale is `scale` (a number, or one for each), and which of them pass.

        Masses of the three subjets and of their pairs, in GeV, shape (passed, 4); a mask of shape (n,).
        """
        scaled = candidates * np.broadcast_to(scale, len(candidates))[:, None]
        passed = (scaled[:, 4] > self.subjet_pt) & (scaled[:, 5] > self.jet_pt)
        return scaled[passed, :_OBSERVED], passed

    def _opposite(self, jets: Jets, particles: Particles, lepton: IntArray) -> Any:
        """Which jets are away from a lepton that passes; a mask."""
        good = (particles.pt[lepton] > self.lepton_pt) & (np.abs(particles.eta[lepton]) < self.max_eta)
        chosen = lepton[good]
        place = np.full(particles.n_collisions, -1)
        place[particles.collision[chosen]] = chosen
        row = place[jets.collision]
        away = np.hypot(
            pseudorapidity(jets.momentum) - particles.eta[row], azimuth_difference(azimuth(jets.momentum), particles.phi[row])
        )
        return (row >= 0) & (away > self.radius)


def _leptons(particles: Particles) -> IntArray:
    """Place of the prompt electron or muon of highest pt of each collision that has one."""
    found = np.flatnonzero(particles.prompt & np.isin(np.abs(particles.pdg), _LEPTONS))
    found = found[np.lexsort((-particles.pt[found], particles.collision[found]))]
    return np.asarray(found[np.unique(particles.collision[found], return_index=True)[1]])


def _measured(jets: Jets, subjets: Jets) -> FloatArray:
    """Rows of `COLUMNS` of jets with three subjets; subjets know their jet as their collision."""
    number = np.bincount(subjets.collision, minlength=len(jets))
    whole = np.flatnonzero(number >= 3)
    first = (np.cumsum(number) - number)[whole]
    three = subjets.momentum[first[:, None] + np.arange(3)]
    pairs = np.sort(np.stack([mass(three[:, [i, j]].sum(axis=1)) for i, j in combinations(range(3), 2)], axis=1), axis=1)
    momenta = transverse(three[:, 2]), transverse(jets.momentum[whole])
    return np.column_stack([mass(three.sum(axis=1)), pairs, *momenta])


@dataclass(frozen=True)
class TopSample:
    """Job: the candidates of one sample, whose top quarks have one mass.

    Parameters
    ----------
    pairs : TopPairs
        Conditions.
    top_mass : float
        GeV.
    stream : tuple of int
        Seed of the user, and the numbers that tell this sample from all others.
    folder : Path
        Where its file goes.
    """

    pairs: TopPairs
    top_mass: float
    stream: tuple[int, ...]
    folder: Path

    @cached_property
    def path(self) -> Path:
        """File of the sample; another one if anything is different that decides its content."""
        key = digest_of([asdict(self.pairs), self.top_mass, list(self.stream), versions()])
        return self.folder / f"top-{'-'.join(map(str, self.stream))}-{key[:8]}.npz"

    @property
    def units(self) -> int:
        """Collisions."""
        return self.pairs.collisions

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, read_arrays)

    def run(self, check: Callable[[], None]) -> None:
        """Generate, measure, write."""
        seed, rng = random_streams(*self.stream)
        pythia, rows = start(self.pairs.process(self.top_mass), seed), []
        for batch in batches(pythia, self.pairs.collisions):
            check()
            rows.append(self.pairs.candidates(batch, pythia, rng))
        write_arrays(self.path, {"candidates": np.concatenate(rows)})

    def candidates(self) -> FloatArray:
        """From the file."""
        return read_arrays(self.path)["candidates"]


def make_samples(
    pairs: TopPairs,
    masses: FloatArray,
    folder: Path,
    stream: Sequence[int],
    *,
    workers: int = 1,
    progress: Progress = SILENT,
) -> list[FloatArray]:
    """Candidates of a sample of each mass, shapes (any, 6); finished ones lie in `folder` and are not made again.

    Parameters
    ----------
    pairs : TopPairs
        Conditions.
    masses : ndarray of float64, shape (n,)
        GeV.
    folder : Path
        Of the files.
    stream : sequence of int
        Seed of the user, and a number that tells these samples from others.
    workers : int
        Processes; they change nothing in the result.
    progress : Progress
        Told about collisions.

    Raises
    ------
    ToolNotFoundError
        If pythia8mc, fastjet or awkward is not installed.
    """
    samples = [TopSample(pairs, value, (*stream, index), folder) for index, value in enumerate(masses.tolist())]
    with crew_of(workers) as crew:
        crew.run("top quarks", samples, progress)
    return [sample.candidates() for sample in samples]
