"""The leaderboard: every model in floats, in plain 8 bits and as it is shipped, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.trigger.performance.resampling import Resampled
from l1ml.workflow.leaderboard.making import BoardConfig, build, measure, obstacle, sample_step
from l1ml.workflow.leaderboard.row import Count, Row, read_row
from l1ml.workflow.leaderboard.variant import SHIPPED, Variant
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.step import perform
from l1ml.workflow.versions import installed_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["Board", "Comparison", "make_board", "read_board"]

_FORMAT = "l1ml-leaderboard-1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The shipped variant of a model against another one.

    Parameters
    ----------
    model, variant : str
        The model; the other variant.
    lut_ratio : float or None
        LUT of the other over LUT of the shipped one, both counted by the same tool at the same stage.
    counted_by : str
        That tool and stage.
    differences : mapping of str to Resampled
        Of each figure that both have, shipped minus other, on the same crossings or jets.
    """

    model: str
    variant: str
    lut_ratio: float | None
    counted_by: str
    differences: Mapping[str, Resampled]

    @classmethod
    def of(cls, shipped: Row, other: Row) -> Comparison:
        """Compare two rows of one model."""
        counts = _common(shipped.counts, other.counts)
        ratio = None if counts is None else counts[1].lut / counts[0].lut
        by = "" if counts is None else f"{counts[0].tool} {counts[0].version}, {counts[0].stage}"
        names = [name for name in shipped.figures if name in other.figures]
        found = {name: shipped.figures[name].minus(other.figures[name]) for name in names}
        return cls(shipped.model, other.variant, ratio, by, found)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        differences = {name: {"value": item.value, "error": item.error} for name, item in self.differences.items()}
        return {
            "model": self.model,
            "variant": self.variant,
            "lut_ratio": self.lut_ratio,
            "counted_by": self.counted_by,
            "differences": differences,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of all models and their comparisons."""

    config: BoardConfig
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "format": _FORMAT,
            **asdict(self.config),
            "versions": installed_versions(),
            "rows": [row.to_dict() for row in self.rows],
            "comparisons": [item.to_dict() for item in self.comparisons],
        }


def make_board(
    workspaces: Sequence[Workspace],
    variants: Sequence[Variant],
    config: BoardConfig,
    progress: Progress,
    *,
    force: bool = False,
) -> Board:
    """Make what is missing of every variant of every model, then read it all.

    Results of a variant are in ``run/variants/<variant>``; what was interrupted goes on there. What each is worth, with the
    estimate of its logic, comes first for all; Yosys and the simulators, which take most of the time, come after. Samples are
    generated where they are missing.

    Raises
    ------
    ConfigError
        If there is no model, or two have one name.
    """
    _check(workspaces)
    for workspace in workspaces:
        perform(sample_step(workspace), workspace, progress)
    all_rows = [VariantWorkspace.of(workspace, variant) for workspace in workspaces for variant in variants]
    rows = [item for item in all_rows if not obstacle(item)]
    for make in (measure, build):
        for row in rows:
            make(row, config, progress, force=force)
    return read_board(workspaces, variants, config)


def read_board(workspaces: Sequence[Workspace], variants: Sequence[Variant], config: BoardConfig) -> Board:
    """The leaderboard of what is there and still follows from the recipes; nothing is made.

    Raises
    ------
    ConfigError
        If there is no model, or two have one name.
    """
    _check(workspaces)
    rows: list[Row] = []
    for workspace in workspaces:
        own = [VariantWorkspace.of(workspace, variant) for variant in variants]
        rows += [read_row(item, config.rate_khz, obstacle(item)) for item in own]
    return Board(config, tuple(rows), tuple(_comparisons(rows)))


def _check(workspaces: Sequence[Workspace]) -> None:
    names = [workspace.recipe.model.name for workspace in workspaces]
    if not names or len(set(names)) != len(names):
        msg = f"a leaderboard is of one model or several with different names, received {names}"
        raise ConfigError(msg)


def _comparisons(rows: Iterable[Row]) -> list[Comparison]:
    """Of each shipped row with the others of its model."""
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row)
    found = []
    for own in by_model.values():
        shipped = [row for row in own if row.variant == SHIPPED.name]
        others = [row for row in own if row.variant != SHIPPED.name]
        found += [Comparison.of(one, other) for one in shipped for other in others]
    return found


def _common(one: Sequence[Count], other: Sequence[Count]) -> tuple[Count, Count] | None:
    """Counts of the latest stage that the same version of a tool gave for both."""
    for first in reversed(one):
        for second in reversed(other):
            if (first.tool, first.version, first.stage, first.part) == (second.tool, second.version, second.stage, second.part):
                return first, second
    return None
