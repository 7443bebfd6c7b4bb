-- Every statement that sql_store.py issues, each under its name; `:word` is a value.

-- name: allot_number
INSERT INTO flows (flow, last_number, newest_run) VALUES (:flow, 1, 0)
ON CONFLICT (flow) DO UPDATE SET last_number = flows.last_number + 1
RETURNING last_number

-- name: remember_newest_run
UPDATE flows SET newest_run = :run WHERE flow = :flow AND (newest_run = 0 OR newest_run < :run)

-- name: insert_run
INSERT INTO runs (flow, number, state, owner, namespace, created, reason, plan, constants, tags, system_tags,
                  parameters, origin_flow, origin_number)
VALUES (:flow, :number, :state, :owner, :namespace, :created, '', :plan, :constants, :tags, :system_tags,
        :parameters, :origin_flow, :origin_number)
RETURNING id

-- name: neighbours_in_time
SELECT (SELECT max(id) FROM runs WHERE created <= :created), (SELECT min(id) FROM runs WHERE created > :created),
       (SELECT min(id) FROM runs)

-- name: insert_run_at
INSERT INTO runs (id, flow, number, state, owner, namespace, created, reason, plan, constants, tags, system_tags,
                  parameters, origin_flow, origin_number)
VALUES (:id, :flow, :number, :state, :owner, :namespace, :created, '', :plan, :constants, :tags, :system_tags,
        :parameters, :origin_flow, :origin_number)
RETURNING id

-- name: insert_plan
INSERT INTO plans (digest, body) VALUES (:digest, :body) ON CONFLICT DO NOTHING

-- name: insert_tag
INSERT INTO run_tags (tag, run) VALUES (:tag, :run) ON CONFLICT DO NOTHING

-- name: delete_tag
DELETE FROM run_tags WHERE tag = :tag AND run = :run

-- name: update_tags
UPDATE runs SET tags = :tags WHERE id = :run

-- name: insert_parameter
INSERT INTO run_parameters (name, value, run) VALUES (:name, :value, :run)

-- name: end_run
UPDATE runs SET state = :state, finished = :finished, reason = :reason WHERE id = :run

-- name: forget_manifests
DELETE FROM manifests
WHERE id IN (SELECT manifest FROM tasks WHERE run = :run)
  AND NOT EXISTS (SELECT 1 FROM tasks WHERE manifest = manifests.id AND run <> :run)

-- name: forget_counts
DELETE FROM task_counts WHERE step IN (SELECT id FROM steps WHERE run = :run)

-- name: forget_tasks
DELETE FROM tasks WHERE run = :run

-- name: forget_steps
DELETE FROM steps WHERE run = :run

-- name: forget_tags
DELETE FROM run_tags WHERE run = :run

-- name: forget_parameters
DELETE FROM run_parameters WHERE run = :run

-- name: forget_run
DELETE FROM runs WHERE id = :run

-- name: forget_newest_run
UPDATE flows SET newest_run = COALESCE((SELECT MAX(id) FROM runs WHERE flow = flows.flow), 0) WHERE newest_run = :run

-- name: open_run
SELECT id, state FROM runs WHERE flow = :flow AND number = :number

-- name: select_flows
SELECT flow FROM flows WHERE newest_run <> 0 ORDER BY newest_run DESC

-- name: select_plan
SELECT body FROM plans WHERE digest = :digest

-- name: select_runs
SELECT r.id, r.flow, r.number, r.state, r.owner, r.created, r.finished, r.namespace, r.tags, r.system_tags,
       r.parameters, r.plan, r.constants, r.origin_flow, r.origin_number, r.reason
FROM runs r

-- name: newest_runs_first
ORDER BY r.id DESC LIMIT :limit OFFSET :offset

-- name: run_is
r.flow = :flow AND r.number = :number

-- name: run_of_flow
r.flow = :flow

-- name: run_by_user
r.owner = :owner

-- name: run_created_after
r.created > :created_after

-- name: run_created_before
r.created < :created_before

-- name: run_in_namespace
(r.namespace = :namespace OR r.id IN (SELECT run FROM run_tags WHERE tag = :namespace))

-- name: run_before
r.id < :before

-- name: run_with_tag
r.id IN (SELECT run FROM run_tags WHERE tag = $TAG)

-- name: run_without_tag
NOT EXISTS (SELECT 1 FROM run_tags WHERE tag = $TAG AND run = r.id)

-- name: run_with_parameter
r.id IN (SELECT run FROM run_parameters WHERE name = $NAME AND value = $VALUE)

-- name: run_in_states
r.state IN ($STATES)

-- name: announce_tasks
INSERT INTO steps (run, step, expected) VALUES (:run, :step, :expected)
ON CONFLICT (run, step) DO UPDATE SET expected = steps.expected + excluded.expected

-- name: stretch_step
UPDATE steps SET
    started = CASE WHEN started IS NULL OR started > :started THEN :started ELSE started END,
    finished = CASE WHEN :finished IS NULL OR finished > :finished THEN finished ELSE :finished END
WHERE id = :step

-- name: select_steps
SELECT id, step, expected, started, finished FROM steps WHERE run = :run ORDER BY id

-- name: count_state
INSERT INTO task_counts (step, state, number) VALUES (:step, :state, :change)
ON CONFLICT (step, state) DO UPDATE SET number = task_counts.number + excluded.number

-- name: select_counts
SELECT s.step, c.state, c.number
FROM steps s JOIN task_counts c ON c.step = s.id
WHERE s.run = :run AND c.number > 0
ORDER BY s.id

-- name: select_newest_attempts
SELECT number, attempt, state, step FROM tasks WHERE run = :run AND newest = 1 AND number IN ($NUMBERS)

-- name: supersede_attempt
UPDATE tasks SET newest = 0 WHERE run = :run AND number = :number AND attempt = :attempt

-- name: insert_manifest
INSERT INTO manifests (digest, body) VALUES (:digest, :body) ON CONFLICT DO NOTHING

-- name: write_task
INSERT INTO tasks (run, number, attempt, newest, step, path, state, started, finished, manifest, detail)
VALUES (:run, :number, :attempt, :newest, :step, :path, :state, :started, :finished,
        (SELECT id FROM manifests WHERE digest = :digest), :detail)
ON CONFLICT (run, number, attempt) DO UPDATE SET
    newest = excluded.newest, step = excluded.step, path = excluded.path, state = excluded.state,
    started = excluded.started, finished = excluded.finished, manifest = excluded.manifest, detail = excluded.detail

-- name: select_tasks
SELECT t.number, t.attempt, (SELECT step FROM steps WHERE id = t.step) AS step, t.path, t.state, t.started, t.finished,
       t.detail, m.digest, '' AS body
FROM tasks t LEFT JOIN manifests m ON m.id = t.manifest

-- name: select_tasks_with_manifests
SELECT t.number, t.attempt, (SELECT step FROM steps WHERE id = t.step) AS step, t.path, t.state, t.started, t.finished,
       t.detail, m.digest, m.body
FROM tasks t LEFT JOIN manifests m ON m.id = t.manifest

-- name: select_task_numbers
SELECT t.number FROM tasks t

-- name: oldest_tasks_first
ORDER BY t.number LIMIT :limit OFFSET :offset

-- name: newest_tasks_first
ORDER BY t.number DESC LIMIT :limit OFFSET :offset

-- name: oldest_attempts_first
ORDER BY t.number, t.attempt LIMIT :limit OFFSET :offset

-- name: newest_attempts_first
ORDER BY t.number DESC, t.attempt DESC LIMIT :limit OFFSET :offset

-- name: task_is_newest
t.newest = 1

-- name: task_of_attempt
t.attempt = :attempt

-- name: task_of_run
t.run = :run

-- name: task_of_step
t.step = :step

-- name: task_of_any_step
t.step IN (SELECT id FROM steps WHERE run = :run)

-- name: task_in_states
t.state IN ($STATES)

-- name: task_in_trouble
t.state <> 'succeeded'

-- name: task_at_path
t.path = :path

-- name: task_below_path
t.path > :above AND t.path < :beyond AND t.path NOT LIKE :deeper

-- name: task_below_root
t.path <> '' AND t.path NOT LIKE '%.%'

-- name: task_numbered
t.number IN ($NUMBERS)

-- name: task_after
t.number > :after

-- name: task_before
t.number < :after

-- name: attempt_after
(t.number, t.attempt) > (:after, :after_attempt)

-- name: attempt_before
(t.number, t.attempt) < (:after, :after_attempt)
