"""A run against its emulation, and against a reference: every seed, every bunch crossing, every distribution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.monitoring.crossing_key import described
from l1ml.trigger.monitoring.drift import LARGEST_RATIO, Drift, DriftSample, drift_of
from l1ml.trigger.monitoring.levels import ComparedSeeds
from l1ml.trigger.monitoring.own_emulation import OwnEmulation
from l1ml.trigger.monitoring.pairing import PairedBatch, Pairing
from l1ml.trigger.monitoring.recorded_bits import FINAL, INITIAL, BitSource
from l1ml.trigger.monitoring.run_comparison import Matched, RunComparison
from l1ml.trigger.monitoring.seed_counts import SeedCounts
from l1ml.trigger.monitoring.seed_tally import SeedTally
from l1ml.trigger.monitoring.verdict import Limits

__all__ = ["Reference", "compare_run"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Crossings that a run is held against.

    Parameters
    ----------
    source : BitSource
        The recorded file.
    pairs : iterable of PairedBatch
        Its crossings, with scores where the run has any.
    """

    source: BitSource
    pairs: Iterable[PairedBatch]


def compare_run(
    pairs: Pairing | OwnEmulation,
    seeds: ComparedSeeds,
    *,
    menu: Menu | None = None,
    reference: Reference | None = None,
    limits: Limits | None = None,
    emulated: str = "",
    progress: Progress = SILENT,
) -> RunComparison:
    """Compare a run.

    Parameters
    ----------
    pairs : Pairing or OwnEmulation
        The crossings, each with its emulation.
    seeds : ComparedSeeds
        What is compared of them.
    menu : Menu, optional
        Names the objects behind the first mismatches, where the recorded crossings have objects.
    reference : Reference, optional
        What distributions and rates are held against.
    limits : Limits, optional
        What is an alarm.
    emulated : str
        What the report calls the emulation.
    progress : Progress
        Hears of crossings.

    Returns
    -------
    RunComparison
        Memory does not grow with the number of crossings, `Pairing` aside.

    Raises
    ------
    DataError
        If no crossing is in both files, or no seed could be emulated.
    """
    counted = SeedCounts(seeds, menu)
    sample = _sample_for(pairs.recorded, reference)
    unsupported = pairs.unsupported if isinstance(pairs, OwnEmulation) else pairs.emulated.unsupported
    progress.start(f"comparing {pairs.recorded.name}")
    for pair in pairs:
        counted.add(pair, unsupported)
        if sample is not None:
            sample.add(pair)
        progress.advance(pair.recorded.n)
    progress.finish()
    matched = _matched(pairs, counted.tally)
    compared = counted.seeds_compared(unsupported)
    drift, problem = _drift(sample, reference, progress)
    return RunComparison(
        pairs.recorded.name,
        emulated,
        "" if reference is None else reference.source.name,
        matched,
        counted.tally.crossings_with_mismatch,
        compared,
        tuple(name for name in seeds.only_recorded if name not in unsupported),
        seeds.only_emulated,
        {name: unsupported[name] for name in pairs.recorded.names if name in unsupported},
        counted.spread_in_bx(),
        counted.spread_in_time(),
        drift,
        problem,
        limits or Limits(),
        tuple(_notes(pairs, seeds)),
    )


def _matched(pairs: Pairing | OwnEmulation, tally: SeedTally) -> Matched:
    """Which crossings were compared."""
    if isinstance(pairs, OwnEmulation):
        return Matched("nothing: each is emulated from its own objects", pairs.n_recorded)
    if not tally.n_crossings:
        first = f"; the first recorded one is {pairs.first_unmatched[0]}" if pairs.first_unmatched else ""
        there = described(next(pairs.emulated.identities()), 0)
        msg = (
            f"{pairs.recorded.name} and {pairs.emulated.name} have no crossing in common (by {pairs.matched_by}): another run?"
            f"{first}, the first emulated one {there}"
        )
        raise DataError(msg)
    return Matched(pairs.matched_by, pairs.n_both, pairs.n_only_recorded, pairs.n_only_emulated, tuple(pairs.first_unmatched))


def _notes(pairs: Pairing | OwnEmulation, seeds: ComparedSeeds) -> Iterator[str]:
    """What a reader must know of these files."""
    if seeds.one_way.any():
        yield (
            f"{int(seeds.one_way.sum())} seeds are recorded after a prescale that is not known to be one: only recorded firings "
            "without an emulated one are mismatches; the prescales of the run (--settings, --column) say more"
        )
    if isinstance(pairs, Pairing) and pairs.names is None:
        yield f"crossings were matched by {pairs.matched_by}"
    if isinstance(pairs, OwnEmulation) and seeds.recorded_level == FINAL:
        yield (
            "central NanoAOD keeps e/gammas from 10, taus from 24, jets from 30 and muons from 3 GeV on: a seed that asks for "
            "softer objects mismatches where these were recorded"
        )


def _sample_for(source: BitSource, reference: Reference | None) -> DriftSample | None:
    """What is filled for the test of drift, if there is a reference."""
    if reference is None:
        return None
    level = _common_level(source, reference.source)
    return DriftSample(source.names if level else (), level)


def _common_level(first: BitSource, second: BitSource) -> str:
    """Level at which both have bits; empty if none."""
    return next((level for level in (INITIAL, FINAL) if level in first.levels and level in second.levels), "")


def _drift(sample: DriftSample | None, reference: Reference | None, progress: Progress) -> tuple[Drift | None, str]:
    """Drift, or why it cannot be told."""
    if sample is None or reference is None:
        return None, ""
    level = sample.level
    other = DriftSample(reference.source.names if level else (), level, LARGEST_RATIO * sample.sums.n)
    progress.start(f"reading the reference {reference.source.name}")
    for pair in reference.pairs:
        other.add(pair)
        progress.advance(pair.recorded.n)
        if other.is_full:
            break
    progress.finish()
    try:
        return drift_of(sample, other), ""
    except DataError as error:
        return None, str(error)
