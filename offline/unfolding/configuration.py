"""What an unfolding is made of, from TOML: files or toys, quantities, selection, method, errors. This text is the reference.

Paths are relative to the folder of the configuration file. Tables and keys, with their defaults::

    seed = 1                           # root of every random number

    [simulation]                       # or [toy]; event files with gen/reco pairs, joined in this order
    files = ["monash.h5"]              # or gen = [...] and reco = [...]: the levels in files of their own, row by row the same

    [data]
    files = ["data.h5"]
    truth = false                      # true: pseudo-data, whose generated level is compared with in figures and validation

    [background]                       # optional: simulated events that are subtracted from the data
    files = ["ttbar.h5"]
    scale = 1.0                        # times their weights: the yield that is expected in the data

    [toy]                              # in place of the files: GaussianToy, quantities z and x
    simulated = 100000
    measured = 100000
    gaussian = { smear = 1.0, shift = 0.2, width = 0.9, misses = 0.2, fakes = 0.1 }

    [quantities]
    gen = ["pt", "rapidity", "mass", "multiplicity", "width", "ptd"]
    reco = []                          # the same ones; more or fewer of them are another number of dimensions
    gen_collection = "gen_jet"
    reco_collection = "reco_jet"

    [objects]                          # optional: sets of all objects of a collection beside these, for the method omnifold
    gen = ["pt", "eta", "phi"]         # of each object; any number of them, none included
    reco = []                          # the same ones
    angles = ["phi"]                   # in rad: phi and phi + 2 pi are the same
    gen_collection = "gen_particle"
    reco_collection = "reco_particle"

    [selection]                        # optional: quantity = [lowest] or [lowest, upper end], of any quantity in the files
    gen = { pt = [200.0] }             # defines what is unfolded to
    reco = { pt = [150.0, 2000.0] }

    [method]
    name = "ibu"                       # one of offline.unfolding.methods; all other keys are its settings
    iterations = 4

    [uncertainties]                    # optional: none without it
    data = 50                          # Poisson bootstraps
    mc = 50
    ensemble = 10                      # other random starts

    [systematics."scale.up"]           # optional: the simulation with another detector; a pair ends in .up and .down
    files = ["monash_up.h5"]           # or gen and reco; of a toy what is different: gaussian = { smear = 1.1 }

    [validation]                       # of l1ml-offline unfold validate
    toys = 0                           # how often coverage is asked for
    tilt = {}                          # pseudo-data of a simulation: its weights times exp(tilt * standardised quantity)

    [output]
    file = ""                          # <name of the configuration>.h5 beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError
from offline.unfolding.event_objects import ObjectQuantities
from offline.unfolding.gaussian_toy import GaussianToy
from offline.unfolding.method import UnfoldingMethod
from offline.unfolding.methods import method_from
from offline.unfolding.pair_events import ZJET_QUANTITIES
from offline.unfolding.replicas import Uncertainties
from offline.unfolding.sample import Simulation
from offline.unfolding.selection import Selection

__all__ = [
    "BackgroundFiles",
    "DataFiles",
    "ErrorCounts",
    "Output",
    "PairFiles",
    "Quantities",
    "Toy",
    "UnfoldingConfig",
    "UnfoldingTables",
    "Validation",
    "Variation",
    "read_configuration",
]


def _check_files(what: str, *lists: tuple[str, ...]) -> None:
    """Refuse no file, or one that is named twice: its events would count twice."""
    for files in lists:
        if not files or len(set(files)) < len(files):
            msg = f"{what} needs one or more different files, received {list(files)}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class PairFiles:
    """Event files of pairs, or of the two levels apart."""

    files: tuple[str, ...] = ()
    gen: tuple[str, ...] = ()
    reco: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.files) == bool(self.gen or self.reco):
            msg = (
                f"give either files, or gen and reco; received files {list(self.files)}, gen {list(self.gen)}, {list(self.reco)}"
            )
            raise ConfigError(msg)
        _check_files("a simulation", *([self.files] if self.files else [self.gen, self.reco]))


@dataclass(frozen=True, slots=True)
class Variation:
    """The simulation with another detector: files as in `PairFiles`, or what is different in the toy."""

    files: tuple[str, ...] = ()
    gen: tuple[str, ...] = ()
    reco: tuple[str, ...] = ()
    gaussian: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.gaussian:
            self.pairs()
        elif self.files or self.gen or self.reco:
            msg = "a systematic has either files or the settings of a toy, received both"
            raise ConfigError(msg)

    def pairs(self) -> PairFiles:
        """Its files."""
        return PairFiles(self.files, self.gen, self.reco)


@dataclass(frozen=True, slots=True)
class DataFiles:
    """Event files of measured events."""

    files: tuple[str, ...]
    truth: bool = False

    def __post_init__(self) -> None:
        _check_files("data", self.files)


@dataclass(frozen=True, slots=True)
class BackgroundFiles:
    """Event files of simulated background."""

    files: tuple[str, ...]
    scale: float = 1.0

    def __post_init__(self) -> None:
        _check_files("background", self.files)
        if not self.scale > 0:
            msg = f"scale of the background must be positive, received {self.scale}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Toy:
    """Numbers of events of a `GaussianToy`."""

    simulated: int = 100_000
    measured: int = 100_000
    gaussian: GaussianToy = field(default_factory=GaussianToy)

    def __post_init__(self) -> None:
        if min(self.simulated, self.measured) < 1:
            msg = f"a toy needs at least one event of each kind, received {self.simulated} simulated and {self.measured} measured"
            raise ConfigError(msg)

    def varied(self, variation: Variation) -> GaussianToy:
        """The toy with what is different in `variation`."""
        return from_mapping(GaussianToy, {**asdict(self.gaussian), **variation.gaussian}, "gaussian of a systematic")


@dataclass(frozen=True, slots=True)
class Quantities:
    """What is unfolded, and where it stands in the files."""

    gen: tuple[str, ...] = ZJET_QUANTITIES
    reco: tuple[str, ...] = ()
    gen_collection: str = "gen_jet"
    reco_collection: str = "reco_jet"

    def __post_init__(self) -> None:
        for level, names in (("gen", self.gen), ("reco", self.reco_names)):
            if not names or len(set(names)) < len(names):
                msg = f"quantities.{level} needs one or more different names, received {list(names)}"
                raise ConfigError(msg)

    @property
    def reco_names(self) -> tuple[str, ...]:
        """Quantities at reconstruction."""
        return self.reco or self.gen


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Numbers of replicas, as in `offline.unfolding.replicas.Uncertainties`."""

    data: int = 50
    mc: int = 50
    ensemble: int = 10

    def __post_init__(self) -> None:
        self.uncertainties({})

    def uncertainties(self, systematics: Mapping[str, Simulation]) -> Uncertainties:
        """These and the `systematics`."""
        return Uncertainties(self.data, self.mc, self.ensemble, systematics)


@dataclass(frozen=True, slots=True)
class Validation:
    """What is done with pseudo-data."""

    toys: int = 0
    tilt: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.toys < 0 or self.toys == 1:
            msg = f"number of toys must be 0 or 2 and more (one has no spread), received {self.toys}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Output:
    """Where the result goes."""

    file: str = ""


@dataclass(frozen=True, slots=True)
class UnfoldingTables:
    """All tables but that of the method."""

    seed: int = 1
    simulation: PairFiles | None = None
    data: DataFiles | None = None
    background: BackgroundFiles | None = None
    toy: Toy | None = None
    quantities: Quantities = field(default_factory=Quantities)
    objects: ObjectQuantities | None = None
    selection: Selection = field(default_factory=Selection)
    uncertainties: ErrorCounts | None = None
    systematics: Mapping[str, Variation] = field(default_factory=dict)
    validation: Validation = field(default_factory=Validation)
    output: Output = field(default_factory=Output)

    def __post_init__(self) -> None:
        files = self.simulation is not None and self.data is not None
        if files == (self.toy is not None) or (self.toy and (self.simulation or self.data or self.background)):
            msg = "events come from [simulation] and [data], or from [toy]: give both of the first or the second alone"
            raise ConfigError(msg)
        if self.toy and self.objects:
            msg = "[objects] are those of files; events of [toy] have none"
            raise ConfigError(msg)
        for name, variation in self.systematics.items():
            if bool(variation.gaussian) != (self.toy is not None):
                msg = (
                    f"systematic {name!r} must be made of {'settings of the toy' if self.toy else 'files'}, as the simulation is"
                )
                raise ConfigError(msg)
            if self.toy is not None:
                self.toy.varied(variation)
        if not 0 <= self.seed < 2**32:
            msg = f"seed must be within 32 bits, received {self.seed}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class UnfoldingConfig:
    """An unfolding.

    Parameters
    ----------
    path : Path
        The file that it was read from; paths in it are relative to its folder.
    tables : UnfoldingTables
        Inputs, errors, output.
    method : UnfoldingMethod
        The method with its settings.
    content : mapping
        The file as it stands.
    """

    path: Path
    tables: UnfoldingTables
    method: UnfoldingMethod
    content: Mapping[str, Any]

    @property
    def result(self) -> Path:
        """Where the result goes."""
        return self.path.parent / (self.tables.output.file or f"{self.path.stem}.h5")


def read_configuration(path: Path) -> UnfoldingConfig:
    """The unfolding that the TOML file `path` describes.

    Raises
    ------
    ConfigError
        If the file is missing, not TOML, or says something that cannot be meant; an unknown key is answered with the nearest.
    """
    if not path.is_file():
        msg = f"{path} does not exist; give the configuration of an unfolding, see offline.unfolding.configuration"
        raise ConfigError(msg)
    content = read_toml(path)
    rest = {key: value for key, value in content.items() if key != "method"}
    tables = from_mapping(UnfoldingTables, rest, str(path))
    method = content.get("method")
    if not isinstance(method, Mapping):
        msg = f"{path} lacks the table [method]"
        raise ConfigError(msg)
    return UnfoldingConfig(path, tables, method_from(method, f"{path}.method"), content)
