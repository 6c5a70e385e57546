"""The tables' metadata, and the columns they are made of."""

from sqlalchemy import BigInteger, Column, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def text(
    name: str, *, key: bool = False, null: bool = False, index: bool = False, default: str | None = None
) -> Column[str]:
    """A column of text; JSON stands in such."""
    return Column(name, Text, primary_key=key, nullable=null and not key, index=index, server_default=default)


def whole(name: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    """A column of whole numbers of 64 bits: instants, durations, counts, revisions."""
    given = None if default is None else str(default)
    return Column(name, BigInteger, nullable=null, server_default=given)
