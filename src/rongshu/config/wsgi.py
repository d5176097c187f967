"""The web server's entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from rongshu.kernel.boot import calm_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongshu.config.settings")
application = get_wsgi_application()
calm_collector()
