"""A programme's half year with everything in it that an audit must be able to tell, through the service's commands.

Registrations by five partners, a clash decided either way, a lapse with its promotion, wins, a backdated win, refunds,
two closed quarters with a prior-period adjustment in the second, and an acknowledgement.
"""

from dataclasses import replace
from datetime import date

from domain.conflict_case.commands import DecideCase, InvestigateCase, MediateCase
from domain.conflict_case.events import Finding, Outcome
from domain.ids import CaseId
from domain.programme.exchange_rates import PublishExchangeRate
from domain.programme.terms import Terms
from projections.runner import Runner
from service.assembly import following_projections
from service.commands.conflicts import TakeStep
from service.commands.programme import PublishRate, PublishTermsVersion
from service.commands.registering import fresh_token
from service.database import Database
from service.event_names import EVENT_TYPES
from service.log_source import LogSource, transactions
from tests.projections.story import PROGRAMME, Story, begin

__all__ = ["PROGRAMME", "Story", "followed", "told"]


async def told(database: Database) -> Story:
    """The history, with every view brought to its end. The service is left open."""
    story = await begin(database, seed=7)
    await _first_quarter(story)
    await _second_quarter(story)
    await story.leave_something_open()
    await followed(story)
    return story


async def followed(story: Story) -> None:
    """Bring the following views to the end of the log."""
    ways = transactions(story.service.engine)
    runner = Runner(PROGRAMME, following_projections(), LogSource(EVENT_TYPES), ways)
    await runner.catch_up(story.position)


async def _first_quarter(story: Story) -> None:
    await story.register("northwind", "Acme", "80000.00", "USD", ["edge"])
    await story.register("contoso", "Acme", "70000.00", "USD", ["edge"])
    await story.register("fabrikam", "Acme", "60000.00", "USD", ["edge", "core"])
    await story.register("tailspin", "Umbrella", "120000.00", "USD", ["core"])
    await story.register("wingtip", "Initech", "50000.00", "EUR", ["mesh"])
    await story.register("contoso", "Initech", "40000.00", "EUR", ["mesh"])
    rate = PublishExchangeRate(date=date(2026, 1, 5), base="EUR", quote="USD", rate="1.10", replaces=True)
    assert await story.submit(PublishRate(actor="test", command=rate))
    await story.report("deal.won", deal_id="D-1", won_on="2026-01-05")
    await _decided(story, story.cases[0], "uphold")
    await _decided(story, story.cases[-1], "reassign")
    await story.move_clock(12)
    await story.report("deal.value_changed", deal_id="D-4", value={"amount": "150000.00", "currency": "USD"})
    await story.report("deal.won", deal_id="D-4", won_on="2026-01-16")
    await story.move_clock(40)
    await story.register("northwind", "Globex", "90000.00", "USD", ["edge"])
    await story.register("wingtip", "Globex", "95000.00", "USD", ["edge"])
    await story.move_clock(33)
    await story.close("2026-Q1")


async def _second_quarter(story: Story) -> None:
    await story.report("deal.won", deal_id="D-8", won_on="2026-04-02")
    late = {"amount": "30000.00", "currency": "USD"}
    await story.report("deal.refunded", deal_id="D-4", refund_id="R-1", amount=late, refunded_on="2026-04-02")
    await story.register("tailspin", "Hooli", "333333.33", "USD", ["edge"])
    await story.report("deal.won", deal_id="D-9", won_on="2026-04-03")

    def merge(terms: Terms, _currency: str) -> Terms:
        return replace(terms, protection_days=45)

    await story.submit(PublishTermsVersion(actor="test", effective_from=date(2026, 7, 1), merge=merge))
    for _ in range(60):
        await story.step()
    await story.move_clock(95)
    await story.close("2026-Q2")
    assert {"2026-Q1", "2026-Q2"} <= set(story.closed), story.closed


async def _decided(story: Story, case: CaseId, outcome: Outcome) -> None:
    for command in (
        InvestigateCase(findings=(Finding(party="sales", fact="met them first", evidence=None),)),
        MediateCase(summary=None, skipped="no need"),
        DecideCase(outcome=outcome, rule="§3.4", reason="it was so"),
    ):
        assert await story.submit(TakeStep(actor="test", case=case, command=command, token=fresh_token()))
