"""The menu: algorithms, and every condition that they ask for in hardware values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.algorithm import Algorithm, AlgorithmEntry
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.menus.definitions import Definitions, UnresolvedNameError, condition_of
from l1ml.trigger.menus.expression import Expression, Reference, references
from l1ml.trigger.menus.grammar import GrammarError, parse_expression
from l1ml.trigger.menus.object_score import ObjectScore, object_scores
from l1ml.trigger.menus.requirements import SCORE_KINDS, ConditionRequirement

__all__ = ["AlgorithmKind", "Menu", "MenuInformation"]

AlgorithmKind: TypeAlias = Literal["classical", "crossing_score", "object_score"]


@dataclass(frozen=True, slots=True)
class MenuInformation:
    """What a menu document says about itself; empty where it says nothing."""

    comment: str = ""
    menu_uuid: str = ""
    firmware_uuid: str = ""
    grammar_version: str = ""
    scale_set: str = ""
    external_signal_set: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu whose every name is resolved; make it with `from_entries`.

    Parameters
    ----------
    name : str
        Name of the menu.
    algorithms : tuple of Algorithm
        In the order of their index.
    definitions : Definitions
        Hardware values behind the names.
    conditions : mapping of str to ConditionRequirement
        Every condition of the algorithms by its name, `Reference.name`.
    information : MenuInformation
        What the document says about itself.
    rates : CrossingRate
        Bunches and revolution frequency.
    networks : mapping of str to str
        Digest of the model behind each network that the thresholds on scores were derived for; a network that is not here may
        be any.
    """

    name: str
    algorithms: tuple[Algorithm, ...]
    definitions: Definitions
    conditions: Mapping[str, ConditionRequirement]
    information: MenuInformation = field(default_factory=MenuInformation)
    rates: CrossingRate = field(default_factory=CrossingRate)
    networks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_entries(
        cls,
        name: str,
        entries: Iterable[AlgorithmEntry],
        definitions: Definitions,
        information: MenuInformation | None = None,
        *,
        rates: CrossingRate | None = None,
        networks: Mapping[str, str] | None = None,
    ) -> Menu:
        """Menu of `entries`, parsed and resolved.

        Raises
        ------
        GrammarError
            On an expression outside the grammar or a name without definition; names the algorithm and the character.
        ConfigError
            On no algorithm, or an index or name that stands twice.
        """
        ordered = sorted(entries, key=lambda entry: entry.index)
        _check_unique(name, ordered)
        algorithms = tuple(Algorithm(entry, _tree(entry)) for entry in ordered)
        conditions = _conditions(algorithms, definitions)
        about, crossing_rate = information or MenuInformation(), rates or CrossingRate()
        return cls(name, algorithms, definitions, conditions, about, crossing_rate, dict(networks or {}))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the algorithms in the order of their index."""
        return tuple(algorithm.name for algorithm in self.algorithms)

    def __getitem__(self, name: str) -> Algorithm:
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

    def conditions_of(self, algorithm: Algorithm) -> tuple[ConditionRequirement, ...]:
        """Conditions of `algorithm`, each once, in the order written."""
        return tuple(self.conditions[name] for name in algorithm.conditions)

    def networks_of(self, algorithm: Algorithm) -> tuple[str, ...]:
        """Networks whose scores `algorithm` cuts on, each once; none for a classical algorithm."""
        return tuple(dict.fromkeys(name for condition in self.conditions_of(algorithm) for name in condition.networks))

    def is_classical(self, algorithm: Algorithm) -> bool:
        """Whether `algorithm` cuts on objects only, not on the score of a network."""
        return not self.networks_of(algorithm)

    def kind_of(self, algorithm: Algorithm) -> AlgorithmKind:
        """What `algorithm` cuts on: no score, the score of a crossing (and maybe more), or scores of objects alone."""
        if self.is_classical(algorithm):
            return "classical"
        return "crossing_score" if any(one.kind in SCORE_KINDS for one in self.conditions_of(algorithm)) else "object_score"

    @property
    def networks_cut_on(self) -> tuple[str, ...]:
        """Networks whose scores any algorithm cuts on, each once."""
        return tuple(dict.fromkeys(name for algorithm in self.algorithms for name in self.networks_of(algorithm)))

    @property
    def object_scores(self) -> dict[str, ObjectScore]:
        """Scores of objects that the menu cuts on, by their names, in order of appearance.

        Raises
        ------
        ConfigError
            If two of them have one name.
        """
        found: dict[str, ObjectScore] = {}
        objects = (item for algorithm in self.algorithms for one in self.conditions_of(algorithm) for item in one.objects)
        for score in (score for item in objects for score in object_scores(item)):
            if found.setdefault(score.name, score) != score:
                msg = f"menu {self.name!r}: {score.name!r} is {found[score.name]} and {score}; call one of the networks otherwise"
                raise ConfigError(msg)
        return found

    @property
    def score_outputs(self) -> dict[str, tuple[str, str]]:
        """Network and output behind each score of a crossing that is cut on, by the score's name, in order of appearance.

        Raises
        ------
        ConfigError
            If two scores have one name.
        """
        found: dict[str, tuple[str, str]] = {}
        for condition in (item for algorithm in self.algorithms for item in self.conditions_of(algorithm)):
            for name, output in condition.score_outputs.items():
                behind = condition.network or "", output
                if found.setdefault(name, behind) != behind:
                    both = " and ".join(f"output {item[1]!r} of {item[0]!r}" for item in (found[name], behind))
                    msg = f"menu {self.name!r}: the score {name!r} is {both}; call one of the networks otherwise"
                    raise ConfigError(msg)
        return found

    @property
    def scores(self) -> tuple[str, ...]:
        """Names of the scores of crossings that the menu cuts on, in order of appearance."""
        return tuple(self.score_outputs)

    @property
    def unresolved(self) -> tuple[str, ...]:
        """Algorithms with a score cut whose threshold is still to be derived."""
        return tuple(
            algorithm.name
            for algorithm in self.algorithms
            if any(condition.lacks_threshold for condition in self.conditions_of(algorithm))
        )

    def with_entries(self, change: Callable[[AlgorithmEntry], AlgorithmEntry]) -> Menu:
        """The same menu with other prescales, masks or comments; `change` keeps index, name and expression."""
        return replace(self, algorithms=tuple(replace(item, entry=change(item.entry)) for item in self.algorithms))

    def with_definitions(self, definitions: Definitions, networks: Mapping[str, str]) -> Menu:
        """The same algorithms on other hardware values."""
        conditions = _conditions(self.algorithms, definitions)
        return replace(self, definitions=definitions, conditions=conditions, networks=dict(networks))

    def check_networks(self, digests: Mapping[str, str]) -> None:
        """Refuse thresholds that were derived for another model.

        Parameters
        ----------
        digests : mapping of str to str
            Digest of the model behind each network.

        Raises
        ------
        ConfigError
            If the menu states another digest for one of them.
        """
        for name in set(self.networks) & set(digests):
            if self.networks[name] != digests[name]:
                msg = (
                    f"menu {self.name!r}: the thresholds on {name!r} belong to model {self.networks[name][:12]}, but the score "
                    f"comes from model {digests[name][:12]}; derive them again with `l1ml menu rates`"
                )
                raise ConfigError(msg)


def _check_unique(name: str, entries: list[AlgorithmEntry]) -> None:
    if not entries:
        msg = f"menu {name!r} has no algorithm"
        raise ConfigError(msg)
    by_index: dict[int, str] = {}
    names: set[str] = set()
    for entry in entries:
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


def _conditions(algorithms: Iterable[Algorithm], definitions: Definitions) -> dict[str, ConditionRequirement]:
    conditions: dict[str, ConditionRequirement] = {}
    for algorithm in algorithms:
        for reference in references(algorithm.tree):
            if reference.name not in conditions:
                conditions[reference.name] = _resolved(algorithm, reference, definitions)
    return conditions


def _resolved(algorithm: Algorithm, reference: Reference, definitions: Definitions) -> ConditionRequirement:
    try:
        return condition_of(reference.term, definitions)
    except UnresolvedNameError as error:
        raise GrammarError(str(error), algorithm.expression, error.position, algorithm.name) from None
