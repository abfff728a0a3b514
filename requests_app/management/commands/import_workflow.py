"""`import_workflow`: a workflow from a TOML file, checked and saved as its next version."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from requests_app.actions.errors import ActionError
from requests_app.actions.workflow_versions import Unsound, checked_workflow, save_workflow
from requests_app.models import Jurisdiction, Workflow
from requests_app.permissions import SYSTEM
from requests_app.workflows.said import sentence
from requests_app.workflows.shipped import shipped


class Command(BaseCommand):
    help = "Check a workflow written in TOML and save it as the next version of its code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"a TOML file, or a shipped one: {', '.join(sorted(shipped()))}")
        parser.add_argument("--jurisdiction", default="", help="its code; the one citizens meet first")
        parser.add_argument("--check", action="store_true", help="check only; save nothing")

    def handle(self, *args: object, **options: object) -> None:
        place = chosen_place(str(options["jurisdiction"]))
        source = read_text(Path(str(options["file"])))
        try:
            definition = checked_workflow(place.pk, source)
            if options["check"]:
                self.stdout.write(f"{definition.code}: {len(definition.steps)} steps, in order.")
                return
            versions = Workflow.objects.filter(jurisdiction=place, code=definition.code).order_by("-version")
            seen = versions.values_list("version", flat=True).first() or 0
            saved = save_workflow(SYSTEM, jurisdiction_id=place.pk, source=source, seen_version=seen)
        except Unsound as unsound:
            raise CommandError("\n".join(sentence(problem) for problem in unsound.problems)) from None
        except ActionError as error:
            raise CommandError(str(error)) from None
        told = "is the latest version already" if saved.version == seen else f"saved as version {saved.version}"
        self.stdout.write(f"{saved.code}: {told}.")


def chosen_place(code: str) -> Jurisdiction:
    """The jurisdiction of that code, or the one citizens meet first."""
    places = Jurisdiction.objects.filter(code=code) if code else Jurisdiction.objects.filter(is_default=True)
    place = places.first()
    if place is None:
        raise CommandError(f"There is no jurisdiction “{code}”. Name one with --jurisdiction.")
    return place


def read_text(path: Path) -> str:
    """The text of the file, or of the shipped workflow of that name; CommandError when there is none to read."""
    if not path.exists() and str(path) in shipped():
        return shipped()[str(path)]
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}. Give a TOML file in UTF-8.") from None
