from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "rongshu.interfaces.portal"
    label = "portal"
    verbose_name = "Portal"
