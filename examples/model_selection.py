"""Model selection on real data: 64 candidates on four data sets, the best of each kept as a fitted model.

The data sets ship inside scikit-learn, so nothing is downloaded. Afterwards `predict.py` uses what this flow kept.
"""

import warnings
from typing import Any

from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from flagstone import FlowSpec, Parameter, step

LOADERS = {
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
}
FORESTS = [{"n_estimators": 40, "max_depth": depth, "random_state": 0} for depth in (2, 4, 8, None)]
NEIGHBOURS = [{"n_neighbors": count} for count in (1, 3, 9, 27)]
CLASSIFIERS: dict[Any, list[dict[str, Any]]] = {
    LogisticRegression: [{"C": c, "max_iter": 300} for c in (0.01, 0.1, 1, 10)],
    SVC: [{"C": c, "gamma": gamma} for c in (1, 10) for gamma in ("scale", 0.01)],
    KNeighborsClassifier: NEIGHBOURS,
    RandomForestClassifier: FORESTS,
}
REGRESSORS: dict[Any, list[dict[str, Any]]] = {
    Ridge: [{"alpha": alpha} for alpha in (0.1, 1, 10, 100)],
    SVR: [{"C": c, "epsilon": epsilon} for c in (1, 100) for epsilon in (0.1, 10)],
    KNeighborsRegressor: NEIGHBOURS,
    RandomForestRegressor: FORESTS,
}
KINDS = {kind.__name__: kind for kind in (*CLASSIFIERS, *REGRESSORS)}


class ModelSelectionFlow(FlowSpec):
    """Find the best model for each of four data sets."""

    folds = Parameter("folds", default=5, help="folds of the cross-validation")
    held_out = Parameter("held-out", default=0.2, help="the part of the data that no candidate sees")

    @step
    def start(self) -> None:
        """Load the data, set a part of it apart, and write the grid down."""
        self.data = {}
        for name, load in LOADERS.items():
            x, y = load(return_X_y=True)
            labels = None if name == "diabetes" else y
            self.data[name] = train_test_split(x, y, test_size=self.held_out, random_state=0, stratify=labels)
        self.grid = [
            {"data": name, "kind": kind.__name__, "settings": settings}
            for name in LOADERS
            for kind, all_settings in (REGRESSORS if name == "diabetes" else CLASSIFIERS).items()
            for settings in all_settings
        ]
        print(f"{len(self.grid)} candidates on {len(self.data)} data sets")
        self.next(self.score, foreach="grid")

    @step
    def score(self) -> None:
        """Cross-validate one candidate."""
        x, _, y, _ = self.data[self.input["data"]]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            scores = cross_val_score(model_of(self.input), x, y, cv=self.folds)
        self.candidate = {**self.input, "score": float(scores.mean()), "spread": float(scores.std())}
        self.next(self.rank)

    @step
    def rank(self, inputs: Any) -> None:
        """Rank the candidates."""
        self.ranking = sorted((task.candidate for task in inputs), key=lambda candidate: -candidate["score"])
        self.merge_artifacts(inputs, include=["data"])
        self.next(self.crown)

    @step
    def crown(self) -> None:
        """Take the best candidate of each data set."""
        self.winners = [next(c for c in self.ranking if c["data"] == name) for name in LOADERS]
        self.next(self.fit, foreach="winners")

    @step
    def fit(self) -> None:
        """Fit a winner on all that it may see, and judge it by what was held out."""
        x, x_held_out, y, y_held_out = self.data[self.input["data"]]
        self.model = model_of(self.input).fit(x, y)
        self.winner = {**self.input, "held_out_score": float(self.model.score(x_held_out, y_held_out))}
        self.next(self.keep)

    @step
    def keep(self, inputs: Any) -> None:
        """Keep the models by the name of their data."""
        self.models = {task.winner["data"]: task.model for task in inputs}
        self.report = {task.winner["data"]: task.winner for task in inputs}
        self.merge_artifacts(inputs, include=["data", "ranking"])
        self.next(self.end)

    @step
    def end(self) -> None:
        """Say who won."""
        for name, winner in self.report.items():
            print(f"{name:14} {winner['kind']:22} {winner['score']:.3f} ± {winner['spread']:.3f}", end="")
            print(f"   held out: {winner['held_out_score']:.3f}   {winner['settings']}")


def model_of(candidate: dict[str, Any]) -> Any:
    """The model that an entry of the grid describes, not fitted yet."""
    return make_pipeline(StandardScaler(), KINDS[candidate["kind"]](**candidate["settings"]))


if __name__ == "__main__":
    ModelSelectionFlow()
