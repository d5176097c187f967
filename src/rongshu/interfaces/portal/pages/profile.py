"""The reader's own data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rongshu.interfaces.faces.profile_parts import ConsentPart, ProfilePart


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the reader, to be changed by them; `birthday_said`: only the team changes it from now on."""

    template: ClassVar[str] = "portal/profile.html"
    part: ProfilePart
    birthday_said: bool
    consents: tuple[ConsentPart, ...]

    @property
    def asks(self) -> bool:
        """Whether a field has to be filled in."""
        return any(one.required and one.editable for one in self.part.fields)
