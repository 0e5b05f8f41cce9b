"""What a family has trained: in the formats of its recipe, or, where the recipe says so, with bits that it has learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from l1ml.data import Events
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.config import TrainingConfig
from l1ml.training.delivery import deliver
from l1ml.training.fitting import Fit
from l1ml.training.imitation.config import ImitationConfig
from l1ml.training.result import Training
from l1ml.training.stopwatch import Stopwatch

__all__ = ["Student", "hand_over", "student_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """A scorer of fixed formats, how it was trained, and what a model says of it beside what all models say."""

    scorer: Any
    fit: Fit
    figures: Mapping[str, Any] = field(default_factory=dict)


def hand_over(
    teacher: Student,
    parts: Sequence[Events],
    config: TrainingConfig,
    bits: ImitationConfig | None,
    *,
    name: str,
    family: str,
    score: str,
    watch: Stopwatch,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """The model of the student of `teacher`; see `student_of`, and `l1ml.training.delivery.deliver`."""
    student = student_of(teacher, parts, bits, seed=config.seed, progress=progress, checkpoint=checkpoint)
    told = {"name": name, "family": family, "score": score}
    return deliver(student.scorer, student.fit, parts, config, **told, watch=watch, figures=student.figures)


def student_of(
    teacher: Student,
    parts: Sequence[Events],
    config: ImitationConfig | None,
    *,
    seed: int,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Student:
    """The student of `teacher`, see `l1ml.training.imitation.learning.imitate`; without a `config` the teacher itself.

    `parts` are the train, validation and test crossings; the last ones only say how like its teacher the student is.
    """
    if config is None:
        return teacher
    from l1ml.training.imitation.learning import imitate

    words = [part.features().astype(np.float32) for part in parts]
    return imitate(teacher, words, config, seed=seed, progress=progress, checkpoint=checkpoint)
