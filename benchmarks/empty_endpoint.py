"""The peer of the HTTP benchmark: an endpoint of FastAPI with the same models, loop, parser and garbage settings.

It reads a registration, does nothing, and answers one that was made before it started.
"""

import gc
import sys

import uvicorn
from fastapi import FastAPI

from api.models.registrations import Register, Registered
from service.command_line.http_server import GARBAGE_THRESHOLDS
from service.payloads.base import MoneyIn
from service.payloads.registration import AccountIn, DealIn, RegistrationFields, ShareIn

ANSWER = {
    "id": "reg_0660d265507254c03f17636d",
    "partner": "northwind",
    "status": "approved",
    "account": {"name": "Acme GmbH", "country": "DE", "domain": "acme.example", "crm_id": None, "site": None},
    "products": ["edge"],
    "value": {"amount": "120000.00", "currency": "USD"},
    "expected_close_on": None,
    "engagement": "referral",
    "deal": None,
    "shares": [{"partner": "northwind", "basis_points": 10000}],
    "standing": [
        {
            "product": "edge",
            "rank": 1,
            "holder": True,
            "conflict": None,
            "protection": {"from": "2026-11-21T10:00:00.000000Z", "until": "2026-12-21T10:00:00.000000Z"},
        }
    ],
    "protection": {"from": "2026-11-21T10:00:00.000000Z", "until": "2026-12-21T10:00:00.000000Z"},
    "conflict": None,
    "receipt": {"position": 17, "hash": "9f2c"},
    "position": 18,
    "recorded_at": "2026-11-21T10:00:00.000000Z",
}

# FastAPI hands a model parsed JSON, and a strict model refuses a list where it wants a tuple.
for model in (MoneyIn, DealIn, ShareIn, AccountIn, RegistrationFields, Register):
    model.model_config["strict"] = False
    model.model_rebuild(force=True)

app = FastAPI()
answered = Registered.model_validate(ANSWER)


@app.post("/v1/registrations", status_code=201)
async def register(body: Register) -> Registered:
    """Read the body, and answer what is always answered."""
    del body
    return answered


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
