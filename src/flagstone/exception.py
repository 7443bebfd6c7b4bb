"""Every exception of Metaflow under its name: where we raise such a thing, the name is that of our own class."""

from flagstone.dsl.caught import CaughtException, TimeoutException
from flagstone.model.errors import (
    BadFlowDecoratorException,
    BadStepDecoratorException,
    CorruptBlob,
    DuplicateFlowDecoratorException,
    DuplicateStepDecoratorException,
    FlagstoneError,
    InternalError,
    InvalidDeclaration,
    InvalidDecoratorAttribute,
    InvalidGraph,
    InvalidNextException,
    InvalidParameter,
    InvalidPathspec,
    InvalidTag,
    MissingInMergeArtifactsException,
    MulticoreException,
    NamespaceMismatch,
    NotFound,
    SetupError,
    UnhandledInMergeArtifactsException,
    UnknownStepDecoratorException,
    UnpicklableArtifactException,
    UnreadableArtifact,
    UserError,
)

# --- what we raise ourselves ---------------------------------------------------------------------------------------

MetaflowException = FlagstoneError
MetaflowInternalError = InternalError
CommandException = UserError
InvalidEnvironmentException = SetupError

LintWarn = InvalidGraph
UnknownFlowDecoratorException = InvalidDeclaration

ParameterFieldFailed = InvalidParameter
ParameterFieldTypeMismatch = InvalidParameter

MetaflowNotFound = NotFound
MetaflowNamespaceMismatch = NamespaceMismatch
MetaflowInvalidPathspec = InvalidPathspec
MetaflowTaggingError = InvalidTag
MetaflowDataMissing = CorruptBlob
DataException = UnreadableArtifact

# What is stored of an exception: `.type .exception .stacktrace`.
MetaflowExceptionWrapper = CaughtException
FailureHandledByCatch = CaughtException

CardNotPresentException = NotFound
IncorrectPathspecException = InvalidPathspec


# --- what only the code of flows raises ----------------------------------------------------------------------------


class ExternalCommandFailed(UserError):
    """An external command failed."""


class MetaflowUnknownUser(SetupError):
    """It is not known who runs this."""


class TaskFailed(UserError):
    """A task failed."""


class MetaflowS3Exception(UserError):
    """S3 did not do what it was asked to."""


class MetaflowS3InvalidObject(MetaflowS3Exception):
    """This is not an object that S3 can hold."""


class MetaflowS3URLException(MetaflowS3Exception):
    """This is not a URL of S3."""


class MetaflowS3NotFound(MetaflowS3Exception):
    """There is no such object in S3."""


class MetaflowS3AccessDenied(MetaflowS3Exception):
    """S3 denies access."""


class MetaflowS3InvalidRange(MetaflowS3Exception):
    """The object has no such range."""


class MetaflowS3InsufficientDiskSpace(MetaflowS3Exception):
    """There is no room for what S3 sends."""


class CardClassFoundException(UserError):
    """There is no such type of card."""


class TypeRequiredException(UserError):
    """A card needs a type."""


class UnrenderableCardException(UserError):
    """A card cannot be rendered."""


class ComponentOverwriteNotSupportedException(UserError):
    """A component of a card cannot be replaced."""


__all__ = [
    "BadFlowDecoratorException",
    "BadStepDecoratorException",
    "CardClassFoundException",
    "CardNotPresentException",
    "CommandException",
    "ComponentOverwriteNotSupportedException",
    "DataException",
    "DuplicateFlowDecoratorException",
    "DuplicateStepDecoratorException",
    "ExternalCommandFailed",
    "FailureHandledByCatch",
    "IncorrectPathspecException",
    "InvalidDecoratorAttribute",
    "InvalidEnvironmentException",
    "InvalidNextException",
    "LintWarn",
    "MetaflowDataMissing",
    "MetaflowException",
    "MetaflowExceptionWrapper",
    "MetaflowInternalError",
    "MetaflowInvalidPathspec",
    "MetaflowNamespaceMismatch",
    "MetaflowNotFound",
    "MetaflowS3AccessDenied",
    "MetaflowS3Exception",
    "MetaflowS3InsufficientDiskSpace",
    "MetaflowS3InvalidObject",
    "MetaflowS3InvalidRange",
    "MetaflowS3NotFound",
    "MetaflowS3URLException",
    "MetaflowTaggingError",
    "MetaflowUnknownUser",
    "MissingInMergeArtifactsException",
    "MulticoreException",
    "ParameterFieldFailed",
    "ParameterFieldTypeMismatch",
    "TaskFailed",
    "TimeoutException",
    "TypeRequiredException",
    "UnhandledInMergeArtifactsException",
    "UnknownFlowDecoratorException",
    "UnknownStepDecoratorException",
    "UnpicklableArtifactException",
    "UnrenderableCardException",
]
