"""Carriers: letters handed to connections of their own, so that a silent server holds up neither marks nor others."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from perfmgr.channels.mail import MailServer
from perfmgr.channels.outcomes import Unreachable

# One connection is enough as long as it is answered; another is opened when all have been silent for so long.
SILENT_SECONDS = 2.0
MOST_CONNECTIONS = 6
TOGETHER, TOGETHER_SECONDS = 4, 0.05


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent; ``row`` is the message it was made of."""

    row: Any
    to: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a letter: ``error`` is None when the server accepted it."""

    letter: Letter
    error: Exception | None = None


class Carriers:
    """Takes letters with :meth:`hand`, tells what became of them with :meth:`results`.

    Of the letters that were handed over only one per connection is on its way. When the server
    cannot be reached no other letter is tried: all come back with that error.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = dict(settings)
        self._letters: SimpleQueue[Letter | None] = SimpleQueue()
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._down: Unreachable | None = None
        self.out = 0  # letters whose result was not told yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.take_back()
        for _thread in self._threads:
            self._letters.put(None)
        # Who leaves because of an error does not wait for a silent server.
        for thread in self._threads if error is None else ():
            thread.join()

    def hand(self, letter: Letter) -> None:
        """Let a letter be sent after those handed over before."""
        if not self._threads:
            self._open_another()
        self.out += 1
        self._letters.put(letter)

    def results(self) -> list[Result]:
        """Return what became known, waiting for it a moment; empty when nothing did.

        Where answers come fast a few are told together: to mark each alone takes longer than sending it.
        """
        found = []
        with suppress(Empty):
            found.append(self._results.get(timeout=SILENT_SECONDS))
            while len(found) < min(TOGETHER, self.out):
                found.append(self._results.get(timeout=TOGETHER_SECONDS))
        if not found and not self._letters.empty() and len(self._threads) < MOST_CONNECTIONS:
            self._open_another()
        self.out -= len(found)
        return found

    def take_back(self) -> list[Letter]:
        """Return the letters that are not on their way yet; they will not be sent."""
        letters: list[Letter] = []
        with suppress(Empty):
            while letter := self._letters.get_nowait():
                letters.append(letter)
        self.out -= len(letters)
        return letters

    def _open_another(self) -> None:
        thread = threading.Thread(target=self._carry, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _carry(self) -> None:
        """Send letter after letter over one connection, in a thread of its own."""
        with MailServer(self._settings) as server:
            while letter := self._letters.get():
                self._results.put(Result(letter, self._send(server, letter)))

    def _send(self, server: MailServer, letter: Letter) -> Exception | None:
        if self._down:
            return self._down
        try:
            server.send(letter.to, letter.data)
        except Unreachable as error:
            self._down = error
            return error
        except Exception as error:  # any other than SendingError is for the round to log
            return error
        return None
