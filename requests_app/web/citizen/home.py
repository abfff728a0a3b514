"""The home page, and what its map draws."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from requests_app.reads.city import Ground, ground_of, recent_pins, week_of
from requests_app.reads.places import home_jurisdiction, place_named
from requests_app.web.citizen.demo import ROLES

MOST_LISTED = 8
DAY_SECONDS = 24 * 60 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One question, one button, the map, the door to an own request, one measured sentence."""
    place = home_jurisdiction()
    context = {
        "jurisdiction": place,
        "week": week_of(place) if place else None,
        "newest": recent_pins(place, MOST_LISTED) if place else [],
        "demo_roles": ROLES.items(),
    }
    return render(request, "citizen/home.html", context)


@require_safe
def base_map(request: HttpRequest) -> HttpResponse:
    """Streets, water, parks and areas of a jurisdiction (`?place=CODE`, else the home one) as GeoJSON.

    The same for everybody, so it may be kept.
    """
    code = request.GET.get("place", "").replace("\x00", "")
    place = place_named(code) if code else home_jurisdiction()
    body = ground_json(ground_of(place) if place else [])
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    # A compressed answer carries the same tag, marked weak.
    known = tag in {seen.removeprefix("W/") for seen in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponseNotModified() if known else HttpResponse(body, content_type="application/geo+json")
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    return response


def ground_json(ground: list[Ground]) -> str:
    """A FeatureCollection; the geometries are GeoJSON text already."""
    features = ",".join(
        f'{{"type":"Feature","properties":{_properties(thing)},"geometry":{thing.geometry}}}' for thing in ground
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'


def _properties(thing: Ground) -> str:
    return json.dumps({"kind": thing.kind, "rank": thing.rank, "names": thing.names}, ensure_ascii=False)


@require_safe
def pins(request: HttpRequest) -> HttpResponse:
    """The newest requests that everybody may see, in the reader's language."""
    place = home_jurisdiction()
    response = JsonResponse({"language": get_language(), "pins": recent_pins(place) if place else []})
    response["Cache-Control"] = "private, max-age=30"
    return response
