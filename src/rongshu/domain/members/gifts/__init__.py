"""Gifts for birthdays and anniversaries: who has a day, and how far the clock is with it."""
