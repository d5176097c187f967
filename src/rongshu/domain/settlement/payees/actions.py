from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payees.queries import payee_of, payees
from rongshu.engine.payees import age_on, birthday_of_cn_id, is_card, masked_name, masked_number
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.secrets import fingerprint, seal, unseal
from rongshu.kernel.tenancy.queries import house

ADULT = 18
DOCUMENTS = ("cn_id", "passport", "other")
ACCOUNTS = ("bank", "alipay", "wechat")
_PHONE_OR_MAIL = re.compile(r"1[0-9]{10}|[^@\s]+@[^@\s]+\.[^@\s]+")
_OPENID = re.compile(r"[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True, slots=True)
class Papers:
    """What a payee gives: who they are by law, and one account."""

    name: str
    document_kind: str
    """One of DOCUMENTS."""
    document: str
    account_kind: str
    """One of ACCOUNTS."""
    account: str
    bank: str = ""
    resident: bool = True


def give_papers(*, promoter_id: int, papers: Papers, agreement: str, by: Actor, now: datetime) -> Payee:
    """Keeps a promoter's papers and account, with their consent to that (`agreement` is the version they accepted).

    Raises `missing` for whoever is no promoter, `invalid` for a number that cannot be right and for somebody under age.
    """
    promoter(promoter_id)
    papers = _cleaned(papers)
    _check(papers, now)
    kept = Payee.add(
        promoter_id=promoter_id,
        name=seal(papers.name),
        name_shown=masked_name(papers.name),
        document_kind=papers.document_kind,
        document=seal(papers.document),
        document_hash=fingerprint(f"payee:{papers.document_kind}", papers.document),
        document_shown=masked_number(papers.document, first=1, last=1),
        account_kind=papers.account_kind,
        account=seal(papers.account),
        account_shown=masked_number(papers.account),
        bank=papers.bank,
        resident=papers.resident,
        agreement=agreement,
        at=now,
        actor=str(by),
    )
    record("payee.given", subject=str(promoter_id), by=by, now=now, payee=str(kept.id), agreement=agreement)
    return kept


def take_back_papers(*, promoter_id: int, paid_by: Sequence[int], by: Actor, now: datetime) -> None:
    """From now on there are no papers of a promoter; those that nothing was paid by (`paid_by` are ids of the others) are blanked.

    What was paid by the others is kept, sealed, as tax law asks. Raises `missing` when there are none.
    """
    if payee_of(promoter_id) is None:
        raise missing("no_papers", "No papers were given yet.")
    unpaid = Payee.objects.filter(promoter_id=promoter_id).exclude(id__in=list(paid_by)).exclude(agreement="")
    blank = {"name": b"", "document": b"", "account": b"", "document_hash": b""}
    blanked = unpaid.update(**blank, name_shown="", document_shown="", account_shown="", bank="")
    Payee.add(
        promoter_id=promoter_id, **blank, name_shown="", document_kind="", document_shown="", account_kind="",
        account_shown="", agreement="", at=now, actor=str(by),
    )  # fmt: skip
    record("payee.taken_back", subject=str(promoter_id), by=by, now=now, blanked=blanked)


def _cleaned(papers: Papers) -> Papers:
    account = re.sub(r"\s", "", papers.account) if papers.account_kind == "bank" else papers.account.strip()
    document = papers.document.strip().upper()
    return Papers(
        " ".join(papers.name.split()), papers.document_kind, document, papers.account_kind, account,
        papers.bank.strip(), papers.resident,
    )  # fmt: skip


def _check(papers: Papers, now: datetime) -> None:
    if not 2 <= len(papers.name) <= 60:
        raise invalid("bad_name", "Give the full name as the papers have it.", at="name")
    if papers.document_kind not in DOCUMENTS:
        raise invalid("bad_document", "Choose the kind of document.", at="document_kind")
    if papers.account_kind not in ACCOUNTS:
        raise invalid("bad_account", "Choose the kind of account.", at="account_kind")
    if papers.document_kind == "cn_id":
        birthday = birthday_of_cn_id(papers.document)
        if birthday is None:
            raise invalid("bad_document", "This is not an identity number: one of its digits is wrong.", at="document")
        if age_on(birthday, now.astimezone(house().zone).date()) < ADULT:
            raise invalid("under_age", "Payments go to people of %(age)s years and more.", at="document", age=ADULT)
    elif not 5 <= len(papers.document) <= 40:
        raise invalid("bad_document", "Give the number of the document.", at="document")
    if papers.account_kind == "bank":
        if not is_card(papers.account):
            raise invalid("bad_account", "This is not a card number: one of its digits is wrong.", at="account")
        if not papers.bank:
            raise invalid("no_bank", "Name the bank.", at="bank")
    pattern = {"alipay": _PHONE_OR_MAIL, "wechat": _OPENID}.get(papers.account_kind)
    if pattern is not None and not pattern.fullmatch(papers.account):
        raise invalid("bad_account", "This is not an account of that kind.", at="account")


def reveal_papers(*, payee_id: int, reason: str, by: Actor, now: datetime) -> Papers:
    """The papers in full. Whoever looks gives a reason, and both are recorded. Raises `missing`, `invalid` without a reason."""
    if len(reason.strip()) < 3:
        raise invalid("no_reason", "Say why you need to see this.", at="reason")
    payee = Payee.objects.filter(id=payee_id).first()
    if payee is None or not payee.name:
        raise missing("unknown_payee", "There are no such papers.")
    record("payee.revealed", subject=str(payee.promoter_id), by=by, now=now, payee=str(payee_id), reason=reason[:500])
    return opened(payee)


def reveal_all(*, payees_wanted: Sequence[int], reason: str, by: Actor, now: datetime) -> dict[int, Papers]:
    """Many papers in full, by their id, for a list that the law asks for: one audit entry with the reason and whose they are."""
    found = payees(payees_wanted)
    whose = sorted({str(payee.promoter_id) for payee in found.values()})
    record("payees.revealed", subject=f"{len(found)} payees", by=by, now=now, reason=reason[:500], promoters=whose)
    return {identifier: opened(payee) for identifier, payee in found.items()}


def opened(payee: Payee) -> Papers:
    """The papers in full, for a program that pays by them; never for a screen."""
    return Papers(
        unseal(payee.name), payee.document_kind, unseal(payee.document), payee.account_kind, unseal(payee.account),
        payee.bank, payee.resident,
    )  # fmt: skip
