"""What is emulated on every partition: which networks, which menu."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from l1ml import __version__
from l1ml.emulation.portable import PortableNetwork, read_network
from l1ml.errors import ConfigError, DataError
from l1ml.storage import digest_of
from l1ml.trigger.file_emulation import Emulation
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.networks import BoundNetwork

__all__ = ["EmulationQuestion", "emulation_of"]


@dataclass(frozen=True, slots=True)
class EmulationQuestion:
    """An emulation as the files that say it: few bytes, from which every process makes the same.

    Parameters
    ----------
    networks : tuple of Path
        Folders of models and files of networks.
    table : Path, optional
        TOML file that binds networks of score cuts.
    menu : Path, optional
        A menu document.
    era : str, optional
        Year of the word layout of vectors; by default what their names say.
    digest : str
        Of all that decides the output but the crossings; see `of`.
    """

    networks: tuple[Path, ...]
    table: Path | None = None
    menu: Path | None = None
    era: str | None = None
    digest: str = ""

    @classmethod
    def of(
        cls, networks: tuple[Path, ...], table: Path | None = None, menu: Path | None = None, era: str | None = None
    ) -> EmulationQuestion:
        """The question with its digest.

        Raises
        ------
        ConfigError
            If there is nothing to emulate, two networks have one name, or the menu has thresholds on another model.
        DataError, SchemaError
            If a file is missing or damaged.
        """
        paths = tuple(path.absolute() for path in networks)
        asked = EmulationQuestion(paths, table and table.absolute(), menu and menu.absolute(), era)
        return EmulationQuestion(asked.networks, asked.table, asked.menu, era, _digest(_read(asked), era))


@lru_cache(maxsize=2)
def emulation_of(question: EmulationQuestion) -> Emulation:
    """The networks and the menu of `question`: read and compiled once in every process.

    Raises
    ------
    DataError
        If the files behind it have changed.
    """
    emulation = _read(question)
    if _digest(emulation, question.era) != question.digest:
        msg = "a network or the menu has changed since the run began; run again"
        raise DataError(msg)
    return emulation


def _read(question: EmulationQuestion) -> Emulation:
    networks: dict[str, PortableNetwork | BoundNetwork] = {}
    networks.update({} if question.table is None else read_networks(question.table))
    for path in question.networks:
        network = read_network(path)
        if network.name in networks:
            msg = f"two networks are called {network.name!r}; give one of them another name in a file for --networks"
            raise ConfigError(msg)
        networks[network.name] = network
    return Emulation(networks, None if question.menu is None else read_menu(question.menu))


def _digest(emulation: Emulation, era: str | None) -> str:
    bindings = {name: item.binding for name, item in emulation.networks.items() if isinstance(item, BoundNetwork)}
    menu = emulation.menu and digest_of(toml_of_menu(emulation.menu).encode())
    return digest_of({"l1ml": __version__, "networks": emulation.digests, "bindings": bindings, "menu": menu, "era": era})
