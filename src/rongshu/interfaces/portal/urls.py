from django.urls import path
from django.views.decorators.http import require_POST

from rongshu.interfaces.portal import money, notices, rewards, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("earnings", views.earnings, name="earnings"),
    path("rewards/<period>", rewards.why_reward, name="why_reward"),
    path("earnings/corrected", views.corrected, name="corrected"),
    path("earnings/<order>", views.why, name="why"),
    path("withdraw", money.withdraw, name="withdraw"),
    path("statement", money.statement, name="statement"),
    path("withdraw/papers", money.papers, name="papers"),
    path("withdraw/<id>/cancel", require_POST(money.cancel), name="cancel"),
    path("earnings/<order>/proof.<form>", views.proof, name="proof"),
    path("team", views.team, name="team"),
    path("changes/<id>", notices.what_changes, name="what_changes"),
    path("me", views.me, name="me"),
]
