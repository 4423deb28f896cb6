"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "access_keys",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "id", name=op.f("access_keys_pkey")),
        comment="API keys, by hash; a reference table, since a key is looked up before its programme is known.",
    )
    op.create_index(op.f("access_keys_key_hash_idx"), "access_keys", ["key_hash"], unique=True)
    op.create_table(
        "access_source_secrets",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "source", "id", name=op.f("access_source_secrets_pkey")),
        comment="The secrets that a source signs with, as they are; valid_until is null for the newest.",
    )
    op.create_table(
        "access_sources",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "id", name=op.f("access_sources_pkey")),
        comment="Sources of webhooks; a reference table, since a source is looked up before its programme is known.",
    )
    op.create_index(op.f("access_sources_id_idx"), "access_sources", ["id"], unique=True)
    op.create_table(
        "letterheads",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", name=op.f("letterheads_pkey")),
        comment="What stands at the head and the foot of a programme's documents.",
    )
    op.create_table(
        "library_snapshots",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("originator_id", sa.Text(), nullable=False),
        sa.Column("originator_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "purpose", "originator_id", "originator_version", name=op.f("library_snapshots_pkey")
        ),
        comment="What the eventsourcing library keeps beside its events.",
    )
    op.create_table(
        "library_tracking",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("application_name", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "application_name", name=op.f("library_tracking_pkey")),
        comment="How far an application of the eventsourcing library has processed another's events.",
    )
    op.create_table(
        "personal_bank_accounts",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="a partner; empty: the vendor"),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "owner", name=op.f("personal_bank_accounts_pkey")),
        comment="Bank accounts, which no event holds; a row may be erased at any time.",
    )
    op.create_table(
        "personal_leads",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "lead", name=op.f("personal_leads_pkey")),
        comment="What was written about the people behind a lead; a row may be erased at any time.",
    )
    op.create_table(
        "personal_registrations",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("sales_owner", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "registration", name=op.f("personal_registrations_pkey")),
        comment="Names and free text of people, which no event holds; a row may be erased at any time.",
    )
    op.create_table(
        "record_deliveries",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False, comment="order of arrival"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="raw; null once erased"),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False, comment="JSON, without credentials"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("errors", sa.Text(), nullable=True, comment="JSON"),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=True, comment="what a parked delivery waits for"),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "source", "delivery_id", name=op.f("record_deliveries_pkey")),
        comment="Every webhook's delivery: what arrived, what was made of it, what was answered.",
    )
    op.create_index(op.f("record_deliveries_arrival_idx"), "record_deliveries", ["arrival"], unique=False)
    op.create_index(
        op.f("record_deliveries_programme_waits_for_arrival_idx"),
        "record_deliveries",
        ["programme", "waits_for", "arrival"],
        unique=False,
        postgresql_where=sa.text("waits_for IS NOT NULL"),
        sqlite_where=sa.text("waits_for IS NOT NULL"),
    )
    op.create_table(
        "record_delivery_rivals",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="raw; null once erased"),
        sa.Column("headers", sa.Text(), nullable=False, comment="JSON, without credentials"),
        sa.PrimaryKeyConstraint(
            "programme", "source", "delivery_id", "body_hash", name=op.f("record_delivery_rivals_pkey")
        ),
        comment="Deliveries whose id was known with another body, kept beside the first.",
    )
    op.create_table(
        "record_events",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False, comment="permanent dotted name"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="UTF-8 JSON"),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "position", name=op.f("record_events_pkey")),
        sa.UniqueConstraint("programme", "stream", "version", name=op.f("record_events_programme_stream_version_key")),
        comment="What happened. Append-only.",
    )
    op.create_table(
        "record_heads",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="+ 1 by every transaction that writes under the lock"
        ),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="of the last event"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="the chain's, of the last event"),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False, comment="of the last event"),
        sa.PrimaryKeyConstraint("programme", name=op.f("record_heads_pkey")),
        comment="A programme's end of the log. The lock on its row is the sequencer.",
    )
    op.create_table(
        "record_requests",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("api_key", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="JSON; null when it held a secret"),
        sa.Column("created", sa.Boolean(), nullable=False, comment="answered 201"),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("stored_at", sa.BigInteger(), nullable=False, comment="pruned 30 days later"),
        sa.PrimaryKeyConstraint("programme", "api_key", "idempotency_key", name=op.f("record_requests_pkey")),
        comment="What was answered under an idempotency key.",
    )
    op.create_index(op.f("record_requests_stored_at_idx"), "record_requests", ["stored_at"], unique=False)
    op.create_table(
        "view_checkpoints",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "projection", "generation", name=op.f("view_checkpoints_pkey")),
        comment="The position up to which a generation of a following projection has seen the log.",
    )
    op.create_table(
        "view_conflict_case_parties",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "case", name=op.f("view_conflict_case_parties_pkey")
        ),
        comment="The partners whose registrations a case is about, with the position at which it was identified.",
    )
    op.create_index(
        "view_conflict_case_parties_partner_idx",
        "view_conflict_case_parties",
        ["programme", "generation", "partner", "position", "case"],
        unique=False,
    )
    op.create_table(
        "view_conflict_cases",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("overrides_priority", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "generation", "case", name=op.f("view_conflict_cases_pkey")),
        comment="Each conflict case, its state, the position at which it was identified, when its next step is due (µs), and how it was decided: outcome, rule (folded), and 1 where that overrides strict priority. Null until then.",
    )
    op.create_index(
        "view_conflict_cases_account_idx",
        "view_conflict_cases",
        ["programme", "generation", "account", "position"],
        unique=False,
    )
    op.create_index(
        "view_conflict_cases_position_idx", "view_conflict_cases", ["programme", "generation", "position"], unique=False
    )
    op.create_index(
        "view_conflict_cases_rule_idx",
        "view_conflict_cases",
        ["programme", "generation", "rule", "position"],
        unique=False,
    )
    op.create_table(
        "view_credits",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "registration", name=op.f("view_credits_pkey")),
        comment="What each deal that was ever won leads to (JSON), and the position of the event that last changed it.",
    )
    op.create_index("view_credits_position_idx", "view_credits", ["position", "programme", "generation"], unique=False)
    op.create_table(
        "view_credits_partners",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "registration", name=op.f("view_credits_partners_pkey")
        ),
        comment="The registrations whose deals credit a partner, or once did.",
    )
    op.create_index(
        "view_credits_partners_registration_idx",
        "view_credits_partners",
        ["programme", "generation", "registration"],
        unique=False,
    )
    op.create_table(
        "view_disputes",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dispute", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "dispute", name=op.f("view_disputes_pkey")),
        comment="Each disputed line of a closed statement: `body` (JSON) says who opened and who resolved it, and why.",
    )
    op.create_index(
        "view_disputes_partner_idx", "view_disputes", ["programme", "generation", "partner", "position"], unique=False
    )
    op.create_index(
        "view_disputes_position_idx", "view_disputes", ["programme", "generation", "position"], unique=False
    )
    op.create_table(
        "view_leads",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True, comment="null: from the vendor"),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "lead", name=op.f("view_leads_pkey")),
        comment="Each lead with its state, when its offer ends by itself (µs), and the position at which it was made.",
    )
    op.create_index("view_leads_due_idx", "view_leads", ["programme", "generation", "due_at"], unique=False)
    op.create_index("view_leads_position_idx", "view_leads", ["programme", "generation", "position"], unique=False)
    op.create_index(
        "view_leads_recipient_idx", "view_leads", ["programme", "generation", "recipient", "position"], unique=False
    )
    op.create_index(
        "view_leads_source_idx", "view_leads", ["programme", "generation", "source", "position"], unique=False
    )
    op.create_table(
        "view_live",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "projection", name=op.f("view_live_pkey")),
        comment="Which generation of a projection is read.",
    )
    op.create_table(
        "view_outbox",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "position", "number", name=op.f("view_outbox_pkey")),
        comment="The notices for partners (empty: for the vendor's own staff), by the position of the event behind each; one event may have several.",
    )
    op.create_index(
        "view_outbox_partner_idx",
        "view_outbox",
        ["programme", "generation", "partner", "position", "number"],
        unique=False,
    )
    op.create_table(
        "view_parked",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "projection", "generation", "key", name=op.f("view_parked_pkey")),
        comment="Keys (partner, account, deal) whose events a projection could not apply, from `position` on.",
    )
    op.create_table(
        "view_partners",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "partner", name=op.f("view_partners_pkey")),
        comment="Each partner and the position at which it was enrolled.",
    )
    op.create_index(
        "view_partners_position_idx", "view_partners", ["programme", "generation", "position"], unique=False
    )
    op.create_table(
        "view_payouts",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "period", "reference", name=op.f("view_payouts_pkey")
        ),
        comment="Each payout of a closed statement: `body` (JSON) says how much, what it covers, and why it failed.",
    )
    op.create_index(
        "view_payouts_partner_idx", "view_payouts", ["programme", "generation", "partner", "position"], unique=False
    )
    op.create_index("view_payouts_position_idx", "view_payouts", ["programme", "generation", "position"], unique=False)
    op.create_table(
        "view_priority_accounts",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "generation", "account", name=op.f("view_priority_accounts_pkey")),
        comment="Each account and the instant (µs) at which the timer has something to write on it, null when nothing.",
    )
    op.create_index(
        "view_priority_accounts_due_at_idx",
        "view_priority_accounts",
        ["programme", "generation", "due_at"],
        unique=False,
    )
    op.create_table(
        "view_priority_deals",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("deal", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("one_with", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "source", "deal", name=op.f("view_priority_deals_pkey")),
        comment="Which registration a CRM deal leads to (empty: none yet), and all ids that it goes by when merged (JSON).",
    )
    op.create_table(
        "view_priority_events",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "account", "position", name=op.f("view_priority_events_pkey")
        ),
        comment="The positions of an account's events: registrations, deal facts and conflict cases.",
    )
    op.create_table(
        "view_priority_keys",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "account_key", "account", name=op.f("view_priority_keys_pkey")
        ),
        comment="The keys by which accounts are recognised.",
    )
    op.create_table(
        "view_priority_names",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "name_key", "account", "name", name=op.f("view_priority_names_pkey")
        ),
        comment="The names of accounts by pieces of them: how names are found that may be alike.",
    )
    op.create_table(
        "view_priority_parts",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "registration", name=op.f("view_priority_parts_pkey")
        ),
        comment="The partners that have a share or a role in a living registration of another partner.",
    )
    op.create_table(
        "view_priority_registrations",
        sa.Column("programme", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registration", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "registration", name=op.f("view_priority_registrations_pkey")
        ),
        comment="Each registration's account and partner; live is 1 while it counts against the partner's capacity.",
    )
    op.create_index(
        "view_priority_registrations_partner_idx",
        "view_priority_registrations",
        ["programme", "generation", "partner", "live"],
        unique=False,
    )
    op.create_table(
        "view_registration_accounts",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "generation", "account", name=op.f("view_registration_accounts_pkey")),
        comment="The instant (µs) from which time alone changes the statuses on an account, null when nothing is due.",
    )
    op.create_index(
        "view_registration_accounts_due_at_idx",
        "view_registration_accounts",
        ["programme", "generation", "due_at", "account"],
        unique=False,
    )
    op.create_table(
        "view_registrations",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("protected_until", sa.BigInteger(), nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("review_us", sa.BigInteger(), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("contested", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "registration", name=op.f("view_registrations_pkey")),
        comment="Each registration with its place, its status as the log states it, how long a person took to approve or reject it (µs), the kind of reason for a rejection, and 1 where it came behind another partner's.",
    )
    op.create_index(
        "view_registrations_account_idx", "view_registrations", ["programme", "generation", "account"], unique=False
    )
    op.create_index(
        "view_registrations_partner_idx",
        "view_registrations",
        ["programme", "generation", "partner", "position"],
        unique=False,
    )
    op.create_index(
        "view_registrations_position_idx", "view_registrations", ["programme", "generation", "position"], unique=False
    )
    op.create_table(
        "view_reviews",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "registration", name=op.f("view_reviews_pkey")),
        comment="Each registration that waits for an answer, whose, and since when (µs).",
    )
    op.create_index(
        "view_reviews_partner_idx",
        "view_reviews",
        ["programme", "generation", "partner", "since", "registration"],
        unique=False,
    )
    op.create_index(
        "view_reviews_since_idx", "view_reviews", ["programme", "generation", "since", "registration"], unique=False
    )
    op.create_table(
        "view_share_proposal_partners",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "proposal", name=op.f("view_share_proposal_partners_pkey")
        ),
        comment="The partners that a proposal of shares names, the lead among them; the position at which it was made.",
    )
    op.create_index(
        "view_share_proposal_partners_partner_idx",
        "view_share_proposal_partners",
        ["programme", "generation", "partner", "position", "proposal"],
        unique=False,
    )
    op.create_table(
        "view_share_proposals",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "proposal", name=op.f("view_share_proposals_pkey")),
        comment="Each proposal of shares, its state, and the position at which it was made.",
    )
    op.create_index(
        "view_share_proposals_position_idx",
        "view_share_proposals",
        ["programme", "generation", "position"],
        unique=False,
    )
    op.create_table(
        "view_statement_lines",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("won_on", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("more", sa.LargeBinary(), nullable=True),
        sa.Column("walked", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "programme", "generation", "partner", "won_on", "place", "line", name=op.f("view_statement_lines_pkey")
        ),
        comment="A row for each deal that credits a partner, in credit order: its commission line, and `more` that it earns, empty where the period is closed; behind some places, what the credits come to there. One whose deal credits the partner no more has no `won_on`.",
    )
    op.create_index(
        "view_statement_lines_registration_idx",
        "view_statement_lines",
        ["programme", "generation", "partner", "registration"],
        unique=False,
    )
    op.create_table(
        "view_statement_openings",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("carried", sa.LargeBinary(), nullable=False),
        sa.Column("adjustments", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "partner", name=op.f("view_statement_openings_pkey")),
        comment="What a partner's open periods begin with, and the adjustments that the first of them states.",
    )
    op.create_table(
        "view_statement_walks",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("won_on", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("walked", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "generation", "partner", name=op.f("view_statement_walks_pkey")),
        comment="What all of a partner's credits come to, and the place of the last of them.",
    )
    op.create_table(
        "view_statements",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("others", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("closing", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("closed_position", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme", "generation", "partner", "period", name=op.f("view_statements_pkey")),
        comment="Each statement that states something, and each closed one. Of an open one `others` are the lines that belong to no single credit; of a closed one `document` is what its digest covers, `after` what people did to it.",
    )
    op.create_index(
        "view_statements_period_idx", "view_statements", ["programme", "generation", "period", "partner"], unique=False
    )
