"""Generated crossings beside recorded ones: how many objects, how hard, how often simple seeds fire.

Every number has the error of both samples, and a verdict that asks for no more than a factor of two: what a parametrised
response can be held to. Recorded samples are small; where they cannot tell, that is the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.data.events import Events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.readers.registry import reader_of
from l1ml.errors import ConfigError, SchemaError, nearest
from l1ml.reporting.comparisons import LISTS, ComparedSample, Comparison
from l1ml.reporting.markdown import table_to_markdown
from l1ml.reporting.table import Table
from l1ml.reporting.triggered_shapes import triggered_shapes
from l1ml.reporting.validation_figures import Spectrum, render_validation_figures, spectrum_of
from l1ml.storage import write_bytes, write_json, write_text
from l1ml.trigger.menus.crossing_rate import CrossingRate

__all__ = ["CROSSING_RATE_KHZ", "REFERENCES", "RUN_320040", "Validation", "compare", "validate_files"]

RUN_320040 = GenerationConfig(energy_gev=13000.0, pileup=50.0, objects="global_trigger", signals=())
"""Conditions of the recorded zero bias of run 320040 (2018): 13 TeV, a pileup of about 50."""

CROSSING_RATE_KHZ = CrossingRate().khz
"""Colliding bunches times the frequency of the LHC: what a fraction of crossings is multiplied with."""

_SUMS = ("ett", "ettem", "htt", "etm", "htm", "etmhf", "htmhf")
REFERENCES = ("zero_bias", "process", "triggered")
"""What a recorded sample may be: crossings of no selection, those of one process, or those that a trigger chose."""

Pair = tuple[ComparedSample, ComparedSample]
"""Recorded and generated crossings."""

_COUNT_THRESHOLDS = (0, 5, 10, 15, 20, 30)
_SEED_THRESHOLDS = (10, 15, 20, 25, 30, 40, 50, 60)
_SEED_SUMS = ("htt", "etm", "etmhf")


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
        empty = [f"{kind} sample without {name}" for kind, sample in self.samples.items() for name in sample["empty"]]
        note = "; ".join([*(f"{name}: {count}" for name, count in self.tally().items()), *empty])
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
    generated: Events,
    recorded: Events,
    *,
    generated_name: str = "generated",
    recorded_name: str = "recorded",
    reference: str = "zero_bias",
) -> Validation:
    """Compare what two samples of crossings have in common.

    Parameters
    ----------
    generated, recorded : Events
        Weighted crossings with objects on the scales of the Global Trigger.
    generated_name, recorded_name : str
        How the report calls them.
    reference : str
        What the recorded sample is, one of `REFERENCES`. Of triggered crossings only shapes are compared, above the thresholds
        of seeds that let every such crossing pass, see `l1ml.reporting.triggered_shapes`.

    Raises
    ------
    ConfigError
        If `reference` is unknown.
    SchemaError
        If they have no object in common.
    DataError
        If one of them has fewer than two independent crossings.
    """
    if reference not in REFERENCES:
        msg = f"a reference cannot be {reference!r}; {nearest(reference, REFERENCES)}"
        raise ConfigError(msg)
    names = [item.name for item in generated.schema.objects if any(item.name == other.name for other in recorded.schema.objects)]
    if not any(name in (*LISTS, *_SUMS) for name in names):
        msg = f"schemas {generated.schema.name!r} and {recorded.schema.name!r} have no trigger object in common"
        raise SchemaError(msg)
    pair = ComparedSample.of(recorded), ComparedSample.of(generated)
    samples: dict[str, dict[str, Any]] = {
        kind: {"name": name, "crossings": side.events.n, "effective": side.sample.n_effective, "empty": side.empty(names)}
        for kind, name, side in zip(("recorded", "generated"), (recorded_name, generated_name), pair, strict=True)
    }
    names = [name for name in names if not any(name in sample["empty"] for sample in samples.values())]
    if reference == "triggered":
        return Validation(samples, *triggered_shapes(names, pair))
    rates = _rates(names, pair, zero_bias=reference == "zero_bias")
    comparisons = [*_counts(names, pair), *_means(names, pair), *rates]
    spectra = [spectrum_of(name, recorded, generated) for name in names if name in (*LISTS, *_SUMS, "towercount")]
    return Validation(samples, comparisons, spectra)


def validate_files(generated: Path, recorded: Path, folder: Path, *, reference: str = "zero_bias") -> list[Path]:
    """Compare the crossings of two files of any format that is read, and write the report into `folder`; returns its files.

    Raises
    ------
    ConfigError, DataError, SchemaError
        If a file cannot be read, or the two have nothing in common.
    ToolNotFoundError
        If reading or drawing needs a package that is not installed.
    """
    sides = [Events.concatenate(list(reader_of(path).iterate(path))) for path in (generated, recorded)]
    found = compare(*sides, generated_name=generated.name, recorded_name=recorded.name, reference=reference)
    return found.write(folder)


def _counts(names: Sequence[str], pair: Pair) -> Iterator[Comparison]:
    """Objects per crossing at or above each threshold."""
    for name in (name for name in LISTS if name in names):
        slots = min(side.events.schema.object(name).n_slots for side in pair)
        for threshold in _COUNT_THRESHOLDS:
            first, second = (side.mean((side.gev(name)[:, :slots] >= threshold).sum(axis=1), slots) for side in pair)
            yield Comparison("objects per crossing", f"{name}, pt >= {threshold} GeV", first, second)


def _means(names: Sequence[str], pair: Pair) -> Iterator[Comparison]:
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


def _rates(names: Sequence[str], pair: Pair, *, zero_bias: bool) -> Iterator[Comparison]:
    """Rate of a cut on the leading object; of a process that is not zero bias, the share of its crossings."""
    kind, unit, factor = ("rate", "kHz", CROSSING_RATE_KHZ) if zero_bias else ("share of crossings", "", 1.0)
    for name in (name for name in (*LISTS, *_SEED_SUMS) if name in names):
        for threshold in _SEED_THRESHOLDS:
            first, second = (side.mean(side.gev(name)[:, 0] >= threshold, 1.0, factor) for side in pair)
            title = f"single {name} {threshold} GeV" if name in LISTS else f"{name} {threshold} GeV"
            yield Comparison(kind, title, first, second, unit)
