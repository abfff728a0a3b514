"""The file of one document."""

from requests_app.models import Document, ServiceRequest


def paper_file(request: ServiceRequest, document_id: int) -> Document | None:
    """A document of a case that has a file; None when there is none. Who may read it is the caller’s to know."""
    found = Document.objects.filter(request=request, pk=document_id, erased_at=None).exclude(file_name="")
    return found.first()
