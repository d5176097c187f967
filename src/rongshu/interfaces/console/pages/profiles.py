"""Console pages of profiles: one member's, edited; the fields, tags and words of consents of the tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Person
from rongshu.interfaces.faces.profile_parts import ConsentPart, ProfilePart


@dataclass(frozen=True, slots=True)
class TagPart:
    """A tag on a member; `by_rule`: the segments named in `by` put it on and take it off again."""

    id: str
    name: str
    by_rule: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TagMove:
    """One putting on or taking off."""

    name: str
    on: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """One giving or withdrawing."""

    name: str
    given: bool
    text: int
    place: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MemberProfile:
    """A member's profile to be edited, with tags and consents. Phone and e-mail are masked; a new one is written beside them."""

    template: ClassVar[str] = "console/member_profile.html"
    person: Person
    part: ProfilePart
    phone: str
    email: str
    external_id: str
    said_by: str
    tags: tuple[TagPart, ...]
    offered: tuple[tuple[str, str], ...]
    consents: tuple[ConsentPart, ...]
    history: tuple[ConsentSaid, ...]
    may_edit: bool
    tag_history: tuple[TagMove, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field the tenant defined."""

    code: str
    name: str
    kind: str
    required: bool
    by_member: bool
    sealed: bool
    active: bool


@dataclass(frozen=True, slots=True)
class TagRow:
    id: str
    name: str
    active: bool
    members: int


@dataclass(frozen=True, slots=True)
class ConsentTextRow:
    """The words of a purpose in both languages; number 0 are the product's own."""

    code: str
    name: str
    number: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """What the tenant wants to know of members, its tags, and what members are asked to agree to."""

    template: ClassVar[str] = "console/profile_settings.html"
    fields: tuple[FieldRow, ...]
    most: int
    kinds: tuple[tuple[str, str], ...]
    tags: tuple[TagRow, ...]
    texts: tuple[ConsentTextRow, ...]
    may_set: bool
    may_tag: bool


@dataclass(frozen=True, slots=True)
class FieldForm:
    """A field, new or to be changed; code, kind and whether it is sealed stay for ever. `options`: one a line, `code = 中文 | English`."""

    template: ClassVar[str] = "console/profile_field.html"
    code: str
    kind: str
    kind_name: str
    new: bool
    zh: str = ""
    en: str = ""
    required: bool = False
    by_member: bool = False
    sealed: bool = False
    options: str = ""
    limits: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    at: str = ""
