"""Frames through a socket: whole or not at all, and never waited for longer than is said."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from drivestack.stack.channel import Channel, ChannelError


@pytest.fixture
def ends() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs


def now() -> float:
    return time.monotonic()


def test_frames_come_whole_and_in_order() -> None:
    left, right = (Channel(end) for end in socket.socketpair())
    for frame in (b"", b"a", b"b" * 1000):
        left.send(frame)
    assert [right.receive(now() + 60.0) for _ in range(3)] == [b"", b"a", b"b" * 1000]
    assert right.receive(now()) is None
    left.close()
    with pytest.raises(ChannelError, match="closed"):
        right.receive()
    right.close()


def test_a_frame_in_pieces_is_put_together(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    for piece in (b"\3\0\0", b"\0\0\0\0\0x", b"y"):
        other.send(piece)
        assert channel.receive(now()) is None
    other.send(b"z\1")
    assert channel.receive(now()) == b"xyz"
    channel.close()
    other.close()


def test_who_does_not_read_is_not_waited_for(ends: tuple[Channel, socket.socket]) -> None:
    """A large frame stays with us as far as it is not taken, and arrives when it is."""
    channel, other = ends
    large = bytes(range(256)) * 40_000
    channel.send(large)
    assert channel.receive(now() + 0.01) is None
    taken = bytearray()

    def take() -> None:
        while len(taken) < len(large) + 8:
            taken.extend(other.recv(1 << 16))
        other.send(b"\1\0\0\0\0\0\0\0!")

    thread = threading.Thread(target=take)
    thread.start()
    assert channel.receive(now() + 60.0) == b"!"
    thread.join()
    assert bytes(taken[8:]) == large
    channel.close()
    other.close()


def test_a_length_beyond_all_measure_is_no_frame(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    other.send(b"\xff" * 8)
    with pytest.raises(ChannelError, match="announced"):
        channel.receive(now() + 60.0)
    channel.close()
    other.close()


def test_writing_to_who_has_gone_is_found_out_when_reading(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, other = ends
    other.close()
    channel.send(b"a")
    channel.send(b"b")
    with pytest.raises(ChannelError):
        channel.receive(now() + 60.0)
    channel.close()
