"""The pages there are, in the order of their links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from analytics.reports.views.ageing import ageing_view
from analytics.reports.views.barriers import barriers_view
from analytics.reports.views.causes import causes_view
from analytics.reports.views.compare import compare_view, needs_places
from analytics.reports.views.drift import drift_view
from analytics.reports.views.drift import needs_steps as drift_needs_steps
from analytics.reports.views.ends import ends_view
from analytics.reports.views.equity import equity_view
from analytics.reports.views.handovers import handovers_view
from analytics.reports.views.parts import View, always
from analytics.reports.views.process_map import map_view
from analytics.reports.views.progress import progress_view
from analytics.reports.views.promises import promises_view
from analytics.reports.views.quality import quality_view
from analytics.reports.views.rework import rework_view
from analytics.reports.views.spectrum import spectrum_view
from analytics.reports.views.variants import needs_steps, variants_view
from analytics.reports.views.what_if import needs_events as needs_a_step
from analytics.reports.views.what_if import what_if_view

VIEWS: Final[tuple[View, ...]] = (
    View("barriers", _("Barriers"), _("What holds cases longest, and is that more than chance?"), barriers_view),
    View("causes", _("Why they wait"), _("What keeps accepted work from being begun?"), causes_view),
    View(
        "map",
        _("Map"),
        _("How does work run, and where on its way does the time go?"),
        map_view,
        needs_events=needs_steps,
    ),
    View(
        "handovers",
        _("Hand-overs"),
        _("Who hands work to whom, how long that takes, and what comes back?"),
        handovers_view,
    ),
    View(
        "spectrum",
        _("Spectrum"),
        _("In what order is work done, and when did waiting begin to grow?"),
        spectrum_view,
        needs_events=needs_steps,
    ),
    View(
        "rework",
        _("Rework and returns"),
        _("What is done twice, what comes back, and what does that cost?"),
        rework_view,
        needs_events=always,
    ),
    View(
        "progress",
        _("Progress"),
        _("Does more come in than goes out, and how much of the time is work?"),
        progress_view,
    ),
    View(
        "drift",
        _("Drift"),
        _("Which waits changed by themselves, and since when?"),
        drift_view,
        needs_events=drift_needs_steps,
    ),
    View(
        "promises",
        _("Promises"),
        _("Which promises were kept, and how late are the others?"),
        promises_view,
        needs_dues=True,
    ),
    View("ends", _("How cases end"), _("Of 100 that came in, how many are answered, and when?"), ends_view),
    View("ageing", _("Open cases"), _("Which open cases are older than is usual where they are?"), ageing_view),
    View(
        "variants",
        _("Ways"),
        _("Which ways do cases take, and how long does each take?"),
        variants_view,
        needs_events=needs_steps,
    ),
    View(
        "equity",
        _("Equity"),
        _("Do areas wait equally long for the same things, and are promises to them kept?"),
        equity_view,
        needs_dues=True,
    ),
    View("quality", _("Data quality"), _("How far can these records be trusted?"), quality_view, always),
    View(
        "compare",
        _("Compare"),
        _("What differs between two periods, two offices, or places with the same process?"),
        compare_view,
        needs_events=needs_places,
    ),
    View(
        "what-if",
        _("What if"),
        _("What would a change at one place do to whole cases?"),
        what_if_view,
        needs_events=needs_a_step,
    ),
)
BY_SLUG: Final[Mapping[str, View]] = {view.slug: view for view in VIEWS}
