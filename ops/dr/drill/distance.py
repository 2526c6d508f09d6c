"""How far the regions are apart: a link that takes its time for every byte."""

import asyncio
from contextlib import suppress
from threading import Thread

CHUNK = 65536


class Link:
    """From a port of its own to ``port``, ``seconds`` in each direction.

    Either may change; what is under way goes on as it began.
    """

    seconds = 0.0

    def __init__(self, own: int, port: int) -> None:
        self.own, self.port = own, port
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.run, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        serving = asyncio.start_server(self.carry, "127.0.0.1", self.own)
        self.loop.run_until_complete(serving)
        self.loop.run_forever()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.pass_on(reader, back), self.pass_on(there, writer))

    async def pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """What has left arrives late; what is under way when an end dies is lost."""
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                self.loop.call_later(self.seconds, deliver, writer, data)
        # Whoever died here has sent its last byte, and the other end hears so at once.
        writer.transport.abort()


def deliver(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
