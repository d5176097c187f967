"""The web server's entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from rongshu.kernel.boot import calm_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongshu.config.settings")
_framework = get_wsgi_application()

from rongshu.interfaces.redirect import Redirects  # noqa: E402 - its models need the framework

application = Redirects(_framework)
calm_collector()
