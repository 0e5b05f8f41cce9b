"""What was found out about generated showers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.calorimeter.judging.classifier_test import ClassifierTest
from offline.calorimeter.judging.floor import Measurement
from offline.calorimeter.judging.frechet import FrechetDistance
from offline.calorimeter.judging.histograms import Compared
from offline.calorimeter.judging.kernel import KernelDistance
from offline.calorimeter.judging.pictures import Pictures
from offline.calorimeter.judging.profiles import Profile
from offline.calorimeter.judging.response import Overall, Response
from offline.calorimeter.judging.timing import Timing
from offline.calorimeter.judging.weights import WeightTest

__all__ = ["Judged", "Judgement"]


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """One kind of classifier.

    Parameters
    ----------
    test : ClassifierTest
        Truth against generated showers.
    floor : ClassifierTest, optional
        One half of the truth against the other.
    weights : WeightTest
        Of `test`.
    """

    test: ClassifierTest
    floor: ClassifierTest | None
    weights: WeightTest

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        floor = None if self.floor is None else self.floor.to_dict()
        return {**self.test.to_dict(), "between_halves": floor, "weights": self.weights.to_dict()}


@dataclass(frozen=True, eq=False, slots=True)
class Judgement:
    """Everything about one sample of generated showers; the numbers behind each figure are in it.

    Parameters
    ----------
    origin : mapping
        Samples, settings, seed, versions.
    separation : mapping of str to Measurement
        Separation power of each feature.
    correlations : mapping of str to Measurement
        Differences of the correlations of layer energies.
    distances : mapping of str to Measurement
        ``FPD``, ``FPD, pools corrected``, ``KPD``, at the size of the halves.
    frechet, kernel : FrechetDistance, KernelDistance
        Of all showers: for comparison with published figures of as many.
    manifold : mapping of str to Measurement
        Precision, recall, density and coverage.
    classifiers : mapping of str to Judged
        ``high`` and ``low``, where asked for.
    response : tuple of Response
        By energy.
    profiles : mapping of str to Profile
        ``depth`` and ``radius``.
    histograms : tuple of Compared
        Response, and the features that separate most.
    pictures : Pictures
        Average and single showers.
    timing : tuple of Timing
        Of the generator, where there was one to time.
    """

    origin: Mapping[str, Any]
    separation: Mapping[str, Measurement]
    correlations: Mapping[str, Measurement]
    distances: Mapping[str, Measurement]
    frechet: FrechetDistance
    kernel: KernelDistance
    manifold: Mapping[str, Measurement]
    classifiers: Mapping[str, Judged]
    response: tuple[Response, ...]
    profiles: Mapping[str, Profile]
    histograms: tuple[Compared, ...]
    pictures: Pictures
    timing: tuple[Timing, ...] = field(default=())

    def measurements(self) -> Iterator[Measurement]:
        """All that has a floor of its own."""
        for group in (self.separation, self.correlations, self.distances, self.manifold):
            yield from group.values()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        groups = ("separation", "correlations", "distances", "manifold", "classifiers", "profiles")
        single = ("frechet", "kernel", "pictures")
        overall = Overall.of(self.response)
        return {
            **self.origin,
            "response_overall": None if overall is None else overall.to_dict(),
            **{name: {key: value.to_dict() for key, value in getattr(self, name).items()} for name in groups},
            **{name: getattr(self, name).to_dict() for name in single},
            **{name: [each.to_dict() for each in getattr(self, name)] for name in ("response", "histograms", "timing")},
        }
