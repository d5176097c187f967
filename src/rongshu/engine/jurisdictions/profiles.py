"""The profiles, as data. Engineering reference, reviewed on `REVIEWED`; local counsel has the last word.

A profile states what differs from `DEFAULT`; keys are those of `DEFAULT`. Numbers of levels are `max_paid_depth` (more is
refused; no law but Korea's states a number, ours is a choice under the law named) and `opinion_depth` (from here on a legal opinion is asked for; 0: never).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rongshu.engine.jurisdictions.values import Confidence, Datum, Profile, Value
from rongshu.engine.wording import gettext_noop as _

REVIEWED = "2026-11-22"
_LONG = date(2000, 1, 1)
Row = tuple[Value, str, Confidence, str] | tuple[Value, str, Confidence, str, date, date | None]
"""Value, basis, confidence, source; then the days it holds for, where they are known."""

CHOICE = _("a cautious choice of this software, not law")
PYRAMID = _("Regulations on Prohibiting Pyramid Schemes (State Council Order 444), article 7")
DIRECT_SELLING = _("Regulations on Direct Selling (State Council Order 443), as a benchmark")
CONSUMER = _("Consumer Protection Law of China, article 25: seven days from receipt")
E_COMMERCE = _("E-Commerce Law of China, article 34")
INCOME_TAX = _("Individual Income Tax Law of China and its implementation regulations")
PLATFORM_TAX = _("State Taxation Administration Announcements 2025 No. 15 and No. 16")
VAT_ADVICE = _("Ministry of Finance and State Taxation Administration Announcement 2026 No. 28, from 2026-11-01")
_TEXT_444 = "禁止传销条例, consolidated text"
_TEXT_443 = "直销管理条例, consolidated text (2017)"

DEFAULT: Mapping[str, Row] = {
    "max_paid_depth": (2, CHOICE, "choice", ""),
    "registered_depth": (0, CHOICE, "choice", ""),
    "opinion_depth": (0, CHOICE, "choice", ""),
    "team_pay_refused": (False, CHOICE, "choice", ""),
    "payout_warn": (300_000, CHOICE, "choice", ""),
    "payout_block": (500_000, CHOICE, "choice", ""),
    "payee_warn": (300_000, CHOICE, "choice", ""),
    "retail_warn": (700_000, CHOICE, "choice", ""),
    "retail_block": (500_000, CHOICE, "choice", ""),
    "return_days": (0, _("no general right to return distance sales is known"), "medium", ""),
    "freeze_days": (0, CHOICE, "choice", ""),
    "instant_release": (True, CHOICE, "choice", ""),
    "leaving_days": (0, _("left to the contract"), "medium", ""),
    "minimum_age": (18, CHOICE, "choice", ""),
    "notice_days": (0, CHOICE, "choice", ""),
    "filing": (False, CHOICE, "choice", ""),
    "filing_depth": (1, CHOICE, "choice", ""),
    "excluded_groups": (False, CHOICE, "choice", ""),
    "chinese_income_tax": (False, CHOICE, "choice", ""),
    "vat_decision": (False, CHOICE, "choice", ""),
    "reporting": (False, CHOICE, "choice", ""),
    "trial": (False, CHOICE, "choice", ""),
}

_EU14 = _("Consumer Rights Directive 2011/83/EU, article 9: fourteen days")
_UCPD = _("Unfair Commercial Practices Directive 2005/29/EC, annex I no. 14; CJEU C-515/12")
_DAC7 = _("Directive (EU) 2021/514 (DAC7): yearly report by 31 January")

WRITTEN: Mapping[str, tuple[str, Mapping[str, Row | tuple[Row, ...]]]] = {
    "CN": (_("Mainland China"), {
        "max_paid_depth": (2, PYRAMID, "choice", _TEXT_444),
        "opinion_depth": (2, PYRAMID, "choice", "重庆巴南, 中国消费者报 2022-03-08; 广州白云, 市场监管局 2023-05-29: fined with two levels"),
        "team_pay_refused": (True, PYRAMID, "text", _TEXT_444),
        "payout_warn": (300_000, DIRECT_SELLING, "text", _TEXT_443 + ", art. 24"),
        "return_days": (7, CONSUMER, "text", "消费者权益保护法 (2013)"),
        "freeze_days": (8, CONSUMER, "text", "消费者权益保护法 (2013)"),
        "instant_release": (False, CONSUMER, "text", "消费者权益保护法 (2013)"),
        "leaving_days": (60, DIRECT_SELLING, "text", _TEXT_443 + ", art. 17"),
        "minimum_age": (18, DIRECT_SELLING, "text", _TEXT_443 + ", art. 15"),
        "notice_days": (7, E_COMMERCE, "text", "电子商务法 (2018)"),
        "excluded_groups": (True, DIRECT_SELLING, "text", _TEXT_443 + ", art. 15"),
        "chinese_income_tax": (True, INCOME_TAX, "text", "个人所得税法 (2018), 实施条例 (2018)"),
        "vat_decision": (
            (False, VAT_ADVICE, "medium", "", _LONG, date(2026, 10, 31)),
            (True, VAT_ADVICE, "medium", "existence and dates only; the body was not available", date(2026, 11, 1), None),
        ),
        "reporting": (
            (False, PLATFORM_TAX, "text", "", _LONG, date(2025, 9, 30)),
            (True, PLATFORM_TAX, "text", "国务院令第810号", date(2025, 10, 1), None),
        ),
    }),
    "HK": (_("Hong Kong"), {
        "max_paid_depth": (2, _("Pyramid Schemes Prohibition Ordinance (Cap. 617)"), "choice", "in force 2012-01-01"),
    }),
    "TW": (_("Taiwan"), {
        "max_paid_depth": (2, _("Multi-Level Marketing Supervision Act, article 18"), "choice", "mlmpf.org.tw newsletters 71 and 106"),
        "return_days": (7, _("Consumer Protection Act of Taiwan, article 19"), "high", ""),
        "freeze_days": (8, _("Consumer Protection Act of Taiwan, article 19"), "high", ""),
        "instant_release": (False, _("Consumer Protection Act of Taiwan, article 19"), "high", ""),
        "leaving_days": (30, _("Multi-Level Marketing Supervision Act: thirty days to withdraw"), "high", ""),
        "filing": (True, _("Multi-Level Marketing Supervision Act, article 6: filed with the Fair Trade Commission"), "text", ""),
        "filing_depth": (2, _("Multi-Level Marketing Supervision Act, article 6: filed with the Fair Trade Commission"), "medium", ""),
    }),
    "SG": (_("Singapore"), {
        "max_paid_depth": (2, _("Multi-Level Marketing and Pyramid Selling (Excluded Schemes) Order"), "choice", "S 248/2000, S 617/2001"),
        "leaving_days": (60, _("Multi-Level Marketing and Pyramid Selling (Excluded Schemes) Order"), "high", ""),
    }),
    "JP": (_("Japan"), {
        "max_paid_depth": (2, _("Act on Specified Commercial Transactions (chain sales)"), "choice", "特定商取引法; Consumer Affairs Agency"),
        "return_days": (8, _("Act on Specified Commercial Transactions: eight days unless the shop says otherwise"), "medium", ""),
        "freeze_days": (9, _("Act on Specified Commercial Transactions: eight days unless the shop says otherwise"), "medium", ""),
        "instant_release": (False, _("Act on Specified Commercial Transactions: eight days unless the shop says otherwise"), "medium", ""),
        "leaving_days": (20, _("Act on Specified Commercial Transactions: twenty days in chain sales"), "text", ""),
    }),
    "KR": (_("South Korea"), {
        "max_paid_depth": (1, _("Door-to-Door Sales Act: pay beyond the immediate upline is multi-level business"), "text", "방문판매법, KLRI text"),
        "registered_depth": (2, _("Door-to-Door Sales Act: pay beyond the immediate upline is multi-level business"), "text", "방문판매법, KLRI text"),
        "payout_block": (350_000, _("Door-to-Door Sales Act: all pay together at most 35 per cent of sales"), "high", ""),
        "return_days": (14, _("Door-to-Door Sales Act: fourteen days; online sales seven"), "high", ""),
        "freeze_days": (15, _("Door-to-Door Sales Act: fourteen days; online sales seven"), "high", ""),
        "instant_release": (False, _("Door-to-Door Sales Act: fourteen days; online sales seven"), "high", ""),
        "leaving_days": (90, _("Door-to-Door Sales Act: three months to withdraw"), "high", ""),
    }),
    "US": (_("United States"), {
        "max_paid_depth": (2, _("FTC Act, section 5; FTC guidance on multi-level marketing, revised 2024-04-30"), "choice", "Kelley Drye; Edgeworth"),
        "retail_warn": (700_000, _("FTC guidance on multi-level marketing: retail sales against internal purchases"), "choice", ""),
        "reporting": (True, _("Internal Revenue Code: Form 1099-NEC"), "text", "OBBBA §70433"),
    }),
    "EU": (_("European Union"), {
        "max_paid_depth": (2, _UCPD, "choice", "C-515/12 4finance"),
        "return_days": (14, _EU14, "high", ""),
        "freeze_days": (15, _EU14, "high", ""),
        "instant_release": (False, _EU14, "high", ""),
        "reporting": (True, _DAC7, "text", ""),
    }),
    "GB": (_("United Kingdom"), {
        "max_paid_depth": (2, _("Trading Schemes Regulations 1997; Digital Markets, Competition and Consumers Act 2024, schedule 20"), "choice", "SI 1997/30"),
        "return_days": (14, _("Consumer Contracts Regulations 2013: fourteen days"), "high", ""),
        "freeze_days": (15, _("Consumer Contracts Regulations 2013: fourteen days"), "high", ""),
        "instant_release": (False, _("Consumer Contracts Regulations 2013: fourteen days"), "high", ""),
        "leaving_days": (14, _("Trading Schemes Regulations 1997, regulation 5"), "text", "SI 1997/30"),
        "reporting": (True, _("Reporting rules for digital platforms (OECD model)"), "high", ""),
    }),
    "AU": (_("Australia"), {
        "max_paid_depth": (2, _("Australian Consumer Law, sections 44 to 46"), "choice", ""),
    }),
    "CA": (_("Canada"), {
        "max_paid_depth": (2, _("Competition Act, sections 55 and 55.1"), "choice", ""),
    }),
    "MY": (_("Malaysia"), {
        "max_paid_depth": (2, _("Direct Sales and Anti-Pyramid Scheme Act 1993 (Act 500)"), "choice", ""),
        "leaving_days": (10, _("Direct Sales and Anti-Pyramid Scheme Act 1993 (Act 500)"), "medium", ""),
        "filing": (True, _("Direct Sales and Anti-Pyramid Scheme Act 1993 (Act 500)"), "medium", ""),
    }),
    "IN": (_("India"), {
        "max_paid_depth": (2, _("Consumer Protection (Direct Selling) Rules 2021"), "choice", ""),
    }),
    "XX": (_("Trial, no market chosen"), {
        "max_paid_depth": (1, _("the strictest of the profiles kept here"), "choice", ""),
        "team_pay_refused": (True, _("the strictest of the profiles kept here"), "choice", ""),
        "return_days": (14, _("the strictest of the profiles kept here"), "choice", ""),
        "freeze_days": (15, _("the strictest of the profiles kept here"), "choice", ""),
        "payout_block": (350_000, _("the strictest of the profiles kept here"), "choice", ""),
        "leaving_days": (30, _("the strictest of the profiles kept here"), "choice", ""),
        "notice_days": (7, _("the strictest of the profiles kept here"), "choice", ""),
        "trial": (True, CHOICE, "choice", ""),
    }),
}  # fmt: skip

ALIASES: Mapping[str, str] = {"UK": "GB"} | dict.fromkeys(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ],
    "EU",
)
"""Codes that share a profile."""


def _datum(key: str, row: Row) -> Datum:
    value, basis, confidence, source, *days = row
    since, until = days or (_LONG, None)
    return Datum(key, value, since, until, basis, confidence, source)  # type: ignore[arg-type]


def _profile(code: str) -> Profile:
    name, written = WRITTEN[code]
    data: list[Datum] = []
    for key, row in {**DEFAULT, **written}.items():
        rows = row if isinstance(row[0], tuple) else (row,)
        data += [_datum(key, one) for one in rows]
    return Profile(code, name, REVIEWED, tuple(data))


PROFILES: Mapping[str, Profile] = {code: _profile(code) for code in WRITTEN}
