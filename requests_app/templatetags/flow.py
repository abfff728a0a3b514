"""Drawing a workflow: numbers as SVG has them, and the mark before a move."""

from django import template

from requests_app.workflows.drawing import MoveMark, Way

register = template.Library()

LEADS: dict[Way, tuple[tuple[float, float], ...]] = {
    Way.ON: ((-4, -1), (0, 4), (4, -1)),
    Way.FORTH: ((-1, -4), (4, 0), (-1, 4)),
    Way.BACK: ((1, -4), (-4, 0), (1, 4)),
    Way.WITHIN: ((-4, -1), (0, 4), (4, -1)),
}
"""An angle that points where the move leads: down, right or left."""


@register.filter
def units(value: float, shift: float = 0) -> str:
    """A length or place with one decimal and a point, whatever the reader's language, moved by `shift`."""
    return f"{value + shift:.1f}"


@register.filter
def lead(mark: MoveMark) -> str:
    """The path of the mark before a move."""
    points = (f"{mark.x + x:.1f} {mark.y + y:.1f}" for x, y in LEADS[mark.way])
    return "M" + " L".join(points)
