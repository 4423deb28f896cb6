"""Closing the books over the lines of `statements.sql`: what was settled, adjustments, balances (rules §7), in SQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

LINES: Final = (Path(__file__).parent / "statements.sql").read_text(encoding="utf-8")

_MACROS: Final = """
CREATE MACRO digits(currency) AS CASE currency WHEN 'JPY' THEN 1 WHEN 'KWD' THEN 1000 ELSE 100 END::HUGEINT;
CREATE MACRO half_up(a, b) AS (sign(a) * ((2 * abs(a) + b) // (2 * b)))::HUGEINT;
CREATE TABLE settled (line VARCHAR, period VARCHAR, partner VARCHAR, amount_minor HUGEINT);
CREATE TABLE balances (partner VARCHAR, amount_minor HUGEINT);
"""

_ADJUSTED: Final = """
CREATE OR REPLACE TEMP TABLE adjusted AS
WITH was AS (SELECT line, period, partner, sum(amount_minor) AS amount_minor FROM settled GROUP BY ALL),
     again AS (SELECT line, period, partner, commission_minor, is_held FROM lines WHERE period < $period)
SELECT coalesce(again.partner, was.partner) AS partner, coalesce(again.period, was.period) AS period,
       coalesce(again.line, was.line) AS line,
       coalesce(again.commission_minor, 0) - coalesce(was.amount_minor, 0) AS amount_minor,
       CASE WHEN again.is_held THEN greatest(0, again.commission_minor - coalesce(was.amount_minor, 0)) ELSE 0 END
           AS held_minor
FROM again FULL JOIN was ON again.line = was.line AND again.period = was.period
WHERE coalesce(again.commission_minor, 0) <> coalesce(was.amount_minor, 0)
"""

_TOTALS: Final = """
WITH own AS (
    SELECT partner, sum(commission_minor) AS commission,
           sum(CASE WHEN is_held THEN greatest(0, commission_minor) ELSE 0 END) AS held
    FROM lines WHERE period = $period GROUP BY partner
), late AS (
    SELECT partner, sum(amount_minor) AS adjustments, sum(held_minor) AS held FROM adjusted GROUP BY partner
), added AS (
    SELECT partners.partner, coalesce(own.commission, 0) AS commission, coalesce(late.adjustments, 0) AS adjustments,
           coalesce(own.held, 0) + coalesce(late.held, 0) AS held, coalesce(balances.amount_minor, 0) AS opening,
           half_up((SELECT arg_max(t.minimum_payout_minor, (t.since, t.version)) FROM terms AS t WHERE t.since <= $last)
                   * digits(partners.currency), digits('USD')) AS minimum
    FROM partners LEFT JOIN own USING (partner) LEFT JOIN late USING (partner) LEFT JOIN balances USING (partner)
), due AS (SELECT *, opening + commission + adjustments - held AS due FROM added)
SELECT partner, commission::BIGINT, adjustments::BIGINT, held::BIGINT, opening::BIGINT,
       (CASE WHEN due > 0 AND due >= minimum THEN due ELSE 0 END)::BIGINT AS payable,
       (CASE WHEN due > 0 AND due >= minimum THEN 0 ELSE due END)::BIGINT AS closing
FROM due
"""


class Sheet(NamedTuple):
    """One statement as the second calculation has it; amounts in minor units."""

    lines: dict[str, tuple[int, int, int, bool]]
    """By id: credited, credited before, commission, whether it is held."""
    adjustments: dict[str, tuple[int, int]]
    """By period: amount, and how much of it is held."""
    totals: tuple[int, int, int, int, int, int]
    """Commission, adjustments, held, opening balance, payable, closing balance."""


class SecondBooks:
    """The programme's statements from an exported log, closed at the positions that the log's closings read to."""

    def __init__(self, log: Path) -> None:
        self._db = duckdb.connect(config={"threads": 2})
        self._db.execute(_MACROS)
        self._db.execute(
            "CREATE TABLE events AS SELECT position, type, recorded_at, body::JSON AS b FROM read_json($log,"
            " format = 'newline_delimited', columns = {position: 'BIGINT', type: 'VARCHAR', recorded_at: 'BIGINT',"
            " body: 'VARCHAR'}) WHERE type IS NOT NULL",
            {"log": str(log)},
        )

    def closings(self) -> list[tuple[str, int]]:
        """The periods that were closed for everybody, and the position up to which the log was read for each."""
        return self._db.execute(
            "SELECT DISTINCT b ->> 'period', (b ->> 'read_to')::BIGINT FROM events"
            " WHERE type = 'commission_period.closed.v1' ORDER BY 2"
        ).fetchall()

    def stated(self, period: str, up_to: int, last: str) -> dict[str, Sheet]:
        """Every partner's statement of the first open period, as known at a position; it ends on `last`."""
        for statement in LINES.replace("$up_to", str(int(up_to))).split(";\n"):
            if statement.strip():
                self._db.execute(statement)
        self._db.execute(_ADJUSTED, {"period": period})
        lines = self._db.execute(
            "SELECT partner, line, credited_minor::BIGINT, before::BIGINT, commission_minor::BIGINT, is_held FROM lines"
            " WHERE period = $period",
            {"period": period},
        ).fetchall()
        adjusted = self._db.execute(
            "SELECT partner, period, sum(amount_minor)::BIGINT, sum(held_minor)::BIGINT FROM adjusted GROUP BY ALL"
        ).fetchall()
        totals = self._db.execute(_TOTALS, {"period": period, "last": last}).fetchall()
        found = {partner: Sheet({}, {}, tuple(rest)) for partner, *rest in totals}
        for partner, line, *figures in lines:
            found[partner].lines[line] = tuple(figures)
        for partner, earlier, amount, held in adjusted:
            found[partner].adjustments[earlier] = (amount, held)
        return found

    def close(self, period: str, sheets: dict[str, Sheet]) -> None:
        """Keep what was stated last as settled, and the balances."""
        self._db.execute(
            "INSERT INTO settled SELECT line, period, partner,"
            " commission_minor - CASE WHEN is_held THEN greatest(0, commission_minor) ELSE 0 END"
            " FROM lines WHERE period = $period",
            {"period": period},
        )
        self._db.execute("INSERT INTO settled SELECT line, period, partner, amount_minor - held_minor FROM adjusted")
        self._db.execute("DELETE FROM balances")
        self._db.executemany(
            "INSERT INTO balances VALUES ($1, $2)", [(partner, sheet.totals[-1]) for partner, sheet in sheets.items()]
        )

    def recorded(self, period: str) -> Iterator[tuple[str, str]]:
        """What the log says was closed: each partner with the statement's stored form, as JSON."""
        yield from self._db.execute(
            "SELECT b ->> 'partner', b -> 'statement' FROM events"
            " WHERE type = 'commission_period.closed.v1' AND b ->> 'period' = $period",
            {"period": period},
        ).fetchall()
