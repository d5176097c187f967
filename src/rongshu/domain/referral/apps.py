from django.apps import AppConfig


class ReferralConfig(AppConfig):
    name = "rongshu.domain.referral"
    label = "referral"
