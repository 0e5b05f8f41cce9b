"""Metrics of one pair of samples, set up and seeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import Part, Progress
from offline.calorimeter.judging.classifier import ClassifierSettings
from offline.calorimeter.judging.classifier_test import classifier_test
from offline.calorimeter.judging.correlations import correlation_difference
from offline.calorimeter.judging.features import RESPONSE, Features, manifold_inputs, voxel_inputs
from offline.calorimeter.judging.floor import Measurement, Metric, beside_floor
from offline.calorimeter.judging.frechet import FrechetSettings, frechet_physics_distance
from offline.calorimeter.judging.histograms import Compared, compared
from offline.calorimeter.judging.judgement import Judged
from offline.calorimeter.judging.kernel import kernel_physics_distance
from offline.calorimeter.judging.manifold import manifold
from offline.calorimeter.judging.pictures import Pictures, pictures_of
from offline.calorimeter.judging.samples import FloatArray, IndexArray
from offline.calorimeter.judging.separation import separation_powers
from offline.calorimeter.judging.settings import JudgingSettings
from offline.calorimeter.judging.timing import machine
from offline.calorimeter.judging.weights import weight_test
from offline.calorimeter.showers import Showers
from offline.unfolding.study import versions

__all__ = ["Bench"]

_SHOWN = 8
"""Features of most separation that are drawn."""

_RANDOM, _SEPARATION, _DISTANCES, _NEIGHBOURS, _CORRELATIONS, _CLASSIFIERS = range(6)
"""Branches of the random numbers: a metric does not move when another one is left out."""


@dataclass(frozen=True, eq=False, slots=True)
class Bench:
    """Samples with their features, settings, and who is told how far it is. Each method is a group of metrics.

    Parameters
    ----------
    truth, generated : Showers
        The samples.
    tables : tuple of Features
        Of both.
    settings : JudgingSettings
        How thoroughly.
    seed : int
        Root of the random numbers.
    progress : Progress
        Listener.
    """

    truth: Showers
    generated: Showers
    tables: tuple[Features, Features]
    settings: JudgingSettings
    seed: int
    progress: Progress

    @classmethod
    def of(cls, truth: Showers, generated: Showers, settings: JudgingSettings, seed: int, progress: Progress) -> Bench:
        """Compute the features."""
        progress.start("features")
        tables = Features.of(truth), Features.of(generated)
        progress.finish()
        return cls(truth, generated, tables, settings, seed, progress)

    @property
    def features(self) -> tuple[FloatArray, FloatArray]:
        """Features of the challenge, of both samples."""
        return self.tables[0].values, self.tables[1].values

    def origin(self) -> dict[str, Any]:
        """What a judgement says about where it comes from."""
        return {
            "showers": {"truth": len(self.truth), "generated": len(self.generated)},
            "geometry": {
                "layers": self.truth.geometry.n_layers,
                "voxels": self.truth.geometry.n_voxels,
                "digest": self.truth.geometry.digest,
            },
            "settings": self.settings.to_dict(),
            "seed": self.seed,
            "versions": versions(),
            "machine": machine(),
        }

    def separation(self) -> dict[str, Measurement]:
        """Separation power of each feature, and of the response."""
        tables = [table.with_response() for table in self.tables]

        def metric(one: FloatArray, two: FloatArray, _: int) -> Mapping[str, float]:
            return separation_powers(one, two, tables[0].names)

        sides = tables[0].values, tables[1].values
        return self._beside_floor(metric, sides, self.settings.repeats, _SEPARATION, "separation powers")

    def correlations(self) -> dict[str, Measurement]:
        """Of the logarithms of the layer energies."""
        chosen = [place for place, name in enumerate(self.tables[0].names) if name.startswith("log10 E layer")]

        def metric(one: FloatArray, two: FloatArray, _: int) -> Mapping[str, float]:
            return {f"correlations of layers, {name}": value for name, value in correlation_difference(one, two).items()}

        sides = self.features[0][:, chosen], self.features[1][:, chosen]
        return self._beside_floor(metric, sides, self.settings.repeats, _CORRELATIONS, "correlations")

    def distances(self) -> dict[str, Measurement]:
        """FPD as published, FPD without what the pools add, KPD."""

        def metric(one: FloatArray, two: FloatArray, seed: int) -> Mapping[str, float]:
            frechet = frechet_physics_distance(one, two, self.frechet_settings(min(len(one), len(two))), seed=seed)
            kernel = kernel_physics_distance(one, two, batches=self.settings.batches, seed=seed)
            return {"FPD": frechet.value, "FPD, pools corrected": frechet.corrected, "KPD": kernel.value}

        return self._beside_floor(metric, self.features, self.settings.distances, _DISTANCES, "FPD and KPD")

    def frechet_settings(self, showers: int) -> FrechetSettings:
        """Of an FPD of so many showers."""
        return FrechetSettings.of_size(showers, batches=self.settings.batches)

    def manifold(self) -> dict[str, Measurement]:
        """Precision, recall, density, coverage of logarithms of voxels; of as many showers as the settings allow."""
        rng = self._rng(_NEIGHBOURS)
        most = self.settings.manifold_showers
        rows = [rng.permutation(len(side))[:count] for side, count in ((self.truth, 2 * most), (self.generated, most))]
        sides = [
            manifold_inputs(side.select(chosen)).astype(np.float64)
            for side, chosen in zip((self.truth, self.generated), rows, strict=True)
        ]

        def metric(one: FloatArray, two: FloatArray, _: int) -> Mapping[str, float]:
            return manifold(one, two, k=self.settings.nearest).to_dict()

        return self._beside_floor(metric, (sides[0], sides[1]), self.settings.neighbours, _NEIGHBOURS, "neighbours")

    def classifiers(self) -> dict[str, Judged]:
        """Of features, and of voxels where asked for."""
        if not self.settings.trainings:
            return {}
        found = {"high": self._classifier("high", self.features, self.settings.high)}
        if self.settings.voxels:
            voxels = voxel_inputs(self.truth), voxel_inputs(self.generated)
            found["low"] = self._classifier("low", voxels, self.settings.low)
        return found

    def _classifier(self, kind: str, sides: tuple[NDArray[Any], NDArray[Any]], settings: ClassifierSettings) -> Judged:
        told = Part(self.progress, f"{kind}-level inputs")
        test = classifier_test(*sides, settings, trainings=self.settings.trainings, seed=self._seed(_CLASSIFIERS), progress=told)
        floor = None
        if self.settings.floor_trainings:
            halves = np.array_split(self._rng(_CLASSIFIERS).permutation(len(self.truth)), 2)
            one, two = (sides[0][half] for half in halves)
            told = Part(self.progress, f"{kind}-level inputs, halves of the truth")
            counts = {"trainings": self.settings.floor_trainings, "seed": self._seed(_CLASSIFIERS)}
            floor = classifier_test(one, two, settings, **counts, progress=told)
        return Judged(test, floor, weight_test(test.truth, test.generated, worst=self.settings.worst))

    def histograms(self, separation: Mapping[str, Measurement]) -> tuple[Compared, ...]:
        """Of the response, and of the features that are furthest above their floors."""
        tables = [table.with_response() for table in self.tables]
        names = sorted((name for name in separation if name != RESPONSE), key=lambda name: -separation[name].sigma)
        one, two = tables
        return tuple(compared(name, one.column(name), two.column(name)) for name in (RESPONSE, *names[:_SHOWN]))

    def pictures(self, classifiers: Mapping[str, Judged]) -> Pictures:
        """The average shower, random ones, and the worst ones of the classifier of features."""
        rng, count = self._rng(_RANDOM), self.settings.worst
        made = rng.permutation(len(self.generated))[:count]
        rows: dict[str, tuple[str, IndexArray]] = {
            "truth": ("truth", _near(self.truth.incident_energy, self.generated.incident_energy[made])),
            "generated": ("generated", made),
        }
        if "high" in classifiers:
            weights = classifiers["high"].weights
            rows |= {"invented": ("generated", weights.invented), "missed": ("truth", weights.missed)}
        return pictures_of(self.truth, self.generated, rows)

    def _beside_floor(
        self, metric: Metric, sides: tuple[FloatArray, FloatArray], repeats: int, branch: int, task: str
    ) -> dict[str, Measurement]:
        return beside_floor(metric, *sides, repeats=repeats, seed=self._seed(branch), progress=self.progress, task=task)

    def _seed(self, branch: int) -> int:
        return int(np.random.SeedSequence((self.seed, branch)).generate_state(1)[0])

    def _rng(self, branch: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, branch, 1))


def _near(incident: FloatArray, wanted: FloatArray) -> IndexArray:
    """Rows whose energies are nearest to those that are wanted, so that showers side by side compare."""
    return np.asarray(np.abs(np.log(incident) - np.log(wanted)[:, None]).argmin(axis=1))
