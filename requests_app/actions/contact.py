"""How somebody is reached, checked before it is kept."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from requests_app.actions.errors import Refused

LONGEST_ADDRESS = 254


def checked_address(given: str) -> str:
    """One e-mail address, "" for none; Refused by the field `email` for anything that is not exactly one.

    A line break in an address would begin another header of every mail that is sent to it.
    """
    if any(ord(letter) < ord(" ") or letter in "\x7f\x85\u2028\u2029" for letter in given):
        raise Refused(
            {
                "email": _(
                    "The e-mail address holds a line break or a hidden character. Type it on one line, such as "
                    "name@example.ca."
                )
            }
        )
    address = given.strip()
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise Refused({"email": _("This is not an e-mail address. It looks like name@example.ca.")}) from None
    if len(address) > LONGEST_ADDRESS:
        raise Refused({"email": _("This is not an e-mail address. It looks like name@example.ca.")})
    return address
