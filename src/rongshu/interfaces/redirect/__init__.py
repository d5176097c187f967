"""Short links: `/s/<slug>`, answered before the framework, from memory; every click kept."""

from __future__ import annotations

from rongshu.interfaces.redirect.door import Redirects

__all__ = ["Redirects"]
