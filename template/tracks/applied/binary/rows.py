DATASET = "wdbc"  # its id in docs/eval_pack.md
TARGET = "malignant"
KIND = "binary"  # or multi-class, or regression
GROUPS = ["outline"]  # columns whose values are evaluated separately

# The largest value that the instrument can report; the smallest is 0.
LARGEST = {
    "radius": 60.0,
    "texture": 100.0,
    "perimeter": 400.0,
    "area": 10_000.0,
    "smoothness": 1.0,
    "compactness": 3.0,
    "concavity": 3.0,
    "concave_points": 1.0,
    "symmetry": 1.0,
    "fractal_dimension": 1.0,
}
FEATURES = [f"{part}_{measure}" for part in ("mean", "error", "worst") for measure in LARGEST]
RANGES = {name: (0.0, LARGEST[name.split("_", 1)[1]]) for name in FEATURES}


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_breast_cancer()
    table = checked(pd.DataFrame(raw.data, columns=FEATURES))
    # Thirds by the roughness of the outline, which is nearly independent of the diagnosis.
    cuts, names = [0, 0.059, 0.0645, 1], ["smooth", "middle", "rough"]
    table["outline"] = pd.cut(table["mean_fractal_dimension"], cuts, right=False, labels=names)
    table[TARGET] = 1 - raw.target  # scikit-learn codes benign as 1
    return table
