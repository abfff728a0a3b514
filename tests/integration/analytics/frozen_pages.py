"""Freezing a page and sharing it, as an evaluator does in a browser."""

import re

from django.test import Client

from analytics.models import FrozenReport


def frozen(client: Client, page: str = "", query: str = "", place: str = "permit-town") -> FrozenReport:
    response = client.post(f"/evaluate/{place}/freeze/", {"page": page, "query": query})
    assert response.status_code == 302
    return FrozenReport.objects.get(pk=re.search(r"/evaluate/frozen/(\d+)/", response["Location"]).group(1))


def link_to(client: Client, report: FrozenReport) -> str:
    assert client.post(f"/evaluate/frozen/{report.pk}/share/", {"days": "30"}).status_code == 302
    page = client.get(f"/evaluate/frozen/{report.pk}/").content.decode()
    return re.search(r"/evaluate/shared/[^/\"]+/", page).group(0)
