"""What is asked of every partition: as few bytes, from which every process makes what answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from l1ml import __version__
from l1ml.errors import DataError
from l1ml.storage import digest_of

__all__ = ["Question"]

_Tools = TypeVar("_Tools")
_KEPT = 2
"""Questions whose tools a process keeps."""

_kept: dict[Question[Any], Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(ABC, Generic[_Tools]):
    """The files that say it, and a digest of what they said when it was asked.

    Parameters
    ----------
    era : str, optional
        Year of the word layout of vectors; by default what their names say.
    digest : str
        Of all that decides the answer but the crossings; empty before `asked`.
    """

    era: str | None = None
    digest: str = ""

    @abstractmethod
    def read(self) -> _Tools:
        """What answers the question, of what the files say now."""

    @abstractmethod
    def content(self, tools: _Tools) -> Mapping[str, Any]:
        """What decides the answer besides version and era, as JSON values."""

    def asked(self) -> Self:
        """The question with the digest of what its files say now; this process need not read them again.

        Raises
        ------
        ConfigError, DataError, SchemaError
            As `read`.
        """
        tools = self.read()
        return _keep(replace(self, digest=self._digest(tools)), tools)

    @property
    def tools(self) -> _Tools:
        """What answers the question: read and compiled once in every process.

        Raises
        ------
        DataError
            If the files have changed since the question was asked.
        """
        if self not in _kept:
            tools = self.read()
            if self._digest(tools) != self.digest:
                msg = "a network, the menu or its settings have changed since the run began; run again"
                raise DataError(msg)
            _keep(self, tools)
        made: _Tools = _kept[self]
        return made

    def _digest(self, tools: _Tools) -> str:
        return digest_of({"l1ml": __version__, "era": self.era, **self.content(tools)})


_Asked = TypeVar("_Asked", bound=Question[Any])


def _keep(question: _Asked, tools: object) -> _Asked:
    """Keep `tools` in place of those that were kept longest."""
    _kept[question] = tools
    while len(_kept) > _KEPT:
        del _kept[next(iter(_kept))]
    return question
