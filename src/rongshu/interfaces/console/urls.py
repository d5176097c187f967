from django.urls import path
from django.views.decorators.http import require_POST

from rongshu.interfaces.console.views import access, ledger, order, orders, plans, promoters, search, today

app_name = "console"
urlpatterns = [
    path("", today.today, name="today"),
    path("sign-in", access.sign_in, name="sign_in"),
    path("sign-out", access.sign_out, name="sign_out"),
    path("search", search.search, name="search"),
    path("refused/<item>", require_POST(today.again), name="try_again"),
    path("orders", orders.orders, name="orders"),
    path("orders/<id>", order.order, name="order"),
    path("orders/<id>/why/<promoter>", order.why, name="why"),
    path("promoters", promoters.promoters, name="promoters"),
    path("promoters/<id>", promoters.promoter, name="promoter"),
    path("plans", plans.plans, name="plans"),
    path("plans/draft", plans.draft, name="draft"),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/run", require_POST(ledger.run), name="ledger_run"),
]
