"""The tables of the domain, one idea a file."""

from requests_app.models.alarm import Alarm, AlarmKind
from requests_app.models.area import Address, Area, MapFeature, Neighbour
from requests_app.models.feedback import Rating
from requests_app.models.hold import Hold
from requests_app.models.import_run import ImportRun
from requests_app.models.jurisdiction import Jurisdiction, Provenance
from requests_app.models.office import Office
from requests_app.models.outbox import OutboxEntry
from requests_app.models.person import Person, PersonRead
from requests_app.models.request_event import ForeignActivity, LedgerCursor, RequestEvent
from requests_app.models.rule_set import RuleSet
from requests_app.models.service import Question, Route, Service, ServiceKind, Stopper, Workflow
from requests_app.models.service_request import Channel, ServiceRequest
from requests_app.models.user import Membership, User
from requests_app.models.words import Answer, Photo, Words

__all__ = [
    "Address",
    "Alarm",
    "AlarmKind",
    "Answer",
    "Area",
    "Channel",
    "ForeignActivity",
    "Hold",
    "ImportRun",
    "Jurisdiction",
    "LedgerCursor",
    "MapFeature",
    "Membership",
    "Neighbour",
    "Office",
    "OutboxEntry",
    "Person",
    "PersonRead",
    "Photo",
    "Provenance",
    "Question",
    "Rating",
    "RequestEvent",
    "Route",
    "RuleSet",
    "Service",
    "ServiceKind",
    "ServiceRequest",
    "Stopper",
    "User",
    "Words",
    "Workflow",
]
