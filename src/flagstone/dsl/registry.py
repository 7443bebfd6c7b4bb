"""What this room finds by name: decorators, built in or installed, and what only some flows need."""

GROUP = "flagstone.decorators"

_STEPS = "resources environment secrets card retry catch timeout parallel pytorch_parallel kubernetes batch conda pypi"
_FLOWS = (
    "project exit_hook schedule trigger trigger_on_finish conda_base pypi_base airflow_external_task_sensor"
    " airflow_s3_key_sensor"
)

KNOWN: dict[str, str] = {name: f"flagstone.dsl.decorators:{name}" for name in _STEPS.split()}
OF_FLOWS: dict[str, str] = {name: f"flagstone.dsl.decorators:{name}" for name in _FLOWS.split()}

RICH_KIND = "flagstone.dsl.rich_kinds:rich_kind"
CHOICE = "flagstone.dsl.rich_kinds:choice_of"
SETTLE = "flagstone.dsl.configuring:settle"
