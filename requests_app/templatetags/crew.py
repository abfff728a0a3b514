"""Words of a crew's pages.

{% load crew %}
{{ stop.leg_m|leg }}                 450 m
"""

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.text.spoken import spoken_number

register = template.Library()


@register.filter
def leg(metres: int) -> str:
    """A straight distance: tens of metres below a kilometre, tenths of a kilometre above."""
    if metres < 995:
        return _("%(metres)s m") % {"metres": round(metres, -1)}
    return _("%(km)s km") % {"km": spoken_number(metres / 1000, get_language(), 1)}
