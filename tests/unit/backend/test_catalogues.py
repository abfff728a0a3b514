"""French parts are merged, contradictions are refused, and words without French are named."""

from pathlib import Path

import pytest

from backend.catalogues import CatalogueError, build, refuse_contradictions, untranslated

HEADER = """msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def write_part(root: Path, app: str, name: str, words: str) -> None:
    folder = root / app / "locale" / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.fr.po").write_text(HEADER + words, encoding="utf-8")


def test_parts_are_merged_and_compiled(tmp_path: Path) -> None:
    write_part(tmp_path, "maps", "one", 'msgid "Street"\nmsgstr "Rue"\n')
    write_part(tmp_path, "maps", "two", 'msgid "Lake"\nmsgstr "Lac"\n\nmsgid "Street"\nmsgstr "Rue"\n')
    assert build(tmp_path) == 2
    assert (tmp_path / "maps/locale/fr/LC_MESSAGES/django.mo").is_file()


def test_two_translations_of_the_same_words_are_refused(tmp_path: Path) -> None:
    write_part(tmp_path, "maps", "one", 'msgid "Closed"\nmsgstr "Fermé"\n')
    write_part(tmp_path, "analytics", "two", 'msgid "Closed"\nmsgstr "Clos"\n')
    with pytest.raises(CatalogueError, match=r"Closed.*“Clos” in analytics.*“Fermé” in maps"):
        refuse_contradictions(tmp_path)


def test_a_context_tells_them_apart(tmp_path: Path) -> None:
    write_part(tmp_path, "maps", "one", 'msgctxt "shop"\nmsgid "Closed"\nmsgstr "Fermé"\n')
    write_part(tmp_path, "maps", "two", 'msgctxt "case"\nmsgid "Closed"\nmsgstr "Clos"\n')
    refuse_contradictions(tmp_path)


def test_a_translation_that_loses_a_value_is_refused(tmp_path: Path) -> None:
    write_part(tmp_path, "maps", "one", '#, python-format\nmsgid "%(n)s left"\nmsgstr "il reste"\n')
    with pytest.raises(CatalogueError, match=r"one\.fr\.po"):
        build(tmp_path)


def test_words_without_french_are_named(tmp_path: Path) -> None:
    here = Path(__file__).resolve().parents[3]
    (tmp_path / "manage.py").symlink_to(here / "manage.py")
    code = tmp_path / "maps" / "code.py"
    code.parent.mkdir()
    code.write_text('_("Fire hydrant")\n_("Street lamp")\n', encoding="utf-8")
    (tmp_path / "maps" / "page.html").write_text("{% load i18n %}{% translate 'Bus shelter' %}", encoding="utf-8")
    write_part(tmp_path, "maps", "one", 'msgid "Fire hydrant"\nmsgstr "Borne d’incendie"\n')
    assert untranslated(tmp_path) == ["Bus shelter", "Street lamp"]
