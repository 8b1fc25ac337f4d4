"""A real Kannel on loopback, with an operator behind it that we play: its `fake` SMSC.

Its programs are looked for on PATH and under `.tools/kannel` (`make kannel` puts them there).
"""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from run.processes import free_port
from tests.provider.fake_gateway import PASSWORD, SECRET, SHORT_CODE, USER

_OURS = Path(__file__).resolve().parents[2] / ".tools" / "kannel"
_CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {operator}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 10
http-queue-delay = 1

group = sendsms-user
username = {user}
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{inbound}?secret={secret}&from=%p&to=%P&text=%b&coding=%c&charset=%C&time=%T&id=%I"
"""


def program(name: str) -> str | None:
    """Where a program of Kannel is, None where it is not."""
    own = _OURS / "usr" / "sbin" / name
    return str(own) if own.exists() else shutil.which(name)


@dataclass
class Kannel:
    """A running Kannel.

    Attributes:
        url: where it takes messages.
        phones: what reached phones: (number, kind of data, text of one SMS).
    """

    url: str
    operator: socket.socket
    phones: list[tuple[str, str, str]] = field(default_factory=list)

    def writes(self, who: str, text: str) -> None:
        """Somebody writes: plain letters as GSM, all others as UCS-2."""
        if text.isascii():
            line = f"{who} {SHORT_CODE} text {text}\n".encode()
        else:
            raw = quote_from_bytes(text.encode("utf-16-be"), safe="")
            line = f"{who} {SHORT_CODE} ucs2 {raw}\n".encode()
        self.operator.sendall(line)

    def listen(self) -> None:
        """Keep what it hands to the operator, until it hangs up."""
        with self.operator.makefile("rb") as lines:
            for line in lines:
                _, number, kind, *rest = line.rstrip(b"\n").split(b" ", 3)
                raw = rest[0] if rest else b""
                if kind == b"udh":  # one part of a longer text: `udh HEADER data|ucs-2 TEXT`
                    _, kind, raw = raw.split(b" ", 2)
                raw = unquote_to_bytes(raw.replace(b"+", b" ") if kind != b"text" else raw)
                wide = kind == b"ucs-2" or b"\x06" in raw  # parts do not say that they are UCS-2
                text = raw.decode("utf-16-be" if wide else "utf-8", "replace")
                self.phones.append((number.decode(), kind.decode(), text))

    def heard(self, number: str) -> str:
        """Everything that reached a phone, in order, parts of one text joined."""
        return "".join(text for to, _, text in list(self.phones) if to == number)


@contextmanager
def running_kannel(folder: Path, inbound: str) -> Iterator[Kannel]:
    """Start both programs and the operator; `inbound` is where incoming messages are taken."""
    ports = {name: free_port() for name in ("admin", "smsbox", "operator", "sendsms")}
    file = folder / "kannel.conf"
    file.write_text(
        _CONFIGURATION.format(**ports, user=USER, password=PASSWORD, secret=SECRET, inbound=inbound)
    )
    libraries = [str(_OURS / at / "x86_64-linux-gnu") for at in ("usr/lib", "lib")]
    processes = []
    try:
        for name, port in (("bearerbox", ports["operator"]), ("smsbox", ports["sendsms"])):
            path = program(name)
            assert path is not None
            with (folder / f"{name}.log").open("wb") as log:
                process = subprocess.Popen(
                    [path, "-v", "1", str(file)],
                    stdout=log,
                    stderr=log,
                    cwd=folder,
                    env={"LD_LIBRARY_PATH": ":".join(libraries), "PATH": os.defpath},
                )
            processes.append(process)
            _wait_for(port)
        operator = socket.create_connection(("127.0.0.1", ports["operator"]))
        url = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms"
        kannel = Kannel(url, operator)
        thread = threading.Thread(target=kannel.listen)
        thread.start()
        yield kannel
        operator.shutdown(socket.SHUT_RDWR)
        thread.join()
        operator.close()
    finally:
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("Kannel did not start")
