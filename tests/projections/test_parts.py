"""Who has a share or a role in which living registration, where two accounts become one."""

from domain.account.draft import Draft
from domain.account.joining import merge
from domain.account.state import Account
from domain.ids import AccountId, Position
from projections.changes import Delete, Upsert
from projections.parts import part_rows, view_priority_parts
from tests.domain.scenario import Scenario

HEAD = {"programme": "test", "generation": 1}


def test_a_share_in_what_a_merge_of_accounts_ends_is_kept_no_more() -> None:
    """B waits behind A since both are one account, where A's deal is won: C's part in it is nothing alive."""
    one, other = Scenario(), Scenario()
    other.prefix, other.account = "other-", Account(id=AccountId("acc_other"))
    one.register("A")
    other.position = one.position
    other.register("B", shares={"B": 5_000, "C": 5_000})
    key = ("test", 1, "C", "other-B")
    [known] = part_rows(HEAD, Account(id=other.account.id), other.account)
    assert known == Upsert(
        view_priority_parts, [{**HEAD, "partner": "C", "registration": key[3], "account": "acc_other"}]
    )
    one.position = other.position
    one.won("A")
    draft = Draft(
        one.account,
        account_id=one.account.id,
        programme=one.programme,
        partners=one.partners,
        now=one.now,
        next_position=Position(one.position + 1),
        actor="test",
        token="t",
    )
    merge(draft, other.account, because="crm", reason="one customer")
    assert list(part_rows(HEAD, one.account, draft.account)) == [Delete(view_priority_parts, [key])]
