"""Networks that give scores to each object of a crossing, such as taggers of jets: what they read, and what is cut on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.emulator import Emulator
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.menus.object_score import ObjectScore
from l1ml.trigger.menus.object_types import OBJECT_KINDS

__all__ = ["ObjectInputs", "select_object_scores"]

_TAGGED = tuple(name for kind, name in COLLECTIONS.items() if OBJECT_KINDS[kind] == "single")
_OBJECTS_AT_ONCE = 1 << 13
"""Objects whose words are laid out together, in the cache: 14 % faster than four times as many, of 16 fields."""
_INT32_BITS = 31


@dataclass(frozen=True, slots=True)
class ObjectInputs:
    """The input words of a network that runs once for each object of a collection.

    Parameters
    ----------
    collection : str
        Collection of the crossings: "muon", "egamma", "tau" or "jet".
    fields : tuple of str
        Fields of the object in the order of the inputs, such as ``("pt", "mass", "multiplicity")``; their words as they are.

    Raises
    ------
    ConfigError
        If there is no such collection, or no field.
    """

    collection: str
    fields: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.collection not in _TAGGED:
            msg = f"a network cannot give scores to each {self.collection!r}; {nearest(self.collection, _TAGGED)}"
            raise ConfigError(msg)
        if not self.fields:
            msg = f"the network of each {self.collection} reads no field; name those that it reads, in order"
            raise ConfigError(msg)

    @property
    def n_inputs(self) -> int:
        """Number of input words."""
        return len(self.fields)

    def __str__(self) -> str:
        return f"{', '.join(self.fields)} of each {self.collection}"

    def scores(self, emulator: Emulator, columns: Columns) -> NDArray[np.integer[Any]]:
        """Score words of every object, int32 where they fit; 0 where a slot is empty (its pt word is 0).

        Returns
        -------
        ndarray of int32 or int64, shape (n, slots, n_outputs)
            A view of memory in the order (output, slot, crossing), which is that of the conditions.

        Raises
        ------
        DataError
            If the crossings lack the collection or a field, or a word does not fit into its input.
        """
        fields = [self._field(emulator, columns, name) for name in self.fields]
        pt = columns.field(self.collection, "pt")
        found = np.zeros((emulator.n_outputs, pt.size), _type(emulator))
        for places in _chunks(np.flatnonzero(pt)):
            rows = np.empty((len(places), len(fields)), np.int64 if _has_fractions(emulator) else np.int32)
            for column, words in enumerate(fields):
                rows[:, column] = words.take(places)
            found[:, places] = emulator.predict(_on_the_grid(rows, emulator)).reshape(len(places), -1).T
        return found.reshape(emulator.n_outputs, *pt.shape).transpose(2, 1, 0)

    def _field(self, emulator: Emulator, columns: Columns, name: str) -> NDArray[np.integer[Any]]:
        """Words of one field, flat."""
        try:
            return columns.field(self.collection, name).reshape(-1)
        except DataError as error:
            msg = f"{emulator.name} reads {self}: {error}"
            raise DataError(msg) from error


def _chunks(places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(places), _OBJECTS_AT_ONCE):
        yield places[start : start + _OBJECTS_AT_ONCE]


def _has_fractions(emulator: Emulator) -> bool:
    return any(item.width != item.integer for item in emulator.input_formats)


def _on_the_grid(rows: NDArray[np.integer[Any]], emulator: Emulator) -> NDArray[np.integer[Any]]:
    """Words with the bits behind the point that the inputs have."""
    if not _has_fractions(emulator):
        return rows
    return rows << np.array([item.width - item.integer for item in emulator.input_formats], np.int64)


def _type(emulator: Emulator) -> type[np.signedinteger[Any]]:
    form = emulator.output_format
    return np.int32 if form.width - form.signed <= _INT32_BITS else np.int64


def select_object_scores(
    wanted: Mapping[str, ObjectScore],
    words: Mapping[str, NDArray[np.integer[Any]]],
    collections: Mapping[str, str],
    place_of: Callable[[str, str, int], int],
) -> dict[str, NDArray[np.integer[Any]]]:
    """The scores of objects that a menu cuts on, made of the output words of networks.

    Parameters
    ----------
    wanted : mapping of str to ObjectScore
        By their names; those of a network without words are left out.
    words : mapping of str to ndarray of integers, shape (n, slots, n_outputs)
        Output words of each network.
    collections : mapping of str to str
        Collection of each network that gives scores to objects.
    place_of : callable
        Number of the output for the name of a network, the name of its output and the number of its outputs.

    Returns
    -------
    dict
        Words of the shape (n, slots).

    Raises
    ------
    ConfigError
        If a network does not give scores to these objects, or has no such output.
    """
    chosen = {}
    winners: dict[str, NDArray[np.integer[Any]]] = {}
    for name, score in wanted.items():
        if score.network not in words:
            continue
        _check_collection(score, collections.get(score.network, ""))
        outputs = words[score.network].transpose(2, 1, 0)
        place = place_of(score.network, score.output, len(outputs))
        if score.wins:
            if score.network not in winners:
                winners[score.network] = _largest(outputs)
            chosen[name] = (winners[score.network] == place).view(np.int8).T
        elif score.against:
            other = place_of(score.network, score.against, len(outputs))
            chosen[name] = np.subtract(outputs[place], outputs[other], dtype=np.int64).T
        else:
            chosen[name] = outputs[place].T
    return chosen


def _check_collection(score: ObjectScore, bound: str) -> None:
    wanted = COLLECTIONS[score.object]
    if bound != wanted:
        gives = f"to each {bound}" if bound else "to crossings"
        msg = (
            f"the menu cuts on the score {score.name!r} of each {wanted}, and {score.network!r} gives scores {gives}; bind it "
            f'in networks.toml with collection = "{wanted}" and fields = [...], the words of an object that it reads'
        )
        raise ConfigError(msg)


def _largest(outputs: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Number of the largest output, of equal ones the first, shape (slots, n); output by output, as they lie in memory."""
    best, place = outputs[0].copy(), np.zeros(outputs[0].shape, np.int16)
    for number in range(1, len(outputs)):
        place[outputs[number] > best] = number
        np.maximum(best, outputs[number], out=best)
    return place
