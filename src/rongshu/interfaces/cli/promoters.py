"""Promoters looked after from the command line: frozen and going on, notes, tags, transfers, merges, erasing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rongshu.interfaces.cli.output import as_json, fail, out
from rongshu.kernel.boot import boot

if TYPE_CHECKING:
    from rongshu.kernel.tenancy.queries import House

promoters = typer.Typer(help="Promoters: freeze, notes, tags, transfers, merges, erasing.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The tenant's slug.")]
Member = Annotated[str, typer.Argument(help="The promoter: our id, external id, phone or e-mail.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _with(slug: str, member: str, work: Callable[[int, House, dict[str, Any]], Any]) -> Any:
    """Does the work about a member in one transaction; a refusal ends the command, with exit code 2."""
    boot()
    from rongshu.domain.members.profiles.queries import find_member
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    try:
        house = house_by_slug(slug)
        with tenant_scope(house.id):
            return work(find_member(member).id, house, {"by": COMMAND_LINE, "now": utc_now()})
    except Refusal as refusal:
        fail(str(refusal))


@promoters.command("show")
def show(slug: Slug, member: Member, json: Json = False) -> None:
    """How a promoter stands, their tags, and the latest the team did with them and wrote about them."""

    def work(one: int, house: House, how: dict[str, Any]) -> dict[str, Any]:
        from rongshu.domain.referral.care.queries import changes_of, tags_of
        from rongshu.domain.referral.promoters.queries import promoter
        from rongshu.kernel.ids import outside

        found = promoter(one)
        return {
            "id": outside("mem", one),
            "state": "active" if found.active_to is None else found.ended_as or "left",
            "heir": None if found.heir_id is None else outside("mem", found.heir_id),
            "tags": tags_of(one),
            "changes": [
                {"at": row.at.astimezone(house.zone).isoformat("T", "seconds"), "what": row.what, "text": row.text, "by": row.actor}
                for row in changes_of(one, limit=20)
            ],
        }  # fmt: skip

    document = _with(slug, member, work)
    if json:
        as_json(document)
        return
    heir = f" → {document['heir']}" if document["heir"] else ""
    out.print(f"{document['id']}\t{document['state']}{heir}\t{', '.join(document['tags'])}", markup=False)
    for row in document["changes"]:
        out.print(f"{row['at']}\t{row['what']}\t{row['by']}\t{row['text']}", markup=False)


@promoters.command("freeze")
def freeze(slug: Slug, member: Member, reason: Reason) -> None:
    """Orders paid from now on earn them nothing; what was earned stays theirs."""

    def work(one: int, _house: House, how: dict[str, Any]) -> None:
        from rongshu.domain.referral.care.actions import freeze as freeze_one

        freeze_one(promoter_id=one, reason=reason, **how)

    _with(slug, member, work)
    out.print("Frozen.", markup=False)


@promoters.command("resume")
def resume(slug: Slug, member: Member, reason: Reason) -> None:
    """A frozen promoter goes on."""

    def work(one: int, _house: House, how: dict[str, Any]) -> None:
        from rongshu.domain.referral.care.actions import resume as resume_one

        resume_one(promoter_id=one, reason=reason, **how)

    _with(slug, member, work)
    out.print("They go on.", markup=False)


@promoters.command("note")
def note(slug: Slug, member: Member, text: Annotated[str, typer.Argument(help="The note.")]) -> None:
    """Write a note about a promoter; they never read it."""

    def work(one: int, _house: House, how: dict[str, Any]) -> None:
        from rongshu.domain.referral.care.actions import add_note

        add_note(promoter_id=one, text=text, **how)

    _with(slug, member, work)
    out.print("The note is kept.", markup=False)


@promoters.command("tag")
def tag(
    slug: Slug,
    member: Member,
    name: Annotated[str, typer.Argument(help="The tag.")],
    off: Annotated[bool, typer.Option("--off", help="Take it off.")] = False,
) -> None:
    """Put a tag on a promoter, or take it off."""

    def work(one: int, _house: House, how: dict[str, Any]) -> None:
        from rongshu.domain.referral.care import actions
        from rongshu.domain.referral.promoters.queries import promoter

        (actions.untag if off else actions.tag)(promoter_id=promoter(one).id, name=name, **how)

    _with(slug, member, work)
    out.print("The tag is off." if off else "The tag is on.", markup=False)


@promoters.command("transfer")
def transfer(
    slug: Slug,
    member: Member,
    reason: Reason,
    inviter: Annotated[str | None, typer.Option(help="The new inviter; the top of the forest when left out.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it is done at the beginning of; now when left out."),
    ] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Take back the one that waits.")] = False,
) -> None:
    """Move a promoter with their team below another inviter, now or on a day to come."""

    def work(one: int, house: House, how: dict[str, Any]) -> bool | None:
        from rongshu.domain.members.profiles.queries import find_member
        from rongshu.domain.referral.care import actions

        if take_back:
            actions.take_back_transfer(promoter_id=one, **how)
            return None
        to = None if inviter is None else find_member(inviter).id
        at = None if on is None else on.replace(tzinfo=house.zone)
        return actions.transfer(promoter_id=one, inviter_id=to, reason=reason, at=at, **how)

    done = _with(slug, member, work)
    out.print({None: "Taken back.", True: "Moved.", False: "Planned."}[done], markup=False)


@promoters.command("erase")
def erase(
    slug: Slug,
    member: Member,
    sure: Annotated[bool, typer.Option("--sure", help="Erase; without it, only say what stands in the way.")] = False,
    json: Json = False,
) -> None:
    """Erase the personal data of a member who promotes no more, or never did. This cannot be undone."""

    def work(one: int, _house: House, how: dict[str, Any]) -> dict[str, Any]:
        from rongshu.domain.members.erasure.queries import erased_at
        from rongshu.flows.erasing import erase_person, in_the_way
        from rongshu.kernel.ids import outside

        if sure:
            erase_person(member_id=one, **how)
        at = erased_at(one)
        problems = [] if at is not None else [str(problem) for problem in in_the_way(one)]
        return {"id": outside("mem", one), "erased_at": at and at.isoformat(), "in_the_way": problems}

    document = _with(slug, member, work)
    if json:
        as_json(document)
    elif document["erased_at"]:
        out.print(f"Erased: {document['id']} at {document['erased_at']}", markup=False)
    else:
        out.print("\n".join(document["in_the_way"]) or "Nothing stands in the way; add --sure to erase.", markup=False)


@promoters.command("merge")
def merge(
    slug: Slug,
    member: Member,
    heir: Annotated[str, typer.Argument(help="The one who stays.")],
    reason: Reason,
    json: Json = False,
) -> None:
    """Merge a promoter into another who is the same person. This cannot be undone."""

    def work(one: int, _house: House, how: dict[str, Any]) -> dict[str, Any]:
        from rongshu.domain.members.profiles.queries import find_member
        from rongshu.flows.merging import merge_people

        done = merge_people(promoter_id=one, heir_id=find_member(heir).id, reason=reason, **how)
        moved = done.promoter
        return {
            "links": moved.links, "customers": moved.customers, "invited": moved.invited, "stores": moved.stores,
            "wechats": done.wechats, "passkeys": done.passkeys, "login_ended": done.login_ended,
        }  # fmt: skip

    document = _with(slug, member, work)
    if json:
        as_json(document)
        return
    out.print("Merged. " + ", ".join(f"{name} {value}" for name, value in document.items()), markup=False)
