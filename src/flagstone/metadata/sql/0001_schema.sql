-- Runs and tasks. The words in capitals after a dollar sign are spelled by the dialect (dialect.py).

-- The last number that each flow gave to a run, and its newest run.
CREATE TABLE flows (
    flow        TEXT NOT NULL PRIMARY KEY,
    last_number INTEGER NOT NULL,
    newest_run  INTEGER NOT NULL
) $CLUSTERED;

-- `tags` and `parameters` are msgpack for reading; run_tags and run_parameters are the same facts for finding.
CREATE TABLE runs (
    id            $IDENTITY,
    flow          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    state         TEXT NOT NULL,
    owner         TEXT NOT NULL,
    namespace     TEXT NOT NULL,
    created       $SECONDS NOT NULL,
    finished      $SECONDS,
    reason        TEXT NOT NULL,
    plan          $BYTES NOT NULL,
    constants     $BYTES NOT NULL,
    tags          $BYTES NOT NULL,
    system_tags   $BYTES NOT NULL,
    parameters    $BYTES NOT NULL,
    origin_flow   TEXT,
    origin_number INTEGER,
    UNIQUE (flow, number)
);
CREATE INDEX runs_by_state ON runs (flow, state, id);

CREATE TABLE run_tags (
    tag TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (tag, run)
) $CLUSTERED;

-- `value` is JSON text, or stands for it where that is long (rules.parameter_key).
CREATE TABLE run_parameters (
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    run   INTEGER NOT NULL,
    PRIMARY KEY (name, value, run)
) $CLUSTERED;

CREATE TABLE plans (
    digest $BYTES NOT NULL PRIMARY KEY,
    body   $BYTES NOT NULL
) $CLUSTERED;

-- One row for each different manifest; the body is empty when it lies in the blob store.
CREATE TABLE manifests (
    id     $IDENTITY,
    digest $BYTES NOT NULL UNIQUE,
    body   $BYTES NOT NULL
);

-- A step of a run, in the order in which they came up.
CREATE TABLE steps (
    id       $IDENTITY,
    run      INTEGER NOT NULL,
    step     TEXT NOT NULL,
    expected INTEGER NOT NULL,
    started  $SECONDS,
    finished $SECONDS,
    UNIQUE (run, step)
);

-- How many tasks of a step are in a state, kept with every write: nobody counts a million rows.
CREATE TABLE task_counts (
    step   INTEGER NOT NULL,
    state  TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (step, state)
) $CLUSTERED;

-- An attempt at a task. `newest` is 1 for the last attempt of each; `path` holds the foreach indexes: 3.1.
CREATE TABLE tasks (
    run      INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    newest   INTEGER NOT NULL,
    step     INTEGER NOT NULL,
    path     TEXT $BYTEWISE NOT NULL,
    state    TEXT NOT NULL,
    started  $SECONDS NOT NULL,
    finished $SECONDS,
    manifest INTEGER,
    detail   $BYTES NOT NULL,
    PRIMARY KEY (run, number, attempt)
) $CLUSTERED;
CREATE INDEX tasks_of_step ON tasks (step, number) WHERE newest = 1;
CREATE INDEX tasks_of_path ON tasks (step, path) WHERE newest = 1;
CREATE INDEX tasks_in_trouble ON tasks (step, state) WHERE newest = 1 AND state <> 'succeeded';
