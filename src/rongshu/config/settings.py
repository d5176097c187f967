"""Django's settings, from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from rongshu.interfaces.faces.assets import STATICFILES_DIR, is_immutable
from rongshu.kernel.database import addresses_of, as_django
from rongshu.kernel.environment import environment
from rongshu.kernel.logs import set_up_logs

_environment = environment()
set_up_logs()
_addresses = addresses_of(
    os.environ.get("RONGSHU_OWNER_URL") or _environment.database_url or "postgresql://localhost/rongshu",
    os.environ.get("RONGSHU_APP_DATABASE_URL", ""),
)

SECRET_KEY = _environment.secret_key
DEBUG = _environment.debug
ALLOWED_HOSTS = _environment.host_names
ROOT_URLCONF = "rongshu.config.urls"
WSGI_APPLICATION = "rongshu.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": as_django(_addresses.application, pool=True),
    "owner": as_django(_addresses.owner, pool=False),
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "ninja",
    "rongshu.kernel",
    "rongshu.ledger",
    "rongshu.domain.members",
    "rongshu.domain.commerce",
    "rongshu.domain.referral",
    "rongshu.domain.commission",
    "rongshu.domain.settlement",
    "rongshu.domain.marketing",
    "rongshu.domain.insight",
    "rongshu.interfaces.faces",
    "rongshu.interfaces.console",
    "rongshu.interfaces.portal",
    "rongshu.interfaces.public",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rongshu.config.middleware.policy",
    "rongshu.config.middleware.Sessions",
    "rongshu.config.middleware.Languages",
    "rongshu.config.middleware.Csrf",
    "rongshu.config.middleware.Authentication",
    "rongshu.config.middleware.Messages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "kernel.Login"
AUTHENTICATION_BACKENDS = ["rongshu.kernel.access.queries.LoginBackend"]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]

LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [STATICFILES_DIR]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = is_immutable
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _environment.https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _environment.https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
"""A bug in a request is told on stderr, in production too."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
