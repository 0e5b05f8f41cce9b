"""The files of a comparison: opened, checked against each other, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.monitoring.comparison import Reference, compare_run
from l1ml.trigger.monitoring.decision_source import DecisionSource, is_decision_file
from l1ml.trigger.monitoring.levels import compared_seeds
from l1ml.trigger.monitoring.own_emulation import OwnEmulation
from l1ml.trigger.monitoring.pairing import PairedBatch, Pairing
from l1ml.trigger.monitoring.recorded_bits import BitSource, RecordedBatch, RecordedFile
from l1ml.trigger.monitoring.run_comparison import RunComparison
from l1ml.trigger.monitoring.verdict import Limits
from l1ml.trigger.networks import BoundNetwork, scores_of

__all__ = ["ComparisonFiles", "compare_files"]


@dataclass(frozen=True, slots=True)
class ComparisonFiles:
    """What is compared with what.

    Parameters
    ----------
    recorded : Path
        Crossings with recorded bits.
    emulated : Path, optional
        Decision file of their emulation; without it `menu` decides on their objects.
    menu : Menu, optional
        The menu of the run.
    settings : Menu, optional
        The same menu with the prescales and masks of the run, where they are known.
    networks : mapping of str to BoundNetwork
        Networks behind the score cuts of `menu`.
    reference : tuple of Path
        None, or a recorded file, or one and the decision file of its emulation.
    era : str, optional
        Year of the layout of vectors.
    """

    recorded: Path
    emulated: Path | None = None
    menu: Menu | None = None
    settings: Menu | None = None
    networks: Mapping[str, BoundNetwork] = field(default_factory=dict)
    reference: tuple[Path, ...] = ()
    era: str | None = None

    def source(self, path: Path) -> BitSource:
        """The recorded file `path`."""
        return DecisionSource.open(path) if is_decision_file(path) else RecordedFile(path, self.menu, self.era)


def compare_files(files: ComparisonFiles, limits: Limits | None = None, progress: Progress = SILENT) -> RunComparison:
    """Compare the recorded bits of a run with those of its emulation, and the run with its reference.

    Raises
    ------
    ConfigError
        If there is neither a decision file nor a menu, or the networks are not those of the menu.
    DataError, SchemaError
        If a file is missing, damaged or without bits, or the files have no crossing or no seed in common.
    """
    recorded = files.source(files.recorded)
    pairs: Pairing | OwnEmulation
    if files.emulated is not None:
        decisions = DecisionSource.open(files.emulated)
        _check_menu(decisions, files.menu)
        pairs, names, title = Pairing(recorded, decisions), decisions.names, f"{decisions.name} ({decisions.menu})"
    elif files.menu is not None:
        pairs = OwnEmulation(recorded, files.menu, files.networks)
        names, title = files.menu.names, f"{files.menu.name} on the objects of {recorded.name}"
    else:
        msg = "nothing to compare with: give the decision file of an emulation, or the menu (--menu) to emulate the crossings"
        raise ConfigError(msg)
    seeds = compared_seeds(recorded.names, recorded.levels, names, files.settings)
    reference = _reference(files)
    if reference is not None:
        _check_networks(_networks(pairs), _networks(reference.pairs))
    return compare_run(pairs, seeds, menu=files.menu, reference=reference, limits=limits, emulated=title, progress=progress)


def _reference(files: ComparisonFiles) -> Reference | None:
    if not files.reference:
        return None
    source = files.source(files.reference[0])
    if len(files.reference) > 1:
        return Reference(source, Pairing(source, DecisionSource.open(files.reference[1])))
    return Reference(source, _with_scores(files, source))


def _check_menu(decisions: DecisionSource, menu: Menu | None) -> None:
    """Refuse to explain the decisions of one menu by another."""
    if menu is None or digest_of(toml_of_menu(menu).encode()) == decisions.menu_digest:
        return
    msg = (
        f"{decisions.path} was decided by the menu {decisions.menu!r} ({decisions.menu_digest[:12] or 'no digest'}), and --menu "
        f"is another one, {menu.name!r}: emulate the crossings again with it, or name the menu of the file"
    )
    raise ConfigError(msg)


def _networks(pairs: object) -> dict[str, str]:
    """Digest of each network with scores."""
    if isinstance(pairs, OwnEmulation):
        return {name: item.digest for name, item in pairs.networks.items()}
    found: dict[str, str] = {}
    if isinstance(pairs, Pairing):
        for source in (pairs.recorded, pairs.emulated):
            found |= source.networks if isinstance(source, DecisionSource) else {}
    return found


def _check_networks(run: Mapping[str, str], reference: Mapping[str, str]) -> None:
    """Refuse scores of two networks of one name: they would drift, and nothing would be wrong."""
    for name in set(run) & set(reference):
        if run[name] != reference[name]:
            msg = (
                f"scores {name!r} of the run are of the network {run[name][:12]}, those of the reference of "
                f"{reference[name][:12]}: emulate the reference with the same network"
            )
            raise ConfigError(msg)


def _with_scores(files: ComparisonFiles, source: BitSource) -> Iterator[PairedBatch]:
    """Crossings with the scores of the bound networks, if there are any."""
    for batch in source.iterate():
        bound = files.menu is not None and files.networks and batch.columns is not None
        scores = scores_of(files.menu, batch.columns, files.networks) if bound and files.menu and batch.columns else {}
        yield PairedBatch(batch, np.arange(batch.n), RecordedBatch(batch.n, batch.identity, {}, None, scores))
