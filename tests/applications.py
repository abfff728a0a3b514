"""A town that takes applications: the shipped permit and benefit workflows, their offices, and who works there."""

from dataclasses import dataclass

from django.contrib.gis.geos import LineString

from requests_app.actions.workflow_versions import save_workflow
from requests_app.models import MapFeature, Office, Question, Route, Service, ServiceKind
from requests_app.permissions import Publicity, Role, Viewer
from requests_app.workflows.shipped import shipped
from tests import factories
from tests.factories import World

OFFICES = {
    "permits": ("permit", "Building Permits", "Permis de construire"),
    "plans": ("plans", "Plans Review", "Examen des plans"),
    "fire": ("fire", "Fire Prevention", "Prévention des incendies"),
    "benefits": ("benefit_intake", "Social Benefits Intake", "Accueil des prestations sociales"),
    "eligibility": ("eligibility", "Eligibility", "Admissibilité"),
    "verification": ("verification", "Document Verification", "Vérification des documents"),
    "payments": ("payment", "Payments", "Paiements"),
}
"""Each office by its code: its kind, which the workflows name, and its names."""


@dataclass(frozen=True)
class Applications:
    """The town. `staff` has a handler for each office by the office's code."""

    world: World
    permit: Service
    benefit: Service
    offices: dict[str, Office]
    staff: dict[str, Viewer]


def applications() -> Applications:
    """A world whose permits and benefits go by the shipped workflows through offices of their own."""
    world = factories.world("testford", is_default=True)
    place = world.jurisdiction
    MapFeature.objects.create(
        jurisdiction=place,
        kind="street",
        code="king",
        rank=4,
        names=factories.names("King Street", "rue King"),
        geometry=LineString((-79.09, 44.0), (-78.91, 44.0), srid=4326),
    )
    offices = {
        code: factories.office(place, code, kind=kind, names=factories.names(english, french))
        for code, (kind, english, french) in OFFICES.items()
    }
    staff = {code: factories.member(Role.HANDLER, place, office, f"clerk-{code}") for code, office in offices.items()}
    return Applications(world, _permit(world, offices["permits"]), _benefit(world, offices["benefits"]), offices, staff)


def _permit(world: World, office: Office) -> Service:
    made = _application(
        world, office, "permit", needs_place=True, names=factories.names("Building permit", "Permis de construire")
    )
    Question.objects.create(
        service=made,
        code="build",
        names=factories.names("What do you want to build?", "Que voulez-vous construire?"),
        datatype=Question.Datatype.CHOICE,
        choices=[
            {"key": "deck", "names": factories.names("A deck", "Une terrasse")},
            {"key": "house", "names": factories.names("A house", "Une maison")},
        ],
        is_required=True,
        position=1,
    )
    return made


def _benefit(world: World, office: Office) -> Service:
    made = _application(
        world,
        office,
        "benefit",
        needs_place=False,
        names=factories.names("Housing benefit", "Prestation pour le logement"),
    )
    Question.objects.create(
        service=made,
        code="household",
        names=factories.names("How many people live in your home?", "Combien de personnes vivent chez vous?"),
        datatype=Question.Datatype.NUMBER,
        is_required=True,
        position=1,
    )
    return made


def _application(world: World, office: Office, code: str, **fields: object) -> Service:
    """A service that goes by a shipped workflow; the world's own of the same code makes room for it."""
    place = world.jurisdiction
    saved = save_workflow(world.administrator, jurisdiction_id=place.pk, source=shipped()[code], seen_version=0)
    Service.objects.filter(jurisdiction=place, code=code).delete()
    made = factories.service(
        place,
        code,
        Publicity.PRIVATE,
        kind=ServiceKind.APPLICATION,
        group_names=factories.names("Applications", "Demandes"),
        descriptions=factories.names("Decided by several offices.", "Plusieurs bureaux décident."),
        takes_photo=False,
        target_hours=240,
        workflow=saved,
        **fields,
    )
    Route.objects.create(service=made, office=office)
    return made
