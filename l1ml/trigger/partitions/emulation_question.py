"""What is emulated on every partition: which networks, which menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.emulation.portable import PortableNetwork, read_network
from l1ml.errors import ConfigError
from l1ml.storage import digest_of
from l1ml.trigger.file_emulation import Emulation
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.networks import BoundNetwork
from l1ml.trigger.partitions.question import Question

__all__ = ["EmulationQuestion"]


@dataclass(frozen=True, slots=True)
class EmulationQuestion(Question[Emulation]):
    """An emulation as the files that say it.

    Parameters
    ----------
    networks : tuple of Path
        Folders of models and files of networks.
    table : Path, optional
        TOML file that binds networks of score cuts.
    menu : Path, optional
        A menu document.
    era, digest : str
        As for `Question`.
    """

    networks: tuple[Path, ...]
    table: Path | None = None
    menu: Path | None = None

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
        return EmulationQuestion(paths, table and table.absolute(), menu and menu.absolute(), era=era).asked()

    def read(self) -> Emulation:
        """The networks and the menu."""
        networks: dict[str, PortableNetwork | BoundNetwork] = {}
        networks.update({} if self.table is None else read_networks(self.table))
        for path in self.networks:
            network = read_network(path)
            if network.name in networks:
                msg = f"two networks are called {network.name!r}; give one of them another name in a file for --networks"
                raise ConfigError(msg)
            networks[network.name] = network
        return Emulation(networks, None if self.menu is None else read_menu(self.menu))

    def content(self, tools: Emulation) -> Mapping[str, Any]:
        """Digests of networks and menu, and how the networks are bound."""
        menu = tools.menu and digest_of(toml_of_menu(tools.menu).encode())
        return {"networks": tools.digests, "bindings": tools.bindings, "menu": menu}
