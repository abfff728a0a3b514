"""The rows of a list of cases. Written here and not in a template: a page has a hundred, and these cost a sixth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.models import Jurisdiction
from requests_app.reads.queue import QueueRow
from requests_app.templatetags.desk import ago, channel_words, due_words, priority_words, short_day, waited

register = template.Library()
ANY = "REFERENCE"


@register.simple_tag(takes_context=True)
def case_rows(context: Context, rows: Iterable[QueueRow], query: str, prefix: str = "") -> SafeString:
    """Each case as an item that leads to its page; with `many_moves` in the context each can be chosen."""
    page = Page(
        place=context["desk"].place,
        present=context["present"],
        address=reverse("desk:case", args=[ANY]),
        query=escape(query),
        prefix=escape(prefix),
        is_choosing=bool(context.get("many_moves")),
    )
    return mark_safe("".join(page.row(row) for row in rows))  # noqa: S308 - every value is escaped below


@dataclass(frozen=True, slots=True)
class Page:
    """What the rows of one page share. ``query`` and ``prefix`` are escaped already."""

    place: Jurisdiction
    present: datetime
    address: str
    query: str
    prefix: str
    is_choosing: bool

    def row(self, row: QueueRow) -> str:
        """One case as HTML."""
        reference = escape(row.reference)
        marks = ("case-row--late" if row.is_late else "", "case-row--pick" if self.is_choosing else "")
        where = f' data-lon="{row.lon}" data-lat="{row.lat}"' if row.lon is not None else ""
        own, inside = ("", f' id="{self.prefix}-{reference}"') if self.prefix else (f' id="row-{reference}"', "")
        event = f"#event-{row.answer}" if row.answer else ""
        place = f' <span class="case-row__where">{escape(row.where)}</span>' if row.where else ""
        return (
            f'<li class="{" ".join(filter(None, ("case-row", *marks)))}"{own} data-reference="{reference}"'
            f' data-kind="{row.kind}" data-at="{int(row.submitted_at.timestamp())}"'
            f"{' data-late' if row.is_late else ''}{where}>{self._choice(row)}"
            f'<a class="case-row__link"{inside}'
            f' href="{self.address.replace(ANY, reference)}?{self.query}{event}">'
            f'<span class="case-row__what"><span class="case-row__service">{escape(row.service)}</span>{place}</span>\n'
            f'<span class="tag tag--{row.kind} case-row__status">{escape(str(row.status))}</span>\n'
            f'<span class="case-row__due">{self._due(row)}</span>\n'
            f'<span class="case-row__facts"><span class="case-row__reference">{reference}</span>'
            f"{''.join(self._facts(row))}</span></a></li>\n"
        )

    def _choice(self, row: QueueRow) -> str:
        if not self.is_choosing:
            return ""
        said = _("Choose %(reference)s, %(service)s") % {"reference": row.reference, "service": row.service}
        return (
            '<label class="case-row__pick"><input type="checkbox" form="many" name="case"'
            f' value="{row.request_id}-{row.version}" data-pick>'
            f'<span class="visually-hidden">{escape(said)}</span></label>'
        )

    def _due(self, row: QueueRow) -> str:
        still = row.is_still and not row.is_late and row.due_at and not row.closed_at
        said = (
            _("The promise stands still") if still else due_words(row.due_at, row.clock_at, self.place, row.closed_at)
        )
        if row.planned_at is None:
            return escape(said)
        planned = escape(_("planned %(day)s") % {"day": short_day(row.planned_at, self.place)})
        if not row.planned_late:
            return f"{escape(said)}, <span>{planned}</span>"
        late = escape(_("after the promise"))
        return f'{escape(said)}, <span class="case-row__warning">{planned} ({late})</span>'

    def _facts(self, row: QueueRow) -> Iterator[str]:
        if row.supporters:
            said = ngettext("%(number)s other person", "%(number)s other people", row.supporters)
            yield f"<span>{escape(said % {'number': row.supporters})}</span>"
        if row.priority:
            yield f'<span class="case-row__priority">{escape(str(priority_words(row.priority)))}</span>'
        handler = f", {escape(row.handler)}" if row.handler else ""
        yield f"<span>{escape(row.office or _('No office yet'))}{handler}</span>"
        if row.long_since:
            yield f'<span class="case-row__warning">{escape(_("longer here than 9 in 10 of its kind"))}</span>'
        since = waited(row.waits_since, self.present) if row.waits_since else ago(row.submitted_at, self.present)
        yield f"<span>{escape(since)}</span>"
        if row.channel != "web":
            yield f"<span>{escape(str(channel_words(row.channel)))}</span>"
        if row.parts_done:
            done, parts = row.parts_done
            yield f"<span>{escape(_('%(done)s of %(all)s parts done') % {'done': done, 'all': parts})}</span>"
        if row.excerpt:
            yield f'<q class="case-row__words" lang="{escape(row.language)}">{escape(row.excerpt)}</q>'
