"""Data for one message of every error class, as docs/reference/errors.md shows it."""

import string
from typing import Any

from flagstone.model.errors import FlagstoneError

FIELDS: dict[str, Any] = {
    "artifacts": ["score"],
    "asked": "memory=512000 (MiB)",
    "count": 250_000,
    "digest": "9f2c41d0a7e3",
    "error": "ModuleNotFoundError: No module named 'xgboost'",
    "file": "flow.py",
    "flow": "PricingFlow",
    "found": 2,
    "have": "64000 MiB of memory",
    "known": 1,
    "limit": 100_000,
    "name": "model",
    "names": "score",
    "namespace": "user:ann",
    "owner": "user:bob",
    "package": "numpy",
    "path": "/home/ann/.flagstone",
    "place": " in /home/ann/.flagstone",
    "setting": "max_workers",
    "source": "the environment",
    "step": "train",
    "steps": "start, train, end",
    "tag": "",
    "text": "PricingFlow//train",
    "value": "many",
    "variable": "shops",
    "what": "run PricingFlow/7",
}

SAMPLES: dict[str, dict[str, Any]] = {
    "UserError": {"message": "a flow cannot be stored: `self` (or one of the inputs) is part of an artifact"},
    "SetupError": {"message": "this machine has no /proc"},
    "InternalError": {"message": "a failed task or run cannot become running"},
    "InvalidFlow": {"problem": "PricingFlow has no steps", "hint": "mark its methods with @step"},
    "InvalidGraph": {
        "problem": "step 'train' ends without self.next",
        "hint": "say what follows, as in self.next(self.end)",
    },
    "InvalidName": {
        "problem": "the parameter PricingFlow.input cannot have this name: self.input has a meaning of its own",
        "hint": "call the attribute something else, as in my_input",
    },
    "InvalidDeclaration": {
        "problem": "@resources(cpu='two'): a number of at least 0 is expected",
    },
    "MutatorFailed": {"mutator": "AddParam", "hook": "pre_mutate", "error": "KeyError: 'alpha'"},
    "InvalidDecoratorAttribute": {
        "problem": "@card does not know 'kind'",
        "hint": "it takes type, id, options, timeout, refresh_interval, customize, save_errors, rank and scope",
    },
    "BadStepDecoratorException": {
        "problem": "@card stands on 'helper', which is not a step",
        "hint": "write @step directly above `def`, and every other decorator above @step",
    },
    "BadFlowDecoratorException": {
        "problem": "@project belongs on a flow, and train is not one",
        "hint": "write it above `class MyFlow(FlowSpec)`",
    },
    "DuplicateStepDecoratorException": {"problem": "step 'train' has @resources twice", "hint": "keep one of them"},
    "DuplicateFlowDecoratorException": {
        "problem": "the flow PricingFlow has @project twice",
        "hint": "keep one of them",
    },
    "UnknownStepDecoratorException": {"problem": "there is no step decorator called 'gpu'"},
    "InvalidProject": {
        "problem": "the branch is 'fast' in @project and 'slow' on the command line or in the settings",
        "hint": "say it in one of these places",
    },
    "SecretUnavailable": {
        "source": "env.API_KEY",
        "problem": "the environment variable API_KEY is not set",
        "hint": "export API_KEY=... and run again",
    },
    "InvalidTrigger": {
        "name": "OtherFlow/3",
        "problem": "PricingFlow is not started by OtherFlow",
        "hint": "@trigger_on_finish names IntakeFlow",
    },
    "InvalidParameter": {"name": "alpha", "problem": "'much' is not a number"},
    "InvalidConfig": {
        "name": "config 'training'",
        "problem": "there is no file training.toml (its default)",
        "hint": "write the file, or give another one: --config training FILE, before the verb",
    },
    "TooEarly": {"expression": "cfg.train.epochs"},
    "InvalidPathspec": {"problem": "a part of it is empty"},
    "InvalidTag": {"problem": "a tag has 1 to 500 characters"},
    "InvalidNextException": {
        "problem": "self.next takes steps of this flow, and 42 is not one",
        "hint": "write self.next(self.some_step)",
    },
    "WrongType": {"name": "score", "declared": "float", "actual": "str"},
    "InvalidForeach": {"problem": "foreach='shops': self.shops is 7, which cannot be iterated"},
    "ReadOnly": {"name": "alpha", "problem": "is a parameter: it cannot be assigned"},
    "CannotSpin": {"problem": "it is a gang (@parallel): its tasks need each other, and spin runs one"},
    "NoFlow": {"problem": "defines no flow"},
    "NoSuchArtifact": {"owner": "PricingFlow/7/train/12"},
    "UnpicklableArtifactException": {"problem": "model['lock'] is a _thread.lock, which cannot be pickled"},
    "MergeError": {"problem": "merge_artifacts belongs in a join, and step 'train' takes no inputs"},
    "MulticoreException": {"message": "the call for item 3 failed:\n\nZeroDivisionError: division by zero"},
    "NotHere": {
        "what": "S3",
        "problem": "would talk to an object store, and this version has none",
        "hint": "read and write it with boto3, s3fs or pyarrow in the step, and assign what should be kept to self",
    },
    "NotStarted": {"problem": "the process left with exit status 1:\nImportError: no module named pandas"},
    "RunFailed": {
        "run": "PricingFlow/7",
        "state": "failed",
        "reason": ": PricingFlow/7/train/12 failed: ValueError: no rows for 2024",
    },
    "NothingToResume": {"problem": "PricingFlow has no run yet", "hint": "start one with `run`"},
    "NamespaceMismatch": {"what": "PricingFlow/7", "owner": "user:bob"},
    "UnreadableArtifact": {
        "what": "PricingFlow/7/train/12/model",
        "problem": "it needs the module 'xgboost', which is not installed here",
    },
    "UnreadableFile": {"path": "shop/prices.py", "problem": "Permission denied"},
    "UnusableHome": {"problem": "Permission denied"},
    "StorageFull": {"what": "self.model"},
    "StoreUnavailable": {
        "store": "s3://team/flagstone",
        "problem": "https://s3.example.org cannot be reached, or broke off",
    },
    "StoreRefused": {
        "store": "s3://team/flagstone",
        "problem": "there is no bucket 'team'",
        "hint": "create it, or mend the setting `store`; it was looked for at https://s3.example.org",
    },
    "CorruptBlob": {"what": "self.model", "problem": "does not have the content that its name says"},
    "CorruptDatabase": {"path": "/home/ann/.flagstone/flagstone.db", "problem": "database disk image is malformed"},
    "InvalidSetting": {"problem": "a whole number from 1 is expected"},
    "MissingExtra": {"what": "reading self.table"},
    "WriteConflict": {"what": "PricingFlow/7", "problem": "another process records this run"},
}


def sample(kind: type[FlagstoneError]) -> FlagstoneError:
    """An error of this class with sample data. Raises KeyError for a field that this page does not know yet."""
    given = SAMPLES.get(kind.__name__, {})
    fields = {name: given[name] if name in given else FIELDS[name] for name in names_in(kind)}
    return kind(**{**fields, **given})


def names_in(kind: type[FlagstoneError]) -> list[str]:
    """The fields that the template and the remedy of a class speak of."""
    given = SAMPLES.get(kind.__name__, {})
    text = kind.template + ("" if "hint" in given else kind.remedy)
    return [name.partition("!")[0] for _, name, _, _ in string.Formatter().parse(text) if name]
