"""What a training gives: the model and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml.model import TriggerModel
from l1ml.training.imitation.teacher_record import TeacherRecord

__all__ = ["Training"]


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A trained model and how it came about; `best_epoch`, the one whose weights are kept, is counted from one.

    `seconds` of the wall and `cpu_seconds` of this process are those since the last start. `threads` shared each operation of
    TensorFlow: the same seed gives the same model with the same number of them, and on the same `backend` of Keras.
    `teachers` are those of a student of several.
    """

    model: TriggerModel
    losses: dict[str, list[float]]
    best_epoch: int
    seconds: float
    cpu_seconds: float
    seed: int
    threads: int | None
    backend: str
    teachers: tuple[TeacherRecord, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        told = {"teachers": [teacher.to_dict() for teacher in self.teachers]} if self.teachers else {}
        return {
            "losses": self.losses,
            "epochs": len(self.losses["loss"]),
            "best_epoch": self.best_epoch,
            "seed": self.seed,
            "threads": self.threads,
            "backend": self.backend,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "metrics": dict(self.model.metrics),
            "model_digest": self.model.digest,
            **told,
        }
