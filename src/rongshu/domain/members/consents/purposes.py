"""What members can agree to: the purposes, and the product's own words for each (text number 0)."""

from __future__ import annotations

from dataclasses import dataclass

from rongshu.engine.wording import gettext_noop as _

SERVICE, SMS, MAIL, WECHAT, APP, PROFILING, SHARING = (
    "service",
    "marketing_sms",
    "marketing_mail",
    "marketing_wechat",
    "marketing_app",
    "profiling",
    "sharing_inviter",
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose; `words` are msgids."""

    code: str
    name: str
    words: str


_ALL = (
    Purpose(
        SERVICE,
        _("Service"),
        _("My data are used to keep my membership, and I am told of my orders, points, coupons and money."),
    ),
    Purpose(SMS, _("Offers by text message"), _("I am told of offers and news by text message.")),
    Purpose(MAIL, _("Offers by e-mail"), _("I am told of offers and news by e-mail.")),
    Purpose(WECHAT, _("Offers by WeChat"), _("I am told of offers and news by WeChat.")),
    Purpose(APP, _("Offers in the app"), _("I am shown offers and news in my inbox here.")),
    Purpose(
        PROFILING,
        _("Personal recommendations"),
        _("What I bought and did is used to choose offers and recommendations for me."),
    ),
    Purpose(
        SHARING,
        _("Shown to whoever earns from my orders"),
        _("Promoters who earn from my orders see my name and phone number, masked."),
    ),
)
PURPOSES = {one.code: one for one in _ALL}
MARKETING = frozenset({SMS, MAIL, WECHAT, APP})
