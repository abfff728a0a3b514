"""Who says “it affects me too”, as hashes: enough to count a person once, and of no use for anything else.

A hash is keyed with the site's key and made of the case and one fact: a mail address, the number a browser keeps in a
cookie, or a day with a rough network. The facts themselves are kept nowhere; without the key nobody can try guesses,
and the same person has another hash at every case. See docs/adr/0005.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

IPV4_BITS, IPV6_BITS = 24, 48
"""How much of an address says which network it is: the rest, which says who, is cut off before it is hashed."""


@dataclass(frozen=True, slots=True)
class SomebodyToo:
    """The hashes of one person at one case; those of a mail address or browser under every key there was, newest first.

    `network` is "" where the network is not known.
    """

    persons: tuple[str, ...]
    browsers: tuple[str, ...]
    network: str


def somebody_too(request_id: int, *, browser: str, network: str, today: date, email: str = "") -> SomebodyToo:
    """The hashes of whoever holds that browser number (never ""), asks from that network, and perhaps gave a mail."""
    browsers = _hashes(request_id, f"browser:{browser}")
    return SomebodyToo(
        persons=_hashes(request_id, f"mail:{email.strip().casefold()}") if email.strip() else browsers,
        browsers=browsers,
        network=_hashes(request_id, f"network:{today.isoformat()}:{network}")[0] if network else "",
    )


def rough_network(address: str) -> str:
    """The network of an IP address, without what tells one of its people from another; "" for what is no address."""
    try:
        known = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return ""
    known = getattr(known, "ipv4_mapped", None) or known
    bits = IPV4_BITS if known.version == 4 else IPV6_BITS
    return str(ipaddress.ip_network(f"{known}/{bits}", strict=False))


def _hashes(request_id: int, fact: str) -> tuple[str, ...]:
    return tuple(_keyed(key, f"me-too:{request_id}:{fact}") for key in _keys())


def _keys() -> Sequence[str]:
    return tuple(settings.LINK_KEYS)


def _keyed(key: str, message: str) -> str:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
