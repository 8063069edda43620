"""Frames of bytes through a socket whose other end may stop, die or talk nonsense at any time.

Nothing here waits longer than it is told to, in either direction: a stopped process reads nothing,
and its pipe is full after some 200 kB.
"""

from __future__ import annotations

import math
import select
import socket
import time

_LENGTH = 8
"""Bytes before each frame that say how long it is."""

_MOST = 1 << 30
"""Bytes of a frame; our choice: plans of 65536 scenarios take less. A longer one is nonsense."""

_PIECE = 1 << 18
"""Bytes that are read at once."""


class ChannelError(Exception):
    """The other end is gone, or sends no frames."""


class Channel:
    """One end of a connected socket."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self._poll = select.poll()
        self._read, self._unsent = bytearray(), bytearray()

    def send(self, frame: bytes) -> None:
        """Queue a frame; it is on its way as far as the other end takes it while we receive."""
        self._unsent += len(frame).to_bytes(_LENGTH, "little") + frame
        self._write()

    def receive(self, until: float = math.inf) -> bytes | None:
        """The next frame, or None if there is none at a time of `time.monotonic` [s].

        Raises:
            ChannelError: there will be none any more.
        """
        while (frame := self._whole()) is None:
            left = until - time.monotonic()
            events = select.POLLIN | (select.POLLOUT if self._unsent else 0)
            self._poll.register(self._end, events)
            ready = self._poll.poll(None if math.isinf(left) else max(left, 0.0) * 1e3)
            if any(event & select.POLLOUT for _, event in ready):
                self._write()
            if any(event & ~select.POLLOUT for _, event in ready):
                self._take()
            elif left <= 0.0:
                return None
        return frame

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def _whole(self) -> bytes | None:
        """The first frame of what was read, if all of it is there."""
        if len(self._read) < _LENGTH:
            return None
        size = int.from_bytes(self._read[:_LENGTH], "little")
        if size > _MOST:
            raise ChannelError(f"a frame of {size} bytes was announced")
        if len(self._read) < _LENGTH + size:
            return None
        frame = bytes(self._read[_LENGTH : _LENGTH + size])
        del self._read[: _LENGTH + size]
        return frame

    def _take(self) -> None:
        """Read what is there."""
        try:
            piece = self._end.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError as error:
            raise ChannelError(str(error)) from None
        if not piece:
            raise ChannelError("the other end is closed")
        self._read += piece

    def _write(self) -> None:
        """Write as much as the other end takes; that it is gone is found out when reading."""
        try:
            while self._unsent:
                del self._unsent[: self._end.send(self._unsent)]
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()
