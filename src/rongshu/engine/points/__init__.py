"""Points: the rules they are earned, kept and spent by, and the arithmetic of lots. Pure; points are whole numbers."""
