from rongshu.domain.members.cards.models import Card, CardRequest, CardVersion
from rongshu.domain.members.consents.models import Consent, ConsentNow, ConsentText
from rongshu.domain.members.duplicates.models import LikenessSeen, MemberLikeness, MemberMerge, MemberPair
from rongshu.domain.members.erasure.models import Erasure
from rongshu.domain.members.files.models import MemberFile
from rongshu.domain.members.gifts.models import GiftDay
from rongshu.domain.members.growth.models import GrowthEntry, GrowthMonth, GrowthVersion
from rongshu.domain.members.points.models import (
    PointsAccount,
    PointsHold,
    PointsLot,
    PointsMove,
    PointsReminder,
    PointsReport,
    PointsVersion,
)
from rongshu.domain.members.profiles.models import Member, ProfileField, ProfileValue
from rongshu.domain.members.tags.models import Tag, TagChange, Tagging
from rongshu.domain.members.tiers.models import TierChange, TierHead, TierStanding, TierVersion
from rongshu.domain.members.wechat.models import WechatApp, WechatPerson

__all__ = [
    "Card",
    "CardRequest",
    "CardVersion",
    "Consent",
    "ConsentNow",
    "ConsentText",
    "Erasure",
    "GiftDay",
    "GrowthEntry",
    "GrowthMonth",
    "GrowthVersion",
    "LikenessSeen",
    "Member",
    "MemberFile",
    "MemberLikeness",
    "MemberMerge",
    "MemberPair",
    "PointsAccount",
    "PointsHold",
    "PointsLot",
    "PointsMove",
    "PointsReminder",
    "PointsReport",
    "PointsVersion",
    "ProfileField",
    "ProfileValue",
    "Tag",
    "TagChange",
    "Tagging",
    "TierChange",
    "TierHead",
    "TierStanding",
    "TierVersion",
    "WechatApp",
    "WechatPerson",
]
