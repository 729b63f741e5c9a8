"""The database's history, one dated file a step, run by `server.migrate`."""
