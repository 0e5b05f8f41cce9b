"""Generated crossings beside recorded ones: how many objects, how hard, how often simple seeds fire.

Every number has the error of both samples, and a verdict that asks for no more than a factor of two: what a parametrised
response can be held to. Recorded samples are small; where they cannot tell, that is the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.readers.registry import reader_of
from l1ml.errors import SchemaError
from l1ml.reporting.formatting import with_error
from l1ml.reporting.markdown import table_to_markdown
from l1ml.reporting.tables import Table
from l1ml.reporting.validation_figures import Spectrum, render_validation_figures, spectrum_of
from l1ml.storage import write_bytes, write_json, write_text
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.rates import WeightedFraction, WeightedSample

__all__ = ["CROSSING_RATE_KHZ", "RUN_320040", "Comparison", "Measured", "Validation", "compare", "validate_files"]

RUN_320040 = GenerationConfig(energy_gev=13000.0, pileup=50.0, objects="global_trigger", signals=())
"""Conditions of the recorded zero bias of run 320040 (2018): 13 TeV, a pileup of about 50."""

CROSSING_RATE_KHZ = CrossingRate().khz
"""Colliding bunches times the frequency of the LHC: what a fraction of crossings is multiplied with."""

_FACTOR = 2.0
_LISTS = ("muon", "egamma", "tau", "jet")
_SUMS = ("ett", "ettem", "htt", "etm", "htm", "etmhf", "htmhf")
_COUNT_THRESHOLDS = (0, 5, 10, 15, 20, 30)
_SEED_THRESHOLDS = (10, 15, 20, 25, 30, 40, 50, 60)
_SEED_SUMS = ("htt", "etm", "etmhf")


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean of one sample with its error; where `is_limit`, nothing was seen and `error` is the 68.27 % upper limit."""

    value: float
    error: float
    is_limit: bool = False

    def interval(self) -> tuple[float, float]:
        """Two standard deviations about the value, wider above where few crossings stand behind it (a Poisson number of them)."""
        if self.is_limit or self.value <= 0:
            return 0.0, 2 * self.error
        one = self.error**2 / self.value  # what a single crossing is worth
        return max(0.0, self.value - 2 * self.error + one), self.value + 2 * self.error + 2 * one

    def __str__(self) -> str:
        return f"< {self.error:.2g}" if self.is_limit else with_error(self.value, self.error)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One quantity of both samples.

    Parameters
    ----------
    kind : str
        "objects per crossing", "mean" or "rate".
    quantity : str
        What it is.
    recorded, generated : Measured
        In `unit`.
    unit : str
        "GeV", "kHz" or nothing.
    """

    kind: str
    quantity: str
    recorded: Measured
    generated: Measured
    unit: str = ""

    @property
    def ratio(self) -> float | None:
        """Generated over recorded, where both were seen."""
        seen = not self.recorded.is_limit and self.recorded.value > 0 and not self.generated.is_limit
        return self.generated.value / self.recorded.value if seen else None

    @property
    def verdict(self) -> str:
        """What can be said: "within a factor 2", "off", "none recorded, fits" or "cannot tell".

        "off" needs every value in the interval of two standard deviations of either sample to be off.
        """
        if self.recorded.is_limit and self.generated.interval()[0] <= _FACTOR * self.recorded.error:
            return "none recorded, fits"
        if self.ratio is not None and 1 / _FACTOR <= self.ratio <= _FACTOR:
            return "within a factor 2"
        (low, high), (least, most) = self.recorded.interval(), self.generated.interval()
        return "off" if least > _FACTOR * high or most < low / _FACTOR else "cannot tell"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


@dataclass(frozen=True, eq=False, slots=True)
class Validation:
    """What `compare` found.

    Parameters
    ----------
    samples : mapping
        Name, crossings and effective number of both samples.
    comparisons : sequence of Comparison
        Every quantity.
    spectra : sequence of Spectrum
        Distributions of both samples, for the figures.
    """

    samples: Mapping[str, Mapping[str, Any]]
    comparisons: Sequence[Comparison]
    spectra: Sequence[Spectrum]

    def tally(self) -> dict[str, int]:
        """How many quantities have each verdict."""
        verdicts = [item.verdict for item in self.comparisons]
        return {name: verdicts.count(name) for name in sorted(set(verdicts))}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "samples": {name: dict(sample) for name, sample in self.samples.items()},
            "tally": self.tally(),
            "comparisons": [item.to_dict() for item in self.comparisons],
            "spectra": [item.to_dict() for item in self.spectra],
        }

    def write(self, folder: Path) -> list[Path]:
        """Write validation.json, the figures and validation.md into `folder`, in this order.

        Raises
        ------
        ToolNotFoundError
            If matplotlib or mplhep is not installed; validation.json has been written then.
        StorageError
            If the disk is full.
        """
        numbers, text = folder / "validation.json", folder / "validation.md"
        write_json(numbers, self.to_dict())
        figures = list(render_validation_figures(self.spectra, self.samples))
        pictures = [folder / f"validation_{figure.name}.png" for figure in figures]
        for path, figure in zip(pictures, figures, strict=True):
            write_bytes(path, figure.png)
        shown = [f"![{figure.caption}]({path.name})\n\n{figure.caption}" for path, figure in zip(pictures, figures, strict=True)]
        write_text(text, "\n\n".join([*self._markdown(), *shown]) + "\n")
        return [numbers, *pictures, text]

    def _markdown(self) -> Iterator[str]:
        """Title, samples and tables."""
        yield "# Generated and recorded crossings"
        rows = tuple(
            (name, str(sample["name"]), f"{sample['crossings']:,}", f"{sample['effective']:,.0f}")
            for name, sample in self.samples.items()
        )
        note = "; ".join(f"{name}: {count}" for name, count in self.tally().items())
        yield table_to_markdown(Table("Samples", ("sample", "of", "crossings", "effective"), rows, note))
        for kind in dict.fromkeys(item.kind for item in self.comparisons):
            own = tuple(_row(item) for item in self.comparisons if item.kind == kind)
            yield table_to_markdown(Table(kind.capitalize(), ("quantity", "recorded", "generated", "ratio", "verdict"), own))


def _row(item: Comparison) -> tuple[str, ...]:
    """Cells of one quantity."""
    ratio = "" if item.ratio is None else f"{item.ratio:.2f}"
    name = f"{item.quantity} [{item.unit}]" if item.unit else item.quantity
    return name, str(item.recorded), str(item.generated), ratio, item.verdict


def compare(
    generated: Events, recorded: Events, *, generated_name: str = "generated", recorded_name: str = "recorded"
) -> Validation:
    """Compare what two samples of zero-bias crossings have in common.

    Parameters
    ----------
    generated, recorded : Events
        Weighted crossings with objects on the scales of the Global Trigger.
    generated_name, recorded_name : str
        How the report calls them.

    Raises
    ------
    SchemaError
        If they have no object in common.
    DataError
        If one of them has fewer than two independent crossings.
    """
    names = [item.name for item in generated.schema.objects if any(item.name == other.name for other in recorded.schema.objects)]
    if not any(name in (*_LISTS, *_SUMS) for name in names):
        msg = f"schemas {generated.schema.name!r} and {recorded.schema.name!r} have no trigger object in common"
        raise SchemaError(msg)
    pair = (_Sample(recorded, WeightedSample.of(recorded)), _Sample(generated, WeightedSample.of(generated)))
    samples = {
        kind: {"name": name, "crossings": side.events.n, "effective": side.sample.n_effective}
        for kind, name, side in zip(("recorded", "generated"), (recorded_name, generated_name), pair, strict=True)
    }
    comparisons = [*_counts(names, pair), *_means(names, pair), *_rates(names, pair)]
    spectra = [spectrum_of(name, recorded, generated) for name in names if name in (*_LISTS, *_SUMS, "towercount")]
    return Validation(samples, comparisons, spectra)


def validate_files(generated: Path, recorded: Path, folder: Path) -> list[Path]:
    """Compare the crossings of two files of any format that is read, and write the report into `folder`; returns its files.

    Raises
    ------
    DataError, SchemaError
        If a file cannot be read, or the two have nothing in common.
    ToolNotFoundError
        If reading or drawing needs a package that is not installed.
    """
    sides = [Events.concatenate(list(reader_of(path).iterate(path))) for path in (generated, recorded)]
    return compare(*sides, generated_name=generated.name, recorded_name=recorded.name).write(folder)


@dataclass(frozen=True, eq=False, slots=True)
class _Sample:
    """One side."""

    events: Events
    sample: WeightedSample

    def gev(self, name: str) -> NDArray[np.float64]:
        """Transverse momentum or energy in each slot, below 0 where there is none, shape (n, slots)."""
        scale = self.events.schema.object(name).field("pt").scale
        pt = scale.to_physical(self.events.collections[name]["hw_pt"])
        return np.where(self.events.valid(name), pt, -1.0) if name in _LISTS else pt

    def mean(self, values: NDArray[Any], largest: float, factor: float = 1.0) -> Measured:
        """Weighted mean of `values`, 0 to `largest`, times `factor`; where all are 0, the limit is that of crossings with a 1."""
        found: WeightedFraction = self.sample.fraction(values / largest)
        if found.is_upper_limit:
            return Measured(0.0, found.error * factor, is_limit=True)
        return Measured(found.value * largest * factor, found.error * largest * factor)


def _counts(names: Sequence[str], pair: tuple[_Sample, _Sample]) -> Iterator[Comparison]:
    """Objects per crossing at or above each threshold."""
    for name in (name for name in _LISTS if name in names):
        slots = min(side.events.schema.object(name).n_slots for side in pair)
        for threshold in _COUNT_THRESHOLDS:
            first, second = (side.mean((side.gev(name)[:, :slots] >= threshold).sum(axis=1), slots) for side in pair)
            yield Comparison("objects per crossing", f"{name}, pt >= {threshold} GeV", first, second)


def _means(names: Sequence[str], pair: tuple[_Sample, _Sample]) -> Iterator[Comparison]:
    """Mean of each sum."""
    for name in (name for name in _SUMS if name in names):
        largest = max(float(side.gev(name).max()) for side in pair) or 1.0
        first, second = (side.mean(side.gev(name)[:, 0], largest) for side in pair)
        yield Comparison("mean", name, first, second, "GeV")
    if "towercount" in names:
        counts = [side.events.collections["towercount"]["hw_count"][:, 0] for side in pair]
        largest = max(1.0, *(float(column.max()) for column in counts))
        first, second = (side.mean(column, largest) for side, column in zip(pair, counts, strict=True))
        yield Comparison("mean", "towercount", first, second)


def _rates(names: Sequence[str], pair: tuple[_Sample, _Sample]) -> Iterator[Comparison]:
    """Rate of a cut on the leading object."""
    for name in (name for name in (*_LISTS, *_SEED_SUMS) if name in names):
        for threshold in _SEED_THRESHOLDS:
            first, second = (side.mean(side.gev(name)[:, 0] >= threshold, 1.0, CROSSING_RATE_KHZ) for side in pair)
            title = f"single {name} {threshold} GeV" if name in _LISTS else f"{name} {threshold} GeV"
            yield Comparison("rate", title, first, second, "kHz")
