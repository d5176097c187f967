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
from django.template.loader import render_to_string
from django.urls import include, path

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
            "rongshu.interfaces.public",
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
from tests.interfaces import samples, samples_public  # noqa: E402


def console(request: HttpRequest, page: str = "today", **given: Any) -> HttpResponse:
    make, current = samples.CONSOLE[page]
    return render(request, samples.console_frame(current), make())


def portal(request: HttpRequest, page: str = "home", **given: Any) -> HttpResponse:
    make, current = samples.PORTAL[page]
    return render(request, samples.portal_frame(current), make())


def public(request: HttpRequest, page: str, **given: Any) -> HttpResponse:
    made = samples_public.PUBLIC[page]()
    return HttpResponse(render_to_string(made.template, {"page": made}, request))


_console = (
    [
        path("", console, name="today"),
        path("search", console, {"page": "search"}, name="search"),
        path("orders", console, {"page": "orders"}, name="orders"),
        path("orders/<id>", console, {"page": "order"}, name="order"),
        path("promoters", console, {"page": "promoters"}, name="promoters"),
        path("promoters/applications", console, {"page": "applications"}, name="applications"),
        path("promoters/wechat", console, {"page": "wechat"}, name="wechat"),
        path("promoters/renewals", console, {"page": "renewals"}, name="renewals"),
        path("promoters/joining", console, {"page": "joining_rules"}, name="joining_rules"),
        path("promoters/relations", console, {"page": "relations"}, name="relations"),
        path("promoters/relations/<id>", console, {"page": "relations"}, name="branch"),
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
        path("promotion/links", console, {"page": "links"}, name="links"),
        path("promotion/links/new", console, {"page": "link_new"}, name="link_new"),
        path("promotion/links/<id>", console, {"page": "link"}, name="link"),
        path("promotion/links/<id>/qr.<form>", console, {"page": "link"}, name="link_qr"),
        path("members/rfm", console, {"page": "rfm"}, name="rfm"),
        path("members/rfm/members", console, {"page": "rfm_members"}, name="rfm_members"),
        path("members/cards", console, {"page": "cards"}, name="cards"),
        path("members/duplicates", console, {"page": "duplicates"}, name="duplicates"),
        path("members/duplicates/both", console, {"page": "duplicate"}, name="together"),
        path("members/duplicates/<id>/undo", console, {"page": "duplicates"}, name="unmerge"),
        path("members/segments", console, {"page": "segments"}, name="segments"),
        path("members/segments/new", console, {"page": "segment_form"}, name="segment_new"),
        path("members/segments/look", console, {"page": "segment_form"}, name="segment_look"),
        path("members/segments/<id>", console, {"page": "segment"}, name="segment"),
        path("members/segments/<id>/edit", console, {"page": "segment_form"}, name="segment_edit"),
        path("members/segments/<id>/end", console, {"page": "segments"}, name="segment_end"),
        path("offers/mall", console, {"page": "mall"}, name="mall"),
        path("offers/mall/new", console, {"page": "mall_item_new"}, name="mall_item_new"),
        path("offers/mall/exchanges", console, {"page": "mall_exchanges"}, name="mall_exchanges"),
        path("offers/mall/<id>", console, {"page": "mall_item"}, name="mall_item"),
        path("offers/points", console, {"page": "points"}, name="points"),
        path("offers/points/rules", console, {"page": "points_rules"}, name="points_rules"),
        path("offers/points/find", console, {"page": "points"}, name="points_find"),
        path("members/<id>/points", console, {"page": "points_of"}, name="points_of"),
        path("members/<id>/growth", console, {"page": "growth_of"}, name="growth_of"),
        path("members/tiers", console, {"page": "tiers"}, name="tiers"),
        path("members/tiers/ladder", console, {"page": "ladder_of_tiers"}, name="ladder_of_tiers"),
        path("members/tiers/growth", console, {"page": "growth_rules"}, name="growth_rules"),
        path("offers/prices", console, {"page": "prices"}, name="prices"),
        path("offers/prices/test", console, {"page": "price_tester"}, name="price_tester"),
        path("offers/prices/<group>/new", console, {"page": "price_rule"}, name="price_rule_new"),
        path("offers/prices/<group>/<id>", console, {"page": "price_rule"}, name="price_rule"),
        path("offers/coupons", console, {"page": "coupons"}, name="coupons"),
        path("offers/coupons/new", console, {"page": "coupon_form"}, name="coupon_new"),
        path("offers/coupons/look", console, {"page": "coupons"}, name="coupon_look"),
        path("offers/coupons/codes/<id>.csv", console, {"page": "coupon_codes"}, name="coupon_codes"),
        path("offers/coupons/codes/<id>/end", console, {"page": "coupon_codes"}, name="coupon_codes_end"),
        path("offers/coupons/<id>", console, {"page": "coupon_send"}, name="coupon"),
        path("offers/coupons/<id>/terms", console, {"page": "coupon_form"}, name="coupon_edit"),
        path("products", console, {"page": "products"}, name="products"),
        path("products/new", console, {"page": "product_new"}, name="product_new"),
        path("products/file", console, {"page": "product_import"}, name="product_import"),
        path("products.csv", console, {"page": "products"}, name="product_export"),
        path("products/<id>", console, {"page": "product"}, name="product"),
        path("members/files", console, {"page": "member_files"}, name="member_files"),
        path("members/files/members.csv", console, {"page": "member_files"}, name="member_export"),
        path("members/files/<id>", console, {"page": "member_file"}, name="member_file"),
        path("members/files/<id>/wrong.csv", console, {"page": "member_file"}, name="member_file_wrong"),
        path("members/profiles", console, {"page": "profile_settings"}, name="profile_settings"),
        path("members/profiles/new", console, {"page": "profile_field"}, name="profile_field_new"),
        path("members/profiles/fields/<code>", console, {"page": "profile_field"}, name="profile_field"),
        path("members/tag", console, {"page": "members"}, name="tag_many"),
        path("members/<id>/profile", console, {"page": "member_profile"}, name="member_profile"),
        path("members", console, {"page": "members"}, name="members"),
        path("materials", console, {"page": "materials"}, name="materials"),
        path("materials/new", console, {"page": "material_new"}, name="material_new"),
        path("materials/look", console, {"page": "material_new"}, name="material_look"),
        path("materials/packs", console, {"page": "packs"}, name="packs"),
        path("materials/packs/<id>/end", console, {"page": "packs"}, name="pack_end"),
        path("materials/brought", console, {"page": "materials_brought"}, name="materials_brought"),
        path("materials/posters", console, {"page": "poster_templates"}, name="poster_templates"),
        path("materials/posters/look", console, {"page": "poster_template"}, name="poster_look"),
        path("materials/posters/drawing.png", console, {"page": "poster_template"}, name="poster_drawing"),
        path("materials/posters/<id>", console, {"page": "poster_template"}, name="poster_template"),
        path("materials/<id>", console, {"page": "material"}, name="material"),
        path("promotion/attribution", console, {"page": "attribution"}, name="attribution"),
        path("promotion/bonds", console, {"page": "bonds"}, name="bonds"),
        path("promotion/bonds/<id>", console, {"page": "bond"}, name="bond"),
        path("promotion/stores", console, {"page": "stores"}, name="stores"),
        path("promotion/hosts", console, {"page": "hosts"}, name="link_hosts"),
        path("member/<id>", console, {"page": "member"}, name="member"),
        path("ranks", console, {"page": "ranks"}, name="ranks"),
        path("ranks/ladder", console, {"page": "ladder"}, name="ladder"),
        path("promoters/<id>/care", console, {"page": "promoter"}, name="care"),
        path("members/<id>/erase", console, {"page": "member"}, name="erase"),
        path("promoters/<id>/rank", console, {"page": "promoter_rank"}, name="promoter_rank"),
        path("periods", console, name="periods"),
        path("periods/<id>", console, {"page": "promoter_rewards"}, name="period"),
        path("periods/<id>/why/<promoter>", console, {"page": "promoter_rewards"}, name="period_why"),
        path("orders/<id>/promoter", console, {"page": "order"}, name="order_promoter"),
        path("reratings", console, {"page": "reratings"}, name="reratings"),
        path("reratings/new", console, {"page": "rerating_new"}, name="rerating_new"),
        path("reratings/promoters", console, {"page": "rerating_credits"}, name="rerating_credits"),
        path("reratings/<id>", console, {"page": "rerating"}, name="rerating"),
        path("reratings/<id>/differences.csv", console, {"page": "rerating"}, name="rerating_csv"),
        path("reratings/<id>/orders/<order>", console, {"page": "rerating_order"}, name="rerating_order"),
        path("withdrawals", console, {"page": "withdrawals"}, name="withdrawals"),
        path("withdrawals/rules", console, {"page": "money_rules"}, name="withdrawal_rules"),
        path("promoters/<id>/statement", console, {"page": "statement"}, name="statement"),
        path(
            "promoters/<id>/statement/released/<release>",
            console,
            {"page": "statement_released"},
            name="statement_released",
        ),
        path("promoters/<id>/certificate-<int:year>.<form>", console, {"page": "statement"}, name="certificate"),
        path("transparency", console, {"page": "transparency"}, name="transparency"),
        path("withdrawals/month", console, {"page": "month_report"}, name="month_report"),
        path("withdrawals/tax", console, {"page": "taxes"}, name="taxes"),
        path("withdrawals/tax/people/<span>.csv", console, {"page": "taxes"}, name="tax_people"),
        path("withdrawals/tax/<month>", console, {"page": "tax_month"}, name="tax_month"),
        path("withdrawals/tax/<month>/declaration.csv", console, {"page": "tax_month"}, name="tax_file"),
        path("withdrawals/holidays", console, {"page": "holidays"}, name="holidays"),
        path("withdrawals/runs", console, {"page": "runs"}, name="runs"),
        path("withdrawals/runs/<id>", console, {"page": "run_planned"}, name="run"),
        path("withdrawals/runs/<id>/stop", console, {"page": "run_under_way"}, name="run_stop"),
        path("withdrawals/<id>", console, {"page": "withdrawal"}, name="withdrawal"),
        path("withdrawals/<id>/papers", console, {"page": "withdrawal"}, name="papers"),
        path("reconciliation", console, {"page": "reconciliation"}, name="reconciliation"),
        path("reconciliation/bring", console, {"page": "reconciliation_bring"}, name="reconciliation_bring"),
        path("reconciliation/cash", console, {"page": "reconciliation_bring"}, name="reconciliation_cash"),
        path("reconciliation/differences", console, {"page": "differences"}, name="differences"),
        path("reconciliation/differences/<id>", console, {"page": "difference"}, name="difference"),
        path("reconciliation/<provider>/<day>", console, {"page": "reconciliation_day"}, name="reconciliation_day"),
        path("payouts", console, {"page": "payouts"}, name="payouts"),
        path("payouts/declaration", console, {"page": "payouts"}, name="declaration"),
        path("payouts/providers", console, {"page": "providers"}, name="providers"),
        path("payouts/<id>/list.csv", console, {"page": "payout"}, name="payout_list"),
        path("payouts/<id>", console, {"page": "payout"}, name="payout"),
        path("payouts/<id>/file", console, {"page": "payout"}, name="payout_file"),
        path("messages", console, {"page": "messages"}, name="messages"),
        path("messages/choices", console, {"page": "message_choices"}, name="message_choices"),
        path("messages/test", console, {"page": "message_choices"}, name="message_test"),
        path("messages/deliveries", console, {"page": "deliveries"}, name="deliveries"),
        path("messages/deliveries/<id>/again", console, {"page": "deliveries"}, name="delivery_again"),
        path("messages/<id>", console, {"page": "messages"}, name="message"),
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
        path("today", portal, name="today"),
        path("sign-in/mail", portal, {"page": "by_mail"}, name="by_mail"),
        path("sign-in/passkey", portal, {"page": "sign_in_code"}, name="passkey_enter"),
        path("sign-in/passkey/options", portal, {"page": "sign_in_code"}, name="passkey_using"),
        path("passkeys", portal, {"page": "passkeys"}, name="passkeys"),
        path("passkeys/options", portal, {"page": "passkeys"}, name="passkey_making"),
        path("sign-in/wechat", portal, {"page": "wechat"}, name="from_wechat"),
        path("sign-in/wechat/<slug>", portal, {"page": "wechat"}, name="to_wechat"),
        path("wechat", portal, {"page": "wechat"}, name="my_wechat"),
        path("mailbox", portal, {"page": "mailbox"}, name="mailbox"),
        path("mailbox/change", portal, {"page": "mailbox"}, name="change_mailbox"),
        path("balance", portal, {"page": "balance"}, name="balance"),
        path("balance/proof.json", portal, {"page": "balance"}, name="balance_proof"),
        path("earnings/missed", portal, {"page": "missed"}, name="missed"),
        path("share", portal, {"page": "share"}, name="share"),
        path("share/code", portal, {"page": "my_code"}, name="my_code"),
        path("share/links", portal, {"page": "my_links"}, name="my_links"),
        path("share/links/<id>", portal, {"page": "my_links"}, name="link_switch"),
        path("share/qr/<slug>.<form>", portal, {"page": "my_code"}, name="qr"),
        path("share/poster/<slug>/<form>.png", portal, {"page": "my_code"}, name="poster"),
        path("share/texts/<version>/<slug>", portal, {"page": "my_code"}, name="taken"),
        path("share/<id>", portal, {"page": "share_product"}, name="share_product"),
        path(
            "worker.js",
            lambda request: HttpResponse("// The gallery keeps nothing for later.", content_type="text/javascript"),
            name="worker",
        ),
        path(
            "manifest.webmanifest",
            lambda request: HttpResponse("{}", content_type="application/manifest+json"),
            name="manifest",
        ),
        path("earnings", portal, {"page": "earnings"}, name="earnings"),
        path("earnings/corrected", portal, {"page": "corrected"}, name="corrected"),
        path("earnings/<id>", portal, {"page": "why"}, name="why"),
        path("earnings/<id>/proof.<form>", portal, {"page": "why"}, name="proof"),
        path("rewards/<period>/proof.<form>", portal, {"page": "why"}, name="reward_proof"),
        path("withdraw", portal, {"page": "withdraw"}, name="withdraw"),
        path("withdraw/papers", portal, {"page": "papers"}, name="papers"),
        path("withdraw/<id>/cancel", portal, {"page": "withdraw"}, name="cancel"),
        path("statement", portal, {"page": "statement"}, name="statement"),
        path("statement/released/<id>", portal, {"page": "released"}, name="released"),
        path("statement/certificate-<int:year>.<form>", portal, {"page": "statement"}, name="certificate"),
        path("rewards/<period>", portal, {"page": "why"}, name="why_reward"),
        path("team", portal, {"page": "team"}, name="team"),
        path("team/<id>/write", portal, {"page": "team"}, name="write"),
        path("team/training", portal, {"page": "training"}, name="training"),
        path("team/tree", portal, {"page": "tree"}, name="tree"),
        path("team/goals", portal, {"page": "goals"}, name="goals"),
        path("channels", portal, {"page": "channels"}, name="channels"),
        path("channels.csv", portal, {"page": "channels"}, name="channels_file"),
        path("customers", portal, {"page": "customers"}, name="customers"),
        path("messages", portal, {"page": "messages"}, name="messages"),
        path("messages/choices", portal, {"page": "message_choices"}, name="message_choices"),
        path("messages/<id>", portal, {"page": "messages"}, name="message"),
        path("sign-in", portal, {"page": "sign_in_code"}, name="sign_in"),
        path("start", portal, {"page": "start"}, name="start"),
        path("renew", portal, {"page": "renew"}, name="renew"),
        path("leave", portal, {"page": "leave"}, name="leave"),
        path("me", portal, {"page": "me"}, name="me"),
        path("card", portal, {"page": "card"}, name="card"),
        path("purchases", portal, {"page": "purchases"}, name="purchases"),
        path("purchases/<int:year>.csv", portal, {"page": "purchases"}, name="purchases_file"),
        path("purchases/<id>", portal, {"page": "purchase"}, name="purchase"),
        path("profile", portal, {"page": "profile"}, name="profile"),
        path("points", portal, {"page": "points"}, name="points"),
        path("mall", portal, {"page": "mall"}, name="mall"),
        path("mall/exchanges", portal, {"page": "exchanges"}, name="exchanges"),
        path("mall/<id>", portal, {"page": "mall_item"}, name="mall_item"),
        path("coupons", portal, {"page": "coupons"}, name="coupons"),
        path("coupons/<id>/share", portal, {"page": "coupon_share"}, name="coupon_share"),
        path("coupons/take/<token>", portal, {"page": "coupon_take"}, name="coupon_take"),
        path("changes/<id>", portal, {"page": "notice"}, name="what_changes"),
        path("sign-out", portal, {"page": "sign_in"}, name="sign_out"),
        path("page/<page>", portal),
    ],
    "portal",
)
urlpatterns = [
    path("console/", include(_console)),
    path("portal/", include(_portal)),
    path("public/page/<page>", public),
    path("transparency/<slug>/<int:number>.json", public, {"page": "transparency"}, name="publication_file"),
    path("transparency/<slug>/latest.json", public, {"page": "transparency"}, name="publication_latest"),
    path("join/<slug>", console, {"page": "today"}, name="join"),
    path("card/<slug>", console, {"page": "today"}, name="card"),
    path("language", console, {"page": "today"}, name="set_language"),
]

if __name__ == "tests.interfaces.gallery" and sys.modules.get("__main__") is sys.modules[__name__]:
    from django.core.management import call_command

    call_command(
        "runserver", f"127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 8765}", use_reloader=False, skip_checks=True
    )
