"""Scores that a network gives each object of a crossing, such as the classes of a jet tagger, as a menu cuts on them."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError
from l1ml.trigger.menus.object_types import OBJECT_KINDS
from l1ml.trigger.menus.requirements import SCORE_KINDS, Cut, ObjectRequirement

__all__ = ["ObjectScore", "check_score_cuts", "object_score", "object_scores"]


@dataclass(frozen=True, slots=True)
class ObjectScore:
    """One word for each object, made of the outputs of a network.

    Parameters
    ----------
    network : str
        Name of the network in the menu.
    object : str
        Type of the objects in the grammar, such as "JET".
    output : str
        The output, by label or number; empty for the only one.
    against : str
        The output that is subtracted; empty for none.
    wins : bool
        Whether the word is 1 where the output is the largest, of equal ones the first, and 0 elsewhere.
    """

    network: str
    object: str
    output: str = ""
    against: str = ""
    wins: bool = False

    @property
    def name(self) -> str:
        """What the score is called, such as "tagger.b", "tagger.b-g" or "tagger.b wins"."""
        output = f"{self.network}.{self.output}" if self.output else self.network
        return output + (f"-{self.against}" if self.against else "") + (" wins" if self.wins else "")


def object_score(requirement: ObjectRequirement, cut: Cut) -> ObjectScore:
    """The score that `cut`, of kind score or winner, asks of the objects of `requirement`."""
    network = requirement.of_kind("model")[0].text
    return ObjectScore(network, requirement.object, cut.output, cut.against, cut.kind == "winner")


def object_scores(requirement: ObjectRequirement) -> tuple[ObjectScore, ...]:
    """All scores that `requirement` cuts on; none of a condition on the score of a crossing."""
    if OBJECT_KINDS[requirement.object] in SCORE_KINDS:
        return ()
    return tuple(object_score(requirement, cut) for cut in _cuts(requirement))


def check_score_cuts(requirement: ObjectRequirement) -> None:
    """Refuse cuts on scores that the object cannot have, or that do not say of which network.

    Raises
    ------
    ConfigError
        If an object that is no muon, e/gamma, tau or jet has such a cut, or it names no network, or several.
    """
    cuts, networks = _cuts(requirement), sorted({cut.text for cut in requirement.of_kind("model")})
    if OBJECT_KINDS[requirement.object] in SCORE_KINDS:
        _check_crossing(requirement, cuts)
        return
    if not cuts and not networks:
        return
    if OBJECT_KINDS[requirement.object] != "single":
        known = ", ".join(name for name, kind in OBJECT_KINDS.items() if kind == "single")
        msg = f"{requirement.object} has no score of its own; a network gives scores to each {known}"
        raise ConfigError(msg)
    if len(networks) != 1:
        many = ", ".join(map(repr, networks)) or "none"
        cut = f'{requirement.object}-MODEL_tagger = {{ kind = "model", text = "tagger" }}'
        msg = f"the cuts of {requirement.name} need one network, received {many}; name it with a cut such as {cut}"
        raise ConfigError(msg)
    if not cuts:
        msg = f"{requirement.name} names {networks[0]!r} and cuts on none of its scores; add a cut of kind score or winner"
        raise ConfigError(msg)


def _cuts(requirement: ObjectRequirement) -> tuple[Cut, ...]:
    return (*requirement.of_kind("score"), *requirement.of_kind("winner"))


def _check_crossing(requirement: ObjectRequirement, cuts: tuple[Cut, ...]) -> None:
    """The score of a crossing is one word of the network."""
    for cut in cuts:
        if cut.kind == "winner" or cut.against:
            what = "a winner" if cut.kind == "winner" else "a difference of two outputs"
            msg = f"{cut.name} asks {requirement.object} for {what}, which only objects have (MU, EG, TAU, JET)"
            raise ConfigError(msg)
