from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "rongshu.interfaces.console"
    label = "console"
    verbose_name = "Console"
