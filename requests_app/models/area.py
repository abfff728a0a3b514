"""Places: areas that cases are counted in, what is drawn on maps, and the gazetteer."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex

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
