"""What can be told of a payee's papers from their numbers alone: check digits, birthdays, masks.

Sources: GB 11643-1999 (the eighteen digits of a resident identity number), ISO/IEC 7812-1 (the check digit of card numbers).
"""

from __future__ import annotations

import re
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CN_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_CARD = re.compile(r"[0-9]{12,19}")


def birthday_of_cn_id(number: str) -> date | None:
    """The birthday an identity number names, None when it is no such number (form, date or check digit)."""
    if not _CN_ID.fullmatch(number):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECKS[total % 11] != number[-1]:
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_card(number: str) -> bool:
    """Whether a number can be that of a bank card: 12 to 19 digits whose check digit (Luhn) is right."""
    if not _CARD.fullmatch(number):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def age_on(birthday: date, day: date) -> int:
    """Full years on a day; somebody born on 29 February is older on 1 March of other years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def masked_name(name: str) -> str:
    """`张*` of `张三丰`: the first letter, the rest hidden."""
    return f"{name[:1]}{'*' * min(max(len(name) - 1, 1), 3)}"


def masked_number(number: str, *, first: int = 0, last: int = 4) -> str:
    """The first and last characters of a number, stars between; nothing of a number too short to hide."""
    if len(number) < first + last + 3:
        return "*" * len(number)
    return f"{number[:first]}{'*' * 4}{number[-last:]}"
