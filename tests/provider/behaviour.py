"""What the fake Twilio can be told to do with the next call, in place of taking the message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Behaviour:
    """One answer.

    Attributes:
        kept: the message exists afterwards.
        answered: an HTTP answer is given; else the connection is closed without a word.
        seconds: how long the caller waits first.
        status: of the HTTP answer.
        body: in place of the message's own JSON.
        headers: besides Content-Type and Content-Length.
        changes: fields of the message's JSON that are falsified in the answer only.
    """

    kept: bool = True
    answered: bool = True
    seconds: float = 0.0
    status: int = 201
    body: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, object] = field(default_factory=dict)


def take(**changes: object) -> Behaviour:
    """Take the message; `changes` falsifies fields of the answer (`sid="oops"`)."""
    return Behaviour(changes=changes)


def refuse(
    code: int, status: int = 400, message: str = "Refused", retry_after: str | None = None
) -> Behaviour:
    """Refuse with an error in Twilio's own shape."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return Behaviour(kept=False, status=status, body=json.dumps(body), headers=headers)


def problem(code: int, status: int = 400, title: str = "Refused") -> Behaviour:
    """Refuse with an error as RFC 9457 describes it, as Twilio's newer services do."""
    body = {
        "type": f"https://www.twilio.com/docs/errors/{code}",
        "title": title,
        "status": status,
        "code": code,
    }
    return Behaviour(
        kept=False,
        status=status,
        body=json.dumps(body),
        content_type="application/problem+json",
    )


def garbage(status: int, body: str = "<html>oops</html>", *, kept: bool = False) -> Behaviour:
    """Answer with something that is not Twilio's at all, as a proxy in between does."""
    return Behaviour(kept=kept, status=status, body=body, content_type="text/html")


def drop(*, kept: bool) -> Behaviour:
    """Close the connection without an answer, having kept the message or having lost it."""
    return Behaviour(kept=kept, answered=False)


def slow(seconds: float, *, kept: bool = True) -> Behaviour:
    """Answer properly, but late."""
    return Behaviour(kept=kept, seconds=seconds)
