"""What is asked of every partition: rates of which menu, on which columns, with which networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.menu_source import MenuSource
from l1ml.trigger.menus.prescale_table import PrescaleTable
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.networks import BoundNetwork
from l1ml.trigger.partitions.question import Question
from l1ml.trigger.rates.column_tally import ColumnTally
from l1ml.trigger.rates.rate_sums import PairChoice
from l1ml.trigger.rates.rate_tally import RateTally

__all__ = ["AnswerTools", "RateQuestion"]


@dataclass(frozen=True, eq=False, slots=True)
class AnswerTools:
    """The menu, its prescale table and its networks, loaded.

    Parameters
    ----------
    menu : Menu
        With the prescales of the first column.
    table : PrescaleTable, optional
        With all columns.
    networks : mapping of str to BoundNetwork
        By the names in the menu.
    """

    menu: Menu
    table: PrescaleTable | None
    networks: Mapping[str, BoundNetwork]


@dataclass(frozen=True, slots=True)
class RateQuestion(Question[AnswerTools]):
    """Rates to be found, as the files that say it.

    Parameters
    ----------
    source : MenuSource
        The menu; more than one column asks what the others would cost.
    networks : Path, optional
        TOML file that binds the networks of the score cuts.
    pairs : str
        Sums over pairs of algorithms; see `RateTally`.
    era, digest : str
        As for `Question`.
    """

    source: MenuSource
    networks: Path | None = None
    pairs: PairChoice = "none"

    @classmethod
    def of(
        cls, source: MenuSource, networks: Path | None = None, era: str | None = None, pairs: PairChoice = "none"
    ) -> RateQuestion:
        """The question with its digest.

        Raises
        ------
        ConfigError, DataError, SchemaError
            If the menu, its settings or the networks cannot be read or do not belong together.
        """
        paths = (source.path.absolute(), tuple(path.absolute() for path in source.settings))
        own = MenuSource(*paths, source.columns, source.bunches)
        return RateQuestion(own, networks and networks.absolute(), pairs, era=era).asked()

    def read(self) -> AnswerTools:
        """The menu with its settings, and the networks."""
        menu, table = self.source.read()
        networks = {} if self.networks is None else read_networks(self.networks)
        menu.check_networks({name: network.digest for name, network in networks.items()})
        return AnswerTools(menu, table, networks)

    def content(self, tools: AnswerTools) -> Mapping[str, Any]:
        """Digests of the menu's files, the choices, and how the networks are bound."""
        bindings = {name: network.binding for name, network in tools.networks.items()}
        return {**self.source.content(), "networks": bindings, "pairs": self.pairs}

    def tallies(self) -> tuple[RateTally, ColumnTally | None]:
        """Empty sums of the rates, and of the costs of columns where there are more than one."""
        tools, columns = self.tools, self.source.columns
        rates = RateTally(tools.menu, pairs=self.pairs)
        return rates, ColumnTally(tools.menu, tools.table, columns) if tools.table is not None and len(columns) > 1 else None
