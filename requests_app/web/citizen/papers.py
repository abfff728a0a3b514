"""Documents of a request: sent by the citizen who holds its tracking link, read by those who may read its words."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app import actions
from requests_app.actions import ActionError, Command, Refused
from requests_app.privacy.documents import ENDINGS, PDF, store
from requests_app.reads.disclosure import disclosure
from requests_app.reads.papers import paper_file
from requests_app.web.acts import act_of
from requests_app.web.citizen.case import show, visible_or_404
from requests_app.web.uploads import sent_document
from requests_app.web.viewer import viewer_of


@never_cache
@act_of("citizen:request", "reference")
def documents(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a document of the citizen’s; refused with the sentence at its field, 422."""
    found = visible_or_404(request, reference)
    command = Command(found.pk, viewer_of(request), None, language=get_language() or "en")
    try:
        actions.add_document(command, kind=request.POST.get("kind", ""), ready=sent_document(request))
    except Refused as refused:
        problems = {name: str(sentence) for name, sentence in refused.fields.items()}
        return show(request, visible_or_404(request, reference), problems, 422)
    except ActionError as error:
        return show(request, visible_or_404(request, reference), {"file": str(error.sentence)}, error.http_status)
    messages.success(request, _("Your document is here. The office can look at it."))
    return redirect("citizen:request", reference=found.reference)


@never_cache
@require_safe
def document(request: HttpRequest, reference: str, document_id: int) -> FileResponse:
    """One document, only to those who may read the words of the case. A PDF is a download, never shown by us."""
    found = visible_or_404(request, reference)
    paper = paper_file(found, document_id) if disclosure(found, viewer_of(request)).words else None
    path = store() / paper.file_name if paper else None
    if paper is None or path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=paper.media_type)
    name = f"{found.reference}-{paper.kind}.{ENDINGS[paper.media_type]}"
    how = "attachment" if paper.media_type == PDF else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
