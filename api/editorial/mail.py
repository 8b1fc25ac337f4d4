"""Letters to the people of the desk: over SMTP, or into the log where none is set."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from api.db import now
from api.errors import MailError, SettingsError
from api.log import get_logger

log = get_logger(__name__)

TIMEOUT = 20.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Letter:
    """One letter. Its words hold nothing of a person who writes to the bot."""

    to: tuple[tuple[str, str], ...]  # (name, address)
    subject: str
    text: str
    language: str


class Post(Protocol):
    """Takes letters."""

    def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """Hand them over; returns those that were taken.

        Raises:
            MailError: none was.
        """


class LogPost:
    """Where no server is set: the words into the log, without names and addresses."""

    def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """As `Post.send`."""
        for letter in letters:
            log.info(
                "letter_not_sent",
                reason="no SMTP_URL",
                people=len(letter.to),
                subject=letter.subject,
                lines=letter.text.splitlines(),
            )
        return list(letters)


class SmtpPost:
    """Over SMTP. A password never travels in the clear, except to this machine itself."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = _checked(url)
        self._sender = sender
        if "@" not in sender:
            raise SettingsError("SAHI_MAIL_FROM must be an address when SAHI_SMTP_URL is set")

    def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """As `Post.send`. What the server refuses for one person, the others still get; what it
        refuses for everybody was not taken."""
        taken: list[Letter] = []
        failure = ""
        try:
            with self._connect() as server:
                for letter in letters:
                    try:
                        if self._send(server, letter):
                            taken.append(letter)
                        else:
                            failure = smtplib.SMTPRecipientsRefused.__name__
                    except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
                        failure = type(error).__name__  # this one only; smtplib has reset it
        except (OSError, smtplib.SMTPException) as error:
            failure = type(error).__name__
        if failure:
            log.warning("mail_failed", error=failure, taken=len(taken), of=len(letters))
        if failure and not taken:
            raise MailError(failure)
        return taken

    def _send(self, server: smtplib.SMTP, letter: Letter) -> bool:
        """Returns whether the server took it for anybody."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(formataddr((_line(name), to)) for name, to in letter.to)
        message["Subject"] = _line(letter.subject)
        message["Date"] = format_datetime(now())
        # Without a domain of ours it would look up the name of this machine.
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message["Content-Language"] = letter.language  # `set_content` would drop it
        addresses = [to for _, to in letter.to]
        try:
            refused = server.send_message(message, self._sender, addresses)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        if refused:
            log.warning("mail_refused", people=len(refused))
        return len(refused) < len(set(addresses))

    def _connect(self) -> smtplib.SMTP:
        url = self._url
        host = url.hostname or ""
        domain = self._sender.rpartition("@")[2].rstrip(">")  # not looked up, see above
        context = ssl.create_default_context()
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, url.port or 465, local_hostname=domain, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(host, url.port or 587, local_hostname=domain, timeout=TIMEOUT)
        try:
            server.ehlo()
            is_safe = url.scheme == "smtps" or host in _LOOPBACK
            if url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                is_safe = True
            if url.username:
                if not is_safe:
                    raise smtplib.SMTPNotSupportedError("no STARTTLS")
                server.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def build_post(smtp_url: str, mail_from: str) -> Post:
    """The way letters go out by the settings.

    Args:
        smtp_url: `smtp://user:password@host:port` (STARTTLS where the server has it) or
            `smtps://...`; empty: letters are only written into the log.

    Raises:
        SettingsError: the address of the server or the sender cannot be used.
    """
    return SmtpPost(smtp_url, mail_from) if smtp_url else LogPost()


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise SettingsError("SAHI_SMTP_URL must look like smtp://user:password@host:port")
    return parts


def _line(text: str) -> str:
    return " ".join(text.split())
