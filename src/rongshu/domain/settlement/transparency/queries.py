from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.settlement.transparency.models import Publication, PublishedRow, TransparencyPolicy
from rongshu.domain.settlement.transparency.sealing import wrong_in
from rongshu.engine.hashtree import Node, Proof, commitment, leaf, path_of, root_of, secret_of
from rongshu.kernel.errors import missing
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding

ROW = 1024
"""Leaves a row holds."""
LOOKED_AT = 64
"""Rows of the last publication that the check of the books computes anew, evenly spread."""


@dataclass(frozen=True, slots=True)
class Openness:
    """What a tenant has chosen."""

    shown: bool = False
    monthly: bool = False


def openness() -> Openness:
    """As in force; nothing is shown until somebody wants it."""
    found = TransparencyPolicy.objects.order_by("-id").first()
    return Openness() if found is None else Openness(found.shown, found.monthly)


def publications(*, before: int | None = None, limit: int = 24) -> list[Publication]:
    """Publications, latest first; `before` is the number of the page before's last."""
    rows = Publication.objects.all() if before is None else Publication.objects.filter(number__lt=before)
    return list(rows.order_by("-number")[:limit])


def publication(number: int) -> Publication:
    """One publication. Raises `missing`."""
    found = Publication.objects.filter(number=number).first()
    if found is None:
        raise missing("unknown_publication", "There is no such publication.")
    return found  # type: ignore[no-any-return]


def numbers_of(packed: bytes | memoryview) -> NDArray[np.int64]:
    """The numbers a row keeps."""
    return np.frombuffer(zlib.decompress(bytes(packed)), dtype="<i8")


def nodes_of(row: PublishedRow, seed: bytes) -> list[Node]:
    """The leaves of a row, computed anew."""
    pairs = zip(numbers_of(row.promoters).tolist(), numbers_of(row.amounts).tolist(), strict=True)
    return [leaf(commitment(secret_of(seed, who), who), amount) for who, amount in pairs]


def proof_of(promoter_id: int, found: Publication) -> Proof | None:
    """A promoter's leaf in a publication and its way to the root; None when nothing was owed to them then."""
    seed = bytes.fromhex(unseal(found.seed))
    secret = secret_of(seed, promoter_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place FROM settlement_published_row WHERE tenant_id = %s AND number = %s AND first <= %s "
            "ORDER BY first DESC LIMIT 1",
            [current_tenant(), found.number, commitment(secret, promoter_id)],
        )
        place = cursor.fetchone()
    if place is None:
        return None
    row = PublishedRow.objects.get(number=found.number, place=place[0])
    at = np.flatnonzero(numbers_of(row.promoters) == promoter_id)
    if not len(at):
        return None
    digests = PublishedRow.objects.filter(number=found.number).order_by("place").values_list("sum", "digest")
    above = [(total, bytes(digest)) for total, digest in digests]
    path = path_of(nodes_of(row, seed), int(at[0])) + path_of(above, row.place)
    return Proof(promoter_id, secret, int(numbers_of(row.amounts)[at[0]]), path)


def transparency_findings() -> list[Finding]:
    """Every publication is as it was signed, names the one before and adds up; the last one's rows still make its root, some of them from
    their leaves."""
    told, before, signed_wrong = Publication.objects.order_by("number"), None, []
    for one in told.only("number", "owed", "document").iterator(200):
        signed_wrong += [f"{one.number}: {what}" for what in wrong_in(one.document, before, one.owed)]
        before = one.document
    last = Publication.objects.order_by("-number").first()
    if last is None:
        return []
    rows = list(PublishedRow.objects.filter(number=last.number).defer("promoters", "amounts").order_by("place"))
    wrong = []
    total, digest = root_of([(row.sum, bytes(row.digest)) for row in rows])
    if (str(total), digest.hex()) != (last.document["root"]["sum"], last.document["root"]["digest"]):
        wrong.append(f"{last.number}: the root")
    seed = bytes.fromhex(unseal(last.seed))
    chosen = {row.place for row in rows[:: max(1, len(rows) // LOOKED_AT)]}
    for row in PublishedRow.objects.filter(number=last.number, place__in=list(chosen)).iterator(16):
        if root_of(nodes_of(row, seed)) != (row.sum, bytes(row.digest)):
            wrong.append(f"{last.number}/{row.place}: the row")
    return [
        Finding("publications are as they were signed", last.number, len(signed_wrong), tuple(signed_wrong[:20])),
        Finding("the published total is what its leaves make", len(chosen) + 1, len(wrong), tuple(wrong[:20])),
    ]


__all__ = [
    "ROW", "Openness", "numbers_of", "openness", "proof_of", "publication", "publications", "transparency_findings",
]  # fmt: skip
