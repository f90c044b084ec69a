"""What stops the program. Problems in the sources are values: see `diagnostics.py`."""


class AipmCardsError(Exception):
    """Something the person can mend; the message is one line and says how."""


class CollectionNotFound(AipmCardsError):
    """The path holds no `collection.yaml` that could be opened."""


class LockError(AipmCardsError):
    """`release.lock` cannot be used as it stands: the line (0 if it is none alone), what is wrong
    with it, and a way out."""

    def __init__(self, message: str, line: int = 0, fact: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.fact = fact or message
        self.hint = hint


class BuildError(AipmCardsError):
    """A package cannot be built or written."""


class PreviewError(AipmCardsError):
    """The preview cannot be shown or written."""


class HistoryError(AipmCardsError):
    """The history cannot be read or written."""


class HistoryBusy(HistoryError):
    """Another process is writing the history."""


class HistoryDamaged(HistoryError):
    """The history file is not whole, or is none."""


class StaleCard(HistoryError):
    """A card changed since it was shown. `revision` is its current one."""

    def __init__(self, message: str, revision: int) -> None:
        super().__init__(message)
        self.revision = revision
