"""What people write into files, put right where that is certain; what is not certain is refused with words. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from rongshu.domain.members.profiles.cleaning import clean_name, clean_phone
from rongshu.kernel.errors import invalid

_BETWEEN = re.compile(r"[\s\-‐-―.·()/]+")
_CUT = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_POINT_ZERO = re.compile(r"(\d{6,15})\.0+")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?:[ T]+[\d:.]+)?|(\d{4})(\d{2})(\d{2})")
_SHORT_DAY = re.compile(r"(?:--)?(\d{1,2})[-/.月](\d{1,2})日?")
_WHOLE = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.0+)?")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
YES = frozenset(("yes", "y", "true", "1", "是", "同意", "√", "✓", "有"))
NO = frozenset(("no", "n", "false", "0", "否", "不同意", "×", "无"))


def half_width(text: str) -> str:
    """Full-width letters and digits as the ordinary ones; what cannot be seen is left out."""
    return "".join(one for one in text.translate(_WIDE) if unicodedata.category(one) != "Cf").strip()


def bare(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from taking a cell for a formula or a number."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and (cell[1] in "=+-@" or cell[1].isdigit()) else cell


def phone_of(text: str) -> str:
    """A phone number however it is written: full-width digits, spaces, hyphens, +86. Mainland mobiles come without the country code.

    Raises `invalid`, and says so where a spreadsheet has cut the digits.
    """
    written = half_width(text)
    if _CUT.fullmatch(written):
        raise invalid("cut_phone", "The spreadsheet has cut the digits of this phone; give its column the format text and export again.",
                      at="phone")  # fmt: skip
    whole = _POINT_ZERO.fullmatch(written)
    digits = _BETWEEN.sub("", whole.group(1) if whole else written)
    mainland = _MAINLAND.fullmatch(digits)
    return mainland.group(1) if mainland else clean_phone("+" + digits[2:] if digits.startswith("00") else digits)


def name_of(text: str) -> str:
    """A name in one line, with single spaces and without what cannot be seen; between Chinese characters there is no space."""
    line = clean_name(half_width(text))
    return re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "", line)


def birthday_text(text: str) -> str:
    """A birthday as `read_birthday` takes it: also 1990/5/1, 1990年5月1日, 19900501, 5月1日."""
    written = half_width(text)
    if day := _DAY.fullmatch(written):
        year, month, of_month = (one for one in day.groups() if one is not None)
        return f"{year}-{int(month):02}-{int(of_month):02}"
    short = _SHORT_DAY.fullmatch(written)
    return f"{int(short.group(1)):02}-{int(short.group(2)):02}" if short else written


def day_of_text(text: str, at: str) -> date:
    """A day: 2026-05-01, 2026/5/1, 2026年5月1日, 20260501, with a time behind it or none. Raises `invalid`."""
    found = _DAY.fullmatch(half_width(text))
    try:
        if found:
            return date(*(int(one) for one in found.groups() if one is not None))
    except ValueError:
        pass
    raise invalid("no_day", "A day looks like 2026-05-01.", at=at)


def whole_of(text: str, at: str) -> int:
    """A whole number from 0: 1200, 1,200, 1200.00. Raises `invalid`."""
    found = _WHOLE.fullmatch(half_width(text))
    number = int(found.group(1).replace(",", "")) if found else -1
    if not 0 <= number <= 10**9:
        raise invalid("no_whole", "Write a whole number from 0 to 1,000,000,000.", at=at)
    return number


def yes_or_no(text: str, at: str) -> bool:
    """Raises `invalid`."""
    word = half_width(text).casefold()
    if word not in YES | NO:
        raise invalid("no_yes_no", "Say yes or no.", at=at)
    return word in YES


def words_of(text: str) -> list[str]:
    """Words with commas, semicolons or strokes between them, each once."""
    parts = re.split(r"[,，;；|、]", unicodedata.normalize("NFC", text))
    return list(dict.fromkeys(word for part in parts if (word := " ".join(part.split()))))
