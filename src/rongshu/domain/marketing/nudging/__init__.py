"""What leaders write to those they invited: welcomes and nudges in fixed words, within limits, each kept. Word: nudge 提醒."""
