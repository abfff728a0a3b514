"""The tour of the demo: eight steps, each a real page and one sentence of what to see there."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.models import Jurisdiction, ServiceRequest
from requests_app.permissions import Role
from requests_app.reads.examples import latest_promise_missed, most_travelled, newest_open


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the tour: who one is there, which page, what to see."""

    role: str
    role_name: str | Promise
    title: str | Promise
    sentence: str | Promise
    address: str


CITIZEN = ("citizen", _("Citizen"))
MANAGER = (str(Role.MANAGER), _("Manager"))
EVALUATOR = (str(Role.EVALUATOR), _("Evaluator"))
ADMINISTRATOR = (str(Role.ADMINISTRATOR), _("Administrator"))


def steps(place: Jurisdiction | None) -> list[Step]:
    """The eight steps, on cases that the city has now."""
    return [
        Step(
            *CITIZEN,
            _("Report a problem"),
            _("Four short screens; the pin can be put with the arrow keys, and nothing is lost on a reload."),
            reverse("citizen:report"),
        ),
        Step(
            *CITIZEN,
            _("A request that went through many offices"),
            _("The picture shows each office and how long it waited there."),
            _case_address(most_travelled(place)),
        ),
        Step(
            *CITIZEN,
            _("A promise that was missed"),
            _("The page says plainly what was promised, how late it is, and which office has it."),
            _case_address(latest_promise_missed(place)),
        ),
        Step(
            *MANAGER,
            _("The desk"),
            _("The queue and the map share one selection; what others change appears without a reload."),
            "/desk/queue/",
        ),
        Step(
            *MANAGER,
            _("One request, with its legal moves"),
            _("Only the moves that are possible now are offered; each becomes a line of the ledger."),
            _case_address(newest_open(place), "/desk/requests/{reference}/"),
        ),
        Step(
            *EVALUATOR,
            _("Where cases wait"),
            _("Offices ranked by the time they hold cases, each figure with its number and a link to its cases."),
            "/evaluate/",
        ),
        Step(
            *EVALUATOR,
            _("The same page in French"),
            _("Every page speaks both languages; the switch keeps you where you are."),
            "/evaluate/?lang=fr",
        ),
        Step(
            *ADMINISTRATOR,
            _("What the installation holds"),
            _("Services, offices, areas and people, as the administrator sees them."),
            "/manage/",
        ),
    ]


def _case_address(case: ServiceRequest | None, template: str = "/requests/{reference}/") -> str:
    return template.format(reference=case.reference) if case else reverse("citizen:home")
