"""Networks bound to the score cuts of a menu: which words they read, what their outputs are called, and who computes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from l1ml.data.schema import LEVEL1_SCHEMA
from l1ml.emulation.emulator import Emulator
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.conditions.columns import Columns, event_collection
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.object_networks import ObjectInputs, select_object_scores

__all__ = ["BoundNetwork", "MuonPhi", "NetworkInputs", "PtUnit", "scores_of", "select_scores"]

PtUnit: TypeAlias = Literal["word", "half", "half_truncated"]
"""What pt is to a network: its word; half of it (the unit is then 1 GeV) with the fraction; or without."""

MuonPhi: TypeAlias = Literal["vertex", "stations"]
"""Whether phi of muons is that at the vertex or that at the muon stations."""


@dataclass(frozen=True, slots=True)
class NetworkInputs:
    """The input words of a network: pt, eta and phi of the first objects of each collection, as they arrive.

    Parameters
    ----------
    objects : tuple of (str, int)
        Collections of the crossings and how many objects of each, in order.
    pt : str
        One of `PtUnit`.
    muon_phi : str
        One of `MuonPhi`.

    Notes
    -----
    The defaults are those of AXOL1TL: 57 inputs in the order of ``AXOL1TLCondition.cc`` of CMSSW, and an eta of zero for the
    missing energy.  That code halves pt without its fraction, while the firmware keeps it (cmssw#49753); and it took phi of
    muons at the stations until cmssw#47564 of spring 2025.
    """

    objects: tuple[tuple[str, int], ...] = (("etm", 1), ("egamma", 4), ("muon", 4), ("jet", 10))
    pt: PtUnit = "half_truncated"
    muon_phi: MuonPhi = "vertex"

    def __post_init__(self) -> None:
        for value, known, name in ((self.pt, PtUnit, "pt"), (self.muon_phi, MuonPhi, "muon_phi")):
            if value not in get_args(known):
                msg = f"{name} must be one of {', '.join(get_args(known))}, received {value!r}"
                raise ConfigError(msg)

    @classmethod
    def of_level1(cls) -> Self:
        """All words of `LEVEL1_SCHEMA` as they are: what the models of this toolkit read."""
        return cls(tuple((event_collection(item.name), item.n_slots) for item in LEVEL1_SCHEMA.objects), "word")

    @property
    def n_inputs(self) -> int:
        """Number of input words."""
        return 3 * sum(n_slots for _, n_slots in self.objects)

    def __str__(self) -> str:
        return "pt, eta and phi of " + ", ".join(f"{n} {name}" for name, n in self.objects)

    def words(self, columns: Columns, fraction_bits: int) -> NDArray[np.int64]:
        """Input words, shape (n, n_inputs), with `fraction_bits` behind the point.

        Raises
        ------
        DataError
            If the crossings lack a collection or a field, or have fewer slots.
        """
        blocks = [self._block(columns, name, n_slots, fraction_bits) for name, n_slots in self.objects]
        return np.concatenate(blocks, axis=1)

    def words_for(self, emulator: Emulator, columns: Columns) -> NDArray[np.int64]:
        """Input words of `emulator`, shape (n, n_inputs), with the bits behind the point that its formats have.

        Raises
        ------
        DataError
            If the crossings lack what it reads, or its inputs have different units.
        """
        fractions = {item.width - item.integer for item in emulator.input_formats}
        if len(fractions) > 1:
            msg = f"the inputs of {emulator.name} have different units, {sorted(fractions)} bits behind the point"
            raise DataError(msg)
        return self.words(columns, fractions.pop())

    def _block(self, columns: Columns, name: str, n_slots: int, fraction_bits: int) -> NDArray[np.int64]:
        """pt, eta and phi of one collection, slot by slot."""
        pt = self._slots(columns, name, "pt", n_slots)
        eta = self._slots(columns, name, "eta", n_slots) if columns.has(name, "eta") else np.zeros_like(pt)
        at_stations = name == "muon" and self.muon_phi == "stations"
        phi = self._slots(columns, name, "phi_out" if at_stations else "phi", n_slots)
        values = np.stack([self._scaled(pt, fraction_bits), eta << fraction_bits, phi << fraction_bits], axis=2)
        return values.reshape(columns.n, -1)

    @staticmethod
    def _slots(columns: Columns, name: str, field: str, n_slots: int) -> NDArray[np.int64]:
        values = columns.field(name, field)
        if len(values) < n_slots:
            msg = f"the network reads {n_slots} of {name!r}, crossings of {columns.source} have {len(values)}"
            raise DataError(msg)
        return values[:n_slots].T.astype(np.int64)

    def _scaled(self, pt: NDArray[np.int64], fraction_bits: int) -> NDArray[np.int64]:
        if self.pt == "word":
            return pt << fraction_bits
        if self.pt == "half_truncated":
            return (pt >> 1) << fraction_bits
        if fraction_bits < 1:
            msg = "pt = 'half' needs a bit behind the point, and the inputs of the network have none"
            raise DataError(msg)
        return pt << (fraction_bits - 1)


@dataclass(frozen=True, slots=True)
class BoundNetwork:
    """A network that menus can cut on.

    Parameters
    ----------
    emulator : Emulator
        Computes the score words.
    digest : str
        Digest of the model, or of the sources that it was compiled from.
    inputs : NetworkInputs or ObjectInputs
        Which words it reads: of a crossing, or of each object of a collection.
    labels : tuple of str
        Names of its outputs, such as those of the classes of a tagger; menus may always call them by their number, from 0.

    Raises
    ------
    ConfigError
        If the emulator has another number of inputs, or of outputs than labels.
    """

    emulator: Emulator
    digest: str
    inputs: NetworkInputs | ObjectInputs
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n_formats = len(self.emulator.input_formats)
        if n_formats != self.inputs.n_inputs:
            msg = f"{self.emulator.name} has {n_formats} inputs; {self.inputs} are {self.inputs.n_inputs}"
            raise ConfigError(msg)
        n, labels = self.emulator.n_outputs, self.labels
        are_names = not any(label.isdecimal() or not label for label in labels)
        if labels and not (are_names and len(set(labels)) == len(labels) == n):
            listed = ", ".join(map(repr, labels))
            msg = f"{self.emulator.name} has {n} outputs and the labels {listed}; give each output one of its own, no number"
            raise ConfigError(msg)

    @property
    def binding(self) -> list[Any]:
        """What decides its scores and how menus call them, as JSON values: results are bound to it."""
        return [self.digest, repr(self.inputs), list(self.labels)]

    @property
    def collection(self) -> str:
        """Collection whose objects have scores of their own; empty where the crossing has them."""
        return self.inputs.collection if isinstance(self.inputs, ObjectInputs) else ""

    def scores(self, columns: Columns) -> NDArray[np.integer[Any]]:
        """Score words of all crossings, shape (n, n_outputs), or of all their objects, shape (n, slots, n_outputs).

        Raises
        ------
        DataError
            If the crossings lack what the network reads.
        """
        if isinstance(self.inputs, ObjectInputs):
            return self.inputs.scores(self.emulator, columns)
        words = self.emulator.predict(self.inputs.words_for(self.emulator, columns))
        return words.reshape(len(words), self.emulator.n_outputs)


def scores_of(menu: Menu, columns: Columns, networks: Mapping[str, BoundNetwork]) -> dict[str, NDArray[np.integer[Any]]]:
    """Score words of the bound networks that `menu` cuts on, by the names of the scores: as `select_scores`.

    Raises
    ------
    ConfigError
        If the menu states another digest for one of them, cuts on an output that it does not have, or on scores of objects where
        it gives none.
    DataError
        If the crossings lack what a network reads.
    """
    menu.check_networks({name: network.digest for name, network in networks.items()})
    cut_on = {name: networks[name] for name in menu.networks_cut_on if name in networks}
    labels = {name: network.labels for name, network in cut_on.items()}
    collections = {name: network.collection for name, network in cut_on.items()}
    return select_scores(menu, {name: network.scores(columns) for name, network in cut_on.items()}, labels, collections)


def select_scores(
    menu: Menu,
    words: Mapping[str, NDArray[np.integer[Any]]],
    labels: Mapping[str, Sequence[str]] | None = None,
    collections: Mapping[str, str] | None = None,
) -> dict[str, NDArray[np.integer[Any]]]:
    """Those of the output `words` of networks that `menu` cuts on, by the names of the scores.

    Parameters
    ----------
    menu : Menu
        The menu.
    words : mapping of str to ndarray of integers, shape (n, n_outputs), or (n, slots, n_outputs) of a network on objects
        By the name of the network.
    labels : mapping of str to sequence of str, optional
        Names of the outputs of each network.
    collections : mapping of str to str, optional
        Collection of each network that gives scores to objects.

    Returns
    -------
    dict
        Words of the shape (n,), or (n, slots) of objects.

    Raises
    ------
    ConfigError
        If the menu cuts on an output that a network does not have, does not say on which of several, or cuts on scores of objects
        where a network gives scores to crossings, or the other way round.
    """
    chosen: dict[str, NDArray[np.integer[Any]]] = {}
    bound = collections or {}

    def place_of(network: str, output: str, n_outputs: int) -> int:
        return _place(menu, network, output, (labels or {}).get(network) or [], n_outputs)

    for score, (network, output) in menu.score_outputs.items():
        if bound.get(network):
            msg = f"menu {menu.name!r} cuts on one score {score!r}, and {network!r} gives one to each {bound[network]}"
            raise ConfigError(msg)
        if network in words:
            chosen[score] = words[network][:, place_of(network, output, words[network].shape[1])]
    return chosen | select_object_scores(menu.object_scores, words, bound, place_of)


def _place(menu: Menu, network: str, output: str, labels: Sequence[str], n_outputs: int) -> int:
    """Number of the output that the menu calls `output`."""
    numbers = [str(number) for number in range(n_outputs)]
    if output in labels:
        return labels.index(output)
    if output in numbers or (not output and n_outputs == 1):
        return int(output or 0)
    known = [*labels, *numbers]
    where = f"menu {menu.name!r} cuts on the network {network!r}, which has {n_outputs} outputs"
    hint = f"there is no {output!r}; {nearest(output, known)}" if output else f"say which with output = one of {', '.join(known)}"
    msg = f"{where}: {hint}"
    raise ConfigError(msg)
