"""Tables, their history and the writers of the store."""
