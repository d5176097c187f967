from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "rongshu.interfaces.public"
    label = "public"
    verbose_name = "Public pages"
