"""A small site for measuring servers: a page that reads, a form that writes; both say which connection they used."""

import json
import secrets
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from requests_app.clock import now


def backend_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def read(_request: HttpRequest) -> JsonResponse:
    """Run five small queries, as a request's page does."""
    for _turn in range(4):
        list(ContentType.objects.order_by("id")[:20])
    return JsonResponse({"connection": backend_number()})


@csrf_exempt
def write(request: HttpRequest) -> JsonResponse:
    """Write one row in a transaction, as a form does."""
    with transaction.atomic():
        words = json.dumps(sorted(request.POST.items()))
        Session.objects.create(
            session_key=secrets.token_hex(20), session_data=words, expire_date=now() + timedelta(days=1)
        )
        return JsonResponse({"connection": backend_number()})


urlpatterns = [path("read/", read), path("write/", write)]
