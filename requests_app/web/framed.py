"""The policy of a mail's page, shown in a frame of ours: its own style, nothing else, and an origin of its own."""

FRAMED = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
