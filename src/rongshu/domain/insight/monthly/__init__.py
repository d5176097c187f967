"""The tenant's month: what promotion cost beside what was sold, by level, kind and category."""
