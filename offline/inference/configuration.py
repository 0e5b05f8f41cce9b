"""What is learnt from which simulations, from TOML. This text is the reference.

Paths are relative to the folder of the configuration file. Tables and keys, with their defaults::

    seed = 1                           # root of every random number

    [simulations]                      # or [toy]; files of `write_simulations`
    file = "train.h5"
    test = "test.h5"                   # what the result is judged by; it must not have been trained on
    simulator = ""                     # "package.module:name" of what made them, one event for each row: for belts from toys

    [toy]                              # in place of the files: a GaussianModel, whose posterior is known
    simulated = 10000
    test = 1000
    response = [[1.0, 0.0], [0.5, 1.0], [0.0, -0.7]]
    noise = 0.5

    [events]                           # in place of both, for [gold]: events with weights at benchmarks, files of MadMiner
    file = "events.h5"
    test = "other-events.h5"           # what the result is judged by, and toys are drawn from
    labelled = 100000                  # events with joint labels that are drawn; the sample should be larger than at one point
    points = 1000                      # different parameters that they are drawn at
    reference = []                     # rows of parameters, to whose mean density ratios are; ten of the prior without a word
    prior = {}                         # of each coupling and nuisance parameter, { kind = "uniform", low = -1.0, high = 1.0 }

    [posterior]                        # or [ratio], [gold]: settings of the network, see offline/inference/networks/settings.py
    name = "flow"                      # or "matching", "diffusion"; of a ratio there is one network only
    members = 1
    training = { updates = 4000, batch_size = 256, learning_rate = 0.001 }

    [output]
    file = ""                          # <name of the configuration>.npz beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.progress import SILENT, Progress
from offline.inference.gaussian_model import GaussianModel
from offline.inference.gold.event_files import EventFiles
from offline.inference.gold.labels import Gold
from offline.inference.gold.settings import GoldNetwork
from offline.inference.networks.settings import Flow, NetworkSettings, RatioNetwork, network_from
from offline.inference.simulations import Simulations
from offline.inference.simulations_file import read_simulations
from offline.inference.simulator import Simulator, simulate

__all__ = ["InferenceConfig", "read_inference"]


AnyNetwork = NetworkSettings | RatioNetwork | GoldNetwork


@dataclass(frozen=True, slots=True)
class SimulationFiles:
    """Table ``[simulations]``."""

    file: str
    test: str = ""
    simulator: str = ""


@dataclass(frozen=True, slots=True)
class GaussianToy:
    """Table ``[toy]``."""

    simulated: int = 10_000
    test: int = 1000
    response: tuple[tuple[float, ...], ...] = GaussianModel().response
    noise: float = 0.5


@dataclass(frozen=True, slots=True)
class Output:
    """Table ``[output]``."""

    file: str = ""


@dataclass(frozen=True, slots=True)
class _Tables:
    """A configuration file as it stands."""

    seed: int = 1
    simulations: SimulationFiles | None = None
    toy: GaussianToy | None = None
    events: EventFiles | None = None
    output: Output = field(default_factory=Output)


@dataclass(frozen=True, slots=True)
class InferenceConfig:
    """What a configuration file says.

    Parameters
    ----------
    path : Path
        The file.
    tables : _Tables
        Its tables but that of the network.
    network : Flow, Matching, RatioNetwork or GoldNetwork
        What is learnt: a ratio with the last two, a posterior otherwise.
    """

    path: Path
    tables: _Tables
    network: AnyNetwork

    @property
    def result(self) -> Path:
        """Where what is learnt goes."""
        return self.path.parent / (self.tables.output.file or f"{self.path.stem}.npz")

    @property
    def seed(self) -> int:
        """Root of every random number."""
        return self.tables.seed

    def training_simulations(self) -> Simulations:
        """What is learnt from."""
        if self.tables.simulations is not None:
            return read_simulations(self.path.parent / self.tables.simulations.file)
        return self._toy(0)

    def test_simulations(self) -> Simulations:
        """What the result is judged by.

        Raises
        ------
        DataError
            If the configuration names no file of them.
        """
        files = self.tables.simulations
        if files is None:
            return self._toy(1)
        if not files.test:
            msg = f'{self.path} names no simulations to test with: give test = "..." in [simulations]'
            raise DataError(msg)
        return read_simulations(self.path.parent / files.test)

    def training_gold(self, progress: Progress = SILENT) -> Gold:
        """Events with joint labels to learn from."""
        return self._events.gold(self.path.parent, seed=self.seed, progress=progress)

    def test_gold(self) -> Gold:
        """Others to judge by.

        Raises
        ------
        DataError
            If the configuration names no file of them.
        """
        return self._events.test_gold(self.path.parent, seed=self.seed)

    def simulator(self) -> Simulator:
        """What made the simulations.

        Raises
        ------
        ConfigError
            If the configuration names none, or what it names cannot be imported.
        """
        if self.tables.events is not None:
            return self._events.simulator(self.path.parent)
        if self.tables.simulations is None:
            return self._model
        module, _, name = self.tables.simulations.simulator.partition(":")
        if not (module and name):
            msg = f'{self.path} names no simulator, which toys need: give simulator = "package.module:name" in [simulations]'
            raise ConfigError(msg)
        try:
            found: Simulator = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            msg = f"{self.path}: there is no {name!r} in {module!r} to import: {error}; is its folder on PYTHONPATH?"
            raise ConfigError(msg) from error
        return found

    @property
    def _events(self) -> EventFiles:
        """The table of a network that learns with joint labels: `read_inference` has seen to it."""
        if self.tables.events is None:
            msg = f"{self.path} has no [events]"
            raise ConfigError(msg)
        return self.tables.events

    @property
    def _model(self) -> GaussianModel:
        toy = self.tables.toy or GaussianToy()
        return GaussianModel(toy.response, toy.noise)

    def _toy(self, part: int) -> Simulations:
        toy, model = self.tables.toy or GaussianToy(), self._model
        # seeds of their own, for whatever root
        return simulate(model.prior, model, (toy.simulated, toy.test)[part], seed=2 * self.seed + part)


def read_inference(path: Path) -> InferenceConfig:
    """Configuration in the file `path`.

    Raises
    ------
    ConfigError
        If it is missing or says something that cannot be meant.
    """
    content = dict(read_toml(path))
    networks = ("posterior", "ratio", "gold")
    known = [*(item.name for item in fields(_Tables)), *networks]
    for key in content:
        if key not in known:
            msg = f"{path} has no key {key!r}; {nearest(key, known)}"
            raise ConfigError(msg)
    given = {name: content.pop(name) for name in networks if name in content}
    if len(given) > 1:
        msg = f"{path} has {' and '.join(f'[{name}]' for name in given)}: one result comes of one configuration"
        raise ConfigError(msg)
    tables = from_mapping(_Tables, content, str(path))
    _check_sources(tables, "gold" in given, path)
    return InferenceConfig(path, tables, _network(given, path))


def _check_sources(tables: _Tables, gold: bool, path: Path) -> None:
    """Refuse none, several, and those that the network cannot learn from."""
    sources = {name: getattr(tables, name) for name in ("simulations", "toy", "events")}
    given = [name for name, table in sources.items() if table is not None]
    if len(given) != 1:
        msg = f"{path} needs either [simulations] or [toy], or [events] for [gold]"
        raise ConfigError(msg)
    if (given[0] == "events") != gold:
        msg = f"{path} has [{given[0]}]: [gold] learns from [events], with their joint labels, [posterior] and [ratio] do not"
        raise ConfigError(msg)


def _network(given: Mapping[str, Any], path: Path) -> AnyNetwork:
    """Settings of the table that is there; a flow without any."""
    for name, table in given.items():
        if not isinstance(table, Mapping):
            msg = f"{path}: {name} must be a table, received {table!r}"
            raise ConfigError(msg)
        where = f"{path}: [{name}]"
        if name == "posterior":
            return network_from(dict(table), where)
        return from_mapping(GoldNetwork, table, where) if name == "gold" else from_mapping(RatioNetwork, table, where)
    return Flow()
