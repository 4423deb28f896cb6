"""The tables of statements: a row for each statement, and one for each line of an open one, from which a walk goes on.

The lines of an open statement stand by themselves, in credit order, so that a fact that comes last adds a row and
changes the heads. A walk (`domain/commission/walk.py`) is noted behind the last credit and behind some of those before,
so that one in the middle is taken up near it. Which ones follows from the credits alone, however the log is cut.
"""

from typing import Final, NamedTuple
from zlib import crc32

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from domain.commission.credit import Credit
from domain.commission.totals import Carried
from domain.commission.walk import Walked
from projections.metadata import metadata

CREDITS_PER_CHECKPOINT: Final = 32
"""On average a walk is noted behind so many places in credit order."""

view_statements = Table(
    "view_statements",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("totals", LargeBinary, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("others", LargeBinary, nullable=False),
    Column("digest", Text),
    Column("document", LargeBinary),
    Column("closing", LargeBinary),
    Column("after", LargeBinary),
    Column("closed_position", BigInteger),
    Column("closed_at", BigInteger),
    comment="Each statement that states something, and each closed one. Of an open one `others` are the lines that "
    "belong to no single credit; of a closed one `document` is what its digest covers, `after` what people did to it.",
)
Index(
    "view_statements_period_idx",
    view_statements.c.programme,
    view_statements.c.generation,
    view_statements.c.period,
    view_statements.c.partner,
)

view_statement_lines = Table(
    "view_statement_lines",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("won_on", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("line", Text, primary_key=True),
    Column("registration", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("more", LargeBinary),
    Column("walked", LargeBinary),
    comment="A row for each deal that credits a partner, in credit order: its commission line, and `more` that it "
    "earns, empty where the period is closed; behind some places, what the credits come to there. One whose deal "
    "credits the partner no more has no `won_on`.",
)
Index(
    "view_statement_lines_registration_idx",
    view_statement_lines.c.programme,
    view_statement_lines.c.generation,
    view_statement_lines.c.partner,
    view_statement_lines.c.registration,
)
"""Where a line is looked up by its deal: of two indexes that seem equal to a plan made while the table is small, the
one that was made later is taken, which here is right. (The primary key is in credit order.)"""

view_statement_walks = Table(
    "view_statement_walks",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("won_on", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("walked", LargeBinary, nullable=False),
    comment="What all of a partner's credits come to, and the place of the last of them.",
)

view_statement_openings = Table(
    "view_statement_openings",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("carried", LargeBinary, nullable=False),
    Column("adjustments", LargeBinary, nullable=False),
    comment="What a partner's open periods begin with, and the adjustments that the first of them states.",
)

TABLES: Final = (
    view_statements,
    view_statement_lines,
    view_statement_walks,
    view_statement_openings,
)


class Place(NamedTuple):
    """A place in credit order: the credits of one registration that were won on one day."""

    won_on: str
    place: int


NOWHERE: Final = Place("", 0)
"""Before every credit; and where a deal stands that credits the partner no more."""


def place_of(credit: Credit) -> Place:
    """Where a credit stands."""
    return Place(credit.won_on.isoformat(), credit.place)


def is_checkpoint(place: Place) -> bool:
    """Whether the walk is noted behind this place."""
    return crc32(f"{place.won_on} {place.place}".encode()) % CREDITS_PER_CHECKPOINT == 0


_encode = msgspec.json.Encoder(order="deterministic").encode

encoded_walk = _encode
decoded_walk = msgspec.json.Decoder(Walked).decode
encoded_carried = _encode
decoded_carried = msgspec.json.Decoder(Carried).decode
