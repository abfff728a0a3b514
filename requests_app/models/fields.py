"""Field types of the domain."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests_app.text.localized import pick


class NamesField(models.JSONField):
    """Words in several languages: {"en": …, "fr": …}. A third language needs no migration."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse anything but a map of language code to text."""
        super().validate(value, model_instance)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise ValidationError(_('Give a text for each language, as {"en": …, "fr": …}.'))


def localized(texts: dict[str, str]) -> str:
    """The text in the active language, or in the first language there is."""
    return pick(texts, get_language())


class Named(models.Model):
    """Something with a name in each language; `name` is the one of the reader's language."""

    names = NamesField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language, or in the first language it has."""
        return localized(self.names)
