from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "rongshu.domain.insight"
    label = "insight"
