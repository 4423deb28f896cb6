"""The tables of the record: what happened, what arrived, and what was answered.

Only `record_events` is append-only. Instants are integer microseconds, bodies and hashes bytes, so that nothing
depends on a database's own types; every key starts with the programme. The further indexes do not, or are partial: a
plan made while a table was small could take one that starts with the programme for the key, and then read all of it.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from projections.metadata import metadata

PARKED: Final = text("waits_for IS NOT NULL")

record_heads: Final = Table(
    "record_heads",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, comment="+ 1 by every transaction that writes under the lock"),
    Column("position", BigInteger, nullable=False, comment="of the last event"),
    Column("hash", LargeBinary, nullable=False, comment="the chain's, of the last event"),
    Column("recorded_at", BigInteger, nullable=False, comment="of the last event"),
    comment="A programme's end of the log. The lock on its row is the sequencer.",
)

record_events: Final = Table(
    "record_events",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("type", Text, nullable=False, comment="permanent dotted name"),
    Column("body", LargeBinary, nullable=False, comment="UTF-8 JSON"),
    Column("recorded_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cause", Text),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("programme", "stream", "version"),
    comment="What happened. Append-only.",
)

record_deliveries: Final = Table(
    "record_deliveries",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("arrival", BigInteger, nullable=False, comment="order of arrival"),
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary, comment="raw; null once erased"),
    Column("body_hash", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False, comment="JSON, without credentials"),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("errors", Text, comment="JSON"),
    Column("position", BigInteger),
    Column("waits_for", Text, comment="what a parked delivery waits for"),
    Column("registration", Text),
    Column("answer", LargeBinary, nullable=False),
    Index(None, "programme", "waits_for", "arrival", postgresql_where=PARKED, sqlite_where=PARKED),
    Index(None, "arrival"),
    comment="Every webhook's delivery: what arrived, what was made of it, what was answered.",
)

record_delivery_rivals: Final = Table(
    "record_delivery_rivals",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("body_hash", LargeBinary, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary, comment="raw; null once erased"),
    Column("headers", Text, nullable=False, comment="JSON, without credentials"),
    comment="Deliveries whose id was known with another body, kept beside the first.",
)

record_requests: Final = Table(
    "record_requests",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("api_key", Text, primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answer", LargeBinary, comment="JSON; null when it held a secret"),
    Column("created", Boolean, nullable=False, comment="answered 201"),
    Column("position", BigInteger),
    Column("recorded_at", BigInteger),
    Column("stored_at", BigInteger, nullable=False, comment="pruned 30 days later"),
    Index(None, "stored_at"),
    comment="What was answered under an idempotency key.",
)
