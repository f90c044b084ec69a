"""`aipm-cards preview`: look at the cards in a browser."""

from __future__ import annotations

import gc
import os
import traceback
from datetime import date
from pathlib import Path

import click

from aipm_cards.cli.findings import tally
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.live import Live
from aipm_cards.parallel import processors
from aipm_cards.preview.server import PORT, serve
from aipm_cards.preview.site import Site, site
from aipm_cards.preview.static import write
from aipm_cards.preview.watch import Watch
from aipm_cards.words import counted


@click.command()
@path_argument
@collection_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The port to serve on; 0 takes a free one.  [default: {PORT}, or a free one if that is taken]",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the page to a directory instead of serving it."
)
def command(path: Path | None, collection: Path | None, port: int | None, open_: bool, out: Path | None) -> int:
    """Look at the cards in a browser, as Anki will show them.

    PATH is a collection, or a file or directory in one, of which only the notes are shown. The page
    is served to this machine alone and follows each save; Ctrl-C ends it. With --out it is written
    as files, which any web server shows.
    """
    root = root_of(path, collection)
    live = Live(root, today=date.today().isoformat(), workers=processors())
    below = _below(path, root)
    if out is not None:
        done = site(live.examine(), below=below)
        files = write(done, out)
        click.echo(f"{shown(out)}: {_sums(done, root)}, in {counted(files, 'file')}")
        return 0
    gc.enable()  # a server runs for long
    watch = Watch(live, below, _report)
    with serve(watch, port) as server, watch:
        click.echo(f"{server.address}: {_sums(watch.site, root)}; Ctrl-C ends it")
        if open_:
            _open(server.address)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            click.echo()
    return 0


def _below(path: Path | None, root: Path) -> str:
    """The file or directory of the collection that was named, from its root; empty for all of it."""
    if path is None:
        return ""
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(root)).replace(os.sep, "/")
    return "" if below in (".", "collection.yaml") else below


def _sums(site: Site, root: Path) -> str:
    notes = sum(entry.note is not None for entry in site.entries)
    findings = [finding for entry in site.entries for finding in entry.findings]
    return f"{counted(notes, 'note')} from {shown(root)}, {tally(findings)}"


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        click.echo("no browser could be opened; the address is above", err=True)


def _report(error: Exception) -> None:
    traceback.print_exception(error)
    click.echo("aipm-cards: this is a bug; please report it with the lines above. The page stays as it was", err=True)
