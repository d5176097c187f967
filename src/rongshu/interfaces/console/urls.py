from django.urls import path
from django.views.decorators.http import require_POST

from rongshu.interfaces.console.views import access, ledger, money, order, orders, plans, promoters, search, today

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
    path("withdrawals", money.withdrawals, name="withdrawals"),
    path("withdrawals/rules", money.rules, name="withdrawal_rules"),
    path("withdrawals/<id>", money.withdrawal, name="withdrawal"),
    path("withdrawals/<id>/papers", require_POST(money.papers), name="papers"),
    path("payouts", money.payouts, name="payouts"),
    path("payouts/declaration", money.declaration, name="declaration"),
    path("payouts/<id>", money.payout, name="payout"),
    path("payouts/<id>/file", require_POST(money.file), name="payout_file"),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/run", require_POST(ledger.run), name="ledger_run"),
]
