"""The kinds of setting there are: the words for them and for their fields, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of setting: what it is called, its fields in the order of its page, and the URL name of its page."""

    title: str | Promise
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    url_name: str = ""


KINDS: dict[str, Kind] = {}
