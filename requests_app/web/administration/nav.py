"""What administrators can open: a page of theirs is one line here."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page of the navigation: its words, the URL name it opens, and the part of the address it stands for."""

    title: str | Promise
    url_name: str
    section: str


ITEMS: tuple[NavItem, ...] = (
    NavItem(_("Overview"), "administration:overview", "/manage/"),
    NavItem(_("Services and questions"), "administration:services", "/manage/services/"),
    NavItem(_("Workflows"), "administration:workflows", "/manage/workflows/"),
    NavItem(_("Offices and partners"), "administration:offices", "/manage/offices/"),
    NavItem(_("People and roles"), "administration:people", "/manage/people/"),
    NavItem(_("Routing rules"), "administration:rules", "/manage/rules/"),
    NavItem(_("Areas"), "administration:areas", "/manage/areas/"),
    NavItem(_("Calendars"), "administration:calendars", "/manage/calendars/"),
    NavItem(_("Reply templates"), "administration:replies", "/manage/replies/"),
    NavItem(_("Alarms"), "administration:alarms", "/manage/alarms/"),
    NavItem(_("Mails"), "administration:mail", "/manage/mail/"),
    NavItem(_("Latest changes"), "administration:changes", "/manage/changes/"),
)


def section_of(path: str) -> str:
    """The section an address lies in: the longest one it begins with."""
    return max((item.section for item in ITEMS if path.startswith(item.section)), key=len, default="")
