from django.urls import path

from rongshu.interfaces.public import views

app_name = "public"
urlpatterns = [path("<slug:slug>", views.rules, name="rules")]
