"""What is asked of every partition: rates of which menu, on which columns, with which networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from l1ml import __version__
from l1ml.errors import DataError
from l1ml.storage import digest_of
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.menu_source import MenuSource
from l1ml.trigger.menus.prescale_table import PrescaleTable
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.networks import BoundNetwork
from l1ml.trigger.rates.column_tally import ColumnTally
from l1ml.trigger.rates.rate_sums import PairChoice
from l1ml.trigger.rates.rate_tally import RateTally

__all__ = ["AnswerTools", "RateQuestion", "tools_for"]


@dataclass(frozen=True, slots=True)
class RateQuestion:
    """Rates to be found: as few bytes, for workers that read the same files.

    Parameters
    ----------
    source : MenuSource
        The menu; more than one column asks what the others would cost.
    networks : Path, optional
        TOML file that binds the networks of the score cuts.
    era : str, optional
        Year of the word layout of vectors; by default what their names say.
    pairs : str
        Sums over pairs of algorithms; see `RateTally`.
    digest : str
        Of all that decides the answer but the crossings; see `of`.
    """

    source: MenuSource
    networks: Path | None = None
    era: str | None = None
    pairs: PairChoice = "none"
    digest: str = ""

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
        return _read(RateQuestion(own, None if networks is None else networks.absolute(), era, pairs))[0]


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

    def tallies(self, question: RateQuestion) -> tuple[RateTally, ColumnTally | None]:
        """Empty sums of the rates, and of the costs of columns where there are more than one."""
        columns, rates = question.source.columns, RateTally(self.menu, pairs=question.pairs)
        return rates, ColumnTally(self.menu, self.table, columns) if self.table is not None and len(columns) > 1 else None


@lru_cache(maxsize=2)
def tools_for(question: RateQuestion) -> AnswerTools:
    """What answers `question`: read and compiled once in every process.

    Raises
    ------
    DataError
        If the files behind it have changed.
    """
    found, tools = _read(question)
    if found.digest != question.digest:
        msg = f"{question.source.path}, its settings or networks have changed since the run began; run again"
        raise DataError(msg)
    return tools


def _read(question: RateQuestion) -> tuple[RateQuestion, AnswerTools]:
    source = question.source
    menu, table = source.read()
    networks = {} if question.networks is None else read_networks(question.networks)
    menu.check_networks({name: network.digest for name, network in networks.items()})
    content = {
        "l1ml": __version__,
        **source.content(),
        "networks": {name: network.binding for name, network in networks.items()},
        "era": question.era,
        "pairs": question.pairs,
    }
    asked = RateQuestion(source, question.networks, question.era, question.pairs, digest_of(content))
    return asked, AnswerTools(menu, table, networks)
