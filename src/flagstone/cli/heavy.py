"""What is too heavy for `--help`: functions that load the engine or the settings, imported when they are called for."""

from typing import Any

from flagstone.kit import late

HEAVY = {
    "run": "flagstone.cli.launching:run",
    "resume": "flagstone.cli.launching:resume",
    "spin": "flagstone.cli.spinning:spin",
    "watchers": "flagstone.cli.launching:watchers",
    "driven": "flagstone.cli.driven:answering",
    "debug_prompt": "flagstone.cli.debugging:prompt",
    "debug_again": "flagstone.cli.debugging:again",
    "debug_notebook": "flagstone.cli.notebook:write",
    "attach": "flagstone.cli.attach:attach",
    "run_options": "flagstone.app.options:RunOptions",
    "resume_options": "flagstone.app.options:ResumeOptions",
    "spin_options": "flagstone.app.options:SpinOptions",
    "json": "msgspec.json:encode",
    "indent": "msgspec.json:format",
    "offer_configs": "flagstone.app.configuring:offer",
    "settle_as_origin": "flagstone.app.origin:settle_as_origin",
    "settings": "flagstone.app.settings:load",
    "read_plan": "flagstone.dsl.reading:read_plan",
    "suggest": "flagstone.cli.suggesting:suggest",
    "crash": "flagstone.cli.crash:save",
}


def heavy(name: str) -> Any:
    """One of these functions. Raises KeyError for a name that is not here."""
    return late.load(HEAVY[name])
