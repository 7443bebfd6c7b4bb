"""What can go wrong, as a small tree of records: a headline, what happened, where, and what to do next.

Three branches: `UserError` (the user's flow or input), `SetupError` (the machine, the home, a missing extra) and
`InternalError` (our bug). A class's docstring is its headline; `template` and `remedy` are formatted with the
fields that the error was raised with, so a message can never lack its data.
"""

from flagstone.model import error_kinds

Location = error_kinds.Location
FlagstoneError = error_kinds.FlagstoneError
UserError = error_kinds.UserError
SetupError = error_kinds.SetupError
InternalError = error_kinds.InternalError
StoreUnavailable = error_kinds.StoreUnavailable
StoreRefused = error_kinds.StoreRefused

# --- the flow's source -----------------------------------------------------------------------------------------


class InvalidFlow(UserError):
    """The flow's definition is not right."""

    template = "{problem}"


class InvalidGraph(InvalidFlow):
    """The flow's graph is not right."""

    exit_status = 2


class InvalidName(InvalidFlow):
    """This name is taken or not allowed."""


class InvalidDeclaration(InvalidFlow):
    """A decorator is not used right."""


class MutatorFailed(InvalidFlow):
    """A mutator fails."""

    template = "{mutator}.{hook} raised {error}"
    remedy = "mend the mutator, or take it off the flow"


class InvalidDecoratorAttribute(InvalidDeclaration):
    """A decorator is given what it does not take."""


class BadStepDecoratorException(InvalidDeclaration):
    """A decorator of steps stands where no step is."""


class BadFlowDecoratorException(InvalidDeclaration):
    """A decorator of flows stands where no flow is."""


class DuplicateStepDecoratorException(InvalidDeclaration):
    """A step has a decorator twice."""


class DuplicateFlowDecoratorException(InvalidDeclaration):
    """A flow has a decorator twice."""


class UnknownStepDecoratorException(InvalidDeclaration):
    """There is no such decorator."""


class InvalidProject(UserError):
    """The project's branch is not right."""

    template = "{problem}"
    exit_status = 2


class InvalidTrigger(UserError):
    """This run cannot have started the flow."""

    template = "--trigger {name}: {problem}"
    exit_status = 2


class SecretUnavailable(UserError):
    """A secret cannot be had."""

    template = "the secret {source}: {problem}"


class ModuleFailed(UserError):
    """The flow's file fails when it is imported."""

    template = "{file} raised {error} when it was imported"
    remedy = "run `python {file}` by itself to see it fail, mend it, and run again"


class NoFlow(UserError):
    """There is no flow in this file."""

    template = "{file} {problem}"
    remedy = "a flow is a class that derives from FlowSpec; end the file with `if __name__ == '__main__': MyFlow()`"


# --- parameters and other input -------------------------------------------------------------------------------


class InvalidParameter(UserError):
    """A parameter's value is not right."""

    template = "parameter {name!r}: {problem}"
    exit_status = 2


class InvalidConfig(UserError):
    """A config is not right."""

    template = "{name}: {problem}"
    exit_status = 2


class TooEarly(InvalidConfig, TypeError):
    """The value of a config is not known yet."""

    template = "{expression} is known when the flow starts, not while its class is being defined"
    remedy = (
        "pass it on as it is to a decorator or a Parameter, or compute with it inside config_expr(...), "
        'as in config_expr("cfg.epochs * 2")'
    )


class InvalidPathspec(UserError):
    """A pathspec is not right."""

    template = "{text!r} is not a pathspec: {problem}"
    remedy = "write Flow, Flow/run, Flow/run/step, Flow/run/step/task or Flow/run/step/task/artifact"
    exit_status = 2


class UnknownStep(UserError):
    """There is no such step."""

    template = "{flow} has no step called {step!r}"
    remedy = "its steps are {steps}"
    exit_status = 2


class InvalidTag(UserError):
    """A tag is not right."""

    template = "tag {tag!r}: {problem}"
    exit_status = 2


# --- a step while it runs --------------------------------------------------------------------------------------


class InvalidNextException(UserError):
    """A step's self.next is not right."""

    template = "{problem}"


class InvalidForeach(InvalidNextException):
    """A step's foreach cannot be expanded."""


class ReadOnly(UserError, AttributeError):
    """This attribute cannot be assigned in a step."""

    template = "{flow}.{name} {problem}"


class NoSuchArtifact(UserError, AttributeError):
    """There is no such artifact."""

    template = "{owner} has no attribute {name!r}"


class WrongType(UserError, TypeError):
    """An artifact is not of its declared type."""

    template = "self.{name} is declared as {declared}, and step {step!r} leaves {actual}"
    remedy = "assign what is declared, or change the annotation; `check_types = false` in the settings stops checking"


class UnpicklableArtifactException(UserError):
    """An artifact cannot be persisted."""

    template = "self.{name} cannot be persisted: {problem}"
    remedy = "keep what can be rebuilt out of self (use a local variable), or store what it is made from"


class MergeError(UserError):
    """merge_artifacts is not used right."""

    template = "{problem}"


class UnhandledInMergeArtifactsException(MergeError):
    """Artifacts differ between the branches that meet here."""

    template = "{names} differ between the inputs, so nothing was merged"
    remedy = "assign each of them before merge_artifacts, or name it in exclude="

    @property
    def artifact_names(self) -> list[str]:
        """The artifacts that differ."""
        return list(self.fields["artifacts"])


class MissingInMergeArtifactsException(MergeError):
    """merge_artifacts was asked for artifacts that no input has."""

    template = "no input has {names}"

    @property
    def artifact_names(self) -> list[str]:
        """The artifacts that are missing."""
        return list(self.fields["artifacts"])


class MulticoreException(UserError):
    """A call of parallel_map failed."""


class NotHere(UserError):
    """This part of the shared vocabulary has nothing behind it here."""

    template = "{what} {problem}"
    exit_status = 2


# --- a run ------------------------------------------------------------------------------------------------------


class ImpossibleResources(UserError):
    """A step asks for more than this machine has."""

    template = "step {step!r} asks for {asked}, and this machine has {have}"
    remedy = "lower it in @resources, or run this step on a back end that has it"
    exit_status = 2


class TooManySplits(UserError):
    """A foreach is larger than the guard allows."""

    template = "foreach {variable!r} in step {step!r} has {count:,} elements, and the guard stands at {limit:,}"
    remedy = "if that is meant, run again with --max-num-splits {count}"


class NotStarted(UserError):
    """The run did not start."""

    template = "{problem}"


class RunFailed(UserError):
    """The run did not succeed."""

    template = "{run} {state}{reason}"

    @property
    def pathspec(self) -> str:
        """The run, as in `Flow/7`."""
        return str(self.fields["run"])


class NothingToResume(UserError):
    """There is nothing to resume."""

    template = "{problem}"
    exit_status = 2


class CannotSpin(UserError):
    """This step cannot be run on its own."""

    template = "step {step!r}: {problem}"
    exit_status = 2


class NoTerminal(UserError):
    """There is no terminal to talk with a person."""

    template = "{what} needs a terminal, and this run has none"
    remedy = "start it in a terminal, or look at a task when it is over with `flagstone debug`"


class StoppedByPerson(UserError):
    """The task was ended at the debugger's prompt."""

    template = "{what} was ended at the debugger's prompt"
    remedy = "`c` goes on with the task, `q` ends it"


# --- reading ----------------------------------------------------------------------------------------------------


class NotFound(UserError):
    """There is no such thing here."""

    template = "{what} does not exist{place}"


class NamespaceMismatch(UserError):
    """This is not in your namespace."""

    template = "{what} is not in the namespace {namespace!r}"
    remedy = "call namespace(None) to see everything, or namespace({owner!r}) for this one"


class UnreadableArtifact(UserError):
    """An artifact cannot be read here."""

    template = "{what} cannot be read: {problem}"


class UnreadableFile(UserError):
    """A file cannot be read."""

    template = "{path}: {problem}"


# --- the set-up -------------------------------------------------------------------------------------------------


class UnusableHome(SetupError):
    """The home directory cannot be used."""

    template = "{path}: {problem}"
    remedy = "set FLAGSTONE_HOME to a directory of yours with room, or mend the permissions of this one"


class NewerFormat(SetupError):
    """This home was written by a newer Flagstone."""

    template = "{path} has format {found}, and this version reads up to {known}"
    remedy = "pip install --upgrade flagstone"


class StorageFull(SetupError):
    """There is no space left."""

    template = "no space left while writing {what}"
    remedy = "make room on that disk and resume: nothing that was finished is lost"


class CorruptBlob(SetupError):
    """Stored data is damaged."""

    template = "{what}: blob {digest} {problem}"
    remedy = "run `flagstone doctor` to see what else is affected"


class CorruptDatabase(SetupError):
    """The database is damaged."""

    template = "{path}: {problem}"
    remedy = (
        "run `flagstone doctor`; a copy of the home from before restores the records, and no artifact is lost by it"
    )


class InvalidSetting(SetupError):
    """A setting is not right."""

    template = "{setting} = {value!r}: {problem} (from {source})"


class MissingExtra(SetupError):
    """A package is missing."""

    template = "{what} needs the package {package!r}"
    remedy = "pip install {package}"


class WriteConflict(SetupError):
    """Someone else holds what this needs."""

    template = "{what}: {problem}"
