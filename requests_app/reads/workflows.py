"""Workflows as administrators see them: what they are checked against, who uses them, their versions."""

from requests_app.clock import now
from requests_app.models import Office, Service
from requests_app.workflows.check import OfficeFacts, Surroundings


def surroundings(jurisdiction_id: int, code: str) -> Surroundings:
    """What a workflow is checked against; three statements."""
    offices = Office.objects.filter(jurisdiction_id=jurisdiction_id).order_by("code")
    using = Service.objects.filter(jurisdiction_id=jurisdiction_id, workflow__code=code)
    questions = [
        frozenset(q.code for q in service.questions.all() if q.is_active)
        for service in using.prefetch_related("questions")
    ]
    return Surroundings(
        tuple(OfficeFacts(office.code, office.kind, not closed_for_good(office)) for office in offices),
        frozenset.intersection(*questions) if questions else None,
    )


def closed_for_good(office: Office) -> bool:
    """Whether the office takes no cases any more; one that opens later is not closed."""
    return office.closes_on is not None and office.closes_on <= now().date()
