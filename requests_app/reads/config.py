"""The history of settings, for administrators."""

from django.db.models import Max

from requests_app.models import ConfigChange, Jurisdiction

PAGE = 50


def version_of(what: str, target_id: int) -> int:
    """The version a setting is at: 1 when it was never changed."""
    newest = ConfigChange.objects.filter(what=what, target_id=target_id).aggregate(newest=Max("version"))["newest"]
    return int(newest or 1)


def latest_change(what: str, target_id: int) -> ConfigChange | None:
    """The last change of a setting, with who made it."""
    return ConfigChange.objects.select_related("changed_by").filter(what=what, target_id=target_id).first()


def history_of(what: str, target_id: int) -> list[ConfigChange]:
    """Every change of a setting, the latest first, with who made it; one statement."""
    return list(ConfigChange.objects.select_related("changed_by").filter(what=what, target_id=target_id))


def change_of(place: Jurisdiction, change_id: int) -> ConfigChange | None:
    """One change of a setting of a place."""
    return ConfigChange.objects.filter(jurisdiction=place, pk=change_id).first()


def latest_changes(place: Jurisdiction, before_id: int | None = None) -> list[ConfigChange]:
    """The latest changes in a place, those before one of them when asked; one more than a page holds."""
    changes = ConfigChange.objects.select_related("changed_by").filter(jurisdiction=place).order_by("-id")
    if before_id is not None:
        changes = changes.filter(pk__lt=before_id)
    return list(changes[: PAGE + 1])
