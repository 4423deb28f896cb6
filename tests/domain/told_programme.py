"""A programme, its partners and a clock, for rules told as given, when, then."""

from dataclasses import replace
from datetime import date, datetime

from domain.calendar import instant_from, instant_of, local_date, start_of_day
from domain.ids import (
    Instant,
    PartnerId,
    Position,
    ProgrammeId,
)
from domain.partner import aggregate as partners
from domain.partner.aggregate import (
    EnrolPartner,
    Partner,
    PartnerCommand,
    ReinstatePartner,
    SuspendPartner,
    TerminatePartner,
)
from domain.partner.certification import CertifyPartner
from domain.partner.events import Agreement, PartnerEvent, TerminationCause
from domain.partner.training import TrainingLevel
from domain.programme import aggregate as programmes
from domain.programme.aggregate import Programme, PublishTerms, StartProgramme
from domain.programme.exchange_rates import PublishExchangeRate
from domain.programme.terms import Terms
from domain.recorded import Recorded

EVERYTHING = Agreement(products=("*",), territories=("*",), effective_from=date(2020, 1, 1), ends_on=None)


class ToldProgramme:
    """What has happened so far to the rule book and to partners A to E. Wall-clock times are those of its zone."""

    def __init__(
        self, *, zone: str = "UTC", now: str = "2026-02-20T12:00", terms: Terms | None = None, **settings: object
    ) -> None:
        self.now = Instant(0)
        self.position = Position(0)
        self.partners: dict[PartnerId, Partner] = {}
        self.log: list[Recorded[object]] = []
        """All that happened, in order."""
        start = StartProgramme(
            programme=ProgrammeId("test"),
            time_zone=zone,
            currency="USD",
            sandbox=False,
            clock=None,
            terms=replace(terms or Terms(), **settings),  # type: ignore[arg-type]  # each test names real settings
        )
        self._programme: Programme | None = None
        self._on_programme(start)
        self.at(now)
        for name in "ABCDE":
            self.enrol(name)

    @property
    def programme(self) -> Programme:
        """The rule book."""
        assert self._programme is not None
        return self._programme

    # time

    def at(self, wall_clock: str) -> None:
        """It is that time now."""
        self.now = self.instant(wall_clock)

    def later(self, *, days: int = 0, seconds: int = 0, microseconds: int = 0) -> None:
        """Time goes by (days of 24 hours)."""
        self.now = Instant(self.now + (days * 86_400 + seconds) * 1_000_000 + microseconds)

    def instant(self, text: str) -> Instant:
        """A wall-clock time of the programme, or with a `Z` one in UTC."""
        if text.endswith("Z"):
            return instant_from(text)
        moment = datetime.fromisoformat(text)
        return instant_of(moment.date(), moment.time(), self.programme.zone)

    @property
    def today(self) -> date:
        """The day that it is in the programme's zone."""
        return local_date(self.now, self.programme.zone)

    # the rule book

    def publish(self, *, effective_from: str | None = None, **settings: object) -> None:
        """The rule book changes, from today or from another day on."""
        day = self.today if effective_from is None else date.fromisoformat(effective_from)
        terms = replace(self.programme.terms[-1].terms, **settings)  # type: ignore[arg-type]  # as above
        starts_at = start_of_day(day, self.programme.zone)
        self._on_programme(PublishTerms(effective_from=day, starts_at=starts_at, terms=terms, closed_until=None))

    def publish_rate(self, base: str, rate: str) -> None:
        """Finance publishes today's rate of a currency in US dollars."""
        command = PublishExchangeRate(date=self.today, base=base, quote="USD", rate=rate, replaces=False)
        self._on_programme(command)

    def _on_programme(self, command: programmes.ProgrammeCommand) -> None:
        for event in programmes.decide(self._programme, command):
            self.position = Position(self.position + 1)
            recorded = Recorded(position=self.position, recorded_at=self.now, actor="test", event=event)
            self.log.append(recorded)
            self._programme = programmes.evolve(self._programme, recorded)

    # partners

    def enrol(self, name: str, agreement: Agreement = EVERYTHING) -> None:
        """A partner comes."""
        self._on_partner(
            name,
            EnrolPartner(
                partner=PartnerId(name), name=f"Partner {name}", currency="USD", agreement=agreement, today=self.today
            ),
        )

    def certify(self, name: str, level: TrainingLevel, *, expires: str | None = None) -> None:
        """The partner passes an exam today."""
        expires_on = None if expires is None else date.fromisoformat(expires)
        self._on_partner(
            name,
            CertifyPartner(
                level=level, passed_on=self.today, expires_on=expires_on, certificate=None, today=self.today
            ),
        )

    def suspend(self, name: str) -> None:
        """The partner is suspended now."""
        self._on_partner(name, SuspendPartner(reason="late", now=self.now))

    def reinstate(self, name: str) -> None:
        """The suspension is over."""
        self._on_partner(name, ReinstatePartner(reason="paid", now=self.now))

    def terminate(self, name: str, *, cause: TerminationCause = "other", last_day: str | None = None) -> None:
        """The partner is terminated, at once or with a last day."""
        day = None if last_day is None else date.fromisoformat(last_day)
        ends_at = self.now if day is None else start_of_day(date.fromordinal(day.toordinal() + 1), self.programme.zone)
        self._on_partner(name, TerminatePartner(reason="over", cause=cause, last_day=day, ends_at=ends_at))

    def _on_partner(self, name: str, command: PartnerCommand) -> None:
        partner_id = PartnerId(name)
        for event in partners.decide(self.partners.get(partner_id), command):
            self._record_of_partner(partner_id, event)
            self._follow_partner(partner_id, event)

    def _follow_partner(self, partner: PartnerId, event: PartnerEvent) -> None:
        """What an event of a partner leads to on an account, of which there is none here."""

    def _record_of_partner(self, partner: PartnerId, event: PartnerEvent) -> None:
        self.position = Position(self.position + 1)
        recorded = Recorded(position=self.position, recorded_at=self.now, actor="test", event=event)
        self.log.append(recorded)
        self.partners[partner] = partners.evolve(self.partners.get(partner), recorded)
