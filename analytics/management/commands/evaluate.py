"""`evaluate`: did a change shorten the time its offices hold cases? One JSON object a log. Needs no database."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from analytics.core.evaluation.effect import METHOD, Effect, evaluate
from analytics.core.frames import instant
from analytics.core.logfile import LogFile
from analytics.management.log_options import add_log_options, read
from analytics.reports.remarks import sentence

WRONG_ARGUMENTS: Final = 2
QUANTITY: Final = "ratio of means of the time held"


class Command(BaseCommand):
    help = "Did a change shorten the time its offices hold cases? (.csv, .csv.gz, .parquet, .xes, .xes.gz)"
    requires_system_checks: list[str] = []  # they look at pages and the database; this reads files

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("logs", type=Path, nargs="+", metavar="log")
        parser.add_argument("--change-date", required=True, help="YYYY-MM-DD (or with a time), UTC")
        parser.add_argument(
            "--treated",
            required=True,
            action="append",
            help="offices that changed, with commas between; or one office each time, taken literally",
        )
        add_log_options(parser)

    def handle(self, *args: object, **options: Any) -> None:
        change = moment_of(options["change_date"])
        words = options["treated"] if len(options["treated"]) > 1 else options["treated"][0].split(",")
        if not any(word.strip() for word in words) or (len(options["treated"]) > 1 and not all(map(str.strip, words))):
            raise CommandError("--treated is empty. Name the offices that changed.", returncode=WRONG_ARGUMENTS)
        found = []
        for path in options["logs"]:
            log = read(path, options, self.stderr, returncode=WRONG_ARGUMENTS)
            names = offices_named(options["treated"], log)
            found.append((path, evaluate(log.events, instant(change), names)))
        if options["format"] == "json":
            shown = [as_object(path, effect, change) for path, effect in found]
            self.stdout.write(json.dumps(shown if len(shown) > 1 else shown[0], ensure_ascii=False, allow_nan=False))
        else:
            for path, effect in found:
                self.tell(path, effect)

    def tell(self, path: Path, effect: Effect) -> None:
        """Print the same for people."""
        self.stdout.write(f"{path.name}: {', '.join(effect.treated)}")
        if effect.estimate is not None and effect.low is not None and effect.high is not None:
            self.stdout.write(
                f"  time held {effect.estimate:+.1%}, between {effect.low:+.1%} and {effect.high:+.1%} "
                f"(95 %), p = {effect.p_value:.3f}, beside {len(effect.comparison)} offices"
            )
        for remark in effect.remarks:
            self.stdout.write(f"  {sentence(remark)}")


def moment_of(text: str) -> datetime:
    """Read a date, which begins at midnight UTC, or a time; one without a zone is UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # no time at all, or one beyond the calendar once it is UTC
        raise CommandError(
            f"--change-date “{text}” is no date. Write it as 2024-03-31.", returncode=WRONG_ARGUMENTS
        ) from None


def offices_named(words: list[str], log: LogFile) -> tuple[str, ...]:
    """Offices as they are called in the log: one word is split at its commas unless an office has that very name."""
    if len(words) > 1 or words[0] in set(log.events["office"].cat.categories):
        return tuple(words)
    return tuple(name.strip() for name in words[0].split(",") if name.strip())


def as_object(path: Path, effect: Effect, change: datetime) -> dict[str, Any]:
    """Return what `--format json` prints of one log; nulls where no claim can be made."""
    return {
        "effect": {"estimate": effect.estimate, "low": effect.low, "high": effect.high},
        "p_value": effect.p_value,
        "method": METHOD,
        "warnings": [sentence(remark) for remark in effect.remarks],
        "quantity": QUANTITY,
        "median": {"estimate": effect.median},
        "log": path.name,
        "change_date": change.isoformat(),
        "treated": list(effect.treated),
        "comparison": list(effect.comparison),
        "holds": {"before": effect.holds_before, "after": effect.holds_after},
        "weeks": {"before": effect.weeks_before, "after": effect.weeks_after},
        "placebo": {"estimate": effect.placebo},
        "without_one_office": None if effect.without_one is None else list(effect.without_one),
    }
