"""Settings of networks, without Keras."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Protocol

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, nearest
from offline.density import Training

__all__ = [
    "NETWORKS",
    "Diffusion",
    "Flow",
    "Matching",
    "NetworkSettings",
    "RatioNetwork",
    "Summary",
    "Trained",
    "check_common",
    "network_from",
    "table_of",
]

_COORDINATES = ("scores", "plain")


@dataclass(frozen=True, slots=True)
class Summary:
    """Deep set (arXiv:1703.06114): what a network of each event gives is averaged, and a second network reads the mean.

    With blocks of attention (set transformer, arXiv:1810.00825) events look at each other before the mean is taken.

    Parameters
    ----------
    event_widths, set_widths : tuple of int
        Hidden layers before and after the mean.
    size : int
        Numbers that stand for a set.
    blocks : int
        Of attention, 0 for a deep set; their time grows with the square of the number of events.
    heads : int
        Of each block; they share the last of `event_widths` evenly.
    """

    event_widths: tuple[int, ...] = (64, 64)
    set_widths: tuple[int, ...] = (64,)
    size: int = 16
    blocks: int = 0
    heads: int = 4

    def __post_init__(self) -> None:
        _check_positive(self, (*self.event_widths, *self.set_widths, self.size, self.heads))
        if self.blocks < 0 or (self.blocks and (not self.event_widths or self.event_widths[-1] % self.heads)):
            msg = f"attention needs 0 or more blocks, and a last width that {self.heads} heads share evenly, received {self}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Flow:
    """Coupling flow of bayesflow (arXiv:2006.06685): has a density, and draws in one pass.

    Parameters
    ----------
    depth : int
        Pairs of couplings.
    widths : tuple of int
        Hidden layers of each subnet.
    transform : str
        ``spline`` (arXiv:1906.04032) or ``affine``.
    bins : int
        Of splines.
    training : Training
        Schedule.
    held_out : float
        Share of the simulations that decide which pass was best.
    patience : int
        Passes without a better one after which training stops.
    members : int
        Networks of different starts, trained in one go on the same batches; the density is their mean.
    bootstrap : bool
        Whether each of them has another sample: their spread is then that of the simulations, too.
    summary : Summary
        Of sets.
    """

    depth: int = 4
    widths: tuple[int, ...] = (64, 64)
    transform: str = "spline"
    bins: int = 8
    training: Training = field(default_factory=lambda: Training(updates=4000, batch_size=256, learning_rate=1e-3))
    held_out: float = 0.05
    patience: int = 20
    members: int = 1
    bootstrap: bool = False
    summary: Summary = field(default_factory=Summary)
    name: ClassVar[str] = "flow"
    dense: ClassVar[bool] = True
    coordinates: ClassVar[str] = "scores"

    def __post_init__(self) -> None:
        check_common(self)
        _check_positive(self, (self.depth, self.bins))
        if self.transform not in ("spline", "affine"):
            msg = f"a flow is made of 'spline' or 'affine' couplings, received {self.transform!r}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Matching:
    """Flow matching (arXiv:2210.02747): hardly learns simulations by heart, but has no density here.

    Parameters
    ----------
    widths : tuple of int
        Hidden layers of the velocity.
    steps : int
        Of the integration, two evaluations each.
    training, held_out, patience, summary
        As in `Flow`.
    members : int
        Networks of different starts and held-out simulations, trained one after another; draws are those of all.
    coordinates : str
        ``scores``: normal under the prior, so that no draw leaves it; ``plain``: as they are, where posteriors are narrow and
        of simple form; draws outside the prior are then drawn again.
    """

    widths: tuple[int, ...] = (128, 128, 128, 128)
    steps: int = 20
    training: Training = field(default_factory=lambda: Training(updates=8000, batch_size=256, learning_rate=1e-3))
    held_out: float = 0.05
    patience: int = 40
    members: int = 1
    summary: Summary = field(default_factory=Summary)
    coordinates: str = "scores"
    name: ClassVar[str] = "matching"
    dense: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_common(self)
        _check_positive(self, (self.steps,))
        if self.coordinates not in _COORDINATES:
            msg = f"there are no coordinates {self.coordinates!r}; {nearest(self.coordinates, _COORDINATES)}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Diffusion(Matching):
    """Denoising at all scales (arXiv:2206.00364): for posteriors much narrower than their prior; no density either.

    Parameters
    ----------
    widths, training, held_out, patience, members, summary, coordinates
        As in `Matching`.
    steps : int
        Of the integration, at least 2.
    least : float
        Smallest noise, in units of what a straight line leaves of the parameters: finer structures are washed out.
    """

    widths: tuple[int, ...] = (128, 128, 128)
    steps: int = 15
    training: Training = field(default_factory=lambda: Training(updates=12_000, batch_size=512, learning_rate=2e-3))
    patience: int = 200
    least: float = 0.005
    name: ClassVar[str] = "diffusion"

    def __post_init__(self) -> None:
        # without arguments it would ask a class that dataclass has replaced
        super(Diffusion, self).__post_init__()
        if self.steps < 2 or not 0 < self.least < 1:
            msg = f"a diffusion needs at least 2 steps, down to a noise between 0 and 1; received {self.steps} and {self.least}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class RatioNetwork:
    """Classifier whose logit is the logarithm of a ratio.

    Parameters
    ----------
    widths : tuple of int
        Hidden layers.
    contrasts : int
        Parameters that an observation is told to choose from (NRE-C); 0 for pairs of two kinds.
    gamma : float
        Odds of one of them against none.
    training, held_out, patience
        As in `Flow`.
    members : int
        Networks of different starts, trained in one go on the same batches; the logarithm of the ratio is their mean.
    bootstrap : bool
        Whether each of them has another sample: their spread is then that of the simulations, too.
    """

    widths: tuple[int, ...] = (64, 64, 64)
    contrasts: int = 0
    gamma: float = 1.0
    training: Training = field(default_factory=lambda: Training(updates=4000, batch_size=256, learning_rate=1e-3))
    held_out: float = 0.05
    patience: int = 20
    members: int = 1
    bootstrap: bool = False
    name: ClassVar[str] = "ratio"

    def __post_init__(self) -> None:
        check_common(self)
        if self.contrasts < 0 or self.gamma <= 0:
            msg = f"contrasts must not be negative and gamma must be positive, received {self.contrasts} and {self.gamma}"
            raise ConfigError(msg)


NetworkSettings = Flow | Matching

NETWORKS: dict[str, type[Flow] | type[Matching]] = {cls.name: cls for cls in (Flow, Matching, Diffusion)}
"""By the names that files and configurations use."""


def network_from(table: dict[str, Any], where: str) -> NetworkSettings:
    """Settings from a table whose `name` says of which network.

    Raises
    ------
    ConfigError
        If there is no such network, or it has no such setting.
    """
    name = str(table.get("name", Flow.name))
    if name not in NETWORKS:
        msg = f"{where} has no network {name!r}; {nearest(name, NETWORKS)}"
        raise ConfigError(msg)
    return from_mapping(NETWORKS[name], {key: value for key, value in table.items() if key != "name"}, where)


def table_of(settings: NetworkSettings) -> dict[str, Any]:
    """Inverse of `network_from`."""
    return {"name": settings.name, **asdict(settings)}


def _check_positive(settings: object, numbers: tuple[int, ...]) -> None:
    if not numbers or min(numbers) < 1:
        msg = f"all sizes of a network must be positive, received {settings}"
        raise ConfigError(msg)


class Trained(Protocol):
    """What the settings of all networks have."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Hidden layers."""

    @property
    def members(self) -> int:
        """Networks of different starts."""

    @property
    def patience(self) -> int:
        """Looks at held-out rows without a smaller loss."""

    @property
    def held_out(self) -> float:
        """Share of the rows that is not trained on."""


def check_common(settings: Trained) -> None:
    """Refuse what no network can be trained with.

    Raises
    ------
    ConfigError
        If a size is not positive, or the held-out share is none.
    """
    _check_positive(settings, (settings.members, settings.patience))
    _check_positive(settings, settings.widths)
    if not 0 < settings.held_out < 1:
        msg = f"held_out is a share between 0 and 1, received {settings.held_out}"
        raise ConfigError(msg)
