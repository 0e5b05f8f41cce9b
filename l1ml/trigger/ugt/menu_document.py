"""A menu of the Global Trigger: algorithms as written, their trees, and every condition in hardware values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.ugt.definitions import Definitions, UnresolvedNameError, condition_of
from l1ml.trigger.ugt.expression import Expression, Reference, references
from l1ml.trigger.ugt.grammar import GrammarError, parse_expression
from l1ml.trigger.ugt.requirements import ConditionRequirement

__all__ = ["AlgorithmEntry", "MenuInformation", "UgtAlgorithm", "UgtMenu"]

_N_ALGORITHMS = 512
"""Bits of the Global Trigger."""


@dataclass(frozen=True, slots=True)
class MenuInformation:
    """What a menu document says about itself; empty where it says nothing."""

    comment: str = ""
    menu_uuid: str = ""
    firmware_uuid: str = ""
    grammar_version: str = ""
    scale_set: str = ""
    external_signal_set: str = ""


@dataclass(frozen=True, slots=True)
class AlgorithmEntry:
    """One algorithm as a menu document states it.

    Parameters
    ----------
    index : int
        Bit of the algorithm, 0 to 511.
    name : str
        Such as "L1_SingleMu22".
    expression : str
        Logical expression in the menu grammar, one line.
    comment : str
        Free text.
    labels : tuple of str
        Tags of the menu editor.
    """

    index: int
    name: str
    expression: str
    comment: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UgtAlgorithm:
    """An entry with the tree of its expression."""

    entry: AlgorithmEntry
    tree: Expression

    @property
    def index(self) -> int:
        """Bit of the algorithm, 0 to 511."""
        return self.entry.index

    @property
    def name(self) -> str:
        """Name of the algorithm."""
        return self.entry.name

    @property
    def expression(self) -> str:
        """Logical expression as written."""
        return self.entry.expression

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names of its conditions, each once, in the order written."""
        return tuple(dict.fromkeys(reference.name for reference in references(self.tree)))


@dataclass(frozen=True, slots=True)
class UgtMenu:
    """A menu whose every name is resolved; make it with `from_entries`.

    Parameters
    ----------
    name : str
        Name of the menu.
    algorithms : tuple of UgtAlgorithm
        In the order of their index.
    definitions : Definitions
        Hardware values behind the names.
    conditions : mapping of str to ConditionRequirement
        Every condition of the algorithms by its name, `Reference.name`.
    information : MenuInformation
        What the document says about itself.
    """

    name: str
    algorithms: tuple[UgtAlgorithm, ...]
    definitions: Definitions
    conditions: Mapping[str, ConditionRequirement]
    information: MenuInformation = field(default_factory=MenuInformation)

    @classmethod
    def from_entries(
        cls,
        name: str,
        entries: Iterable[AlgorithmEntry],
        definitions: Definitions,
        information: MenuInformation | None = None,
    ) -> UgtMenu:
        """Menu of `entries`, parsed and resolved.

        Raises
        ------
        GrammarError
            On an expression outside the grammar or a name without definition; names the algorithm and the character.
        ConfigError
            On no algorithm, an index outside 0 to 511, or an index or name that stands twice.
        """
        ordered = sorted(entries, key=lambda entry: entry.index)
        _check_unique(name, ordered)
        algorithms = tuple(UgtAlgorithm(entry, _tree(entry)) for entry in ordered)
        return cls(name, algorithms, definitions, _conditions(algorithms, definitions), information or MenuInformation())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the algorithms in the order of their index."""
        return tuple(algorithm.name for algorithm in self.algorithms)

    def __getitem__(self, name: str) -> UgtAlgorithm:
        """Algorithm called `name`.

        Raises
        ------
        ConfigError
            If there is none, naming the nearest one.
        """
        for algorithm in self.algorithms:
            if algorithm.name == name:
                return algorithm
        msg = f"menu {self.name!r} has no algorithm {name!r}; {nearest(name, self.names)}"
        raise ConfigError(msg)


def _check_unique(name: str, entries: list[AlgorithmEntry]) -> None:
    if not entries:
        msg = f"menu {name!r} has no algorithm"
        raise ConfigError(msg)
    by_index: dict[int, str] = {}
    names: set[str] = set()
    for entry in entries:
        if not 0 <= entry.index < _N_ALGORITHMS:
            msg = f"menu {name!r}: {entry.name} has the index {entry.index}, allowed are 0 to {_N_ALGORITHMS - 1}"
            raise ConfigError(msg)
        if entry.index in by_index or entry.name in names:
            msg = f"menu {name!r}: {entry.name} at index {entry.index} stands twice ({by_index.get(entry.index, 'same name')})"
            raise ConfigError(msg)
        by_index[entry.index] = entry.name
        names.add(entry.name)


def _tree(entry: AlgorithmEntry) -> Expression:
    try:
        return parse_expression(entry.expression)
    except GrammarError as error:
        raise error.within(entry.name) from None


def _conditions(algorithms: Iterable[UgtAlgorithm], definitions: Definitions) -> dict[str, ConditionRequirement]:
    conditions: dict[str, ConditionRequirement] = {}
    for algorithm in algorithms:
        for reference in references(algorithm.tree):
            if reference.name not in conditions:
                conditions[reference.name] = _resolved(algorithm, reference, definitions)
    return conditions


def _resolved(algorithm: UgtAlgorithm, reference: Reference, definitions: Definitions) -> ConditionRequirement:
    try:
        return condition_of(reference.term, definitions)
    except UnresolvedNameError as error:
        raise GrammarError(str(error), algorithm.expression, error.position, algorithm.name) from None
