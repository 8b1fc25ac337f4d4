"""Optional traces (OpenTelemetry): where the time of a turn goes, across api and bot.

A span carries a name, our own ids and timings. Nothing of what somebody wrote is ever given to
it, and of an error only the type: its text is not ours to tell. Without `SAHI_TRACES_URL`, or in
a test that gives no tracer, spans cost nothing.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from api.errors import SettingsError


class Tracer(Protocol):
    """What we use of OpenTelemetry's tracer."""

    def start_as_current_span(self, name: str, **options: Any) -> AbstractContextManager[Any]:
        """Enter a span within the one that is current."""


class _Place:
    tracer: Tracer | None = None
    current: Any = None  # gives the span that is current


def set_up_tracing(url: str, service: str) -> None:
    """Send spans to an OTLP collector.

    The provider is ours and not the global one: libraries that trace by themselves would write
    addresses with everything in them.

    Args:
        url: such as `http://127.0.0.1:4318/v1/traces`; empty: no traces.
        service: name of this process in traces.

    Raises:
        SettingsError: the packages of the extra `tracing` are not installed.
    """
    if not url:
        use(None)
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError("SAHI_TRACES_URL: needs the packages of the extra `tracing`") from None
    provider = TracerProvider(resource=Resource({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    use(provider.get_tracer("sahi"), trace.get_current_span)


def use(tracer: Tracer | None, current: Any = None) -> None:
    """Use this tracer from now on; None: no traces.

    Args:
        current: gives the span that is current.
    """
    _Place.tracer, _Place.current = tracer, current


def span(name: str) -> AbstractContextManager[None]:
    """A span while the context lasts."""
    tracer = _Place.tracer
    return nullcontext() if tracer is None else _span(tracer, name)


@contextmanager
def _span(tracer: Tracer, name: str) -> Iterator[None]:
    with tracer.start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    ) as entered:
        try:
            yield
        except Exception as error:
            entered.set_attribute("error.type", type(error).__name__)
            raise


def note(**ids: int | str) -> None:
    """Ids of ours for the span that is current."""
    if _Place.tracer is not None:
        span = _Place.current()
        for name, value in ids.items():
            span.set_attribute(f"sahi.{name}", value)


def headers() -> dict[str, str]:
    """What another process needs to go on with the trace: `traceparent`, or nothing."""
    if _Place.tracer is None:
        return {}
    context = _Place.current().get_span_context()
    if not context.is_valid:
        return {}
    flags = f"{int(context.trace_flags):02x}"
    return {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags}"}
