"""Did a change help: the time a treated office holds cases, before and after, beside offices that did not change.

``held`` makes holds of events, ``weekly`` puts them into weeks, ``contrast`` compares two groups of offices, ``trends``
looks at the time before the change, ``effect`` decides whether a claim can be made and makes it. Definitions:
docs/definitions.md, `evaluate`.
"""
