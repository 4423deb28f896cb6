-- Every statement of a programme from nothing but its exported log, in SQL: a second calculation, which shares no code
-- with `domain/`. It reads `events` (position, type, recorded_at, b: the body as JSON) up to `up_to` and makes
-- `lines`: one row for each partner's part of each deal that is won, with its place in the bands and its commission.
--
-- It knows what `tests/recalculation/history.py` tells of, and says so here: protection that ends, is lost, withdrawn or
-- decided away; promotions; wins in and after protection; late, backdated, repeated and reopened facts; refunds; shares;
-- currencies; terms that change. A programme in UTC with quarters, and one opportunity on each account and product.

SET VARIABLE up_to = $up_to;

CREATE OR REPLACE TEMP VIEW known AS
SELECT * FROM events WHERE position <= getvariable('up_to');

CREATE OR REPLACE TEMP TABLE registered AS
SELECT
    b ->> 'registration' AS registration,
    b ->> 'account' AS account,
    b ->> 'partner' AS lead,
    position AS place,
    recorded_at AS registered_at,
    (b ->> 'registered_on')::DATE AS registered_on,
    from_json(b -> 'products', '["VARCHAR"]') AS products,
    from_json(b -> 'shares', '[{"partner": "VARCHAR", "basis_points": "HUGEINT"}]') AS shares,
    (b ->> '$.value.amount_minor')::HUGEINT AS value_minor,
    b ->> '$.value.currency' AS currency
FROM known WHERE type = 'deal_registration.registered.v1';

-- Facts of deals, in the order in which they happened (rules §5).
CREATE OR REPLACE TEMP TABLE facts AS
SELECT
    row_number() OVER (PARTITION BY registration ORDER BY occurred_at, delivery, position) AS n,
    *
FROM (
    SELECT
        b ->> 'registration' AS registration,
        split_part(type, '.', 2) AS kind,
        (b ->> 'occurred_at')::BIGINT AS occurred_at,
        b ->> 'delivery' AS delivery,
        position,
        recorded_at,
        (coalesce(b ->> '$.value.amount_minor', b ->> '$.amount.amount_minor'))::HUGEINT AS amount_minor,
        coalesce(b ->> '$.value.currency', b ->> '$.amount.currency') AS currency,
        (b ->> 'won_on')::DATE AS won_on,
        b ->> 'refund_id' AS refund_id
    FROM known
    WHERE type IN ('deal_registration.value_stated.v1', 'deal_registration.won.v1', 'deal_registration.lost.v1',
                   'deal_registration.reopened.v1', 'deal_registration.refunded.v1')
);

-- A win on what was withdrawn, or decided away, is recorded and credits nobody (rules §5). History decides before wins.
CREATE OR REPLACE TEMP VIEW decisions AS
SELECT d.b ->> 'outcome' AS outcome, i.b ->> 'challenger' AS challenger, d.b ->> 'against' AS against,
       i.b ->> 'product' AS product, d.recorded_at AS decided_at, (d.b ->> 'protected_until')::BIGINT AS protected_until
FROM known AS d JOIN known AS i ON i.type = 'conflict_case.identified.v1' AND i.b ->> 'case' = d.b ->> 'case'
WHERE d.type = 'conflict_case.decided.v1';

CREATE OR REPLACE TEMP TABLE given_up AS
SELECT b ->> 'registration' AS registration, NULL AS product, recorded_at AS given_up_at
FROM known WHERE type = 'deal_registration.withdrawn.v1'
UNION ALL
SELECT challenger, product, decided_at FROM decisions WHERE outcome IN ('uphold', 'void')
UNION ALL
SELECT against, product, decided_at FROM decisions WHERE outcome = 'void';

-- The sale: the wins since the deal was last lost or reopened. The first says when, the last for which day.
CREATE OR REPLACE TEMP TABLE sales AS
SELECT
    registration,
    arg_max(won_on, n) AS won_on,
    arg_min(occurred_at, n) AS sold_at,
    arg_min(recorded_at, position) AS learned_at,
    min(position) AS position
FROM facts AS f
WHERE kind = 'won' AND registration NOT IN (SELECT registration FROM given_up) AND n > coalesce(
    (SELECT max(n) FROM facts AS undone WHERE undone.registration = f.registration AND kind IN ('lost', 'reopened')), 0)
GROUP BY registration;

CREATE OR REPLACE TEMP TABLE worth AS
WITH stated AS (
    SELECT registration, arg_max(amount_minor, n) AS amount_minor, arg_max(currency, n) AS currency
    FROM facts WHERE kind IN ('value_stated', 'won') AND amount_minor IS NOT NULL GROUP BY registration
), reopened AS (
    SELECT registration, max(n) AS n FROM facts WHERE kind = 'reopened' GROUP BY registration
), refunds AS (
    SELECT f.registration, sum(amount_minor) AS amount_minor
    FROM facts AS f LEFT JOIN reopened AS r USING (registration)
    WHERE kind = 'refunded' AND f.n > coalesce(r.n, 0)
      AND f.n = (SELECT min(n) FROM facts AS g WHERE g.registration = f.registration AND g.refund_id = f.refund_id)
    GROUP BY f.registration
)
SELECT
    registered.registration,
    greatest(0, coalesce(stated.amount_minor, registered.value_minor) - coalesce(refunds.amount_minor, 0)) AS value_minor,
    coalesce(stated.currency, registered.currency) AS currency
FROM registered LEFT JOIN stated USING (registration) LEFT JOIN refunds USING (registration);

-- Who held a product when: from the first place until protection ends, or until it is taken away (rules §3).
CREATE OR REPLACE TEMP TABLE holds AS
WITH begun AS (
    SELECT b ->> 'registration' AS registration, unnest(from_json(b -> 'products', '["VARCHAR"]')) AS product,
           (SELECT registered_at FROM registered AS r WHERE r.registration = b ->> 'registration') AS since,
           (b ->> 'protected_until')::BIGINT AS protected_until
    FROM known WHERE type = 'deal_registration.approved.v1'
    UNION ALL
    SELECT b ->> 'registration', b ->> 'product', (b ->> 'at')::BIGINT, (b ->> 'protected_until')::BIGINT
    FROM known WHERE type = 'deal_registration.promoted.v1'
    UNION ALL
    SELECT challenger, product, decided_at, protected_until FROM decisions WHERE outcome = 'reassign'
), extended AS (
    SELECT registration, e.product, max(e.protected_until) AS protected_until
    FROM (SELECT b ->> 'registration' AS registration,
                 unnest(from_json(b -> 'extensions', '[{"product": "VARCHAR", "protected_until": "BIGINT"}]')) AS e
          FROM known WHERE type = 'deal_registration.protection_extended.v1')
    GROUP BY ALL
), taken AS (
    SELECT registration, product, given_up_at AS taken_at FROM given_up
    UNION ALL
    SELECT b ->> 'registration', NULL, recorded_at FROM known WHERE type = 'deal_registration.lost.v1'
    UNION ALL
    SELECT against, product, decided_at FROM decisions WHERE outcome = 'reassign'
), held AS (
    SELECT begun.registration, begun.product, begun.since,
           least(greatest(begun.protected_until, coalesce(extended.protected_until, 0)),
                 coalesce((SELECT min(taken_at) FROM taken WHERE taken.registration = begun.registration
                           AND coalesce(taken.product, begun.product) = begun.product AND taken_at >= begun.since),
                          9223372036854775807)) AS until
    FROM begun LEFT JOIN extended USING (registration, product)
)
SELECT * FROM held
UNION ALL
-- Won in protection and reopened after it: the claim comes back, and ends at that same instant.
SELECT held.registration, held.product, f.recorded_at, f.recorded_at
FROM held JOIN facts AS f ON f.registration = held.registration AND f.kind = 'reopened' AND f.recorded_at >= held.until
WHERE NOT EXISTS (FROM known AS e WHERE e.type = 'deal_registration.protection_expired.v1'
                  AND e.b ->> 'registration' = held.registration AND e.b ->> 'product' = held.product AND e.position < f.position);

CREATE OR REPLACE TEMP TABLE claims AS
SELECT registration, account, lead, unnest(products) AS product, unnest(range(len(products))) AS nth FROM registered;

-- Whose a sale is (rules §5): whoever held at the win, else when it was recorded, else whoever held last.
CREATE OR REPLACE TEMP TABLE credited AS
WITH stood AS (
    SELECT sales.registration AS sold, claims.nth, rival.registration AS holder, holds.since, holds.until, sold_at, learned_at
    FROM sales JOIN claims USING (registration)
    JOIN claims AS rival USING (account, product)
    JOIN holds ON holds.registration = rival.registration AND holds.product = claims.product
), at_the_win AS (
    SELECT sold, nth,
           coalesce(arg_max(holder, since) FILTER (since <= sold_at AND sold_at < until),
                    arg_max(holder, since) FILTER (since <= learned_at AND learned_at < until)) AS holder
    FROM stood GROUP BY sold, nth
), first_of AS (
    SELECT sold, coalesce(any_value(holder) FILTER (holder = sold), arg_min(holder, nth) FILTER (holder IS NOT NULL)) AS holder
    FROM at_the_win GROUP BY sold
), last_of AS (
    SELECT sold, arg_max(holder, (until, holder = sold)) AS holder, max(until) AS until
    FROM stood WHERE until <= sold_at GROUP BY sold
)
SELECT
    sales.*,
    coalesce(first_of.holder, last_of.holder, sales.registration) AS holder,
    first_of.holder IS NULL
        AND (last_of.until IS NULL OR sold_at > last_of.until + 90 * 86400000000) AS is_after_expiry
FROM sales LEFT JOIN first_of ON first_of.sold = sales.registration LEFT JOIN last_of ON last_of.sold = sales.registration;

CREATE OR REPLACE TEMP TABLE open_cases AS
SELECT i.b ->> 'challenger' AS challenger, i.b ->> 'account' AS account, i.b ->> 'product' AS product,
       EXISTS (FROM known AS s WHERE s.type = 'conflict_case.investigated.v1' AND s.b ->> 'case' = i.b ->> 'case') AS begun
FROM known AS i
WHERE i.type = 'conflict_case.identified.v1' AND i.b ->> 'product' IS NOT NULL
  AND NOT EXISTS (FROM known AS s WHERE s.type IN ('conflict_case.decided.v1', 'conflict_case.became_moot.v1')
                  AND s.b ->> 'case' = i.b ->> 'case');

-- The partners and the rule book.
CREATE OR REPLACE TEMP TABLE partners AS
SELECT b ->> 'partner' AS partner, b ->> 'currency' AS currency,
       coalesce((SELECT arg_max(s.type, s.position) FROM known AS s
                 WHERE s.type IN ('partner.suspended.v1', 'partner.reinstated.v1') AND s.b ->> 'partner' = e.b ->> 'partner'
                ) = 'partner.suspended.v1', false) AS is_suspended
FROM known AS e WHERE type = 'partner.enrolled.v1';

CREATE OR REPLACE TEMP TABLE terms AS
SELECT coalesce((b ->> 'version')::INT, 1) AS version, coalesce((b ->> 'effective_from')::DATE, DATE '0001-01-01') AS since,
       b ->> '$.terms.method' AS method, coalesce((b ->> '$.terms.minimum_payout_minor')::HUGEINT, 0) AS minimum_payout_minor,
       from_json(b -> '$.terms.tiers', '[{"from_minor": "HUGEINT", "rate_basis_points": "HUGEINT"}]') AS tiers
FROM known WHERE type IN ('programme.started.v1', 'programme.terms_published.v1');

CREATE OR REPLACE TEMP TABLE rates AS
SELECT (b ->> 'date')::DATE AS day, b ->> 'base' AS base, b ->> 'quote' AS quote, position,
       (b ->> 'rate')::DECIMAL(24, 12) AS rate
FROM known WHERE type = 'programme.exchange_rate_published.v1';

-- Each partner's part of each sale in the partner's currency (rules §6): converted, then split by the largest remainder.
CREATE OR REPLACE TEMP TABLE parts AS
WITH shared AS (
    SELECT c.*, r.place, r.lead, r.shares, r.products AS held_products, unnest(r.shares) AS own, worth.value_minor, worth.currency
    FROM credited AS c JOIN registered AS r ON r.registration = c.holder JOIN worth ON worth.registration = c.registration
), in_currency AS (
    SELECT shared.*, partners.currency AS paid_in, partners.is_suspended,
           CASE WHEN shared.currency = partners.currency THEN 1::DECIMAL(24, 12)
                ELSE (SELECT arg_max(rate, (day, position)) FROM rates
                      WHERE base = shared.currency AND quote = partners.currency AND day <= shared.won_on) END AS rate
    FROM shared JOIN partners ON partners.partner = shared.own.partner
), converted AS (
    SELECT *, half_up(value_minor * (rate * 1000000000000)::HUGEINT * digits(paid_in), 1000000000000 * digits(currency)) AS amount
    FROM in_currency
), remainders AS (
    SELECT *, unnest(shares) AS any_share FROM converted
), ranked AS (
    SELECT *, any_share.partner AS who,
           amount * any_share.basis_points // 10000 AS least,
           row_number() OVER (PARTITION BY registration, own.partner
                              ORDER BY amount * any_share.basis_points % 10000 DESC, any_share.partner <> lead, any_share.partner) AS nth,
           amount - sum(amount * any_share.basis_points // 10000) OVER (PARTITION BY registration, own.partner) AS left_over
    FROM remainders
)
SELECT *, least + (nth <= left_over)::INT AS credited_minor FROM ranked WHERE who = own.partner;

-- The lines, in credit order, each with what the window held before it, and what the bands make of it.
CREATE OR REPLACE TEMP TABLE lines AS
WITH placed AS (
    SELECT
        'line_' || CASE WHEN own.partner = (SELECT r.lead FROM registered AS r WHERE r.registration = parts.registration)
                        THEN substr(registration, 5) ELSE substr(sha256(registration), 1, 24) END || '_' || own.partner AS line,
        own.partner AS partner,
        year(won_on) || '-Q' || quarter(won_on) AS period,
        won_on, place, paid_in,
        coalesce(credited_minor, 0) AS credited_minor,
        (rate IS NULL
            OR is_suspended
            OR is_after_expiry
            OR won_on < (SELECT registered_on FROM registered AS r WHERE r.registration = parts.registration)
            OR EXISTS (FROM open_cases AS o
                       JOIN registered AS r ON r.registration = parts.registration
                       WHERE o.account = r.account AND list_contains(r.products, o.product)
                         AND (o.challenger = parts.registration
                              OR (o.begun AND list_contains(parts.held_products, o.product))))) AS is_held
    FROM parts
), counted AS (
    SELECT *, coalesce(sum(credited_minor) OVER (
        PARTITION BY partner, period ORDER BY won_on, place, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::HUGEINT AS before
    FROM placed
), ruled AS (
    SELECT counted.*, (SELECT arg_max(t, (t.since, t.version)) FROM terms AS t WHERE t.since <= won_on) AS rule FROM counted
), banded AS (
    SELECT ruled.*, unnest(rule.tiers) AS tier, unnest(range(len(rule.tiers))) AS nth FROM ruled
), bands AS (
    SELECT *, half_up(tier.from_minor * digits(paid_in), digits('USD')) AS begins,
           lead(half_up(tier.from_minor * digits(paid_in), digits('USD'))) OVER (PARTITION BY line ORDER BY nth) AS ends
    FROM banded
)
SELECT line, partner, period, credited_minor, before, is_held,
       half_up(sum(CASE
           WHEN rule.method = 'marginal' THEN
               greatest(0, least(before + credited_minor, coalesce(ends, before + credited_minor)) - greatest(before, begins))
           ELSE (before + credited_minor) * (begins <= before + credited_minor AND (ends IS NULL OR before + credited_minor < ends))::INT
               - before * (begins <= before AND (ends IS NULL OR before < ends))::INT
       END * tier.rate_basis_points)::HUGEINT, 10000) AS commission_minor
FROM bands GROUP BY line, partner, period, credited_minor, before, is_held;
