"""A small permit workflow for tests: intake, two reviews side by side (one of two stays), decision by the manager."""

from dataclasses import dataclass

from requests_app import actions
from requests_app.actions.workflow_versions import save_workflow
from requests_app.models import Hold, Service, Workflow
from requests_app.permissions import Publicity
from tests import factories
from tests.factories import World
from tests.scenarios import Play

SOURCE = """
code = "permit"
names = { en = "Permit", fr = "Permis" }
[reasons]
incomplete = { en = "Not complete", fr = "Dossier incomplet" }
unsafe = { en = "Not safe", fr = "Non sécuritaire" }
[documents.plan]
names = { en = "Site plan", fr = "Plan de situation" }
[documents.deed]
names = { en = "Deed", fr = "Titre de propriété" }

[[step]]
code = "intake"
names = { en = "Intake", fr = "Accueil" }
office = "intake"
target = { hours = 8 }
  [[step.move]]
  code = "complete"
  names = { en = "It is complete", fr = "Le dossier est complet" }
  to = "waiting"
  opens = ["plans", "fire"]
  [[step.move]]
  code = "pass_on"
  names = { en = "Pass on to Roads", fr = "Transmettre à la Voirie" }
  to = "site"
  [[step.move]]
  code = "refuse"
  names = { en = "Refuse", fr = "Refuser" }
  closes = "invalid"
  by = ["manager"]
  reasons = ["incomplete", "unsafe"]
  tells = true

[[step]]
code = "plans"
names = { en = "Plans", fr = "Plans" }
office = "roads"
target = { days = 10 }
  [[step.move]]
  code = "more"
  names = { en = "Look again", fr = "Revoir" }
  to = "plans_again"
  [[step.move]]
  code = "good"
  names = { en = "Good", fr = "Conforme" }
  joins = true
  [[step.move]]
  code = "bad"
  names = { en = "Not good", fr = "Non conforme" }
  joins = true
  reasons = ["unsafe"]

[[step]]
code = "plans_again"
names = { en = "Plans again", fr = "Nouvel examen des plans" }
office = "roads"
  [[step.move]]
  code = "good"
  names = { en = "Good", fr = "Conforme" }
  joins = true

[[step]]
code = "fire"
names = { en = "Fire", fr = "Incendie" }
office = "parks"
  [[step.move]]
  code = "good"
  names = { en = "Good", fr = "Conforme" }
  joins = true

[[step]]
code = "waiting"
names = { en = "Reviews", fr = "Examens" }
target = { hours = 40 }
  [[step.move]]
  code = "decide"
  names = { en = "Decide", fr = "Décider" }
  to = "decision"
  [[step.move]]
  code = "withdrawn"
  names = { en = "Withdrawn", fr = "Retirée" }
  closes = "withdrawn"
  anyway = true

[[step]]
code = "site"
names = { en = "Site visit", fr = "Visite" }
office = "roads"
  [[step.move]]
  code = "seen"
  names = { en = "Seen", fr = "Vu" }
  to = "decision"

[[step]]
code = "decision"
names = { en = "Decision", fr = "Décision" }
office = "intake"
  [[step.move]]
  code = "issue"
  names = { en = "Issue the permit", fr = "Délivrer le permis" }
  closes = "resolved"
  by = ["manager"]
"""


@dataclass
class Permits:
    """A world with a permit service that goes by the workflow."""

    world: World
    workflow: Workflow
    service: Service

    @classmethod
    def begin(cls, source: str = SOURCE) -> "Permits":
        world = factories.world()
        service = factories.service(
            world.jurisdiction, "permit", Publicity.PRIVATE, needs_place=False, names=factories.names("Permit")
        )
        factories.Route.objects.create(service=service, office=world.intake)
        workflow = save_workflow(
            world.administrator, jurisdiction_id=world.jurisdiction.pk, source=source, seen_version=0
        )
        Service.objects.filter(pk=service.pk).update(workflow=workflow)
        service.refresh_from_db()
        return cls(world, workflow, service)

    def filed(self, **fields: object) -> Play:
        """A case that was filed and routed to the intake."""
        return Play.begin(self.world, self.service, **fields)

    def under_review(self, **fields: object) -> Play:
        """A case whose two reviews run."""
        return move(self.filed(**fields).started(), "complete")


def move(play: Play, code: str, **facts: object) -> Play:
    """Make a move of the workflow, as the manager unless somebody is named."""
    viewer = facts.pop("viewer", None) or play.world.manager
    branch = facts.pop("branch", 0)
    chosen = actions.Chosen(code, **facts)  # type: ignore[arg-type]
    return play.do(lambda command: actions.make_move(command, chosen, branch=branch), viewer=viewer)  # type: ignore[arg-type]


def branch_of(play: Play, step: str) -> int:
    """The branch that runs for a step."""
    return int(Hold.objects.get(request=play.request, step=step, ended_at=None).branch)
