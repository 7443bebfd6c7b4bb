"""What this room finds by name: step decorators, built in or installed, and what only some flows need."""

GROUP = "flagstone.decorators"

KNOWN: dict[str, str] = {
    "resources": "flagstone.dsl.decorators:resources",
}

RICH_KIND = "flagstone.dsl.rich_kinds:rich_kind"
CHOICE = "flagstone.dsl.rich_kinds:choice_of"
SETTLE = "flagstone.dsl.configuring:settle"
