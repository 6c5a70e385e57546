"""One function for each gesture, run against replica and outbox in one transaction."""
