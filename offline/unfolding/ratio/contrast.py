"""Two weighted samples to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from l1ml.data import split_of
from l1ml.errors import DataError
from offline.unfolding.objects import Objects, picked
from offline.unfolding.sample import BoolArray, FloatArray, IdentityArray, check_weight

__all__ = ["Contrast"]


@dataclass(frozen=True, eq=False)
class Contrast:
    """Events, each with a weight in the numerator and one in the denominator.

    An event of one sample alone has a zero on the other side. One that is in both with different weights, as in the second step
    of OmniFold, is one row: it cannot be trained on with one label and validated with the other, and costs half.

    Parameters
    ----------
    values : ndarray of float64, shape (n, d)
        Quantities.
    numerator, denominator : ndarray of float64, shape (n,)
        Weights, negative ones included; each total is positive.
    event : ndarray of uint64, shape (n,)
        Identities; rows of one event are on one side of every split.
    objects : Objects, optional
        All objects of each event, beside the quantities.

    Raises
    ------
    DataError
        If shapes disagree, a value or weight is not finite, or the weights of a side do not add up to a positive number.
    """

    values: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    event: IdentityArray
    objects: Objects | None = None

    def __post_init__(self) -> None:
        n = len(self.event)
        if self.values.ndim != 2 or len(self.values) != n or self.numerator.shape != (n,) or self.denominator.shape != (n,):
            msg = (
                f"{n} events, values of the shape {self.values.shape}, weights of {self.numerator.shape} and "
                f"{self.denominator.shape} do not fit: expected (n, d), (n,) and (n,)"
            )
            raise DataError(msg)
        for side in ("numerator", "denominator"):
            check_weight(f"the {side}", getattr(self, side), n)
        if not np.isfinite(self.values[self.counting]).all():
            msg = "values of events that carry weight are not finite: leave such events out"
            raise DataError(msg)
        if self.objects is not None:
            self.objects.check_finite("events to tell apart", self.counting)

    @classmethod
    def between(
        cls,
        numerator: tuple[FloatArray, FloatArray, IdentityArray],
        denominator: tuple[FloatArray, FloatArray, IdentityArray],
        objects: tuple[Objects | None, Objects | None] = (None, None),
    ) -> Self:
        """Two samples of different events, each as (values, weight, event), and the objects of both if they have any."""
        zeros = [np.zeros(len(sample[2])) for sample in (numerator, denominator)]
        return cls(
            np.concatenate([numerator[0], denominator[0]]),
            np.concatenate([numerator[1], zeros[1]]),
            np.concatenate([zeros[0], denominator[1]]),
            np.concatenate([numerator[2], denominator[2]]),
            Objects.joined(sets) if (sets := [each for each in objects if each is not None]) else None,
        )

    @property
    def counting(self) -> BoolArray:
        """Rows with any weight, shape (n,); the others are never trained on."""
        return np.asarray((self.numerator != 0) | (self.denominator != 0))

    @property
    def log_total(self) -> float:
        """Logarithm of the total of the numerator over that of the denominator."""
        return float(np.log(self.numerator.sum() / self.denominator.sum()))

    def prepared(self) -> Self:
        """Rows that carry weight, with totals of one half on either side."""
        keep = self.counting
        numerator, denominator = (0.5 * side[keep] / side.sum() for side in (self.numerator, self.denominator))
        return type(self)(self.values[keep], numerator, denominator, self.event[keep], picked(self.objects, keep))

    def validation(self, share: float) -> BoolArray:
        """Rows for validation, shape (n,): about `share` of the events, by identity.

        Raises
        ------
        DataError
            If a side has no weight left in a part.
        """
        part = np.asarray(split_of(self.event, (1 - share, share), salt="ratio") == 1)
        for name, rows in (("training", ~part), ("validation", part)):
            if not min(self.numerator[rows].sum(), self.denominator[rows].sum()) > 0:
                msg = f"{int(rows.sum())} of {len(part)} events for {name} leave a side without weight: too few events"
                raise DataError(msg)
        return part
