"""A mail server on loopback, small and real: it speaks SMTP and keeps what it was given."""

import base64
import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(frozen=True)
class Delivered:
    """One letter as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class MailServer:
    """What it does, and what it was given."""

    refuses: frozenset[str] = frozenset()
    refusal: str = "550 nobody here"
    refuses_words: str = ""
    passwords: list[str] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    is_down: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        mail = self.server.mail
        if mail.is_down:
            self._say("421 closed")
            return
        self._say("220 test")
        sender, recipients = "", []
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self.wfile.write(b"250-test\r\n")
                self._say("250 AUTH PLAIN")
            elif verb.startswith("AUTH PLAIN"):
                mail.passwords.append(base64.b64decode(line.split()[-1]).decode())
                self._say("235 ok")
            elif verb.startswith("MAIL FROM:"):
                sender = _address(line)
                self._say("250 ok")
            elif verb.startswith("RCPT TO:"):
                if _address(line) in mail.refuses:
                    self._say(mail.refusal)
                else:
                    recipients.append(_address(line))
                    self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                data = self._data()
                if mail.refuses_words and mail.refuses_words.encode() in data:
                    self._say("554 not this one")
                else:
                    message = message_from_bytes(data, policy=policy.default)
                    assert isinstance(message, EmailMessage)
                    mail.delivered.append(Delivered(sender, tuple(recipients), message))
                    self._say("250 taken")
            elif verb == "RSET":
                sender, recipients = "", []
                self._say("250 ok")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("502 what")
            if verb.startswith("MAIL FROM:"):
                recipients = []

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mail: MailServer


def _address(line: str) -> str:
    return line.partition(":")[2].split()[0].strip("<>")


def start(mail: MailServer) -> _Server:
    """Run it on a free port; `shutdown` and `server_close` end it."""
    server = _Server(("127.0.0.1", 0), _Conversation)
    server.mail = mail
    mail.port = server.server_address[1]
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    return server
