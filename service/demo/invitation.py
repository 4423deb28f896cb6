"""What is printed when the demo goes on serving: where the documentation is, a key for each role, something to try."""

from pathlib import Path
from shlex import quote

from rich.console import Console

from service.demo.caller import SOURCE

EXAMPLES = (
    ("admin", "ADMIN", "/v1/keys", ""),
    ("partner_manager", "MANAGER", "/v1/conflicts?status=closed", ""),
    ("sales", "SALES", "/v1/registrations?expiring_within_days=14", ""),
    ("finance", "FINANCE", "/v1/periods/2026-Q2/close", " -X POST"),
    ("auditor", "AUDITOR", "/v1/audit/replay", " -X POST"),
    ("crm", "CRM", "/v1/priority?domain=globex.example&product=edge", ""),
    ("northwind", "NORTHWIND", "/v1/statements/northwind/2026-Q1", " -H 'Accept: application/pdf' -o statement.pdf"),
)


def invite(console: Console, address: str, keys: dict[str, str], folder: Path, *, kept: bool) -> None:
    """Print it."""
    folder = folder.absolute()
    console.print()
    console.print(f"[bold]It goes on serving at {address} until you press Ctrl-C.[/bold]")
    console.print(f"  The API with its documentation, to read and to try: [bold]{address}/docs[/bold]")
    console.print("  A key for each role, and something that it may ask:")
    console.print()
    for who, name, path, more in EXAMPLES:
        said = f"the partner {who}" if who == "northwind" else who
        lines = (
            f"# {said}",
            f"{name}={keys[who]}",
            f"curl -s -H \"Authorization: Bearer ${name}\" '{address}{path}'{more}",
        )
        for line in lines:
            console.print(f"  {line}", soft_wrap=True, markup=False)
    console.print()
    console.print("  Speak for the CRM, with its signature:")
    data = '\'{"deal_id": "D-1", "value": {"amount": "125000.00", "currency": "USD"}}\''
    command = f"FIRSTCLAIM_DATA_DIR={quote(str(folder))} ./run send {SOURCE} deal.value_changed {data} --url {address}"
    console.print(f"  {command}", soft_wrap=True, markup=False)
    console.print()
    where = f"The database is in {folder}"
    console.print(f"  {where}." if kept else f"  {where}, which goes when the demo ends.", soft_wrap=True)
