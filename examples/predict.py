"""Read the winners of `model_selection.py` from anywhere, and predict with them."""

from flagstone import Flow

run = Flow("ModelSelectionFlow").latest_successful_run
if run is None:
    raise SystemExit("there is no finished run yet: python examples/model_selection.py run")
print(f"{run.pathspec}, finished {run.finished_at:%Y-%m-%d %H:%M}")

kept = run["end"].task.data
for name, model in kept.models.items():
    _, unseen, _, truth = kept.data[name]  # what the flow held out
    print(f"{name:14} predicted", *(f"{value:6.4g}" for value in model.predict(unseen[:8])))
    print(f"{'':14} in truth ", *(f"{value:6.4g}" for value in truth[:8]))
