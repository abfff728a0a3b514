"""The history of settings, for administrators."""

from django.db.models import Max, QuerySet

from requests_app.models import ConfigChange, Jurisdiction

PAGE = 50


def kept_of(what: str, target_id: int, place_id: int | None = None) -> QuerySet[ConfigChange]:
    """What is kept of a setting; of a person, whose rows belong to no place, say in which."""
    found = ConfigChange.objects.filter(what=what, target_id=target_id)
    return found if place_id is None else found.filter(jurisdiction=place_id)


def version_of(what: str, target_id: int, place_id: int | None = None) -> int:
    """The version a setting is at: 1 when it was never changed."""
    newest = kept_of(what, target_id, place_id).aggregate(newest=Max("version"))["newest"]
    return int(newest or 1)


def latest_change(what: str, target_id: int, place_id: int | None = None) -> ConfigChange | None:
    """The last change of a setting, with who made it."""
    return kept_of(what, target_id, place_id).select_related("changed_by").first()


def latest_of_any_place(what: str, target_id: int) -> ConfigChange | None:
    """The last change of a person in whichever place, with who made it."""
    return kept_of(what, target_id).select_related("changed_by").order_by("-changed_at", "-pk").first()


def history_of(what: str, target_id: int, place_id: int | None = None) -> list[ConfigChange]:
    """Every change of a setting, the latest first, with who made it; one statement."""
    return list(kept_of(what, target_id, place_id).select_related("changed_by"))


def change_of(place: Jurisdiction, change_id: int) -> ConfigChange | None:
    """One change of a setting of a place."""
    return ConfigChange.objects.filter(jurisdiction=place, pk=change_id).first()


def latest_changes(place: Jurisdiction, before_id: int | None = None) -> list[ConfigChange]:
    """The latest changes in a place, those before one of them when asked; one more than a page holds."""
    changes = ConfigChange.objects.select_related("changed_by").filter(jurisdiction=place).order_by("-id")
    if before_id is not None:
        changes = changes.filter(pk__lt=before_id)
    return list(changes[: PAGE + 1])
