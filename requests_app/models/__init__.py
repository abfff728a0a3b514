"""The tables of the domain, one idea a file."""

from requests_app.models.absence import Absence
from requests_app.models.alarm import Alarm, AlarmKind
from requests_app.models.area import Address, Area, AreaKind, AreaOutline, AreaSet, MapFeature, Neighbour
from requests_app.models.bulk_run import BulkItem, BulkRun
from requests_app.models.config_change import ConfigChange
from requests_app.models.crew_entry import CrewEntry
from requests_app.models.desk_look import DeskLook
from requests_app.models.document import Document
from requests_app.models.feedback import Rating
from requests_app.models.follower import Follower, Supporter
from requests_app.models.hold import Hold
from requests_app.models.import_run import ImportRun
from requests_app.models.jurisdiction import Jurisdiction, Provenance
from requests_app.models.office import Office
from requests_app.models.outbox import OutboxEntry, ReceivedMail, StrayMail, UsedLink
from requests_app.models.partner_link import PartnerLink
from requests_app.models.person import Person, PersonRead
from requests_app.models.promise_notice import NoticeKind, PromiseClock, PromiseNotice
from requests_app.models.rate_window import RateWindow
from requests_app.models.rehearsal import Rehearsal
from requests_app.models.reply_template import ReplyTemplate
from requests_app.models.request_event import ForeignActivity, LedgerCursor, RequestEvent
from requests_app.models.rule_set import RuleSet
from requests_app.models.service import DataTag, Question, Route, Service, ServiceKind, ServiceState, Stopper, Workflow
from requests_app.models.service_request import Channel, ServiceRequest
from requests_app.models.sign_in_link import SignInLink
from requests_app.models.user import Membership, User, in_force, not_over
from requests_app.models.usual import OfficeTime, ServiceTime
from requests_app.models.visit import Visit, VisitCase, VisitPart
from requests_app.models.words import Answer, Photo, Words
from requests_app.models.work_calendar import WorkCalendar

__all__ = [
    "Absence",
    "Address",
    "Alarm",
    "AlarmKind",
    "Answer",
    "Area",
    "AreaKind",
    "AreaOutline",
    "AreaSet",
    "BulkItem",
    "BulkRun",
    "Channel",
    "ConfigChange",
    "CrewEntry",
    "DataTag",
    "DeskLook",
    "Document",
    "Follower",
    "ForeignActivity",
    "Hold",
    "ImportRun",
    "Jurisdiction",
    "LedgerCursor",
    "MapFeature",
    "Membership",
    "Neighbour",
    "NoticeKind",
    "Office",
    "OfficeTime",
    "OutboxEntry",
    "PartnerLink",
    "Person",
    "PersonRead",
    "Photo",
    "PromiseClock",
    "PromiseNotice",
    "Provenance",
    "Question",
    "RateWindow",
    "Rating",
    "ReceivedMail",
    "Rehearsal",
    "ReplyTemplate",
    "RequestEvent",
    "Route",
    "RuleSet",
    "Service",
    "ServiceKind",
    "ServiceRequest",
    "ServiceState",
    "ServiceTime",
    "SignInLink",
    "Stopper",
    "StrayMail",
    "Supporter",
    "UsedLink",
    "User",
    "Visit",
    "VisitCase",
    "VisitPart",
    "Words",
    "WorkCalendar",
    "Workflow",
    "in_force",
    "not_over",
]
