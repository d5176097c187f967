from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "rongshu.interfaces.faces"
    label = "faces"
    verbose_name = "Faces"
