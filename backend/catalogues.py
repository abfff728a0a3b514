"""French catalogues: parts written beside the code, merged and compiled for Django, and checked for gaps.

Each area of an application keeps its own `<app>/locale/parts/<area>.fr.po`, so that people who work side by side do not
edit one file. Django reads `<app>/locale/fr/LC_MESSAGES/django.mo`, which is made from the parts and never edited.
"""

import gettext
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import django
from django.conf import settings

APPS = ("requests_app", "analytics", "maps", "backend")
SOURCES = (".py", ".html", ".txt")


class CatalogueError(RuntimeError):
    """A catalogue is broken, contradicts another, or misses words. The message names file and words."""


def gettext_tool(*command: str | Path) -> None:
    """Run one of GNU gettext's programs."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False)
    if done.returncode:
        raise CatalogueError(done.stderr.strip())


def compiled(catalogue: Path, target: Path) -> dict[str, str]:
    """Compile a catalogue and return its translations: words (with context and plural forms) to French."""
    gettext_tool("msgfmt", "--check-format", "--check-header", "-o", target, catalogue)
    return entries(target)


def entries(binary: Path) -> dict[str, str]:
    """Return what a compiled catalogue holds, plural forms joined, without its header."""
    with binary.open("rb") as opened:
        held: Mapping[object, str] = gettext.GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for key, words in held.items():
        name = key[0] if isinstance(key, tuple) else key
        if name:
            found[str(name)] = found.get(str(name), "") + words
    return found


def parts_of(root: Path, app: str) -> list[Path]:
    """Return an application's part files, by name."""
    return sorted((root / app / "locale" / "parts").glob("*.fr.po"))


def refuse_contradictions(root: Path) -> None:
    """Refuse two parts that translate the same words differently: readers would see either."""
    said: dict[str, tuple[str, Path]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in (part for app in APPS for part in parts_of(root, app)):
            for name, french in compiled(part, Path(folder) / "part.mo").items():
                before, where = said.setdefault(name, (french, part))
                if before != french:
                    raise CatalogueError(
                        f"{readable(name)!r} is “{before}” in {where.relative_to(root)}"
                        f" and “{french}” in {part.relative_to(root)}: say the same, or give one of them a context."
                    )


def build(root: Path) -> int:
    """Merge and compile every application's parts; return how many entries there are."""
    refuse_contradictions(root)
    return sum(build_app(root, app) for app in APPS if parts_of(root, app))


def build_app(root: Path, app: str) -> int:
    """Merge one application's parts into its django.po and compile it."""
    target = root / app / "locale" / "fr" / "LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)
    merged = target / "django.po"
    gettext_tool("msgcat", "--use-first", "--no-location", "--sort-output", "-o", merged, *parts_of(root, app))
    fresh = target / "django.fresh.mo"
    count = len(compiled(merged, fresh))
    fresh.replace(target / "django.mo")
    return count


def readable(name: str) -> str:
    """Return the words of an entry; gettext puts a context before them."""
    context, found, words = name.partition("\x04")
    return f"{words} ({context})" if found else name


def copied_sources(root: Path, folder: Path) -> Iterator[Path]:
    """Copy what can hold translatable words, so that gathering them changes nothing in the checkout."""
    for app in APPS:
        (folder / app / "locale").mkdir(parents=True)
        for source in (root / app).rglob("*"):
            if source.suffix in SOURCES and source.is_file() and "locale" not in source.parts:
                copy = folder / source.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
                yield copy


def used_words(root: Path) -> set[str]:
    """Return every entry that code and templates use, as makemessages finds them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        list(copied_sources(root, folder))
        gather = [sys.executable, str(root / "manage.py"), "makemessages", "--locale=fr", "--no-location"]
        done = subprocess.run(gather, cwd=folder, text=True, capture_output=True, check=False)
        if done.returncode:
            raise CatalogueError(done.stderr.strip())
        return {word for found in folder.glob("*/locale/fr/LC_MESSAGES/django.po") for word in keys_of(found)}


def keys_of(catalogue: Path) -> set[str]:
    """Return the entries of a catalogue without translations, by translating each into itself."""
    english, binary = catalogue.with_suffix(".en.po"), catalogue.with_suffix(".mo")
    gettext_tool("msgen", "-o", english, catalogue)
    gettext_tool("msgfmt", "-o", binary, english)
    return set(entries(binary))


def french_words(root: Path) -> set[str]:
    """Return every entry with French: our parts, Django's own, and its apps that are installed."""
    with tempfile.TemporaryDirectory() as folder:
        ours = [compiled(part, Path(folder) / "part.mo") for app in APPS for part in parts_of(root, app)]
    django_root = Path(django.__file__).parent
    installed = [name.rpartition(".")[2] for name in settings.INSTALLED_APPS if name.startswith("django.contrib.")]
    folders = [django_root / "conf", *(django_root / "contrib" / app for app in installed)]
    theirs = [found for folder in folders for found in folder.glob("locale/fr/**/django.mo")]
    return {name for held in [*ours, *map(entries, theirs)] for name in held}


def untranslated(root: Path) -> list[str]:
    """Return the words that a French reader would see in English."""
    return sorted(readable(name) for name in used_words(root) - french_words(root))
