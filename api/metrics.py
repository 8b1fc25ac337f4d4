"""Counters that say how we do, never about whom. Labels are channels, outcomes and codes."""

from prometheus_client import CollectorRegistry, Counter, Gauge

REGISTRY = CollectorRegistry()
INBOUND = Counter(
    "sahi_inbound_total", "Messages that came in", ["channel", "kind"], registry=REGISTRY
)
STATUS_CALLBACKS = Counter(
    "sahi_status_callbacks_total", "Delivery callbacks", ["channel", "effect"], registry=REGISTRY
)
INBOX_WAITING = Gauge("sahi_inbox_waiting", "Messages waiting for an answer", registry=REGISTRY)
INBOX_AGE = Gauge("sahi_inbox_age_seconds", "Age of the oldest of them", registry=REGISTRY)
OUTBOX_WAITING = Gauge("sahi_outbox_waiting", "Messages waiting to be sent", registry=REGISTRY)
OUTBOX_AGE = Gauge("sahi_outbox_age_seconds", "Age of the oldest of them", registry=REGISTRY)
OLDEST_TEXT = Gauge(
    "sahi_oldest_text_seconds", "Age of the oldest message text that is kept", registry=REGISTRY
)
CONTENT_VERSION = Gauge("sahi_content_version", "Version of the content in use", registry=REGISTRY)
