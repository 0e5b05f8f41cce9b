"""What is known of a teacher when its student is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["TeacherRecord"]


@dataclass(frozen=True, slots=True)
class TeacherRecord:
    """One of several teachers.

    Parameters
    ----------
    seed : int
        It was trained with: the same recipe without bits to learn gives it again with this seed.
    epochs, best_epoch : int
        How many it took, and which one is kept, from one.
    loss, val_loss : float
        Of that epoch.
    explained : float
        Share of the variance of what all teachers teach, on test crossings, that this one alone explains.
    cpu_seconds : float
        Of the processor, since the last start of its training.
    """

    seed: int
    epochs: int
    best_epoch: int
    loss: float
    val_loss: float
    explained: float
    cpu_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
