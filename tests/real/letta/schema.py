"""Makes Letta's tables: the package comes without its migrations. The database's address is in
LETTA_PG_URI, as for the server."""

import os

import letta.orm
from sqlalchemy import create_engine, text

# pg8000 knows no sslmode.
uri = os.environ["LETTA_PG_URI"].split("?")[0].replace("postgresql://", "postgresql+pg8000://")
engine = create_engine(uri)
with engine.begin() as connection:
    connection.execute(text("CREATE EXTENSION vector"))
letta.orm.Base.metadata.create_all(engine)
with engine.begin() as connection:
    # The models do not say that the server counts messages: without these, no agent can be made.
    connection.execute(text("CREATE SEQUENCE message_seq_id"))
    connection.execute(
        text("ALTER TABLE messages ALTER COLUMN sequence_id SET DEFAULT nextval('message_seq_id')")
    )
