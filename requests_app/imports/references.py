"""Public references of imported cases: the source's own number where it can be said aloud, a fingerprint elsewhere."""

import base64
import hashlib
import re

LONGEST = 24
"""Characters of `ServiceRequest.reference`."""
LONGEST_OF_SOURCE = 120
"""Characters of `ServiceRequest.source_reference`."""
_PLAIN = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")


def public_reference(prefix: str, source_reference: str) -> str:
    """BOS-101000295613 for the case 101000295613 of Boston.

    A reference is found however it is typed, so it holds capitals, digits and hyphens only; others, and long ones,
    become ten letters of their SHA-256.
    """
    direct = f"{prefix}-{source_reference}"
    if len(direct) <= LONGEST and _PLAIN.fullmatch(source_reference):
        return direct
    digest = hashlib.sha256(source_reference.encode()).digest()
    return f"{prefix}-{base64.b32encode(digest).decode()[:10]}"


def source_reference(label: str) -> str:
    """The name of a case in its source, cut and told apart by a fingerprint when it is too long to keep."""
    if len(label) <= LONGEST_OF_SOURCE:
        return label
    return f"{label[:100]}…{hashlib.sha256(label.encode()).hexdigest()[:16]}"
