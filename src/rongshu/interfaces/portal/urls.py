from django.urls import path

from rongshu.interfaces.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("earnings", views.earnings, name="earnings"),
    path("earnings/<order>", views.why, name="why"),
    path("team", views.team, name="team"),
    path("me", views.me, name="me"),
]
