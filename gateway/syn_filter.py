"""How a listening socket is closed without losing who is at the door.

The kernel resets what is in the queue of a socket that is closed, also what
joins it between our last look and the close.  A filter that drops the first
packet of every new connection leaves the queue to run dry; the client sends
that packet again, to another process or to nobody.
"""

import ctypes
import socket
import struct
from typing import Any

SO_ATTACH_FILTER = 26
FLAGS_OFFSET, SYN = 13, 0x02
# Classic BPF, on a packet that begins with its TCP header.
LOAD_BYTE, JUMP_IF_SET, RETURN = 0x30, 0x45, 0x06
PROGRAM = (
    (LOAD_BYTE, 0, 0, FLAGS_OFFSET),
    (JUMP_IF_SET, 0, 1, SYN),
    (RETURN, 0, 0, 0),
    (RETURN, 0, 0, 0xFFFFFFFF),
)


def take_no_more(sock: Any) -> None:
    """Have the kernel begin no connection on ``sock`` any more."""
    code = b"".join(struct.pack("HBBI", *step) for step in PROGRAM)
    memory = ctypes.create_string_buffer(code)
    program = struct.pack("HP", len(PROGRAM), ctypes.addressof(memory))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
