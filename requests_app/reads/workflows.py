"""Workflows as administrators see them: what they are checked against, who uses them, their versions."""

from requests_app.models import Office, Service
from requests_app.workflows.check import OfficeFacts, Surroundings


def surroundings(jurisdiction_id: int, code: str) -> Surroundings:
    """What a workflow is checked against; three statements."""
    offices = Office.objects.filter(jurisdiction_id=jurisdiction_id).order_by("code").select_related("jurisdiction")
    using = Service.objects.filter(jurisdiction_id=jurisdiction_id, workflow__code=code)
    questions = [
        frozenset(q.code for q in service.questions.all() if q.is_active)
        for service in using.prefetch_related("questions")
    ]
    return Surroundings(
        tuple(
            OfficeFacts(office.code, office.kind, not office.is_closed_for_good_on(office.jurisdiction.today))
            for office in offices.defer("jurisdiction__boundary")
        ),
        frozenset.intersection(*questions) if questions else None,
    )
