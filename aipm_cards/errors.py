"""What stops the program. Problems in the sources are values: see `diagnostics.py`."""


class AipmCardsError(Exception):
    """Something the person can mend; the message is one line and says how."""


class CollectionNotFound(AipmCardsError):
    """The path holds no `collection.yaml` that could be opened."""


class LockError(AipmCardsError):
    """`release.lock` cannot be used as it stands."""


class BuildError(AipmCardsError):
    """A package cannot be built or written."""
