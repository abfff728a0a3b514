"""What the report's forms send, as plain values; and the one form that checks by itself: contact."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from requests_app.actions import Contact, Refused
from requests_app.actions.contact import checked_address
from requests_app.models import Service

_PHONE = re.compile(r"[0-9+().\-\s/x]{7,40}")


def pin_sent(post: Mapping[str, str]) -> Point | None:
    """The pin that a form sent, None when it sent none that can be read."""
    try:
        lat, lon = float(post.get("lat", "")), float(post.get("lon", ""))
    except ValueError:
        return None
    return Point(lon, lat, srid=4326) if math.isfinite(lat) and math.isfinite(lon) else None


def answers_sent(service: Service, post: QueryDict) -> dict[str, str]:
    """The answers that a form sent, by the code of their question."""
    codes = service.questions.filter(is_active=True).values_list("code", flat=True)
    return {code: post.get(f"answer-{code}", "") for code in codes}


UNREACHABLE = _("Give an e-mail address or a telephone number: we must tell you what is missing and what is decided.")


class ContactForm(forms.Form):
    """How to reach the citizen: everything may stay empty, unless the service cannot be given without writing."""

    def __init__(self, *args: Any, must_reach: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must_reach = must_reach

    name = forms.CharField(max_length=200, required=False)
    email = forms.CharField(required=False, strip=False)
    phone = forms.CharField(max_length=40, required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)

    def clean_email(self) -> str:
        """An address is judged by the one rule there is, which says what is wrong with it."""
        try:
            return checked_address(self.cleaned_data["email"])
        except Refused as refused:
            raise ValidationError(str(refused.sentence)) from None

    def clean_phone(self) -> str:
        """A telephone number has seven digits or more, and no words."""
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not _PHONE.fullmatch(phone):
            raise ValidationError(
                _("This is not a telephone number. Give it with its area code, such as 705-555-0123.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        """An application needs one way to reach who applies."""
        given: dict[str, Any] = super().clean() or {}
        if self.must_reach and not self.errors and not given.get("email") and not given.get("phone"):
            self.add_error("email", UNREACHABLE)
        return given

    def contact(self) -> Contact:
        """The contact of a valid form."""
        given: dict[str, Any] = self.cleaned_data
        return Contact(name=given["name"], email=given["email"], phone=given["phone"])
