"""The operations of a network in the order of computation, each in the type that is proven to carry it, and as few as can be.

The factor of a quantiser, a power of two, is moved into the constants of the operation before it where nothing else reads that:
one pass over the words less, and the same mantissas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml.emulation.carriers import Carrier, Proof, prove
from l1ml.emulation.integer_steps import IN_PLACE, Array, Step, step_of
from l1ml.model.network import Network
from l1ml.model.operations import Affine, Dense, Quantise, Scale

__all__ = ["Instruction", "Program"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step: from which stages, in which type, whether of copies, and which stages nothing reads after it.

    `writes_input` says that it works in the place of the words that the program was given: copies of them, if they must stay.
    """

    step: Step
    sources: tuple[int, ...]
    carrier: Carrier
    copies: bool
    writes_input: bool
    finished: frozenset[int]


class Program:
    """What computes a network on one batch of crossings.

    Parameters
    ----------
    network : Network
        Integer network.

    Attributes
    ----------
    proofs : tuple of Proof
        What carries each operation.

    Raises
    ------
    ConversionError
        If no type can be proven to carry an operation.
    """

    def __init__(self, network: Network) -> None:
        self.proofs = prove(network)
        self._instructions = tuple(_instruction(network, self.proofs, index) for index in range(len(network.nodes)))

    @property
    def input_carrier(self) -> Carrier:
        """Type in which the words are read, where that is one."""
        first = {item.carrier for item in self._instructions if 0 in item.sources}
        return first.pop() if len(first) == 1 else "int64"

    def __call__(self, words: Array, *, keep: bool = True) -> Array:
        """Words after the last operation, shape (n, n_outputs); stages that nothing reads any more are let go.

        With `keep`, `words` stay as they are; without, they may be worked upon.
        """
        stages = {0: words}
        for index, item in enumerate(self._instructions, start=1):
            # row by row or column by column, because steps take several of them as one
            copies = item.copies or (keep and item.writes_input)
            values = (stages[source].astype(item.carrier, order="A", copy=copies) for source in item.sources)
            result = item.step(*values)
            for source in item.finished:
                del stages[source]
            stages[index] = result
        return stages[len(self._instructions)]


def _instruction(network: Network, proofs: tuple[Proof, ...], index: int) -> Instruction:
    node, carrier = network.nodes[index], proofs[index].carrier
    later = {source for other in network.nodes[index + 1 :] for source in other.sources}
    stages = tuple(network.stages[source] for source in node.sources)
    quantiser = _reader_to_serve(network, proofs, index)
    factor = 1.0 if quantiser is None else _factor(network, quantiser)
    step, finished = step_of(node.operation, stages, carrier, factor), frozenset(node.sources) - later
    if isinstance(node.operation, Quantise) and carrier != "int64" and not _is_served(network, proofs, index):
        step = _scaled(step, _factor(network, index))
    writes = isinstance(node.operation, IN_PLACE)
    # what another operation still reads stays as it is
    return Instruction(step, node.sources, carrier, writes and not finished, writes and 0 in node.sources, finished)


def _scaled(step: Step, factor: float) -> Step:
    """`step` after a multiplication in place, which a factor of one needs not."""
    return step if factor == 1.0 else lambda values: step(np.multiply(values, values.dtype.type(factor), out=values))


def _is_served(network: Network, proofs: tuple[Proof, ...], index: int) -> bool:
    """Whether the constants of the operation before quantiser `index` hold its factor."""
    source = network.nodes[index].sources[0]
    return source > 0 and _reader_to_serve(network, proofs, source - 1) == index


def _reader_to_serve(network: Network, proofs: tuple[Proof, ...], index: int) -> int | None:
    """The quantiser whose factor the constants of operation `index` take over: the only one that reads it, in the same floats."""
    readers = [other for other, node in enumerate(network.nodes) if index + 1 in node.sources]
    carrier = proofs[index].carrier
    if len(readers) != 1 or carrier == "int64" or not isinstance(network.nodes[index].operation, Scale | Affine | Dense):
        return None
    reader = readers[0]
    return reader if isinstance(network.nodes[reader].operation, Quantise) and proofs[reader].carrier == carrier else None


def _factor(network: Network, index: int) -> float:
    """What brings the words before quantiser `index` to its grid."""
    node = network.nodes[index]
    target = node.operation.format if isinstance(node.operation, Quantise) else network.stages[index + 1].format
    return float(np.ldexp(1.0, target.fractional - network.stages[node.sources[0]].fractional))
