"""The decorators that Flagstone has: of steps, and of flows. Each writes one declaration down."""

from flagstone.dsl import makers
from flagstone.dsl.decorating import FlowDecorator, StepDecorator
from flagstone.model import attempts, declarations, flow_declarations, remote
from flagstone.model.secrets import Secrets

# --- of steps --------------------------------------------------------------------------------------------------

resources = StepDecorator(declarations.Needs)
environment = StepDecorator(makers.environment, declarations.Environment)
secrets = StepDecorator(makers.secrets, Secrets)
card = StepDecorator(declarations.Card)
retry = StepDecorator(makers.retry, attempts.Retry)
catch = StepDecorator(attempts.Catch)
timeout = StepDecorator(attempts.Timeout)
parallel = StepDecorator(declarations.Parallel)
pytorch_parallel = StepDecorator(declarations.PytorchParallel)
kubernetes = StepDecorator(remote.Kubernetes)
batch = StepDecorator(remote.Batch)
conda = StepDecorator(remote.Conda)
pypi = StepDecorator(remote.Pypi)

# --- of flows --------------------------------------------------------------------------------------------------

project = FlowDecorator(flow_declarations.Project)
exit_hook = FlowDecorator(makers.exit_hook, flow_declarations.ExitHook)
schedule = FlowDecorator(flow_declarations.Schedule)
trigger = FlowDecorator(makers.trigger, flow_declarations.Trigger)
trigger_on_finish = FlowDecorator(makers.trigger_on_finish, flow_declarations.TriggerOnFinish)
conda_base = FlowDecorator(remote.CondaBase)
pypi_base = FlowDecorator(remote.PypiBase)
airflow_external_task_sensor = FlowDecorator(flow_declarations.AirflowExternalTaskSensor)
airflow_s3_key_sensor = FlowDecorator(flow_declarations.AirflowS3KeySensor)
