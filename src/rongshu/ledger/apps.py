from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "rongshu.ledger"
    label = "ledger"
