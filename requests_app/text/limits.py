"""How much text is taken."""

MAX_WORDS = 4000
"""Characters of one text: GeoReport v2's limit for a description."""
