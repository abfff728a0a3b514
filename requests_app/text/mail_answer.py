"""What somebody wrote in an answer by mail: without the mail they answered, their signature, or what their phone adds.

Written for the programs people use here, in English and in French: Gmail, Outlook on the desk, the web and the phone,
Apple Mail, Thunderbird, Yahoo, Samsung, Proton. Where it is in doubt, a line stays: an office reads a line too many
rather than one too few. Answers between the quoted lines and below them are kept as well.
"""

import re
from collections.abc import Callable, Sequence

WRITE_ABOVE = (
    "Please write your answer above this line",
    "Veuillez écrire votre réponse au-dessus de cette ligne",
)
"""The first lines of our own mails: what stands below an unquoted one is our mail."""

_QUOTED = re.compile(r"^[ \t\u00a0]*>")
_DATED = re.compile(r"@|\b\d{4}\b|\b\d{1,2}[:h]\d{2}\b")
_ATTRIBUTION = re.compile(
    r"^(?:on\b.{4,300}\bwrote"
    r"|le\b.{4,300}\ba[ \u00a0]+[ée]crit"
    r"|.{2,200}<?[^\s<>]+@[^\s<>]+>?.{0,40}\b(?:wrote|a[ \u00a0]+[ée]crit)"
    r"|\d{4}-\d{2}-\d{2}.{2,200}@[^\s]+"
    r")[ \u00a0\u202f]*:$",
    re.IGNORECASE,
)
_MOST_ATTRIBUTION_LINES = 4
_ORIGINAL = re.compile(
    r"^[-_*\s]{2,}(?:original message|message d[’']origine|message original|message initial|reply message"
    r"|message de r[ée]ponse)[-_*\s]{2,}:?$",
    re.IGNORECASE,
)
_FIRST_HEADER = re.compile(r"^[\s*_]*(?:from|de|exp[ée]diteur)[\s*_]*:", re.IGNORECASE)
_OTHER_HEADER = re.compile(
    r"^[\s*_]*(?:sent|date|to|cc|subject|envoy[ée](?:[ \u00a0]le)?|[àa]|objet|sujet|destinataire)[\s*_]*:",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{10,}\s*$")
_SIGNATURE = re.compile(r"^-- ?$")
_PROGRAM = (
    r"iphone|ipad|android|outlook|yahoo|gmail|proton|samsung|galaxy|bluemail|icloud|aol|huawei|pixel|windows|blackberry"
    r"|mobile|smartphone|t[ée]l[ée]phone|cellulaire|phone|tablet|device|appareil|thunderbird"
)
_BY_A_PROGRAM = re.compile(
    rf"^\W*(?:sent (?:from|with|via|using) (?:[\w’']+ ){{0,3}}?\W?(?:{_PROGRAM})"
    rf"|(?:get|download) (?:{_PROGRAM}) for\b"
    rf"|envoy[ée]e? (?:de|depuis|[àa] partir d[eu’']|avec|via) ?(?:\w+[ ’']){{0,4}}?\W?(?:{_PROGRAM})"
    rf"|(?:obtene[zr]|obtenir|t[ée]l[ée]charge[rz]) (?:{_PROGRAM}) pour\b"
    r"|provenance[ \u00a0\u202f]*: *courrier)",
    re.IGNORECASE,
)
_LONGEST_PROGRAM_LINE = 110


def answer_in(text: str) -> str:
    """What the writer of a mail wrote themselves; "" when that is nothing."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if _ends_here(lines, at):
            break
        skipped = _skips(lines, at)
        if skipped == 0:
            kept.append(lines[at].rstrip())
        at += skipped or 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n \t\u00a0\u202f")


def _ends_here(lines: Sequence[str], at: int) -> bool:
    """Whether all from this line on is not the writer's: a quoted mail without marks, or a signature."""
    return any(test(lines, at) for test in _ENDS)


def _is_signature(lines: Sequence[str], at: int) -> bool:
    """A line of two dashes begins a signature, unless the writer goes on below a quotation."""
    return bool(_SIGNATURE.match(lines[at])) and not _quotes_from(lines, at)


def _quotes_from(lines: Sequence[str], at: int) -> bool:
    """Whether quoted lines follow, and below these words that are not quoted."""
    rest = [line for line in lines[at + 1 :] if line.strip()]
    last = max((n for n, line in enumerate(rest) if _QUOTED.match(line)), default=None)
    return last is not None and last < len(rest) - 1


def _is_original(lines: Sequence[str], at: int) -> bool:
    return bool(_ORIGINAL.match(lines[at].strip()))


def _is_our_first_line(lines: Sequence[str], at: int) -> bool:
    """Our own sentence, alone or broken over two lines by a mail program."""
    told = " ".join(f"{lines[at]} {lines[at + 1] if at + 1 < len(lines) else ''}".split())
    first = lines[at].strip(" -–—*_\u00a0")
    return any(sentence in told and first and sentence.startswith(first[:12]) for sentence in WRITE_ABOVE)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """“From: … Sent: … To: …” as Outlook puts it above the mail that is answered, with or without a rule."""
    start = at
    if _RULE.match(lines[at]):
        start = next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), at)
    if not _FIRST_HEADER.match(lines[start]):
        return False
    following = [line for line in lines[start + 1 : start + 8] if line.strip()][:5]
    return sum(bool(_OTHER_HEADER.match(line)) for line in following) >= 2


def _is_bare_attribution(lines: Sequence[str], at: int) -> bool:
    """“On … wrote:” with nothing quoted below it: the rest is the old mail without marks."""
    length = _attribution(lines, at)
    return length > 0 and not _quoted_follows(lines, at + length)


_ENDS: tuple[Callable[[Sequence[str], int], bool], ...] = (
    _is_signature,
    _is_original,
    _is_our_first_line,
    _is_header_block,
    _is_bare_attribution,
)


def _skips(lines: Sequence[str], at: int) -> int:
    """How many lines from here on are left out: quoted ones, the line that introduces them, what a phone adds."""
    if _QUOTED.match(lines[at]) or _is_a_programs(lines[at]):
        return 1
    return _attribution(lines, at)


def _is_a_programs(line: str) -> bool:
    return len(line) <= _LONGEST_PROGRAM_LINE and bool(_BY_A_PROGRAM.match(line.strip()))


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines “On Monday, Clearway wrote:” takes from here on; 0 when there is none."""
    told = ""
    for number, line in enumerate(lines[at : at + _MOST_ATTRIBUTION_LINES], start=1):
        if not line.strip() or _QUOTED.match(line):
            return 0
        told = f"{told} {line.strip()}".strip()
        if told.endswith(":") and _ATTRIBUTION.match(told) and _DATED.search(told):
            return number
    return 0


def _quoted_follows(lines: Sequence[str], at: int) -> bool:
    first = next((line for line in lines[at:] if line.strip()), "")
    return bool(_QUOTED.match(first))


def unflowed(text: str, *, drops_space: bool = False) -> str:
    """The paragraphs of a text that was sent as “format=flowed” (RFC 3676), each on one line."""
    paragraphs: list[str] = []
    is_open, depth_before = False, 0
    for raw in text.replace("\r\n", "\n").split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        bare = raw[depth:].removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if flows and drops_space else bare
        if is_open and depth == depth_before:
            paragraphs[-1] += piece
        else:
            paragraphs.append(("> " if depth else "") + piece)
        is_open, depth_before = flows, depth
    return "\n".join(paragraphs)
