"""What a column of a file may say, and what its heading proposes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.profiles.models import ProfileField
from rongshu.kernel.errors import invalid

NAMING = ("external_id", "phone", "email")
PLAIN = (
    *NAMING,
    "name",
    "birthday",
    "region",
    "city",
    "preference",
    "joined_at",
    "tags",
    "consent_day",
    "opening_points",
    "opening_growth",
)
OPENING = ("opening_points", "opening_growth")
"""What members had elsewhere before they came here; given once."""
FIELD, CONSENT = "field:", "consent:"

_HEADS = {
    "external_id": (
        "external_id", "id", "member_id", "customer_id", "会员id", "会员号", "会员编号", "会员卡号", "卡号", "客户编号",
        "客户号", "外部编号", "编号", "用户id", "买家id",
    ),
    "phone": ("phone", "mobile", "tel", "telephone", "cell", "手机", "手机号", "手机号码", "电话", "联系电话", "联系方式"),
    "email": ("email", "mail", "emailaddress", "邮箱", "电子邮箱", "电子邮件", "邮件"),
    "name": ("name", "fullname", "姓名", "名字", "会员姓名", "客户姓名", "称呼", "昵称"),
    "birthday": ("birthday", "birthdate", "dateofbirth", "dob", "生日", "出生日期", "出生年月日"),
    "region": ("region", "province", "state", "省", "省份", "地区", "所在省"),
    "city": ("city", "城市", "市", "所在城市"),
    "preference": ("preference", "偏好"),
    "joined_at": ("joined_at", "joined", "created_at", "registered_at", "入会时间", "入会日期", "注册时间", "注册日期", "加入日期"),
    "tags": ("tags", "tag", "labels", "标签", "会员标签"),
    "opening_points": ("opening_points", "期初积分", "积分余额", "现有积分"),
    "opening_growth": ("opening_growth", "期初成长值", "现有成长值"),
    "consent_day": ("consent_day", "consent_date", "同意日期", "授权日期"),
}  # fmt: skip
_CONSENT_HEADS = {
    "service": ("consent_service", "服务同意"),
    "marketing_sms": ("consent_sms", "smsoptin", "短信营销", "接受短信"),
    "marketing_mail": ("consent_mail", "emailoptin", "邮件营销", "接受邮件"),
    "marketing_wechat": ("consent_wechat", "微信营销", "接受微信"),
    "profiling": ("consent_profiling", "个性化推荐"),
}
_LOOSE = re.compile(r"[\s_\-./()（）:：*]+")


def _loose(heading: str) -> str:
    return _LOOSE.sub("", unicodedata.normalize("NFKC", heading).casefold())


_KNOWN = {_loose(word): code for code, words in _HEADS.items() for word in words} | {
    _loose(word): CONSENT + code for code, words in _CONSENT_HEADS.items() for word in words
}


def targets(fields: Sequence[ProfileField]) -> list[str]:
    """Everything a column may say, in the order it is offered."""
    return [*PLAIN, *(FIELD + one.code for one in fields), *(CONSENT + code for code in PURPOSES)]


def proposed(headings: Sequence[str], fields: Sequence[ProfileField]) -> list[str]:
    """What each column most likely says, "" where nothing is known; nothing is proposed twice."""
    own = {}
    for one in fields:
        for word in (one.code, *one.names.values()):
            if word:
                own[_loose(word)] = FIELD + one.code
    known = _KNOWN | own | {_loose(CONSENT + code): CONSENT + code for code in PURPOSES}
    known |= {_loose(FIELD + one.code): FIELD + one.code for one in fields}
    taken: set[str] = set()
    found = []
    for heading in headings:
        code = known.get(_loose(heading), "")
        found.append("" if code in taken else code)
        taken.add(code)
    return found


def checked_mapping(mapping: Sequence[str], headings: Sequence[str], fields: Sequence[ProfileField]) -> list[str]:
    """A mapping that fits the file. Raises `invalid` at `column.<place>` or `mapping`."""
    known = set(targets(fields))
    if len(mapping) != len(headings):
        raise invalid("mapping_length", "The mapping has to name every column, %(columns)s of them.", at="mapping",
                      columns=len(headings))  # fmt: skip
    seen: dict[str, int] = {}
    for place, code in enumerate(mapping):
        at = f"column.{place}"
        if code and code not in known:
            raise invalid("unknown_target", "Members have no %(name)s to be filled.", at=at, name=code[:60])
        if code and code in seen:
            raise invalid("target_twice", "%(name)s is filled by two columns, %(one)s and %(two)s; choose one.", at=at,
                          name=code, one=headings[seen[code]][:60], two=headings[place][:60])  # fmt: skip
        seen[code] = place
    if not any(code in seen for code in NAMING):
        raise invalid("no_naming_column", "Say which column has the external id, the phone or the e-mail: by one of them a member is known.",
                      at="mapping")  # fmt: skip
    return list(mapping)
