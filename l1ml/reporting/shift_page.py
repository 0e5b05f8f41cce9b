"""The page of a shifter: one line that says what to do, the seeds, and figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from l1ml.reporting.markdown import table_to_markdown
from l1ml.reporting.page_folder import PageFolder
from l1ml.reporting.shift_figures import render_shift_figures
from l1ml.reporting.table import Table
from l1ml.trigger.monitoring.run_comparison import RunComparison
from l1ml.trigger.monitoring.seed_comparison import SeedComparison

__all__ = ["NUMBERS", "PAGE", "seed_rows", "shift_page", "write_shift_page"]

NUMBERS, PAGE = "comparison.json", "comparison.md"
"""Files of a page, beside its pictures."""

_FOLDER = PageFolder("comparison", NUMBERS, PAGE)
_MOST_SEEDS = 40
_MOST_EXAMPLES = 30
_MOST_DRIFTS = 20


def write_shift_page(comparison: RunComparison, folder: Path) -> list[Path]:
    """Write numbers, pictures and text into `folder`, whole or not at all; returns its files.

    Raises
    ------
    StorageError
        If the folder holds anything but an older page, or cannot be written.
    ToolNotFoundError
        If matplotlib or mplhep is not installed.
    """
    _FOLDER.check(folder)
    figures = render_shift_figures(comparison)
    return _FOLDER.write(folder, comparison.to_dict(), shift_page(comparison), figures)


def shift_page(comparison: RunComparison) -> Iterator[str]:
    """Paragraphs of the page, figures aside."""
    verdict = comparison.verdict
    yield f"# {verdict.headline}"
    if verdict.reasons:
        yield "\n".join(f"* {reason}" for reason in verdict.reasons)
    yield table_to_markdown(_compared(comparison))
    yield table_to_markdown(_seeds(comparison))
    if examples := _examples(comparison):
        yield table_to_markdown(examples)
    if comparison.drift is not None:
        yield table_to_markdown(_drifts(comparison))
    if comparison.unsupported:
        rows = tuple(comparison.unsupported.items())
        yield table_to_markdown(Table("Seeds that could not be emulated", ("seed", "reason"), rows))
    if comparison.notes:
        yield "\n".join(f"* {note}" for note in comparison.notes)


def _compared(comparison: RunComparison) -> Table:
    """What was compared with what."""
    matched = comparison.matched
    rows = [
        ("recorded", comparison.recorded),
        ("emulated", comparison.emulated),
        ("reference", comparison.reference or "none: drift was not tested"),
        ("crossings compared", f"{matched.both:,}; matched by {matched.by}"),
        ("only recorded, only emulated", f"{matched.only_recorded:,}, {matched.only_emulated:,}"),
        ("crossings with a mismatch", f"{comparison.crossings_with_mismatch:,}"),
        ("seeds compared", f"{len(comparison.seeds):,}"),
        (
            "seeds only recorded, only emulated",
            f"{len(comparison.seeds_only_recorded):,}, {len(comparison.seeds_only_emulated):,}",
        ),
        ("chance of a false alarm by drift", f"{comparison.limits.false_alarms:g} for all quantities together"),
        ("mismatches allowed", f"{comparison.limits.allowed:g} of the firings of a seed"),
    ]
    note = ", ".join(matched.first_only_recorded)
    return Table("What was compared", ("", ""), tuple(rows), f"First crossings that are only recorded: {note}." if note else "")


def seed_rows(seeds: tuple[SeedComparison, ...]) -> tuple[tuple[str, ...], ...]:
    """Cells of each seed: name, what was compared, counts, share of the firings that mismatch, clustering."""
    return tuple(
        (
            item.name,
            item.level,
            f"{item.both:,}",
            f"{item.only_recorded:,}",
            "not counted" if item.one_way else f"{item.only_emulated:,}",
            _share(item),
            "" if item.in_bx is None else f"{item.in_bx.p_value:.2g}",
            "" if item.in_time is None else f"{item.in_time.p_value:.2g}",
        )
        for item in seeds
    )


def _share(item: SeedComparison) -> str:
    if item.rate is None:
        return "never fires"
    low, high = item.limits
    return f"{100 * item.rate:.3g} ({100 * low:.3g} to {100 * high:.3g})"


def _seeds(comparison: RunComparison) -> Table:
    """Seeds that mismatch, and how many others there are."""
    wrong = tuple(item for item in comparison.seeds if item.mismatches)
    shown = seed_rows(wrong[:_MOST_SEEDS])
    fired = sum(item.firings > 0 for item in comparison.seeds) - len(wrong)
    note = f"{fired:,} other seeds fire and agree in every crossing; {len(comparison.seeds) - fired - len(wrong):,} never fire."
    if len(wrong) > len(shown):
        note = f"{len(wrong) - len(shown):,} more seeds mismatch, see {NUMBERS}. {note}"
    columns = ("seed", "bits", "both", "only recorded", "only emulated", "mismatch % (95 %)", "p in bx", "p in time")
    return Table("Seeds that mismatch", columns, shown or (("none", *[""] * (len(columns) - 1)),), note)


def _examples(comparison: RunComparison) -> Table | None:
    """The first mismatches with the objects behind them."""
    rows = [
        (item.name if place == 0 else "", crossing.where, crossing.fires, "<br>".join(crossing.deciding))
        for item in comparison.seeds
        for place, crossing in enumerate(item.first)
    ]
    if not rows:
        return None
    more = f"The first {_MOST_EXAMPLES} of {len(rows)}; all are in {NUMBERS}." if len(rows) > _MOST_EXAMPLES else ""
    columns = ("seed", "crossing", "fires", "conditions and the objects that pass (words)")
    return Table("First mismatches", columns, tuple(rows[:_MOST_EXAMPLES]), more)


def _drifts(comparison: RunComparison) -> Table:
    """The quantities with the smallest p-values."""
    drift = comparison.drift
    if drift is None:
        return Table("Drift", (), ())
    rows = tuple(
        (item.kind, item.name, f"{item.statistic:.1f} / {item.degrees}", f"{item.p_value:.2g}", f"{item.adjusted:.2g}")
        for item in drift.quantities[:_MOST_DRIFTS]
    )
    note = (
        f"{len(drift.quantities)} quantities in {drift.run_crossings:,} crossings and {drift.reference_crossings:,} of the "
        f"reference, blocks of {drift.block:,}, {drift.n_permutations:,} permutations. The family-wise p-value is the chance of "
        "any so strong among all of them; no p-value can be below one over the permutations."
    )
    return Table("Drift, strongest first", ("kind", "quantity", "statistic / bins", "p", "family-wise p"), rows, note)
