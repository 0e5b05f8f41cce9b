"""Trees of adders built anew for latency, of adders that take two words and adders that take three.

alkaid's solver shares adders between the outputs of a layer and leaves sums as trees of two-input adders; its RTL writer then
fuses pairs of these into three-input adders wherever that saves one, however late the third word is. Where latency counts, a
sum is better built with its arrival times in mind: the words that come first are added first, and a level of three-input adders
takes nine words in the time in which two-input ones take five or six. For adders of one kind, adding the earliest words first
is the fastest tree (Golumbic, "Combinatorial merging", IEEE Trans. Comput. C-25 (1976) 1164); between the two kinds every
number of two-input adders at the leaves is tried.

What is shared stays shared: only adders whose sum has one reader, another adder, are taken apart. Sums are exact, so every word
keeps its value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

__all__ = ["rebuilt_for_latency"]

_ADDERS = (0, 1)
"""Operation codes of alkaid: a sum and a difference of two words."""
_THREE = 11
"""Operation code of alkaid: a signed sum of three words."""


class _Term(NamedTuple):
    """A word of a sum, times a sign and a power of two; the leading one has neither, and what it is added to has neither."""

    address: int
    sign: int
    shift: int
    leads: bool = False


class _Choice(NamedTuple):
    """One way of building a tree: what `min` prefers comes first."""

    latency: float
    cost: float
    pairs: int


@dataclass(slots=True)
class _Program:
    """Operations that grow, for alkaid's cost model of `logic`; latencies are those at which a word is there."""

    logic: Any
    operations: list[Any] = field(default_factory=list)

    def append(self, operation: Any, own: tuple[float, float] | None = None) -> int:
        """Index of `operation`, whose own cost and latency are those of alkaid's model if they are not given."""
        self.operations.append(operation)
        cost, latency = own or _own(self.logic, self.operations, len(self.operations) - 1)
        latency += max((self.operations[index].latency for index in operation.addr), default=0.0)
        self.operations[-1] = operation._replace(latency=latency, cost=cost)
        return len(self.operations) - 1

    def add(self, terms: Sequence[_Term], bounds: Any = None) -> _Term:
        """The sum of two or three `terms` as one adder; `bounds` are those of the sum, if they are known."""
        from alkaid.types import Op

        # a sum of negative words alone is that of positive ones, subtracted later: an adder has no third sign to give
        lead = max(terms, key=lambda term: (term.leads, term.sign > 0))
        rest = [term for term in terms if term is not lead]
        signs = [term.sign * lead.sign for term in rest]
        shifts = [term.shift - lead.shift for term in rest]
        addresses = (lead.address, *(term.address for term in rest))
        bounds = bounds or self._bounds(addresses, (1, *signs), (0, *shifts))
        if len(rest) == 1:
            operation = Op(addresses, _ADDERS[signs[0] < 0], (shifts[0],), bounds, 0.0, 0.0)
        else:
            data = tuple(item for sign, shift in zip((1, *signs), (0, *shifts), strict=True) for item in (int(sign > 0), shift))
            operation = Op(addresses, _THREE, data, bounds, 0.0, 0.0)
        return _Term(self.append(operation), lead.sign, lead.shift, lead.leads)

    def _bounds(self, addresses: Sequence[int], signs: Sequence[int], shifts: Sequence[int]) -> Any:
        from alkaid.types import QInterval

        low = high = 0.0
        step = inf
        for address, sign, shift in zip(addresses, signs, shifts, strict=True):
            ends = [sign * 2.0**shift * end for end in self.operations[address].qint[:2]]
            low, high = low + min(ends), high + max(ends)
            step = min(step, 2.0**shift * self.operations[address].qint.step)
        return QInterval(low, high, step)

    def tree(self, terms: Sequence[_Term], pairs: int, bounds: Any) -> int:
        """Index of the sum of `terms`, the earliest added first: `pairs` times two at once, then three."""
        waiting = list(terms)
        while len(waiting) > 1:
            waiting.sort(key=lambda term: (self.operations[term.address].latency, term))
            n = 2 if pairs > 0 else 3
            taken, waiting = waiting[:n], waiting[n:]
            waiting.append(self.add(taken, None if waiting else bounds))
            pairs -= 1
        return waiting[0].address

    def try_tree(self, terms: Sequence[_Term], pairs: int, bounds: Any) -> _Choice:
        """What `tree` would give, without leaving it there."""
        start = len(self.operations)
        latency = self.operations[self.tree(terms, pairs, bounds)].latency
        cost = sum(operation.cost for operation in self.operations[start:])
        del self.operations[start:]
        return _Choice(latency, cost, pairs)

    def best_tree(self, terms: Sequence[_Term], bounds: Any, due: float) -> int:
        """Index of the sum of `terms` as the smallest tree that is there when it is `due`, or else as the fastest."""
        choices = [self.try_tree(terms, pairs, bounds) for pairs in range(len(terms))]
        in_time = [choice for choice in choices if choice.latency <= due]
        best = min(in_time, key=lambda choice: (choice.cost, choice)) if in_time else min(choices)
        return self.tree(terms, best.pairs, bounds)


def rebuilt_for_latency(logic: Any) -> Any:
    """The combinational program `logic` of alkaid, every word the same, with the fastest trees of adders that were found.

    Trees that nothing waits for are as small as their time allows. Never slower, by alkaid's model, than its own trees, with or
    without pairs of adders fused. The result holds three-input adders; the RTL writer is to leave it as it is
    (``ternary_fuse=False``).

    Examples
    --------
    Nine words behind one another take eight adders; two levels of three-input adders are faster and half as many.

    >>> import numpy as np
    >>> from alkaid.trace import FVArrayInput, HWConfig, trace
    >>> words = FVArrayInput((9,), HWConfig(1, 1, -1))
    >>> link = words.quantize(*np.full((3, 9), [[0], [8], [0]]), "WRAP", "TRN")
    >>> chain = trace(words, link[0] + link[1] + link[2] + link[3] + link[4] + link[5] + link[6] + link[7] + link[8])
    >>> rebuilt = rebuilt_for_latency(chain)
    >>> sum(operation.opcode in (0, 1) for operation in chain.ops), sum(operation.opcode == 11 for operation in rebuilt.ops)
    (8, 4)
    >>> rebuilt.latency[1] < chain.latency[1] / 2
    True
    """
    from alkaid.trace.passes import add_surrogate, dead_code_elimin, fuse_ternary_adders

    fastest, places = _rebuilt(logic, {})
    due = _due(fastest)
    relaxed, _ = _rebuilt(logic, {index: due[place] for index, place in places.items()})
    plain = [add_surrogate(dead_code_elimin(program), _skip_op8_cost=True) for program in (fuse_ternary_adders(logic), logic)]
    return min((relaxed, fastest, *plain), key=lambda program: (program.latency[1], program.cost))


def _rebuilt(logic: Any, due: Mapping[int, float]) -> tuple[Any, dict[int, int]]:
    """The program with its trees built anew, and where each operation that is still there went."""
    from alkaid.trace.passes import add_surrogate

    program = _Program(logic)
    places: dict[int, int] = {}
    inner = _inner_adders(logic)
    for index, operation in enumerate(logic.ops):
        if index in inner:
            continue
        if operation.opcode in _ADDERS:
            first, *others = _terms(logic.ops, inner, index)
            terms = [term._replace(address=places[term.address]) for term in (first._replace(leads=True), *others)]
            places[index] = program.best_tree(terms, operation.qint, due.get(index, -inf))
        else:
            moved = operation._replace(addr=tuple(places[item] for item in operation.addr))
            places[index] = program.append(moved, _own(logic, logic.ops, index))
    outputs = [places[index] if index >= 0 else index for index in logic.out_idxs]
    return add_surrogate(logic._replace(out_idxs=outputs, ops=program.operations), _skip_op8_cost=True), places


def _inner_adders(logic: Any) -> set[int]:
    """Adders that one other adder reads, and nothing else."""
    readers: dict[int, list[int]] = {}
    for index, operation in enumerate(logic.ops):
        for source in operation.addr:
            readers.setdefault(source, []).append(index)
    outputs = set(logic.out_idxs)
    alone = {index: found[0] for index, found in readers.items() if len(found) == 1 and index not in outputs}
    return {index for index, reader in alone.items() if {logic.ops[index].opcode, logic.ops[reader].opcode} <= {*_ADDERS}}


def _terms(operations: Sequence[Any], inner: set[int], root: int) -> list[_Term]:
    """What the tree at `root` adds; the first has no sign and no shift."""
    found, waiting = [], [_Term(root, 1, 0)]
    while waiting:
        term = waiting.pop()
        if term.address != root and term.address not in inner:
            found.append(term)
            continue
        operation = operations[term.address]
        sign = term.sign * (-1 if operation.opcode == _ADDERS[1] else 1)
        waiting += [_Term(operation.addr[1], sign, term.shift + operation.data[0]), term._replace(address=operation.addr[0])]
    return found


def _due(program: Any) -> list[float]:
    """When each word has to be there for the last one not to be late, in ns."""
    due = [program.latency[1]] * len(program.ops)
    for index in reversed(range(len(program.ops))):
        operation = program.ops[index]
        own = operation.latency - max((program.ops[source].latency for source in operation.addr), default=0.0)
        for source in operation.addr:
            due[source] = min(due[source], due[index] - own)
    return due


def _own(logic: Any, operations: Sequence[Any], index: int) -> tuple[float, float]:
    """Cost and latency of one of the `operations` alone, by alkaid's model of `logic`."""
    from alkaid.trace import HWConfig
    from alkaid.trace.passes.surrogate import cost_lat_op

    hardware = HWConfig(logic.adder_size, logic.carry_size, -1)
    # nobody reads anything here: that decides what an addition of a constant costs, and neither latency nor trees
    cost, latency = cost_lat_op(index, operations, hardware, logic.lookup_tables, defaultdict(set), _skip_op8_cost=True)
    return float(cost), float(latency)
