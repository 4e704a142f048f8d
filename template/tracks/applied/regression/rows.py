DATASET = "diabetes"  # its id in docs/eval_pack.md
TARGET = "progression"
KIND = "regression"  # or binary, or multi-class
GROUPS = ["weight"]  # columns whose values are evaluated separately

# The smallest and the largest value that the clinic can report; s1 to s6 are of blood serum.
RANGES = {
    "age": (0.0, 120.0),
    "sex": (1.0, 2.0),
    "bmi": (10.0, 80.0),
    "bp": (30.0, 250.0),
    "s1": (0.0, 1000.0),
    "s2": (0.0, 1000.0),
    "s3": (0.0, 300.0),
    "s4": (0.0, 50.0),
    "s5": (0.0, 10.0),
    "s6": (0.0, 1000.0),
}
FEATURES = list(RANGES)


def load() -> pd.DataFrame:
    """Return one row a case: features, TARGET and GROUPS; the index is the row's id."""
    raw = load_diabetes(scaled=False)
    table = checked(pd.DataFrame(raw.data, columns=FEATURES))
    table["weight"] = np.where(table["bmi"] < 26, "lower", "higher")
    table[TARGET] = raw.target
    return table
