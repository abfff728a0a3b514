"""Places: areas that cases are counted in, what is drawn on maps, and the gazetteer."""

from datetime import date
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q

from requests_app.models.fields import Named
from requests_app.models.jurisdiction import Jurisdiction


class Area(Named):
    """A ward, district or neighbourhood, with the days between which it was valid."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="areas")
    kind = models.CharField(max_length=40, default="ward")
    code = models.CharField(max_length=100)
    geometry = models.MultiPolygonField(srid=4326)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "kind", "code"], name="area_code_once"),
        ]

    def is_in_force_on(self, today: date) -> bool:
        """Whether requests can still come to lie in it."""
        return self.valid_to is None or self.valid_to >= today


def in_force_on(today: date) -> Q:
    """Areas that have not ended before a day, as a condition on `Area`."""
    return Q(valid_to=None) | Q(valid_to__gte=today)


class AreaKind(Named):
    """A kind of area that administrators set up: wards, maintenance zones. Its history is that of its versions."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="kinds_of_area")
    code = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="area_kind_once"),
        ]


class AreaSet(models.Model):
    """All areas of one kind from one day on: a version. `Area` holds those that are in force.

    A draft has no number and decides nothing. A saved one is put in force on its first day (`applied_at`); the one
    before it ends the day before. A version that was withdrawn before its first day is kept and never counted.
    `report` is what the file it was made from was judged to be: {"repaired", "merged": [name], "refused": {name:
    [reason, shape]}}.
    """

    class State(models.TextChoices):
        """Where a version stands."""

        DRAFT = "draft"
        SAVED = "saved"
        WITHDRAWN = "withdrawn"

    kind = models.ForeignKey(AreaKind, on_delete=models.CASCADE, related_name="sets")
    number = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    file_name = models.CharField(max_length=200, blank=True)
    put_back = models.PositiveIntegerField(null=True, help_text="The version it is a copy of.")
    report = models.JSONField(default=dict)
    made_by = models.ForeignKey("User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "number"], name="area_set_number_once"),
        ]


class AreaOutline(Named):
    """One area of a version: its code, names and shape."""

    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="outlines")
    code = models.CharField(max_length=100)
    geometry = models.MultiPolygonField(srid=4326)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_set", "code"], name="area_outline_once"),
        ]


class MapFeature(Named):
    """Something drawn on every map: lake, river, park, rail, street, landmark."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="map_features")
    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField(default=5, help_text="1 is drawn first from far away.")
    geometry = models.GeometryField(srid=4326)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "kind", "code"], name="map_feature_once"),
        ]


class Address(models.Model):
    """One entry of the gazetteer: a civic address or the name of a place."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=200)
    search_text = models.CharField(max_length=200, help_text="The label folded: lower case, no accents.")
    point = models.PointField(srid=4326)

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["search_text"], name="address_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "label"], name="address_once"),
        ]

    def __str__(self) -> str:
        return self.label


class Neighbour(Named):
    """Whose place it is just outside the boundary: what the form says of a pin out there."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="neighbours")
    code = models.SlugField(max_length=60)
    geometry = models.MultiPolygonField(srid=4326)
    phone = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
