from django.apps import AppConfig


class CommissionConfig(AppConfig):
    name = "rongshu.domain.commission"
    label = "commission"
