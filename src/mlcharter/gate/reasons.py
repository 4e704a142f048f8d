"""What each verdict and its reason mean, and what to do about it; `explain` shows it."""

from mlcharter.gate.verdict import Outcome, Reason

OUTCOMES: dict[Outcome, str] = {
    "pass": "The number meets the threshold.",
    "fail": "The number misses the threshold, or cannot be compared; CI blocks the merge.",
    "warn": "As `fail`, but the gate has `on_fail: warn`, so that it blocks nothing.",
    "waived": "The gate has a waiver that has not expired.",
    "starter": (
        "The number meets the threshold, but it is that of the system that ships with the "
        "template. Replace it by your own."
    ),
    "undecided": (
        "The number meets the threshold, but `decided_on` is null or in the future: the gate is "
        "only proposed. Write when and why it was decided."
    ),
}

MEANINGS: dict[Reason, tuple[str, str]] = {
    "holds": (
        "The gate passes: the number meets the threshold.",
        "There is nothing to do. `margin` is the distance to the threshold.",
    ),
    "missed": (
        "The number does not meet the threshold.",
        "Improve the system. Once `decided_on` has a date, do not lower the threshold because of "
        "the number. If the interval is wide, evaluate on more rows.",
    ),
    "waived": (
        "The gate has a waiver that has not expired.",
        "Remove or renew `waived` before its date.",
    ),
    "waiver-expired": (
        "The waiver of the gate has expired, so the gate fails whatever was measured.",
        "Remove `waived`, or renew it with a new date and a reason.",
    ),
    "unknown-metric": (
        "The metric of the gate is not defined in the config block `metrics`.",
        "Correct the name, or add the metric to `metrics`.",
    ),
    "unknown-dataset": (
        "The dataset of the gate is not defined in the config block `datasets`.",
        "Correct the name, or add the dataset with its digest to `datasets`.",
    ),
    "unknown-slice": (
        "The slice of the gate is not defined in the config block `slices`.",
        "Correct the name, or add the slice with its `min_n` to `slices`.",
    ),
    "slice-of-other-dataset": (
        "The slice of the gate belongs to another dataset than the gate names.",
        "Use the same `dataset` in the gate and in the slice.",
    ),
    "loose-bound": (
        "The gate compares the wrong end of the interval, or a point estimate.",
        "Use `lower95` with `>=` or `>`, and `upper95` with `<=` or `<`. Use `point` only for a "
        "metric with `method: exact`.",
    ),
    "wrong-direction": (
        "The gate passes if its metric gets worse.",
        "Reverse `op` of the gate, or correct `direction` of the metric.",
    ),
    "not-finite": (
        "A value, an end of an interval or a threshold is NaN or infinite.",
        "Correct the threshold, or find the cause in the eval: an empty slice, a division by zero "
        "or a diverged model.",
    ),
    "not-produced": (
        "No report has this metric on this dataset and slice, with this baseline.",
        "Give `mlcharter gate` the report that has it too, or make the eval compute it.",
    ),
    "needs-cases": (
        "The file has the average of the metric, but not its cases, so its bound is unknown.",
        "Give `mlcharter gate` the file with the single cases. Without them, only a metric with "
        "`method: exact` and `bound: point` can be decided.",
    ),
    "invalid-score": (
        "A score, a number of hits or a cluster is missing, or is no finite number.",
        "Correct the row that the message names. Give 0 where the system failed, so that failures "
        "are counted.",
    ),
    "dataset-unproven": (
        "The report has no digest of the dataset that the gate names.",
        "Make the eval write the digest of the data that it reads into `datasets` of its report.",
    ),
    "stale": (
        "The inputs of the report have changed since the eval ran, or the report lists none.",
        "Run the eval again. Inputs are the code, the data, the package versions and the config "
        "blocks that the eval reads, but not the thresholds of gates.",
    ),
    "digest-differs": (
        "The report ran on other data than the document names: the digests differ.",
        "If the data changed on purpose, write the new digest into the document and review the "
        "thresholds. If not, find out what changed it.",
    ),
    "rows-differ": (
        "The report ran on another number of rows than `datasets` has.",
        "Find out which rows were dropped or added, then correct the eval or `rows`.",
    ),
    "too-few": (
        "The report has fewer rows than `min_n` of the gate or of its slice.",
        "Collect more data, or merge the slice with another. Do not lower `min_n` to pass.",
    ),
    "too-many": (
        "The report has more rows than the slice or the dataset has.",
        "Find out which rows were counted twice, or came from other data.",
    ),
    "no-interval": (
        "The report has no interval, and the metric is not exact.",
        "Make the eval write a 95 % interval by the `method` of the metric.",
    ),
    "zero-width": (
        "Both ends of the interval are the same.",
        "Check the eval for one repeated row, a constant, or a bootstrap that did not resample.",
    ),
    "reversed-interval": (
        "The lower end of the interval is above the upper end.",
        "Correct the eval that writes the interval.",
    ),
    "value-outside": (
        "The value is outside its own interval.",
        "Correct the eval: it computes the two on different rows or with different code.",
    ),
    "level-differs": (
        "The level of the interval is not 0.95.",
        "Make the eval write 95 % intervals.",
    ),
    "method-differs": (
        "The method of the interval is not that of the metric.",
        "Correct `method` in `metrics`, or the eval.",
    ),
    "unit-differs": (
        "The interval was resampled by another unit than `resample` of the metric.",
        "Resample the independent unit: rows of one patient, session or episode are not "
        "independent.",
    ),
    "no-release": (
        "The gate compares with the last release, but there is no released report.",
        "Save the report of the released run as reports/released/<month>-<track>.json.",
    ),
    "not-released": (
        "The newest released report does not have this metric on this slice.",
        "Evaluate the release in production again, and save that report in reports/released.",
    ),
    "release-dirty": (
        "The newest released report is from a tree with uncommitted changes.",
        "Run the eval again from the released commit, and save that report in reports/released.",
    ),
    "release-differs": (
        "The newest released report ran on other data than the document names.",
        "Evaluate the release in production again on the current data, so that the two can be "
        "compared.",
    ),
    "expired": (
        "The golden questions have expired.",
        "Review every question, then set a new date in `expires`.",
    ),
    "one-order": (
        "The judge sees each pair of answers in one order only.",
        "Set `both_orders: true` and make the eval ask in both orders: judges have a position "
        "bias.",
    ),
    "needs-labels": (
        "No report has the agreement of the judge with people.",
        "Let people label the number of pairs that `audit_n` asks for, then run the eval again. "
        "Until then the verdicts of the judge decide nothing.",
    ),
    "insufficient-support": (
        "The log has too little data on what the new policy would do, so the answer is no-go.",
        "Collect more data on the actions of the new policy, or choose a policy that is closer to "
        "the logged one.",
    ),
}
