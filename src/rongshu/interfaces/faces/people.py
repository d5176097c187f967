"""Members as pages show them, many at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import known_as
from rongshu.interfaces.faces.parts import Person
from rongshu.kernel.ids import outside


class People:
    """The people of a page, read with one query."""

    def __init__(self, identifiers: Iterable[int | None]) -> None:
        wanted = {one for one in identifiers if one is not None and one > 0}
        self._known = known_as(sorted(wanted)) if wanted else {}

    def person(self, identifier: int) -> Person:
        """A member, also one that is gone: then by id alone."""
        known = self._known.get(identifier)
        name = outside("mem", identifier)
        return Person(name, name) if known is None else Person(name, known.name, known.phone)

    def __contains__(self, identifier: int) -> bool:
        return identifier in self._known

    def maybe(self, identifier: int | None) -> Person | None:
        """A member, or nobody."""
        return None if identifier is None else self.person(identifier)


def actor_name(actor: str) -> str:
    """Whoever wrote, from the audit's form (`login:ann`), in words."""
    kind, _colon, name = actor.partition(":")
    match kind:
        case "worker":
            return _("Rongshu itself")
        case "command-line":
            return _("the command line")
        case "key":
            return _("API key %(name)s") % {"name": name}
        case "segment":
            return _("Segment %(name)s") % {"name": name}
        case _:
            return name or actor
