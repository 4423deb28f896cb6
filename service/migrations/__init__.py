"""The schema's history: `versions/` holds one module for every step, applied by `firstclaim migrate` in order.

While nothing is released, the first step is written anew from the tables that the modules declare:

    python -m service.migrations

After a release no step is ever edited. A change of tables gets a step of its own, drafted by

    python -m service.migrations "what changes"

and then read and completed by a person. A step must leave the schema usable by the release before it, so that servers
can be replaced one by one. Tests build a database in both ways, by the steps and from the declared tables, and fail
where the two differ.
"""
