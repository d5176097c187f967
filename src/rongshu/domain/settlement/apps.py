from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "rongshu.domain.settlement"
    label = "settlement"
