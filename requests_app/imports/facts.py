"""What was read in a way that people should know of: counted sentences in each language, kept with the import."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.translation import ngettext, override

_SENTENCES: dict[str, Callable[[int], str]] = {
    "no_place": lambda n: ngettext(
        "%(n)s case has no place.",
        "%(n)s cases have no place.",
        n,
    ),
    "outside_areas": lambda n: ngettext(
        "%(n)s case has a place that lies in none of the areas loaded.",
        "%(n)s cases have a place that lies in none of the areas loaded.",
        n,
    ),
    "outcome_unknown": lambda n: ngettext(
        "%(n)s closing note names no outcome we know: that case counts as resolved.",
        "%(n)s closing notes name no outcome we know: those cases count as resolved.",
        n,
    ),
    "other_service": lambda n: ngettext(
        "%(n)s case names no service of its own and counts under the other ones.",
        "%(n)s cases name no service of their own and count under the other ones.",
        n,
    ),
    "reopening_left_out": lambda n: ngettext(
        "%(n)s reopening is left out: the source keeps only the last closing.",
        "%(n)s reopenings are left out: the source keeps only the last closing.",
        n,
    ),
    "acceptance_left_out": lambda n: ngettext(
        "%(n)s acceptance outside the life of its case is left out.",
        "%(n)s acceptances outside the life of their cases are left out.",
        n,
    ),
    "rejected": lambda n: ngettext(
        "%(n)s row of the file could not be used and is not counted.",
        "%(n)s rows of the file could not be used and are not counted.",
        n,
    ),
    "naive_times": lambda n: ngettext(
        "%(n)s time carries no offset and is read in the time zone of this place.",
        "%(n)s times carry no offset and are read in the time zone of this place.",
        n,
    ),
}


def fact_sentences(facts: Mapping[str, int]) -> list[dict[str, str]]:
    """A sentence by language for every fact that was met, in a fixed order; its code and count stand beside it."""
    return [
        {**in_each_language(sentence, facts[code]), "fact": code, "count": str(facts[code])}
        for code, sentence in _SENTENCES.items()
        if facts.get(code)
    ]


def in_each_language(sentence: Callable[[int], str], n: int) -> dict[str, str]:
    """One counted sentence in every language of the site."""
    return {language: text % {"n": grouped(n, language)} for language, text in told(lambda: sentence(n)).items()}


def told(sentence: Callable[[], str]) -> dict[str, str]:
    """A sentence in every language of the site: `sentence` builds it in the active one."""
    texts = {}
    for language, _label in settings.LANGUAGES:
        with override(language):
            texts[language] = sentence()
    return texts


def grouped(n: int, language: str) -> str:
    """A whole number with its thousands set apart as the language does."""
    return f"{n:,}".replace(",", "\u00a0" if language == "fr" else ",")
