from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "rongshu.domain.marketing"
    label = "marketing"
