"""Every sample page on its own address, with the real names of the addresses and the real Content-Security-Policy.

`python -m tests.interfaces.gallery [port]` serves it on http://127.0.0.1:8765/ for looking at; the tests render through it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def configure() -> None:
    """The least that the faces need of Django, when the project's settings are not loaded."""
    import rongshu
    from rongshu.interfaces.faces.assets import STATICFILES_DIR

    settings.configure(
        DEBUG=True, SECRET_KEY="gallery", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, USE_I18N=True, TIME_ZONE="UTC",
        LANGUAGE_CODE="zh-hans", LANGUAGES=[("zh-hans", "简体中文"), ("en", "English")],
        LOCALE_PATHS=[Path(rongshu.__file__).parent / "locale"], STATIC_URL="/static/", STATICFILES_DIRS=[STATICFILES_DIR],
        INSTALLED_APPS=[
            "django.contrib.staticfiles", "rongshu.interfaces.faces", "rongshu.interfaces.console", "rongshu.interfaces.portal",
        ],
        MIDDLEWARE=["django.middleware.locale.LocaleMiddleware", "django.middleware.csrf.CsrfViewMiddleware", f"{__name__}.strict"],
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }],
    )  # fmt: skip
    django.setup()


def strict(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the policy every page has to live with."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return answered


if __name__ == "__main__":
    sys.modules["tests.interfaces.gallery"] = sys.modules["__main__"]
    __name__ = "tests.interfaces.gallery"
    configure()

from rongshu.interfaces.faces.render import render  # noqa: E402
from tests.interfaces import samples  # noqa: E402


def console(request: HttpRequest, page: str = "today", **given: Any) -> HttpResponse:
    make, current = samples.CONSOLE[page]
    return render(request, samples.console_frame(current), make())


def portal(request: HttpRequest, page: str = "home", **given: Any) -> HttpResponse:
    make, current = samples.PORTAL[page]
    return render(request, samples.portal_frame(current), make())


_console = (
    [
        path("", console, name="today"),
        path("search", console, {"page": "search"}, name="search"),
        path("orders", console, {"page": "orders"}, name="orders"),
        path("orders/<id>", console, {"page": "order"}, name="order"),
        path("promoters", console, {"page": "promoters"}, name="promoters"),
        path("promoters/<id>", console, {"page": "promoter"}, name="promoter"),
        path("orders/<id>/why/<promoter>", console, {"page": "order"}, name="why"),
        path("orders/<id>/evidence.<form>", console, {"page": "order"}, name="evidence"),
        path("plans", console, {"page": "plan"}, name="plans"),
        path("plans/draft", console, {"page": "draft"}, name="draft"),
        path("plans/waiting", console, {"page": "plan_waiting"}, name="plan_waiting"),
        path("plans/waiting/<id>", console, {"page": "plan_review"}, name="plan_review"),
        path("plans/versions/<int:number>/withdraw", console, {"page": "plan"}, name="plan_withdraw"),
        path("plans/lab", console, {"page": "plan"}, name="lab"),
        path("compliance", console, {"page": "plan"}, name="compliance"),
        path("plans/templates", console, {"page": "plan"}, name="plan_templates"),
        path("plans/rules", console, {"page": "plan_rules"}, name="plan_rules"),
        path("ranks", console, {"page": "ranks"}, name="ranks"),
        path("ranks/ladder", console, {"page": "ladder"}, name="ladder"),
        path("promoters/<id>/rank", console, {"page": "promoter_rank"}, name="promoter_rank"),
        path("periods", console, name="periods"),
        path("orders/<id>/promoter", console, {"page": "order"}, name="order_promoter"),
        path("reratings", console, {"page": "reratings"}, name="reratings"),
        path("reratings/new", console, {"page": "rerating_new"}, name="rerating_new"),
        path("reratings/promoters", console, {"page": "rerating_credits"}, name="rerating_credits"),
        path("reratings/<id>", console, {"page": "rerating"}, name="rerating"),
        path("reratings/<id>/differences.csv", console, {"page": "rerating"}, name="rerating_csv"),
        path("reratings/<id>/orders/<order>", console, {"page": "rerating_order"}, name="rerating_order"),
        path("withdrawals", console, {"page": "withdrawals"}, name="withdrawals"),
        path("withdrawals/rules", console, {"page": "money_rules"}, name="withdrawal_rules"),
        path("withdrawals/<id>", console, {"page": "withdrawal"}, name="withdrawal"),
        path("withdrawals/<id>/papers", console, {"page": "withdrawal"}, name="papers"),
        path("payouts", console, {"page": "payouts"}, name="payouts"),
        path("payouts/declaration", console, {"page": "payouts"}, name="declaration"),
        path("payouts/<id>", console, {"page": "payout"}, name="payout"),
        path("payouts/<id>/file", console, {"page": "payout"}, name="payout_file"),
        path("ledger", console, {"page": "ledger"}, name="ledger"),
        path("ledger/run", console, {"page": "ledger_differs"}, name="ledger_run"),
        path("sign-out", console, {"page": "sign_in"}, name="sign_out"),
        path("page/<page>", console),
    ],
    "console",
)
_portal = (
    [
        path("", portal, name="home"),
        path("earnings", portal, {"page": "earnings"}, name="earnings"),
        path("earnings/corrected", portal, {"page": "corrected"}, name="corrected"),
        path("earnings/<id>", portal, {"page": "why"}, name="why"),
        path("earnings/<id>/proof.<form>", portal, {"page": "why"}, name="proof"),
        path("withdraw", portal, {"page": "withdraw"}, name="withdraw"),
        path("withdraw/papers", portal, {"page": "papers"}, name="papers"),
        path("withdraw/<id>/cancel", portal, {"page": "withdraw"}, name="cancel"),
        path("statement", portal, {"page": "statement"}, name="statement"),
        path("team", portal, {"page": "team"}, name="team"),
        path("me", portal, {"page": "me"}, name="me"),
        path("changes/<id>", portal, {"page": "notice"}, name="what_changes"),
        path("sign-out", portal, {"page": "sign_in"}, name="sign_out"),
        path("page/<page>", portal),
    ],
    "portal",
)
urlpatterns = [
    path("console/", include(_console)),
    path("portal/", include(_portal)),
    path("language", console, {"page": "today"}, name="set_language"),
]

if __name__ == "tests.interfaces.gallery" and sys.modules.get("__main__") is sys.modules[__name__]:
    from django.core.management import call_command

    call_command(
        "runserver", f"127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 8765}", use_reloader=False, skip_checks=True
    )
