"""How each address is restricted: the list that the tests hold the program to.

`tickets: …` answers ticket content and is searched for canaries; `own: …` what is the caller's alone; `all: …` what
everybody who signed in may know; `open: …` what needs no sign-in; `hint: …` that something moved, nothing of what.
"""

RESTRICTED: dict[str, str] = {
    "get /v1/health": "open: whether the server works",
    "get /v1/openapi.json": "open: the description",
    "post /v1/sign-in": "open: the caller's own tokens for a password",
    "post /v1/refresh": "open: the caller's own tokens for a token",
    "post /v1/sign-out": "own: tokens",
    "post /v1/devices/register": "own: a device",
    "put /v1/devices/{device}/key": "own: the device's key",
    "get /v1/devices/{device}/key": "own: the device's key",
    "post /v1/sync/push": "tickets: verdicts tell values only in classes that are shown",
    "post /v1/sync/pull": "tickets: shown_classes row by row",
    "post /v1/sync/tickets": "tickets: shown_classes row by row",
    "post /v1/sync/backfill": "tickets: the predicate, then shown_classes row by row",
    "post /v1/sync/digest": "tickets: the predicate",
    "post /v1/sync/snapshot": "tickets: may_take, for those alone who see everything",
    "get /v1/sync/snapshot/{id}/{number}": "tickets: may_take, for those alone who see everything",
    "post /v1/sync/recover": "tickets: says what is missing of what the caller names",
    "get /v1/sync/poke": "hint: the feed's head",
    "post /v1/explain": "tickets: access to the ticket, rules and messages with the internal class alone",
    "post /v1/tickets/search": "tickets: the predicate, then words by class",
    "put /v1/text-modules/{id}": "own: a text module",
    "delete /v1/text-modules/{id}": "own: a text module",
    "post /v1/customers/search": "tickets: places where the caller may create, the predicate, values by class",
    "post /v1/customers": "own: an integration's, by its token",
    "post /v1/orders": "own: an integration's, by its token",
    "get /v1/attachments": "all: limits",
    "post /v1/attachments/{hash}": "own: an upload",
    "put /v1/attachments/{hash}/{offset}": "own: an upload",
    "get /v1/attachments/{hash}": "tickets: by ticket and class of the reference",
    "get /v1/reports/overview": "tickets: the predicate, counts only",
    "get /v1/reports/cases": "tickets: the predicate, counts, ordinary fields only",
    "get /v1/reports/tickets": "tickets: the predicate, ordinary columns only",
}
