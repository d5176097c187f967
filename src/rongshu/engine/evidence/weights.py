"""Who shares a pool with how much weight, committed to without naming anybody: a tree of hashes that carries the sums.

Every share is a leaf: the hash of a nonce that only its owner is told and of its weight. Every other node is the hash of its two
children with the sum of each, so the root stands for one sum of all weights, and whoever knows the own nonce can check that the
own weight is in it. The root is the same in everybody's bundle. What a path tells of others are sums of nameless groups.
(A Merkle tree with sums, after Maxwell's proof of liabilities; leaves and nodes are kept apart as in RFC 6962.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Node:
    """A node's hash and the sum of the weights below it."""

    digest: bytes
    total: int


@dataclass(frozen=True, slots=True)
class Sibling:
    """One step of a path upwards: the node beside, and on which side it stands."""

    node: Node
    left: bool


def leaf(nonce: bytes, weight: int) -> Node:
    """One share."""
    return Node(sha256(b"\0" + nonce + _number(weight)).digest(), weight)


def above(left: Node, right: Node) -> Node:
    """The node over two."""
    content = b"\1" + left.digest + _number(left.total) + right.digest + _number(right.total)
    return Node(sha256(content).digest(), left.total + right.total)


def committed(leaves: Sequence[Node], at: int) -> tuple[Node, list[Sibling]]:
    """The root over some leaves (at least one), and the path from the one at `at` to it; a node without a sibling goes up as it is."""
    row, path = list(leaves), []
    while len(row) > 1:
        beside = at ^ 1
        if beside < len(row):
            path.append(Sibling(row[beside], left=beside < at))
        pairs = [above(row[n], row[n + 1]) for n in range(0, len(row) - 1, 2)]
        row, at = [*pairs, *row[2 * len(pairs) :]], at // 2
    return row[0], path


def climbed(own: Node, path: Sequence[Sibling]) -> Node:
    """The root that a leaf and its path lead to. Raises ValueError for a sum below 0, which would hide another."""
    for step in path:
        if step.node.total < 0 or len(step.node.digest) != 32:
            raise ValueError("a path holds hashes of 32 bytes and sums of 0 or more")
        own = above(step.node, own) if step.left else above(own, step.node)
    return own


def _number(value: int) -> bytes:
    return value.to_bytes(16, "big")
