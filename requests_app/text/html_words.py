"""The words of a mail that came as a page only: lines where a reader sees lines, quoted parts marked with “>”."""

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"p", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "section", "article"})
_SKIPPED = frozenset({"head", "style", "script", "title", "template"})
_SIGNATURES = ("gmail_signature", "moz-signature", "ms-outlook-mobile-signature", "protonmail_signature_block")
_OLD_MAILS = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "yahoo_quoted")
ORIGINAL = "----- Original message -----"


def words_of_html(page: str) -> str:
    """The text of a page. Quotations begin with “> ”; a signature or an old mail that says so begins with its mark."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.quotes = self.skips = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skips += 1
        elif tag == "br":
            self.end_line(keep_empty=True)
        elif tag == "blockquote":
            self.end_line()
            self.quotes += 1
        elif tag in _BREAKS:
            self.end_line()
        self.mark(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skips = max(0, self.skips - 1)
        elif tag == "blockquote":
            self.end_line()
            self.quotes = max(0, self.quotes - 1)
        elif tag in _BREAKS:
            self.end_line()
            if tag == "p":
                self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.skips:
            self.line += re.sub(r"[ \t\r\n]+", " ", data)

    def mark(self, attrs: list[tuple[str, str | None]]) -> None:
        """A part that its program names as signature or old mail begins with the mark that text would have."""
        named = " ".join((value or "") for name, value in attrs if name in ("class", "id")).lower()
        if not named or self.quotes:
            return
        if any(name in named for name in _OLD_MAILS):
            self.end_line()
            self.lines.append(ORIGINAL)
        elif any(name in named for name in _SIGNATURES):
            self.end_line()
            self.lines.append("-- ")

    def end_line(self, *, keep_empty: bool = False) -> None:
        words, self.line = self.line.strip(), ""
        if words or keep_empty:
            self.lines.append(f"> {words}" if self.quotes else words)

    def text(self) -> str:
        self.end_line()
        return "\n".join(self.lines)
