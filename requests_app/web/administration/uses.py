"""What uses a setting, in words with where to see it: lines that several kinds of setting have."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from requests_app.models import Office, ReplyTemplate, Service, Workflow
from requests_app.reads.named_in import RuleUse
from requests_app.web.administration.editing import Use
from requests_app.web.administration.gate import Administration


def of_services(administration: Administration, services: Iterable[Service], words: str) -> list[Use]:
    """Services by name, each to its page; `words` with %(name)s."""
    return [
        Use(words % {"name": one.name or one.code}, administration.address("administration:service", setting_id=one.pk))
        for one in services
    ]


def of_offices(administration: Administration, offices: Iterable[Office]) -> list[Use]:
    """Offices by name, each to its page."""
    return [
        Use(
            _("Office: %(name)s") % {"name": one.name},
            administration.address("administration:office", setting_id=one.pk),
        )
        for one in offices
    ]


def of_rules(administration: Administration, rules: Iterable[RuleUse]) -> list[Use]:
    """Routing rules by name, live or in the draft."""
    return [Use(_rule_said(rule)) for rule in rules]


def _rule_said(rule: RuleUse) -> str:
    if not rule.name:
        return _("The routing rules: what they cannot decide")
    told = _("Routing rule, in the draft: %(name)s") if rule.is_draft else _("Routing rule: %(name)s")
    return told % {"name": rule.name}


def of_workflows(administration: Administration, workflows: Iterable[Workflow]) -> list[Use]:
    """Workflows by name, each once, to the page of the first version given."""
    rows: dict[str, Workflow] = {}
    for row in workflows:
        rows.setdefault(row.code, row)
    return [
        Use(
            _("Workflow: %(name)s") % {"name": row.name},
            administration.address("administration:workflow", setting_id=row.pk),
        )
        for row in rows.values()
    ]


def of_replies(administration: Administration, replies: Iterable[ReplyTemplate]) -> list[Use]:
    """Reply templates by name, each to its page."""
    return [
        Use(
            _("Reply template: %(name)s") % {"name": one.name},
            administration.address("administration:reply", setting_id=one.pk),
        )
        for one in replies
    ]
