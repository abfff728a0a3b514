"""Feeds of what everybody may see: Atom and JSON Feed, in each language."""
