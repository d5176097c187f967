"""Regions: the 34 divisions of China by ISO 3166-2, recognised however they are spelled; every other is kept as it was written."""

from __future__ import annotations

from functools import cache

from rongshu.kernel.errors import invalid

REGIONS: dict[str, tuple[str, str]] = {
    "CN-BJ": ("北京", "Beijing"),
    "CN-TJ": ("天津", "Tianjin"),
    "CN-HE": ("河北", "Hebei"),
    "CN-SX": ("山西", "Shanxi"),
    "CN-NM": ("内蒙古", "Inner Mongolia"),
    "CN-LN": ("辽宁", "Liaoning"),
    "CN-JL": ("吉林", "Jilin"),
    "CN-HL": ("黑龙江", "Heilongjiang"),
    "CN-SH": ("上海", "Shanghai"),
    "CN-JS": ("江苏", "Jiangsu"),
    "CN-ZJ": ("浙江", "Zhejiang"),
    "CN-AH": ("安徽", "Anhui"),
    "CN-FJ": ("福建", "Fujian"),
    "CN-JX": ("江西", "Jiangxi"),
    "CN-SD": ("山东", "Shandong"),
    "CN-HA": ("河南", "Henan"),
    "CN-HB": ("湖北", "Hubei"),
    "CN-HN": ("湖南", "Hunan"),
    "CN-GD": ("广东", "Guangdong"),
    "CN-GX": ("广西", "Guangxi"),
    "CN-HI": ("海南", "Hainan"),
    "CN-CQ": ("重庆", "Chongqing"),
    "CN-SC": ("四川", "Sichuan"),
    "CN-GZ": ("贵州", "Guizhou"),
    "CN-YN": ("云南", "Yunnan"),
    "CN-XZ": ("西藏", "Tibet"),
    "CN-SN": ("陕西", "Shaanxi"),
    "CN-GS": ("甘肃", "Gansu"),
    "CN-QH": ("青海", "Qinghai"),
    "CN-NX": ("宁夏", "Ningxia"),
    "CN-XJ": ("新疆", "Xinjiang"),
    "CN-TW": ("台湾", "Taiwan"),
    "CN-HK": ("香港", "Hong Kong"),
    "CN-MO": ("澳门", "Macao"),
}
LONGEST = 60
_ENDINGS = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, (zh, en) in REGIONS.items():
        found |= {zh: code, en.casefold(): code, code.casefold(): code}
    return found | {"macau": "CN-MO", "xizang": "CN-XZ", "hongkong": "CN-HK", "澳門": "CN-MO", "臺灣": "CN-TW"}


def region_of(text: str) -> str:
    """The code of a region however it is spelled (`广东省`, `Guangdong`, `CN-GD`); what is none of ours comes back as written.

    Raises `invalid` beyond 60 characters.
    """
    written = " ".join(text.split())
    if len(written) > LONGEST:
        raise invalid("long_region", "A region has at most %(most)s characters.", at="region", most=LONGEST)
    known = _spellings()
    if code := known.get(written.casefold()):
        return code
    for ending in _ENDINGS:
        if code := known.get(written.removesuffix(ending)):
            return code
    return written


def region_name(region: str, language: str) -> str:
    """How a region is called: a code by its name in the language (`zh…`, else English), anything else as it was written."""
    names = REGIONS.get(region)
    return region if names is None else names[0 if language.startswith("zh") else 1]
