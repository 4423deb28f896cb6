"""The peer of the HTTP benchmark: an endpoint of FastAPI with the same models, loop, parser and garbage settings.

It reads a registration, does nothing, and answers one that was made before it started.
"""

import gc
import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.models.registrations import Register, Registered
from service.command_line.http_server import GARBAGE_THRESHOLDS
from service.payloads.base import MoneyIn
from service.payloads.registration import AccountIn, DealIn, RegistrationFields, ShareIn

EXAMPLES = Path(__file__).parents[1] / "openapi" / "examples" / "04-registrations.json"
ANSWER = next(
    example["response"]["body"] for example in json.loads(EXAMPLES.read_text()) if example["operation"] == "register"
)
"""What the contract shows as the answer to a registration that is first."""

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
