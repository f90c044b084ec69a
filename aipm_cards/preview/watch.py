"""The state of a collection that is shown now, and the wait for the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable

from aipm_cards.content.live import Live
from aipm_cards.preview.site import Site, site

PAUSE = 0.15  # seconds between two looks at the files
MANY = 500  # notes from which looking for those that ask the same takes long
SETTLING = 0.03  # seconds for which they must stay as they are: an editor may write in two steps


class Watch:
    """Looks at the files of a collection from time to time; `site` is its newest state.

    `on_bug` is told of an exception in the reading, which must not end the looking.
    """

    def __init__(self, live: Live, below: str, on_bug: Callable[[Exception], None]) -> None:
        self.live = live
        self.below = below
        self.on_bug = on_bug
        self.site = site(live.examine(), below=below, live=True)
        self._news = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="preview-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._news:
            self._news.notify_all()
        self._thread.join()

    @property
    def ended(self) -> bool:
        """Whether no state will follow."""
        return self._ended.is_set()

    def newer(self, version: str, seconds: float) -> Site:
        """The newest state, as soon as it is another one than `version`, or after some seconds."""
        with self._news:
            self._news.wait_for(lambda: self.site.version != version or self.ended, seconds)
        return self.site

    def _look(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                stamps = self.live.look()
                while stamps != self.live.stamps:
                    if self._ended.wait(SETTLING):
                        return
                    before, stamps = stamps, self.live.look()
                    if stamps == before:
                        self._read()
            except Exception as error:
                self.live.forget()
                self.on_bug(error)

    def _read(self) -> None:
        if len(self.site.entries) > MANY:  # the note first; what stands between notes a second later
            self._show(site(self.live.examine(quick=True), below=self.below, live=True, before=self.site))
        self._show(site(self.live.examine(), below=self.below, live=True, before=self.site))

    def _show(self, newest: Site) -> None:
        with self._news:
            self.site = newest
            self._news.notify_all()
