"""A publication and a promoter's proof as files, and the check of a proof from its bytes alone: no database, no server, no secret.

A publication is one JSON object in the canonical form of `engine.canonical`, signed (Ed25519, hex) over itself without `signature`.
It names the digest (SHA-256, hex) of the one before, so none can be taken out of the row unseen. A proof holds the publication, one leaf
with its secret, and the nodes beside its way to the root, as `engine.hashtree` joins them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from rongshu.engine.canonical import canonical_bytes
from rongshu.engine.hashtree import Beside, Proof, check
from rongshu.kernel.ids import inside
from rongshu.kernel.signing import holds, key_name, public_key, sign

FORMAT = "rongshu-transparency-1"
PROOF_FORMAT = "rongshu-balance-proof-1"
LARGEST_FILE = 1024 * 1024


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with this installation's key and signature."""
    whole = {**document, "format": FORMAT, "key": public_key().hex()}
    return {**whole, "signature": sign(canonical_bytes(whole)).hex()}


def digest_of(document: dict[str, Any]) -> str:
    """By which the next publication names this one: SHA-256 of its canonical form, hex."""
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def proof_file(publication: dict[str, Any], proof: Proof, promoter: str) -> bytes:
    """The promoter's file; `promoter` is their outside id (`mem_…`)."""
    return canonical_bytes(
        {
            "format": PROOF_FORMAT,
            "publication": publication,
            "promoter": promoter,
            "secret": proof.secret.hex(),
            "amount": str(proof.amount),
            "path": [
                {"side": "left" if one.left else "right", "sum": str(one.sum), "digest": one.digest.hex()}
                for one in proof.path
            ],
        }
    )


def wrong_in(document: dict[str, Any], before: dict[str, Any] | None, owed: int) -> list[str]:
    """What does not hold of a publication: its signature, the digest of the one before, its sums, and what was owed (minor units)."""
    wrong = []
    unsigned = canonical_bytes({name: value for name, value in document.items() if name != "signature"})
    if not holds(bytes.fromhex(document["signature"]), unsigned, key=bytes.fromhex(document["key"])):
        wrong.append("the signature")
    if document["previous"] != (None if before is None else digest_of(before)):
        wrong.append("the publication before")
    sums = {name: int(text.replace(".", "")) for name, text in document["totals"].items()}
    if (
        not sums["owed"]
        == owed
        == int(document["root"]["sum"])
        == sums["available"] + sums["reserved"] + sums["pending"]
    ):
        wrong.append("what is owed")
    if sums["accrued"] != sums["owed"] + sums["paid"] + sums["tax"] + sums["fees"] - sums["debts"]:
        wrong.append("what was accrued")
    return wrong


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found of a proof. It is `sound` when all of it holds."""

    readable: str
    """Empty, or why the file is no proof."""
    signature: bool = False
    included: bool = False
    """The leaf leads to the published root, with its sum."""
    total: bool = False
    """The sum of the root is the published figure of what is owed."""
    same: bool | None = None
    """The publication inside is the one beside; None where none was given."""
    follows: bool | None = None
    """It names the publication before it that was given; None where none was."""
    expected_key: bool | None = None
    key: str = ""
    promoter: str = ""
    amount: int = 0
    """Minor units."""
    number: int = 0
    as_of: str = ""
    currency: str = ""
    owed: str = ""

    @property
    def sound(self) -> bool:
        return (
            not self.readable and self.signature and self.included and self.total
            and self.same is not False and self.follows is not False and self.expected_key is not False
        )  # fmt: skip

    @property
    def key_name(self) -> str:
        """What the key is called for people."""
        return key_name(bytes.fromhex(self.key)) if self.key else ""


def checked(
    content: bytes, *, publication: bytes | None = None, previous: bytes | None = None, key: str | None = None
) -> Checked:
    """Checks a proof. `publication`: one fetched from the public page, by whoever wants to be sure that all see the same; `previous`: the one
    before it, kept from then."""
    try:
        found = _read(content, PROOF_FORMAT)
        inner = found["publication"]
        if not isinstance(inner, dict) or inner.get("format") != FORMAT:
            return Checked("there is no publication in it")
        path = tuple(
            Beside({"left": True, "right": False}[one["side"]], int(one["sum"]), bytes.fromhex(one["digest"]))
            for one in found["path"]
        )
        promoter, secret = inside("mem", found["promoter"]), bytes.fromhex(found["secret"])
        if promoter is None or len(secret) != 32:
            return Checked("the promoter or the secret is missing")
        proof = Proof(promoter, secret, int(found["amount"]), path)
        root = (int(inner["root"]["sum"]), bytes.fromhex(inner["root"]["digest"]))
        public, signature = bytes.fromhex(inner["key"]), bytes.fromhex(inner["signature"])
        unsigned = canonical_bytes({name: value for name, value in inner.items() if name != "signature"})
        total = int(str(inner["totals"]["owed"]).replace(".", ""))
        other = None if publication is None else _read(publication, FORMAT)
        before = None if previous is None else _read(previous, FORMAT)
        return Checked(
            "", signature=holds(signature, unsigned, key=public), included=check(proof, root), total=total == root[0],
            same=None if other is None else other == inner,
            follows=None if before is None else inner["previous"] == digest_of(before),
            expected_key=None if key is None else key.strip().lower() == public.hex(), key=public.hex(),
            promoter=found["promoter"], amount=proof.amount, number=int(inner["number"]), as_of=str(inner["as_of"]),
            currency=str(inner["currency"]), owed=str(inner["totals"]["owed"]),
        )  # fmt: skip
    except _Unreadable as error:
        return Checked(str(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Checked("a part of it is missing or written in another way")


class _Unreadable(Exception):
    pass


def _read(content: bytes, form: str) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        raise _Unreadable("the file is larger than any proof")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise _Unreadable("the file is no JSON") from None
    if not isinstance(found, dict) or found.get("format") != form:
        raise _Unreadable(f"the file is not of the format {form}")
    return found


__all__ = ["Checked", "checked", "digest_of", "proof_file", "signed", "wrong_in"]
