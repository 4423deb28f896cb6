"""The one catalogue of tables: what the record, the views and the access lists are made of.

Every module that owns a table declares it on `metadata`; the migrations and the tests compare a real database with it.
The naming convention gives every key, index and check a name that is the same on SQLite and on PostgreSQL, so that
a migration can speak of it.
"""

from typing import Final

from sqlalchemy import MetaData

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
