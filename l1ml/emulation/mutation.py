"""Faults put into a network on purpose, and whether a comparison of words finds each of them.

A *mutant* is a network in which one thing is wrong, of the kinds that hurt real triggers. One whose words can be proven to be
those of the original for every input is *equivalent*: it is no fault. Any other must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.equivalence import proof
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import L1mlError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.network import Network

__all__ = ["FAULTS", "VERDICTS", "Fault", "Mutant", "Outcome", "found_share", "hunt", "mutants"]

VERDICTS = ("caught", "refused", "equivalent", "missed")

Row = Mapping[str, Any]
"""An operation of a network as plain values, see `Network.to_dict`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: where it can be in an operation, and what it changes there."""

    places: Callable[[Row], Sequence[Any]]
    change: Callable[[Row, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """A network with one fault.

    Parameters
    ----------
    kind : str
        One of `FAULTS`.
    where : str
        Operation and place.
    content : mapping
        The network as plain values; `Network.from_dict` may refuse it.
    """

    kind: str
    where: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutant.

    Parameters
    ----------
    kind, where : str
        As those of the mutant.
    verdict : str
        One of `VERDICTS`. ``caught``: words differ; ``refused``: no network can be made of it; ``equivalent``: proven to give
        the same words; ``missed``: none of these.
    detail : str
        First crossing that differs, the refusal, or the proof.
    """

    kind: str
    where: str
    verdict: str
    detail: str = ""


def _format_places(row: Row, others: Callable[[FixedPoint], Sequence[Any]]) -> Sequence[Any]:
    return others(FixedPoint.parse(row["format"])) if row["kind"] == "quantise" else ()


def _format_fault(others: Callable[[FixedPoint], Sequence[FixedPoint | None]]) -> Fault:
    """A fault that puts another number format in the place of a quantiser's."""
    return Fault(lambda row: _format_places(row, others), lambda _, place: {"format": str(place)})


def _widths(form: FixedPoint) -> list[FixedPoint]:
    """One bit more or less, at the top or at the bottom."""
    bits = [(step, top) for step in (-1, 1) for top in (0, step) if form.width + step > form.signed]
    return [replace(form, width=form.width + step, integer=form.integer + top) for step, top in bits]


def _element_fault(key: str, values: Callable[[int], Sequence[int]]) -> Fault:
    """A fault that replaces one word of the list `key` by one of ``values(word)``."""

    def places(row: Row) -> list[tuple[int, int]]:
        words = np.ravel(row.get(key, ())).astype(np.int64).tolist()
        return [(index, new) for index, word in enumerate(words) for new in values(word)]

    def change(row: Row, place: tuple[int, int]) -> dict[str, Any]:
        words = np.array(row[key], np.int64)
        words.flat[place[0]] = place[1]
        return {key: words.tolist()}

    return Fault(places, change)


def _swap_places(row: Row) -> list[tuple[int, int]]:
    """Flat places of unequal weights next to each other, in a row or in a column."""
    kernel = np.array(row.get("kernel", np.zeros((0, 0))))
    flat = np.arange(kernel.size).reshape(kernel.shape)
    pairs = [(flat[:, :-1], flat[:, 1:]), (flat[:-1], flat[1:])]
    listed = [(int(a), int(b)) for first, second in pairs for a, b in zip(first.flat, second.flat, strict=True)]
    return [(a, b) for a, b in listed if kernel.flat[a] != kernel.flat[b]]


def _swap(row: Row, place: tuple[int, int]) -> dict[str, Any]:
    kernel = np.array(row["kernel"], np.int64)
    kernel.flat[list(place)] = kernel.flat[list(place[::-1])]
    return {"kernel": kernel.tolist()}


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "one bit of width": _format_fault(_widths),
        "rounding mode": _format_fault(lambda form: [replace(form, rounding=item) for item in Rounding if item != form.rounding]),
        "overflow mode": _format_fault(lambda form: [replace(form, overflow=item) for item in Overflow if item != form.overflow]),
        "signed or not": _format_fault(lambda form: [replace(form, signed=not form.signed)]),
        "sign of a weight": _element_fault("kernel", lambda word: [-word] if word else []),
        "lost weight": _element_fault("kernel", lambda word: [0] if word else []),
        "weight off by one": _element_fault("kernel", lambda word: [word - 1, word + 1]),
        "swapped weights": Fault(_swap_places, _swap),
        "sign of a bias": _element_fault("bias", lambda word: [-word] if word else []),
        "input off by one bit": _element_fault("shift", lambda word: [word - 1, word + 1]),
        "threshold of a table": _element_fault("thresholds", lambda word: [word - 1, word + 1]),
        "value of a table": _element_fault("values", lambda word: [word - 1, word + 1]),
    }
)
"""Every kind of fault in a network."""


def mutants(network: Network, rng: np.random.Generator, most: int) -> Iterator[Mutant]:
    """At most `most` mutants of each kind, at places drawn without repetition."""
    content = network.to_dict()
    rows = content["operations"]
    for kind, fault in FAULTS.items():
        places = [(index, place) for index, row in enumerate(rows) for place in fault.places(row)]
        for chosen in rng.permutation(len(places))[:most]:
            index, place = places[chosen]
            changed = [*rows[:index], {**rows[index], **fault.change(rows[index], place)}, *rows[index + 1 :]]
            yield Mutant(kind, f"operation {index} ({rows[index]['kind']}): {place}", {**content, "operations": changed})


def hunt(network: Network, faulty: Mutant, words: Sequence[NDArray[np.int32]]) -> Outcome:
    """Compare one mutant of `network` with it on blocks of input `words`, each of shape (n, n_features), until they differ."""
    try:
        wrong = Network.from_dict(dict(faulty.content))
        emulators = IntegerEmulator(network), IntegerEmulator(wrong)
    except L1mlError as error:
        return Outcome(faulty.kind, faulty.where, "refused", str(error))
    done = 0
    for block in words:
        values = [item.predict(block) * item.output_format.lsb for item in emulators]
        differing = np.flatnonzero((values[0] != values[1]).reshape(len(block), -1).any(axis=1))
        if len(differing):
            return Outcome(faulty.kind, faulty.where, "caught", f"crossing {done + int(differing[0])}")
        done += len(block)
    why = proof(network, wrong)
    return Outcome(faulty.kind, faulty.where, "equivalent" if why else "missed", why)


def found_share(outcomes: Sequence[Outcome]) -> float:
    """Share of the faults that were caught or refused; equivalent mutants are no faults. 1 if there are none."""
    faults = [item for item in outcomes if item.verdict != "equivalent"]
    return sum(item.verdict != "missed" for item in faults) / len(faults) if faults else 1.0
