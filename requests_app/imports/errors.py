"""Why a file was not taken, or one row of it."""


class ImportRefused(Exception):
    """The file as a whole cannot be imported. The message is one sentence that names the problem and the remedy."""


class Unusable(Exception):
    """One row cannot be loaded: the column at fault, the reason as a sentence, and what stood there."""

    def __init__(self, column: str, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value
