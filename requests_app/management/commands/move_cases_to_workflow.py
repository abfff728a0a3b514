"""`move_cases_to_workflow`: open cases of a service go on with another version; says which do not fit, and why."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from requests_app.actions._draft import Command as CaseCommand
from requests_app.actions._saving import state_of
from requests_app.actions.errors import ActionError
from requests_app.actions.workflow_versions import change_workflow, fit_of, misfit_words
from requests_app.management.commands.import_workflow import chosen_place
from requests_app.models import Service, ServiceRequest, Workflow
from requests_app.permissions import SYSTEM
from requests_app.workflows.parse import kept


class Command(BaseCommand):
    help = "Move open cases of a service to another version of its workflow; says case by case what would not fit."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--jurisdiction", default="", help="its code; the one citizens meet first")
        parser.add_argument("--service", required=True, help="its code")
        parser.add_argument("--to-version", required=True, type=int)
        parser.add_argument("--reference", action="append", default=[], help="only this case; may be repeated")
        parser.add_argument("--step", action="append", default=[], help="OLD=NEW: cases at OLD go on at NEW")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change nothing")

    def handle(self, *args: object, **options: object) -> None:
        place = chosen_place(str(options["jurisdiction"]))
        service = Service.objects.filter(jurisdiction=place, code=options["service"]).select_related("workflow").first()
        if service is None or service.workflow is None:
            raise CommandError(f"There is no service “{options['service']}” with a workflow in {place.code}.")
        versions = Workflow.objects.filter(jurisdiction=place, code=service.workflow.code)
        target = versions.filter(version=int(str(options["to_version"]))).first()
        if target is None or not target.source:
            raise CommandError(f"There is no version {options['to_version']} of “{service.workflow.code}” to go by.")
        cases = self.cases(service, target, options["reference"])
        moved, kept_back = 0, 0
        for case in cases:
            if self.move(case, target, read_steps(options["step"]), dry=bool(options["dry_run"])):
                moved += 1
            else:
                kept_back += 1
        verb = "would move" if options["dry_run"] else "moved"
        self.stdout.write(f"{moved} {verb} to version {target.version}, {kept_back} stay with theirs.")

    def cases(self, service: Service, target: Workflow, references: object) -> list[ServiceRequest]:
        """The open cases that go by another version, or those that were named; CommandError names one that is not."""
        found = ServiceRequest.objects.open().filter(service=service).exclude(workflow=target).order_by("pk")
        wanted = [str(reference).strip().upper() for reference in references] if isinstance(references, list) else []
        if not wanted:
            return list(found.prefetch_related("holds"))
        chosen = list(found.filter(reference__in=wanted).prefetch_related("holds"))
        missing = sorted(set(wanted) - {case.reference for case in chosen})
        if missing:
            raise CommandError(
                f"Not an open request of this service that goes by another version: {', '.join(missing)}."
            )
        return chosen

    def move(self, case: ServiceRequest, target: Workflow, steps: dict[str, str], *, dry: bool) -> bool:
        """Move one case, or say what would not fit; whether it fits."""
        definition = kept(target.source)
        assert definition is not None
        fit = fit_of(case, state_of(case, list(case.holds.all())), definition, steps)
        if fit.misfits:
            self.stdout.write(f"{case.reference}: stays. " + " ".join(misfit_words(one) for one in fit.misfits))
            return False
        if not dry:
            try:
                change_workflow(CaseCommand(case.pk, SYSTEM, case.version), workflow_id=target.pk, steps=steps)
            except ActionError as error:
                self.stdout.write(f"{case.reference}: stays. {error}")
                return False
        self.stdout.write(f"{case.reference}: {'would go' if dry else 'goes'} on at “{fit.step}”.")
        return True


def read_steps(told: object) -> dict[str, str]:
    """OLD=NEW pairs as a map; CommandError for one without an equals sign."""
    pairs = [str(one).partition("=") for one in told] if isinstance(told, list) else []
    if any(not equals for _old, equals, _new in pairs):
        raise CommandError("Write --step as OLD=NEW, such as --step review=reviews.")
    return {old.strip(): new.strip() for old, _equals, new in pairs}
