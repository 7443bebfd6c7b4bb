"""Step decorators by name: built in, or installed under the entry-point group `flagstone.decorators`."""

GROUP = "flagstone.decorators"

KNOWN: dict[str, str] = {
    "resources": "flagstone.dsl.decorators:resources",
}
