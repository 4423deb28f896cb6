"""Bank accounts, which stand beside the log (api.md, Statements and periods; log.md, personal data)."""

from tests.support.api import Sandbox

PATH = "/v1/partners/northwind/bank-account"
ACCOUNT = {"holder": "Northwind Ltd", "iban": "DE89 3704 0044 0532 0130 00", "bic": "cobadeffxxx"}


def test_finance_states_reads_and_erases_a_partners_account_and_no_event_holds_it(sandbox: Sandbox) -> None:
    finance, head = sandbox.by("finance"), sandbox.position()
    assert finance.refused("GET", PATH) == (404, "NOT_FOUND")
    stated = finance.put(PATH, ACCOUNT)
    assert (stated["iban"], stated["bic"], stated["position"]) == ("DE89370400440532013000", "COBADEFFXXX", None)
    assert finance.get(PATH) == {"holder": "Northwind Ltd", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
    finance.put(PATH, ACCOUNT | {"iban": "NL91 ABNA 0417 1643 00", "bic": None})
    assert finance.get(PATH)["iban"] == "NL91ABNA0417164300"
    assert finance.ask("DELETE", PATH).is_success
    assert finance.refused("DELETE", PATH) == (404, "NOT_FOUND")
    assert sandbox.position() == head


def test_a_wrong_account_number_is_refused_and_nobody_but_finance_states_one(sandbox: Sandbox) -> None:
    finance = sandbox.by("finance")
    for wrong in (
        {"iban": "DE88370400440532013000"},
        {"iban": "DE8937040044053201300"},
        {"bic": "COBA"},
        {"holder": " "},
    ):
        assert finance.refused("PUT", PATH, ACCOUNT | wrong) == (422, "MALFORMED")
    assert finance.refused("PUT", "/v1/partners/nobody/bank-account", ACCOUNT) == (404, "NOT_FOUND")
    for role in ("sales", "partner_manager", "auditor"):
        assert sandbox.by(role).refused("GET", PATH) == (403, "FORBIDDEN")
    assert sandbox.by("partner", "northwind").refused("PUT", PATH, ACCOUNT) == (403, "FORBIDDEN")
    finance.put("/v1/programme/bank-account", ACCOUNT)
    assert finance.get("/v1/programme/bank-account")["holder"] == "Northwind Ltd"
    assert finance.refused("GET", PATH) == (404, "NOT_FOUND")
