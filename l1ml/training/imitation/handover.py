"""What a family hands over: what it has trained, in the formats of its recipe, or its student with bits that it has learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from l1ml.data import Events
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.config import TrainingConfig
from l1ml.training.delivery import deliver
from l1ml.training.imitation.config import ImitationConfig
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.teacher_record import TeacherRecord
from l1ml.training.imitation.teachers import Course, forget_teachers, records_of, train_teachers
from l1ml.training.result import Training
from l1ml.training.stopwatch import Stopwatch

__all__ = ["hand_over", "student_of"]


def hand_over(
    course: Course,
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
    """The model of the student that `course` leads to; see `student_of`, and `l1ml.training.delivery.deliver`."""
    student, teachers = student_of(course, parts, config, bits, progress=progress, checkpoint=checkpoint)
    told = {"name": name, "family": family, "score": score}
    training = deliver(student.scorer, student.fit, parts, config, **told, watch=watch, figures=student.figures)
    return replace(training, teachers=teachers)


def student_of(
    course: Course,
    parts: Sequence[Events],
    config: TrainingConfig,
    bits: ImitationConfig | None,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> tuple[Student, tuple[TeacherRecord, ...]]:
    """What is trained, and what there is to say of its teachers where it has several.

    Without `bits` it is what `course` trains; with them the student of as many of those as they say, see
    `l1ml.training.imitation.learning.imitate`. `parts` are the train, validation and test crossings; the last ones only say how
    like its teachers the student is, and these each other.
    """
    if bits is None:
        return course.train(config, progress=progress, checkpoint=checkpoint), ()
    from l1ml.training.imitation.learning import imitate

    teachers = train_teachers(course, config, bits.teachers, progress=progress, checkpoint=checkpoint)
    words = [part.features().astype(np.float32) for part in parts]
    taught = [teacher.student for teacher in teachers]
    student = imitate(taught, words, bits, seed=config.seed, progress=progress, checkpoint=checkpoint)
    forget_teachers(checkpoint, bits.teachers)
    return student, records_of(teachers, words[2]) if len(teachers) > 1 else ()
