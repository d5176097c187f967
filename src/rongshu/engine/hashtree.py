"""A tree of hashes that also sums: whoever knows one leaf can check that it is within a published total.

After Maxwell's summation tree for proofs of liabilities (described by Z. Wilcox, "Proving your Bitcoin reserves", 2014), without
its known flaws (K. Chalkias et al., "Distributed Auditing Proofs of Liabilities", IACR ePrint 2020/468): a node hashes BOTH sums of its children and not only their total, in a fixed width; leaves and nodes are hashed with
different first bytes (RFC 6962, section 2.1), an odd node rises as it is and is never doubled; no sum may be below 0 or beyond 63 bits.
A leaf commits to its promoter under a secret of its own, so nobody can be given another's leaf, and leaves lie in the order
of their commitments, so that their places tell nothing. What remains: a path shows the sums beside it, of nobody known.

    commitment = SHA-256(0x02 ‖ secret ‖ promoter)      promoter, sums: 8 bytes, big-endian
    leaf       = SHA-256(0x00 ‖ commitment ‖ amount)
    node       = SHA-256(0x01 ‖ left sum ‖ left ‖ right sum ‖ right)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256

LARGEST = 2**63 - 1
DEEPEST = 64

Node = tuple[int, bytes]
"""The sum of what is below, minor units, and the hash."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The node beside the path at one level."""

    left: bool
    sum: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """One leaf and the nodes beside its way to the root, from below."""

    promoter: int
    secret: bytes
    amount: int
    path: tuple[Beside, ...]


def secret_of(seed: bytes, promoter: int) -> bytes:
    """The 32 bytes only this promoter is told, from the seed (32 bytes) of a publication: BLAKE2b keyed by it."""
    return blake2b(_eight(promoter), key=seed, digest_size=32).digest()


def commitment(secret: bytes, promoter: int) -> bytes:
    """What a leaf says of whose it is. Raises ValueError for a secret that is not 32 bytes."""
    if len(secret) != 32:
        raise ValueError("a secret has 32 bytes")
    return sha256(b"\x02" + secret + _eight(promoter)).digest()


def leaf(committed: bytes, amount: int) -> Node:
    """The leaf of an amount. Raises ValueError for one below 0 or beyond 63 bits."""
    return amount, sha256(b"\x00" + committed + _eight(amount)).digest()


def joined(left: Node, right: Node) -> Node:
    """The node above two. Raises ValueError for a sum below 0 or beyond 63 bits."""
    _eight(left[0] + right[0])
    return left[0] + right[0], sha256(b"\x01" + _eight(left[0]) + left[1] + _eight(right[0]) + right[1]).digest()


def root_of(nodes: Sequence[Node]) -> Node:
    """The root above some nodes; of none, (0, the hash of nothing)."""
    if not nodes:
        return 0, sha256(b"").digest()
    level = list(nodes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(nodes: Sequence[Node], place: int) -> tuple[Beside, ...]:
    """The nodes beside the way from the node at `place` to the root above `nodes`."""
    level, found = list(nodes), []
    while len(level) > 1:
        other = place ^ 1
        if other < len(level):
            found.append(Beside(other < place, *level[other]))
        level, place = _above(level), place // 2
    return tuple(found)


def check(proof: Proof, root: Node) -> bool:
    """Whether the proof leads to exactly this sum and hash, every amount on the way between 0 and 63 bits."""
    if len(proof.path) > DEEPEST:
        return False
    try:
        node = leaf(commitment(proof.secret, proof.promoter), proof.amount)
        for one in proof.path:
            if len(one.digest) != 32:
                return False
            beside = (one.sum, one.digest)
            node = joined(beside, node) if one.left else joined(node, beside)
    except ValueError:
        return False
    return node == root


def _above(level: list[Node]) -> list[Node]:
    pairs = [joined(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]


def _eight(number: int) -> bytes:
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is no amount of 63 bits")
    return number.to_bytes(8, "big")
