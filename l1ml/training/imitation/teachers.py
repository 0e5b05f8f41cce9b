"""The teachers of a student: the recipe's own training, repeated with other seeds.

Each teacher is trained as a model of its seed alone would be. One that is done is kept in a file until the student is done too:
a training that was killed trains none of them twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import SILENT, Part, Progress
from l1ml.training.checkpoint import Checkpoint, State
from l1ml.training.config import TrainingConfig
from l1ml.training.fitting import Fit
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.target import explained, log_scores, mean_log_scores
from l1ml.training.imitation.teacher_record import TeacherRecord
from l1ml.training.stopwatch import Stopwatch

__all__ = ["Course", "Teacher", "forget_teachers", "records_of", "teacher_seed", "train_teachers"]


class Trainer(Protocol):
    """Trains one teacher with the seed of its `config`."""

    def __call__(self, config: Any, *, progress: Progress, checkpoint: Checkpoint | None) -> Student:
        """The trained scorer, of fixed formats, without masks of pruning."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a family trains a teacher: `untrained` gives the scorer for weights that are there already."""

    train: Trainer
    untrained: Callable[[], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """A trained teacher, the seed it was trained with, and the seconds of the processor that it took since its last start."""

    student: Student
    seed: int
    cpu_seconds: float


def teacher_seed(seed: int, index: int) -> int:
    """Seed of the teacher `index`, from 0, of a recipe with `seed`: the first one's is that of the recipe.

    The others are drawn by numpy's `SeedSequence` with the index as its spawn key, below 2**32: recipes of seeds 1 and 2 share no
    teacher, and the first teachers of a recipe are the same ones however many it has.
    """
    if index == 0:
        return seed
    return int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1)[0])


def train_teachers(
    course: Course,
    config: TrainingConfig,
    n: int,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> tuple[Teacher, ...]:
    """`n` teachers of `config`, which differ in their seeds alone, see `teacher_seed`.

    Parameters
    ----------
    course : Course
        Of the family.
    config : TrainingConfig
        With the seed of the first one.
    n : int
        How many.
    progress : Progress
        Told about epochs and, of several teachers, which one it is.
    checkpoint : Checkpoint, optional
        Receives the epochs of the present teacher; files beside it keep those that are done, until `forget_teachers`.
    """
    heard = [progress] if n == 1 else [Part(progress, f"teacher {place} of {n}") for place in range(1, n + 1)]
    return tuple(_teacher(course, config, place, told, checkpoint) for place, told in enumerate(heard))


def _teacher(course: Course, config: TrainingConfig, place: int, progress: Progress, checkpoint: Checkpoint | None) -> Teacher:
    """The one at `place`, trained unless its file has it."""
    seed, file = teacher_seed(config.seed, place), _file(checkpoint, place)
    kept = None if file is None else file.load()
    if kept is not None:
        return _restored(course, kept, seed)
    watch = Stopwatch()
    epochs = None if checkpoint is None else replace(checkpoint, key=f"{checkpoint.key} teacher {place + 1}")
    student = course.train(replace(config, seed=seed), progress=progress, checkpoint=epochs)
    teacher = Teacher(student, seed, watch.cpu_seconds)
    if file is not None:
        file.save(_state(teacher))
    return teacher


def _file(checkpoint: Checkpoint | None, place: int) -> Checkpoint | None:
    return None if checkpoint is None else checkpoint.beside(f"teacher_{place + 1}")


def _state(teacher: Teacher) -> State:
    fit = teacher.student.fit
    facts = {"losses": fit.losses, "best_epoch": fit.best_epoch, "cpu_seconds": teacher.cpu_seconds}
    return State(facts, [np.asarray(item) for item in teacher.student.scorer.get_weights()])


def _restored(course: Course, state: State, seed: int) -> Teacher:
    scorer, facts = course.untrained(), state.facts
    scorer.set_weights(list(state.arrays))
    return Teacher(Student(scorer, Fit(facts["losses"], facts["best_epoch"])), seed, facts["cpu_seconds"])


def forget_teachers(checkpoint: Checkpoint | None, n: int) -> None:
    """Delete the files of `n` teachers beside `checkpoint`."""
    for file in (_file(checkpoint, place) for place in range(n)):
        if file is not None:
            file.remove()


def records_of(teachers: Sequence[Teacher], words: NDArray[np.float32]) -> tuple[TeacherRecord, ...]:
    """What is said of `teachers`; `words` (n, n_features) are those of test crossings."""
    taught = mean_log_scores([teacher.student.scorer for teacher in teachers], words)
    return tuple(_record(teacher, explained(taught, log_scores(teacher.student.scorer, words))) for teacher in teachers)


def _record(teacher: Teacher, share: float) -> TeacherRecord:
    losses, best = teacher.student.fit.losses, teacher.student.fit.best_epoch
    loss, val_loss = (losses[name][best - 1] for name in ("loss", "val_loss"))
    return TeacherRecord(teacher.seed, len(losses["loss"]), best, loss, val_loss, share, teacher.cpu_seconds)
