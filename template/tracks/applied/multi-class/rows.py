DATASET = "wine"  # its id in docs/eval_pack.md
TARGET = "cultivar"
KIND = "multi-class"  # or binary, or regression
GROUPS = ["ash_level"]  # columns whose values are evaluated separately

# The smallest and the largest value that an analysis can report.
RANGES = {
    "alcohol": (0.0, 25.0),
    "malic_acid": (0.0, 20.0),
    "ash": (0.0, 10.0),
    "alcalinity_of_ash": (0.0, 60.0),
    "magnesium": (0.0, 500.0),
    "color_intensity": (0.0, 30.0),
    "hue": (0.0, 5.0),
}
FEATURES = list(RANGES)


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_wine()
    table = checked(pd.DataFrame(raw.data, columns=raw.feature_names)[FEATURES])
    table["ash_level"] = np.where(table["ash"] < 2.36, "low", "high")
    table[TARGET] = raw.target_names[raw.target]
    return table
