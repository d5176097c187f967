from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "rongshu.domain.members"
    label = "members"
