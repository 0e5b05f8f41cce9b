"""The classifier test: how well a network that never saw them tells true showers from generated ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.judging.calibration import Calibrator, calibration_error, calibration_floor
from offline.calorimeter.judging.classifier import ClassifierSettings, Labelled, train_classifier
from offline.calorimeter.judging.ranks import Area, area_under_curve
from offline.calorimeter.judging.samples import BoolArray, FloatArray, IndexArray, check_pair

__all__ = ["FOLDS", "ClassifierTest", "classifier_test"]

FOLDS = 5
"""Parts of either sample: three to train on, one to choose the epoch and to calibrate, one to judge."""


@dataclass(frozen=True, eq=False, slots=True)
class ClassifierTest:
    """Several trainings on parts that rotate: after five of them each shower was judged once, by a network that never saw it.

    Parameters
    ----------
    areas : tuple of Area
        Of each training, with its error from the judged showers.
    uncalibrated, calibrated : ndarray of float64, shape (trainings,)
        Calibration error of the judged showers before and after isotonic regression on the validation part.
    calibration_floor : float
        What chance alone makes of it.
    truth, generated : ndarray of float64, shape (n,) and (m,)
        Calibrated chance to be true of each shower; NaN where none has judged it.
    records : tuple of dict
        Of the trainings.
    """

    areas: tuple[Area, ...]
    uncalibrated: FloatArray
    calibrated: FloatArray
    calibration_floor: float
    truth: FloatArray
    generated: FloatArray
    records: tuple[dict[str, Any], ...]

    @property
    def auc(self) -> float:
        """Mean area."""
        return float(np.mean([area.value for area in self.areas]))

    @property
    def error(self) -> float:
        """Of the mean area, from the judged showers.

        Those of one round of five trainings are all different, but not independent: where two samples differ by chance, each part
        finds the others to differ in the same way (`_shared`). Further rounds are of the same showers and make it no smaller.
        """
        variance = np.array([area.error**2 for area in self.areas])
        rounds = -(-len(variance) // FOLDS)
        return float(np.sqrt(variance.sum() * rounds * _shared(len(variance))) / len(variance))

    @property
    def spread(self) -> float | None:
        """Standard deviation of the areas over the trainings, judged showers included; None for one training."""
        return float(np.std([area.value for area in self.areas], ddof=1)) if len(self.areas) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without those of single showers."""
        return {
            "auc": self.auc,
            "error": self.error,
            "spread": self.spread,
            "areas": [area._asdict() for area in self.areas],
            "calibration_error": {
                "before": self.uncalibrated.tolist(),
                "after": self.calibrated.tolist(),
                "floor": self.calibration_floor,
            },
            "trainings": list(self.records),
        }


def classifier_test(
    truth: FloatArray,
    generated: FloatArray,
    settings: ClassifierSettings | None = None,
    *,
    trainings: int = FOLDS,
    seed: int = 1,
    progress: Progress = SILENT,
) -> ClassifierTest:
    """Area under the ROC curve of a classifier of two samples, trained several times.

    Against the code of the CaloChallenge: splits are seeded and rotate, an epoch is chosen by cross-entropy and not by accuracy,
    inputs are standardised, samples may differ in size. The area is that of the raw output, which calibration can only tie.

    The ratio of `offline.unfolding.ratio` is not used: its regression grows as the square of the number of inputs, which are
    thousands of voxels here, and it is solved on the events that calibration needs untouched.

    Parameters
    ----------
    truth, generated : ndarray of float, shape (n, d) and (m, d)
        Inputs of the classifier.
    settings : ClassifierSettings, optional
        Of the networks.
    trainings : int
        How many; each has its own start and its own part to judge.
    seed : int
        Of parts and trainings.
    progress : Progress
        Told about trainings.
    """
    check_pair(truth, generated, least=20 * FOLDS)
    if trainings < 1:
        msg = f"a classifier test needs one training at least, received {trainings}"
        raise ConfigError(msg)
    settings = settings or ClassifierSettings()
    both = Labelled.of(truth, generated)
    judged = _Judged(both.truth)
    progress.start("classifier", trainings)
    for number in range(trainings):
        parts = _parts(both, number, seed)
        chance, record = train_classifier(both, parts[0], parts[1], settings, seed=_seed(seed, 1, number))
        judged.add(chance, parts[1], parts[2], record)
        progress.advance()
    progress.finish()
    return judged.result()


def _shared(trainings: int) -> float:
    """Variance of the mean area of a round for equal parents over that of independent areas: 5/3 for five trainings.

    A linear classifier's area is off one half by the sum, over the parts that it was trained on, of products of what chance has
    put into each of them and into the judged part. Two parts of which either has trained a judge of the other count twice.
    """
    judges = range(min(trainings, FOLDS))
    pairs = Counter(frozenset((fold, (fold + step) % FOLDS)) for fold in judges for step in range(2, FOLDS))
    return sum(count**2 for count in pairs.values()) / pairs.total()


def _seed(*numbers: int) -> int:
    """One seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _parts(both: Labelled, number: int, seed: int) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Rows to train on, to validate with and to judge in training `number`; both samples are cut in the same way."""
    around, turn = divmod(number, FOLDS)
    rng = np.random.default_rng(_seed(seed, 0, around))
    cut = [np.array_split(rng.permutation(np.flatnonzero(both.truth == kind)), FOLDS) for kind in (True, False)]
    folds = [np.concatenate(pair) for pair in zip(*cut, strict=True)]
    rolled = folds[turn:] + folds[:turn]
    return np.concatenate(rolled[2:]), rolled[1], rolled[0]


class _Judged:
    """What the trainings said so far."""

    def __init__(self, truth: BoolArray) -> None:
        self._truth = truth
        self._areas: list[Area] = []
        self._errors: list[tuple[float, float]] = []
        self._records: list[dict[str, Any]] = []
        self._sums, self._counts = np.zeros(len(truth)), np.zeros(len(truth))
        self._floor = 0.0

    def add(self, chance: FloatArray, validation: IndexArray, rows: IndexArray, record: dict[str, Any]) -> None:
        """One more training, judged by `rows` and calibrated by the rows of `validation`."""
        calibrator = Calibrator.of(*self._sides(chance, validation))
        calibrated = calibrator(chance)
        self._areas.append(area_under_curve(*self._sides(chance, rows)))
        self._errors.append((calibration_error(*self._sides(chance, rows)), calibration_error(*self._sides(calibrated, rows))))
        self._records.append(record)
        self._sums[rows] += calibrated[rows]
        self._counts[rows] += 1
        self._floor = calibration_floor(len(rows))

    def _sides(self, chance: FloatArray, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        return chance[rows[self._truth[rows]]], chance[rows[~self._truth[rows]]]

    def result(self) -> ClassifierTest:
        """All of it."""
        chance = np.divide(self._sums, self._counts, out=np.full(len(self._sums), np.nan), where=self._counts > 0)
        before, after = np.array(self._errors).T
        sides = chance[self._truth], chance[~self._truth]
        return ClassifierTest(tuple(self._areas), before, after, self._floor, *sides, tuple(self._records))
