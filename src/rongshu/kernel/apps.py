from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "rongshu.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from rongshu.kernel.tenancy.walls import after_migrating

        post_migrate.connect(after_migrating, sender=self)
