"""A stand-in mail server: enough of SMTP to take a mail, or to refuse one."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message


class MailServer:
    """What it received, and how it answers to a recipient."""

    def __init__(self, on_recipient: str) -> None:
        self.port = 0
        self.latency_s = 0.0
        """Between a mail and the word that it was taken."""
        self.received: list[Message] = []
        self._on_recipient = on_recipient

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(b"220 standin ready\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.received.append(email.message_from_bytes(await _content(reader)))
                await asyncio.sleep(self.latency_s)
            answer = {"RCPT": self._on_recipient, "QUIT": "221 bye"}.get(verb, "250 fine")
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()


async def _content(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")


@asynccontextmanager
async def mail_server(on_recipient: str = "250 fine") -> AsyncIterator[MailServer]:
    """Serve on a free port of this machine."""
    stand_in = MailServer(on_recipient)
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    stand_in.port = server.sockets[0].getsockname()[1]
    async with server:
        yield stand_in
