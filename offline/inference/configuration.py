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

    [posterior]                        # or [ratio]: settings of the network, see offline/inference/networks/settings.py
    name = "flow"                      # or "matching"; of a ratio there is one network only
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
from offline.inference.gaussian_model import GaussianModel
from offline.inference.networks.settings import Flow, NetworkSettings, RatioNetwork, network_from
from offline.inference.simulations import Simulations
from offline.inference.simulations_file import read_simulations
from offline.inference.simulator import Simulator, simulate

__all__ = ["InferenceConfig", "read_inference"]


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
    network : Flow, Matching or RatioNetwork
        What is learnt: a ratio with the last one, a posterior otherwise.
    """

    path: Path
    tables: _Tables
    network: NetworkSettings | RatioNetwork

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

    def simulator(self) -> Simulator:
        """What made the simulations.

        Raises
        ------
        ConfigError
            If the configuration names none, or what it names cannot be imported.
        """
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
    known = [*(item.name for item in fields(_Tables)), "posterior", "ratio"]
    for key in content:
        if key not in known:
            msg = f"{path} has no key {key!r}; {nearest(key, known)}"
            raise ConfigError(msg)
    posterior, ratio = content.pop("posterior", None), content.pop("ratio", None)
    if posterior is not None and ratio is not None:
        msg = f"{path} has [posterior] and [ratio]: one result comes of one configuration"
        raise ConfigError(msg)
    tables = from_mapping(_Tables, content, str(path))
    if (tables.simulations is None) == (tables.toy is None):
        msg = f"{path} needs either [simulations] or [toy]"
        raise ConfigError(msg)
    return InferenceConfig(path, tables, _network(posterior, ratio, path))


def _network(posterior: Any, ratio: Any, path: Path) -> NetworkSettings | RatioNetwork:
    """Settings of the table that is there; a flow without any."""
    for name, table in (("posterior", posterior), ("ratio", ratio)):
        if table is not None and not isinstance(table, Mapping):
            msg = f"{path}: {name} must be a table, received {table!r}"
            raise ConfigError(msg)
    if ratio is not None:
        return from_mapping(RatioNetwork, ratio, f"{path}: [ratio]")
    return Flow() if posterior is None else network_from(dict(posterior), f"{path}: [posterior]")
