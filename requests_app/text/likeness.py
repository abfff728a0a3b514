"""How much two texts speak of one thing: the telling words that both have.

A telling word is one that is no filler in English or French and has four signs or more. It is compared without
accents and without its plural, and shown as it was written.
"""

import re
from collections.abc import Mapping

from requests_app.text.normalise import fold

SHORTEST = 4
_FILLERS = frozenset(
    """
    about above after again against also always another around back because been before being below between both came
    cannot come could does doing done down each even ever every from front good have having here into just keep know
    last like long look made make many more most much must near need needs next only onto other over people please
    really right same seen should since some someone something still such sure take than thank thanks that their them
    then there these they thing things this those through time today very want week well were what when where which
    while will with work would year years your
    aussi autre avant avec avoir beaucoup bien bonjour cela celle celui ceci cette chez chose comme comment dans depuis
    deja derriere dessous dessus deux devant donc elle elles encore entre etre faire fait faut jour leur leurs lors mais
    meme merci moins notre nous parce pendant peut plus pour pourquoi pres quand quel quelle quelque sans semaine sont
    sous sujet tous tout toute toutes tres trop vers voici voila votre vous
    """.split()  # noqa: SIM905 - a list of two hundred quoted words is not easier to read
)


def telling_words(text: str) -> dict[str, str]:
    """The telling words of a text in their order: how each is compared, and how it was written (in lower case)."""
    found: dict[str, str] = {}
    for written in re.findall(r"[^\W\d_]+", text):
        plain = fold(written)
        if len(plain) >= SHORTEST and plain not in _FILLERS:
            found.setdefault(_singular(plain), written.casefold())
    return found


def likeness(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """From 0 (no telling word in common) to 1 (every one of the shorter text)."""
    fewer = min(len(one), len(other))
    return len(one.keys() & other.keys()) / fewer if fewer else 0.0


def _singular(word: str) -> str:
    """A word without its plural, however roughly: it is only compared with words treated alike."""
    for ending in ("es", "s", "x"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST - 1:
            return word.removesuffix(ending).removesuffix("e")
    return word.removesuffix("e")
