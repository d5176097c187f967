"""A bundle as a file: canonical JSON with the hash of each part and one signature over all of it; and the check of one.

Needs no database, no server and no secret to check: `checked` works on the bytes of a file.

The file is one JSON object in the canonical form of `engine.canonical`: `format`, `made_at`, what it is about (`order` or `period`,
by the format) and in a proof `promoter`, `key` (the public key, hex), `parts`, `hashes` (SHA-256, hex, of the canonical form of each part) and
`signature` (Ed25519, hex, over the canonical form of the object without `signature`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rongshu.engine.canonical import canonical_bytes
from rongshu.engine.evidence import orders, rewards
from rongshu.engine.evidence.difference import Difference, Malformed
from rongshu.kernel.signing import holds, key_name, public_key, sign

FORMAT = "rongshu-evidence-1"
"""An order's commissions."""
REWARD_FORMAT = "rongshu-reward-evidence-1"
"""What one promoter has of a closed period."""
SUBJECTS = {FORMAT: "order", REWARD_FORMAT: "period"}
"""What a bundle of each format is about: the key of the document, and the part that it names."""
_RECOMPUTED = {FORMAT: orders.differences, REWARD_FORMAT: rewards.differences}
LARGEST_FILE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was signed."""

    document: dict[str, Any]
    content: bytes
    """The file."""

    @property
    def subject(self) -> str:
        """What it is about, by its outside id: `ord_…`, `per_…`."""
        return str(self.document[SUBJECTS[self.document["format"]]])

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hex."""
        return hashlib.sha256(self.content).hexdigest()


def sealed(*, parts: Mapping[str, Any], promoter: str | None, made_at: datetime, form: str = FORMAT) -> Bundle:
    """The parts, hashed and signed by this installation."""
    about = SUBJECTS[form]
    document: dict[str, Any] = {
        "format": form,
        "made_at": made_at.isoformat(),
        about: parts[about]["id"],
        "promoter": promoter,
        "key": public_key().hex(),
        "parts": dict(parts),
        "hashes": {name: _hash(part) for name, part in parts.items()},
    }
    document["signature"] = sign(canonical_bytes(document)).hex()
    return Bundle(document, canonical_bytes(document))


def _hash(part: Any) -> str:
    return hashlib.sha256(canonical_bytes(part)).hexdigest()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found of a file. It is `sound` when every part of it holds."""

    readable: str
    """Empty, or why the file is no bundle."""
    signature: bool = False
    key: str = ""
    """The public key that signed, hex."""
    expected_key: bool | None = None
    """Whether it is the key asked for; None when none was."""
    form: bool = False
    """Whether the bytes are the canonical form: no other program wrote them anew."""
    wrong_hashes: tuple[str, ...] = ()
    malformed: str = ""
    differences: tuple[Difference, ...] = ()
    rows: int = 0
    """How many rows were recomputed; for a reward, order lines and runs."""
    document: Mapping[str, Any] | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return (
            not self.readable
            and self.signature
            and self.form
            and self.expected_key is not False
            and not (self.wrong_hashes or self.malformed or self.differences)
        )

    @property
    def key_name(self) -> str:
        """What the key is called."""
        return key_name(bytes.fromhex(self.key)) if self.key else ""


def checked(content: bytes, *, key: str | None = None) -> Checked:
    """Checks a file: the signature, the form, the hashes, and the rows recomputed. `key` is the public key it should be
    signed by, hex, as the installation publishes it. Never raises for what a file holds.
    """
    if len(content) > LARGEST_FILE:
        return Checked("the file is larger than a bundle can be")
    try:
        document = json.loads(content)
        own = canonical_bytes(document)
    except (ValueError, RecursionError) as error:
        return Checked(f"the file is no JSON of a bundle ({error})")
    about = SUBJECTS.get(str(document.get("format"))) if isinstance(document, dict) else None
    if about is None:
        return Checked(f"the file is no bundle of a format known here ({', '.join(SUBJECTS)})")
    try:
        public, signature = _bytes(document["key"], 32), _bytes(document["signature"], 64)
        parts, hashes = document["parts"], document["hashes"]
        names = sorted({*parts, *hashes})
        wrong = tuple(name for name in names if name not in parts or hashes.get(name) != _hash(parts[name]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Checked(f"the file lacks what a bundle has ({error})")
    found: list[Difference] = []
    rows, malformed = 0, ""
    try:
        found, rows = _RECOMPUTED[document["format"]](parts, ZoneInfo(parts["house"]["zone"]))
        if document[about] != parts[about]["id"]:
            found.append(Difference(about, "id", document[about], parts[about]["id"]))
        if about == "period" and document["promoter"] != parts["promoter"]["id"]:
            found.append(Difference("promoter", "id", document["promoter"], parts["promoter"]["id"]))
    except (Malformed, KeyError, TypeError, ValueError, OSError) as error:
        malformed = str(error)
    return Checked(
        "",
        signature=holds(
            signature, canonical_bytes({k: v for k, v in document.items() if k != "signature"}), key=public
        ),
        key=public.hex(),
        expected_key=None if key is None else public.hex() == "".join(key.split()).lower(),
        form=own == content.removesuffix(b"\n"),
        wrong_hashes=wrong,
        malformed=malformed,
        differences=tuple(found),
        rows=rows,
        document=document,
    )


def _bytes(text: str, size: int) -> bytes:
    """Lower-case hex of so many bytes: one form, so that no digit can be written otherwise."""
    value = bytes.fromhex(text)
    if len(value) != size or value.hex() != text:
        raise ValueError(f"{size} bytes in lower-case hex were expected")
    return value
