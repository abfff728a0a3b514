"""What the citizen's pages say so that a thumb can use it."""

import re

from django import template
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_PHONE = re.compile(r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b")


@register.filter
def tappable(sentence: str) -> SafeString:
    """A sentence, escaped, with its telephone numbers and web addresses as links."""
    linked = urlize(sentence, autoescape=True)
    calls = _PHONE.sub(lambda found: format_html('<a href="tel:{0}">{0}</a>', found[0]), linked)
    return mark_safe(calls)  # noqa: S308  urlize has escaped the sentence; only digits and dashes were added
