"""`projections` shows how the views stand, and rebuilds one of them from the log beside the live one."""

from collections.abc import Sequence

from domain.ids import ProgrammeId
from projections.comparison import Difference
from projections.metadata import metadata
from projections.projection import Projection, live_generation
from projections.rebuild import Rebuild, RebuildSuperseded, RebuildUnsettled, connected, followers_lock
from service.command_line.failed import DONE, Failed, wrong_use
from service.command_line.opened import opened_service, programme_meant, programmes_in
from service.command_line.parsing import Options, Parser, Subcommands, add_command, add_programme
from service.command_line.progress import progress
from service.counted import counted
from service.database import read, write
from service.log_source import LogSource, head_lock, transactions
from service.running import Service
from service.settings import Settings


def add_to(commands: Subcommands) -> None:
    """Declare `projections` and what it does; alone it lists."""
    parser = add_command(commands, "projections", show, "list the views, or rebuild one from the log")
    add_programme(parser)
    actions = parser.add_subparsers(metavar="ACTION", parser_class=Parser)
    add_command(actions, "list", show, "list the views and how far each has seen the log")
    rebuilding = add_command(
        actions, "rebuild", rebuild, "make a view anew from position 1, compare it, put it in place"
    )
    rebuilding.add_argument("name", metavar="NAME", help="the view; those that it reads or that read it go with it")


async def show(settings: Settings, options: Options) -> int:
    """List the views."""
    async with opened_service(settings) as service:
        every = await programmes_in(service.engine)
        for programme in (
            every if options.programme is None else [await programme_meant(service.engine, options.programme)]
        ):
            for name, projection in service.projections.items():
                print(f"{programme:<16} {name:<16} {await standing(service, programme, projection)}")
    return DONE


async def standing(service: Service, programme: ProgrammeId, projection: Projection) -> str:
    """How one view of a programme stands."""
    async with read(service.engine) as connection:
        generation = await live_generation(connection, programme, projection.name)
    if projection.inline:
        return f"generation {generation}, written with each event"
    view = (await service.views.health(programme))[projection.name]
    behind = "up to date" if view.lag == 0 else f"{counted(view.lag, 'event')} behind"
    parked = f", {counted(view.parked, 'key')} parked" if view.parked else ""
    return f"generation {generation}, at position {view.position}, {behind}{parked}"


async def rebuild(settings: Settings, options: Options) -> int:
    """Rebuild one view with those it is connected to."""
    async with opened_service(settings) as service:
        chosen = service.projections.get(options.name)
        if chosen is None:
            raise wrong_use(f"there is no view {options.name!r}, but {', '.join(service.projections)}")
        programme = await programme_meant(service.engine, options.programme)
        group = connected([one for one in service.projections.values() if one.inline == chosen.inline], chosen.name)
        names = ", ".join(projection.name for projection in group)
        await make_what_was_dropped(service, group)
        with progress(f"Rebuilding {names}") as moved:
            work = Rebuild(
                programme=programme,
                group=group,
                source=LogSource(service.types),
                transactions=transactions(service.engine),
                final_lock=head_lock(programme) if chosen.inline else followers_lock(programme, group),
                progress=moved,
            )
            try:
                outcome = await work.switch()
            except (RebuildSuperseded, RebuildUnsettled) as error:
                raise Failed(f"{names}: nothing was put in place, since {error}") from None
    found = "equal to what was live" if outcome.difference is None else differing(outcome.difference)
    print(f"{names} of {programme}: rebuilt up to position {outcome.position}, {found}; now live.")
    return DONE


async def make_what_was_dropped(service: Service, group: Sequence[Projection]) -> None:
    """Make the tables of views that are gone, empty: a view is never the only place of anything."""
    tables = [table for projection in group for table in projection.tables]
    async with write(service.engine) as connection:
        await connection.run_sync(metadata.create_all, tables=tables, checkfirst=True)


def differing(difference: Difference) -> str:
    """What a rebuild found first that was not as the log says."""
    key = ", ".join(f"{name} {value}" for name, value in difference.key.items())
    return f"unlike what was live in {difference.table} ({key}): {dict(difference.found or {})} was there"
