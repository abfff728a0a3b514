"""What the pages about one rule and one imagined request choose from; each function is one statement."""

from collections.abc import Iterable

from requests_app.models import Area, Jurisdiction, MapFeature, Office, Question, Service


def areas_in_force(place: Jurisdiction) -> list[Area]:
    """The areas that have not ended."""
    return list(Area.objects.filter(jurisdiction=place, valid_to=None).defer("geometry").order_by("kind", "code"))


def named_features(place_id: int, most: int) -> list[MapFeature]:
    """Features of the map that have a name."""
    found = MapFeature.objects.filter(jurisdiction_id=place_id).exclude(names={}).defer("geometry")
    return list(found.order_by("kind", "code")[:most])


def offered_services(place: Jurisdiction) -> list[Service]:
    """The services that citizens can ask for."""
    return list(Service.objects.filter(jurisdiction=place, is_active=True).order_by("position", "code"))


def service_of_code(place: Jurisdiction, code: str) -> Service | None:
    """A service with its workflow and calendar."""
    found = Service.objects.filter(jurisdiction=place, code=code)
    return found.select_related("workflow", "work_calendar").first()


def services_by_workflow(place: Jurisdiction, code: str) -> list[Service]:
    """The services that go by a workflow, with their calendars."""
    found = Service.objects.filter(jurisdiction=place, workflow__code=code)
    return list(found.select_related("work_calendar").order_by("code"))


def asked_now(service: Service) -> list[Question]:
    """The questions that the service asks at present."""
    return list(Question.objects.filter(service=service, until_form=None, is_active=True))


def offices_of(ids: Iterable[int]) -> list[Office]:
    """The offices with these ids."""
    return list(Office.objects.filter(pk__in=list(ids)))
