"""The family ``regions``: an autoencoder of calorimeter regions, and a student of its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.regions.config import RegionsConfig
from l1ml.training.regions.pictures import pictures
from l1ml.training.regions.teacher import build_teacher, scorer_of, train_teacher
from l1ml.training.result import Training
from l1ml.training.sample import split_sample
from l1ml.training.stopwatch import Stopwatch

__all__ = ["FAMILY"]

SCORE = "log2(1 + 32 x mean squared error of the regions that an autoencoder makes), as its student has learned it"
_BATCH = 8192


class _Regions:
    """One score of 252 regions."""

    name = "regions"
    config: type[RegionsConfig] = RegionsConfig
    learns_bits = True
    """There is no student of fixed formats."""

    def train(
        self,
        events: Events,
        config: RegionsConfig,
        *,
        name: str,
        progress: Progress = SILENT,
        checkpoint: Checkpoint | None = None,
    ) -> Training:
        """Train the teacher, then the student on what it says; see `Family.train`."""
        from l1ml.training.regions.student import train_student

        watch, parts = Stopwatch(), split_sample(events, config.fractions)
        teacher = _teacher(parts, config, progress=progress, checkpoint=checkpoint)
        rng = np.random.default_rng(config.seed)
        shown = (pictures(parts[0].features(), config.turns, config.mixtures, rng), parts[1].features())
        lessons = tuple((words.astype(np.float32), _scores(teacher, words)) for words in shown)
        student = train_student(config, lessons, progress=progress, checkpoint=checkpoint)
        figures = {
            "bit_operations": student.bit_operations,
            "teacher": _likeness(teacher, student.network, parts[2]),
        }
        return deliver(
            student.network, student.fit, parts, config, name=name, family=self.name, score=SCORE, watch=watch, figures=figures
        )

    def float_scorer(self, events: Events, config: RegionsConfig, *, progress: Progress = SILENT) -> Any:
        """The teacher; see `HasFloatTwin`."""
        return _teacher(split_sample(events, config.fractions), config, progress=progress)


def _teacher(parts: Sequence[Events], config: RegionsConfig, *, progress: Progress, checkpoint: Checkpoint | None = None) -> Any:
    """The trained teacher, from words to score."""
    require("keras")
    seed_everything(config.seed)
    samples = tuple((part.features(), part.weight) for part in parts[:2])
    file = None if checkpoint is None else checkpoint.beside("teacher")
    trained = train_teacher(
        build_teacher(config.teacher), samples, config.teacher, seed=config.seed, progress=progress, checkpoint=file
    )
    return scorer_of(trained)


def _scores(model: Any, words: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.asarray(model.predict(words.astype(np.float32), batch_size=_BATCH, verbose=0), np.float32)


def _likeness(teacher: Any, student: Any, test: Events) -> dict[str, float]:
    """Share of the variance of the teacher's score that the student explains: of `test` crossings as they come, and all alike."""
    words = test.features()
    wanted, found = (_scores(model, words)[:, 0] for model in (teacher, student))
    of_all = [np.average((wanted - found) ** 2, weights=weight) for weight in (test.weight, None)]
    spread = [np.average((wanted - np.average(wanted, weights=weight)) ** 2, weights=weight) for weight in (test.weight, None)]
    natural, alike = (float(1 - error / total) for error, total in zip(of_all, spread, strict=True))
    return {"explained": natural, "explained_alike": alike}


FAMILY: Family = _Regions()
