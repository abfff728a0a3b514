"""The report as far as it has come: kept in the session, so that a reload or a closed tab loses nothing."""

import secrets
from dataclasses import asdict, dataclass, field, replace

from django.contrib.gis.geos import Point
from django.http import HttpRequest

from requests_app.models import Service
from requests_app.privacy import pending

SESSION_KEY = "report_draft"
SENT_KEY = "report_sent"
MOST_PHOTOS = 3


@dataclass(slots=True)
class Draft:
    """One unsent report. Degrees WGS84; `photos` are names in the pending store. Contact is never kept here."""

    key: str
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    words: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)

    @property
    def pin(self) -> Point | None:
        """The pin as a point, None when there is none."""
        return None if self.lat is None or self.lon is None else Point(self.lon, self.lat, srid=4326)

    def cleaned(self) -> "Draft":
        """A copy that the database can hold: no NUL among its words."""
        words = {code: value.replace("\x00", "") for code, value in self.answers.items()}
        return replace(self, words=self.words.replace("\x00", ""), answers=words)

    def missing_step(self, service: Service) -> str:
        """The first step that has nothing yet: "where", "words", or "" when the report can be sent."""
        if service.needs_place and self.pin is None:
            return "where"
        return "" if self.words.strip() else "words"


def open_draft(request: HttpRequest) -> Draft:
    """The draft of this browser, a fresh one when there is none."""
    kept = request.session.get(SESSION_KEY)
    return Draft(**kept) if kept else Draft(key=secrets.token_urlsafe(24))


def keep(request: HttpRequest, draft: Draft) -> None:
    """Save the draft."""
    request.session[SESSION_KEY] = asdict(draft)


def throw_away(request: HttpRequest) -> None:
    """Forget the draft and its photos."""
    kept = request.session.pop(SESSION_KEY, None)
    for name in (kept or {}).get("photos", []):
        pending.drop(name)
