"""What people do to closed statements in the story: they dispute, resolve, pay, fail to pay and enter adjustments."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from domain.calendar import period_from
from domain.commission_period import disputes, payouts
from domain.commission_period.events import LineDisputed
from domain.entered_adjustment.aggregate import EnterAdjustment
from domain.ids import AdjustmentId, DisputeId, LineId, PartnerId
from domain.money import Money
from service.commands.registering import fresh_token
from service.commands.settling import ChangeStatement, Decide, Enter, StatementAt

if TYPE_CHECKING:
    from tests.projections.story import Story

EPOCH: Final = date(1970, 1, 1)


async def settle(story: "Story", partner: PartnerId, period: str) -> None:
    """Some lines are disputed, most of that is resolved, most statements are paid, and some payouts fail."""
    currency = "EUR" if partner in ("contoso", "wingtip") else "USD"
    dispute = DisputeId(f"dsp_{fresh_token()}")

    async def does(decide: Decide) -> bool:
        work = ChangeStatement(
            actor="test",
            partner=partner,
            period=period_from(period),
            decide=decide,
            show=lambda _state, _at: {},
            token=fresh_token(),
        )
        return await story.submit(work) is not None

    def disputed(at: StatementAt) -> list[LineDisputed]:
        lines = () if at.state is None else at.state.closing.statement.lines
        if at.state is not None and not lines:
            return []
        line = lines[-1].id if lines else LineId("line_of_a_period_that_was_never_closed_by_itself")
        return disputes.dispute(at.state, disputes.DisputeLine(dispute=dispute, line=line, reason="It was more."))

    await does(disputed)
    amount = Money(amount_minor=story.chance.choice([-100, 2_500]), currency=currency)
    if story.chance.random() < 0.6:
        upheld = disputes.ResolveDispute(dispute=dispute, outcome="upheld", reason="So it is.", amount=amount)
        await does(lambda at: disputes.resolve(at.state, upheld))
    reference = f"run-{period}"
    paid = await does(lambda at: payouts.pay_out(at.state, _paying(story, reference)))
    if paid and story.chance.random() < 0.3:
        failed = payouts.FailPayout(reference=reference, reason="Returned.")
        await does(lambda at: payouts.fail_payout(at.state, failed))
    command = EnterAdjustment(
        adjustment=AdjustmentId(f"adj_{fresh_token()}"), kind="manual", amount=amount, reason="So it is.", period=period
    )
    assert await story.submit(Enter(actor="test", partner=partner, command=command)) is not None


def _paying(story: "Story", reference: str) -> payouts.PayOut:
    day = story.now // 86_400_000_000
    return payouts.PayOut(reference=reference, paid_on=EPOCH + timedelta(days=day), holds=())
