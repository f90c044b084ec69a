"""How long a card or a question is in front of the learner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Timer:
    """Runs from `started`, by a stopwatch; all times are its seconds. It may stand for a while,
    and end; `before` is what went before it started."""

    started: float
    before: float = 0.0
    ended: float | None = None
    paused: float | None = None  # since when it stands
    pauses: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it goes on just now."""
        return self.paused is None and self.ended is None

    def took(self, now: float) -> float:
        """Seconds so far."""
        until = next((at for at in (self.ended, self.paused) if at is not None), now)
        return self.before + max(0.0, until - self.started - self.pauses)

    def pause(self, now: float) -> None:
        """Let it stand, or go on."""
        if self.paused is None:
            self.paused = now
        else:
            self.pauses += now - self.paused
            self.paused = None

    def end(self, now: float) -> None:
        """Stop it for good; if it stands, as of now."""
        if self.paused is not None:
            self.pause(now)
        self.ended = now

    def away(self, since: float, now: float) -> None:
        """Do not count a time in which the terminal was another program's."""
        if self.runs:
            self.pauses += now - since
