"""Judge generated showers against true ones."""

from __future__ import annotations

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.judging.bench import Bench
from offline.calorimeter.judging.frechet import frechet_physics_distance
from offline.calorimeter.judging.judgement import Judgement
from offline.calorimeter.judging.kernel import kernel_physics_distance
from offline.calorimeter.judging.profiles import shower_profiles
from offline.calorimeter.judging.response import response_by_energy
from offline.calorimeter.judging.settings import JudgingSettings
from offline.calorimeter.judging.timing import Sampler, time_sampler
from offline.calorimeter.showers import Showers

__all__ = ["judge"]

_LEAST = 200
_BY_CHANCE = 1e-6


def judge(
    truth: Showers,
    generated: Showers,
    settings: JudgingSettings | None = None,
    *,
    seed: int = 1,
    sampler: Sampler | None = None,
    progress: Progress = SILENT,
) -> Judgement:
    """All metrics of generated showers, each beside what truth gives against itself.

    Parameters
    ----------
    truth, generated : Showers
        The samples, 200 showers each at least, cut at one threshold, and with energies of the particles from one distribution.
    settings : JudgingSettings, optional
        How thoroughly.
    seed : int
        Root of all random numbers.
    sampler : callable, optional
        Makes showers of energies, to be timed.
    progress : Progress
        Told about metrics.

    Raises
    ------
    DataError
        If geometries or energies differ, or there are too few showers.
    """
    settings = settings or JudgingSettings()
    _check(truth, generated)
    bench = Bench.of(truth, generated, settings, seed, progress)
    classifiers, separation = bench.classifiers(), bench.separation()
    progress.start("distances of all showers")
    frechet = frechet_physics_distance(*bench.features, bench.frechet_settings(min(len(truth), len(generated))), seed=seed)
    kernel = kernel_physics_distance(*bench.features, batches=settings.batches, seed=seed)
    progress.finish()
    return Judgement(
        origin=bench.origin(),
        separation=separation,
        correlations=bench.correlations(),
        distances=bench.distances(),
        frechet=frechet,
        kernel=kernel,
        manifold=bench.manifold(),
        classifiers=classifiers,
        response=response_by_energy(
            (truth.incident_energy, generated.incident_energy), (truth.total_energy(), generated.total_energy())
        ),
        profiles=shower_profiles(truth, generated),
        histograms=bench.histograms(separation),
        pictures=bench.pictures(classifiers),
        timing=() if sampler is None else time_sampler(sampler, truth.incident_energy, seed=seed),
    )


def _check(truth: Showers, generated: Showers) -> None:
    if truth.geometry != generated.geometry:
        msg = (
            f"truth has {truth.geometry.n_voxels} voxels in {truth.geometry.n_layers} layers, the generated showers "
            f"{generated.geometry.n_voxels} in {generated.geometry.n_layers}, or edges differ: they must be of one geometry"
        )
        raise DataError(msg)
    if min(len(truth), len(generated)) < _LEAST:
        msg = f"{len(truth)} true and {len(generated)} generated showers: {_LEAST} of each are needed at least"
        raise DataError(msg)
    if require("scipy.stats").ks_2samp(truth.incident_energy, generated.incident_energy).pvalue < _BY_CHANCE:
        medians = [f"{np.median(side.incident_energy):g}" for side in (truth, generated)]
        msg = (
            f"energies of the particles are distributed differently (medians of {' and '.join(medians)} MeV), and every metric "
            "would measure that: generate showers of the energies of the truth"
        )
        raise DataError(msg)
