from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "rongshu.domain.commerce"
    label = "commerce"
