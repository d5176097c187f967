"""Templates: plans for common trades to start from, each with why it is as it is. Nobody's law passes for being a template's."""

from __future__ import annotations

from rongshu.engine.templates.plans import TEMPLATES, Template


def all() -> tuple[Template, ...]:
    """The templates, in the order of showing."""
    return TEMPLATES


def template(key: str) -> Template | None:
    """The template of a key; None for a key nobody knows."""
    return next((one for one in TEMPLATES if one.key == key), None)


__all__ = ["Template", "all", "template"]
