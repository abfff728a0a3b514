"""What an entry of a crew is about."""

from requests_app.models import CrewEntry
from requests_app.permissions import Viewer
from requests_app.reads.one_request import find_request


def case_of_entry(viewer: Viewer, key: str, reference: str) -> int | None:
    """The case a crew's entry names, by its id; of one that was taken before also when it is out of sight by now."""
    before = CrewEntry.objects.filter(user_id=viewer.user_id or 0, key=key, request__reference=reference)
    taken = before.values_list("request_id", flat=True).first()
    if taken is not None:
        return taken
    found = find_request(reference, viewer)
    return found.pk if found else None
