"""Whether a form has said its words already: a second sending of it gets the answer of the first."""

from requests_app.models import RequestEvent, ServiceRequest, Words
from requests_app.states import Activity
from requests_app.text.normalise import clean


def said_since(request: ServiceRequest, version: int | None, activity: Activity, body: str) -> RequestEvent | None:
    """The event after `version` that brought these very words; None when there is none, or no version is given."""
    if version is None:
        return None
    words = Words.objects.filter(request=request, body=clean(body)).values("pk")
    return RequestEvent.objects.filter(
        request=request, sequence__gt=version, activity=activity, words_id__in=words
    ).first()


def happened_since(request: ServiceRequest, version: int, activity: Activity) -> bool:
    """Whether the activity has happened to the case after `version`."""
    return RequestEvent.objects.filter(request=request, sequence__gt=version, activity=activity).exists()
