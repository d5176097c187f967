"""The reader's own balance in the published total, and the file that proves it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse

from rongshu.domain.settlement.transparency.queries import openness, proof_of, publications
from rongshu.domain.settlement.transparency.sealing import proof_file
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.balance import MyLeaf
from rongshu.interfaces.portal.proofs import may_prove
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside


@page("home")
def balance(visit: Visit) -> MyLeaf:
    """What the latest publication holds for the reader."""
    found = publications(limit=1)
    if not found:
        return MyLeaf()
    latest, currency = found[0], visit.house.currency
    proof = proof_of(myself(visit), latest)
    return MyLeaf(
        number=latest.number,
        as_of=datetime.fromisoformat(latest.document["as_of"]),
        amount=None if proof is None else Money(proof.amount, currency),
        owed=Money(latest.owed, currency),
        promoters=latest.document["promoters"],
        steps=0 if proof is None else len(proof.path),
        public=reverse("transparency", args=[visit.house.slug]) if openness().shown else "",
    )


@page("home")
def proof(visit: Visit) -> HttpResponse:
    """The proof as a file, for `rongshu check-balance`."""
    found, me = publications(limit=1), myself(visit)
    may_prove(me, "json")
    leaf = proof_of(me, found[0]) if found else None
    if leaf is None:
        raise missing("no_leaf", "Nothing of yours is in the latest publication.")
    content = proof_file(found[0].document, leaf, outside("mem", me))
    return attached(content, f"balance-proof-{found[0].number}.json", "application/json")
