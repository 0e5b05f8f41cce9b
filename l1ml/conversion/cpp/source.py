"""What a C++ project is made of, whoever holds it."""

from __future__ import annotations

from typing import Protocol

from l1ml.model import GoldenWords, Network

__all__ = ["NamedNetwork"]


class NamedNetwork(Protocol):
    """A network with what gives its words a meaning: a `TriggerModel`, or a network from a portable file."""

    @property
    def name(self) -> str:
        """Short name, such as ``axo``."""

    @property
    def digest(self) -> str:
        """SHA-256 of what it computes; a threshold is bound to it."""

    @property
    def schema_digest(self) -> str:
        """Digest of the `EventSchema` of its inputs."""

    @property
    def features(self) -> tuple[str, ...]:
        """Name of each input word, in order."""

    @property
    def network(self) -> Network:
        """The integers."""

    @property
    def score(self) -> str:
        """What the score is, in words."""

    @property
    def golden(self) -> GoldenWords:
        """Crossings with their scores, by which the C++ is tested."""
