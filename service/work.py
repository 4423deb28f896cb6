"""What the appender is given to do, and what it gives back: the vocabulary between the commands and the log.

A command handler wraps each command in a `Work` and submits it. The appender runs many works in one transaction
(see `service/appender.py`); each work sees the programme through an `Attempt` (see `service/attempt.py`) and returns
an `Answer`, which its caller gets only after the commit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.changed import quickly_made
from domain.ids import Instant, ProgrammeId
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections.changes import Delete, Upsert
from service.causes import Cause, cause_of_delivery, cause_of_request, cause_of_timer

if TYPE_CHECKING:
    from service.attempt import Attempt

__all__ = [
    "SO_FAR",
    "Answer",
    "Cause",
    "Clock",
    "DeliveryOutcome",
    "DeliveryRef",
    "DeliveryRow",
    "KeyInUse",
    "KeyReused",
    "Known",
    "NotLoaded",
    "RequestKey",
    "SideRow",
    "StateKey",
    "StateLoader",
    "Unavailable",
    "Work",
    "WorkFailed",
    "cause_of_delivery",
    "cause_of_request",
    "cause_of_timer",
    "stream_key",
]

StateKey = tuple[str, ...]
"""The name of one state that decisions read: `("programme",)`, `("partner", id)`, `("account", id)`, …

The kind `"stream"` is the appender's own: `("stream", name)` is the version that the stream's last event has, None
for no event. Every other kind belongs to the `StateLoader`.
"""

SO_FAR: StateKey = ("so far",)
"""Among what a work needs: what it named up to here is loaded before it is asked what else it needs."""

Known = Callable[[StateKey], object]
"""Gives the state of a key as the batch sees it now (None: known not to exist), or raises `NotLoaded`."""

SideRow = Upsert | Delete
"""A row beside the log, written in the same transaction."""


def stream_key(stream: str) -> StateKey:
    """The state key of a stream's version. A work whose `needs` names it spares itself a second run."""
    return ("stream", stream)


class RequestKey(NamedTuple):
    """What makes a repeated API call the same call: the API key that sends it, its `Idempotency-Key` and its hash.

    `request_hash` is the SHA-256 of method, path, query and body.
    """

    api_key_id: str
    idempotency_key: str
    request_hash: bytes


class DeliveryRef(NamedTuple):
    """What makes a webhook's delivery the same delivery: its source, its id there, and the SHA-256 of its raw body."""

    source: str
    delivery_id: str
    body_hash: bytes


DeliveryOutcome = Literal["applied", "ignored", "refused", "parked"]
"""What became of a delivery (api.md, Webhooks in). `duplicate` is not here: a repeat stores nothing of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One webhook's delivery as `record_deliveries` keeps it.

    `headers` and `errors` are JSON text; credentials are removed from the headers before they come here. `body` is
    None once it has been erased. `waits_for` says what a parked delivery waits for (None otherwise). `answer` is the
    JSON that was answered, and is what a repeat gets but for its `outcome`.
    """

    source: str
    delivery_id: str
    received_at: Instant
    body: bytes | None
    body_hash: bytes
    headers: str
    outcome: DeliveryOutcome
    reason: str | None = None
    errors: str | None = None
    position: int | None = None
    waits_for: str | None = None
    registration: str | None = None
    answer: bytes = b""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a work answers its caller, given out only after the commit.

    `body` is the JSON as it will be sent, `created` makes it 201 instead of 200. `position` and `recorded_at` are
    those of the last event that the work wrote (None: it wrote none). When the work has a `request`, the answer is
    stored in the same transaction; an answer with `secret` is stored without its body and its repeat is refused with
    `SECRET_SHOWN_ONCE`. An answer with a `refusal` is a no that is kept: what the attempt wrote is committed, and
    then the caller gets the refusal instead of the body (no such answer is stored for a repeat).
    """

    body: bytes
    position: int | None = None
    recorded_at: Instant | None = None
    created: bool = False
    replayed: bool = False
    secret: bool = False
    refusal: Refusal | None = None


class Work:
    """One command on its way into the log. Subclasses give `actor` and `run`, and whatever else they need.

    A work may be run several times (a lost race, a neighbour's failure, a state that was not loaded): `run` depends on
    the attempt and on the work's own frozen content alone. Ids that it hands out are made before it is submitted.
    """

    actor: str
    """Who did it, as it stands in the log: an API key's id, a source, `service`."""
    cause: Cause | None = None
    request: RequestKey | None = None
    """Set: a repeat of the same request gets the stored answer, and another request under this key `KeyReused`."""
    delivery: DeliveryRef | None = None
    """Set: the attempt's `found_delivery` says whether this delivery is stored already."""
    exclusive: bool = False
    """True: this work is alone in its batch, under the head lock from the start, and may query in `prepare`."""
    size_bytes: int = 1024
    """About how much this work holds in memory; batches and the queue are bounded by the sum."""

    def needs(self, known: Known) -> Iterable[StateKey]:
        """Names the states that `run` will ask for, so that a whole batch loads them in one trip.

        May be a generator that reads what is loaded by `known(key)`: where that raises `NotLoaded`, the key is loaded
        and `needs` asked again from its beginning, which a `SO_FAR` before it spares. Naming too few costs a second
        run, naming too many a wasted load; nothing else.
        """
        del known
        return ()

    async def prepare(self, connection: AsyncConnection, attempt: "Attempt") -> None:
        """Reads what an exclusive work needs, under the head lock, before `run`. Never called for other works."""

    def run(self, attempt: "Attempt") -> Answer:
        """Decides: reads states from the attempt, records events and puts new states, and answers.

        Raises `Refusal`, or `Unavailable` when it cannot be decided now (nothing of this work is kept; its neighbours
        go on). `NotLoaded` from the attempt passes through: the appender loads and runs the work again. Anything else
        is a bug and fails this work alone.
        """
        raise NotImplementedError


class StateLoader(Protocol):
    """Knows the states that decisions read: where they are loaded from. Works write the rows that keep them."""

    unlogged: Sequence[StateKey]
    """The keys whose state others may change without recording an event: only the head's revision tells (a rebuild)."""

    async def load(
        self, connection: AsyncConnection, programme: ProgrammeId, keys: Sequence[StateKey], known: Known
    ) -> Mapping[StateKey, object]:
        """The committed states of `keys`, in one query for each kind of key. Keys left out do not exist (None).

        `known` gives what is loaded already, such as which generation of a view is live.
        """

    def touched(self, stream: str, recorded: Recorded[object]) -> Iterable[StateKey]:
        """The keys whose state an event, written by another process, may have changed: they leave the cache."""

    def size(self, key: StateKey, state: object) -> int:
        """About how many bytes a cached state occupies."""


class Clock(Protocol):
    """What time it is for a programme. `needs` are the states that it reads, loaded before each batch."""

    needs: Sequence[StateKey]

    def now(self, known: Known) -> Instant:
        """The time of the programme: the host's, or a sandbox's own."""

    def follows_host(self, known: Known) -> bool:
        """False in a sandbox, whose clock is not compared with the database host's."""


class NotLoaded(Exception):
    """A state was asked for that the batch has not loaded. The appender loads `keys` and runs the work again."""

    def __init__(self, *keys: StateKey) -> None:
        super().__init__(*keys)
        self.keys = keys


class Unavailable(Exception):
    """The log cannot take this now; try again after `retry_after_seconds`. `reason` is for a person.

    The outcome of the work may be unknown to the caller (a lost connection to the database around the commit, past
    the bounded look-up): repeating it under its idempotency key or delivery id is always safe.
    """

    def __init__(self, reason: str, retry_after_seconds: int = 1) -> None:
        super().__init__(reason, retry_after_seconds)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class KeyReused(Exception):
    """Another request was answered under this idempotency key (422 `IDEMPOTENCY_KEY_REUSED`)."""


class KeyInUse(Exception):
    """A request under this idempotency key has been in flight past the wait limit (409 `IDEMPOTENCY_KEY_IN_USE`)."""


class WorkFailed(Exception):
    """A bug: this work failed unexpectedly and nothing of it was stored (500). The log of the process has the trace."""
