"""What each reason of a gate's verdict means, and what to do about it; `explain` shows it."""

from mlcharter.gate.verdict import Reason

MEANINGS: dict[Reason, tuple[str, str]] = {
    "holds": (
        "The number is on the right side of the gate's threshold, with the bound that it names.",
        "Nothing is to be done. The margin is the room that is left.",
    ),
    "missed": (
        "The number is on the wrong side of the gate's threshold, with the bound that it names.",
        "Mend the system, not the gate: whoever moves a threshold after seeing the number chooses "
        "one that it passes. A wide interval may need more rows instead of a better model.",
    ),
    "waived": (
        "The gate's own `waived` excuses it until a day.",
        "Its owner ends it or renews it before that day.",
    ),
    "waiver-expired": (
        "The gate's `waived` has ended, so the gate fails whatever was measured.",
        "Remove `waived` and let the number decide, or renew it with a new end and a reason.",
    ),
    "unknown-metric": (
        "The gate names a metric that the config block `metrics` does not have.",
        "Correct the name, or add the metric with its method and direction.",
    ),
    "unknown-dataset": (
        "The gate names a dataset that the config block `datasets` does not have.",
        "Correct the name, or add the dataset with its digest.",
    ),
    "unknown-slice": (
        "The gate names a slice that the config block `slices` does not have.",
        "Correct the name, or add the slice with the least number of rows that decides anything.",
    ),
    "slice-of-other-dataset": (
        "The gate's slice is cut from another dataset than the gate's.",
        "Make `dataset` of the gate and of the slice the same.",
    ),
    "loose-bound": (
        "The gate is decided on the side of the interval that luck favours, or on a point.",
        "Use `lower95` for what must be high, `upper95` for what must be low, and `point` only "
        "for a metric whose method is exact.",
    ),
    "wrong-direction": (
        "The gate passes when its metric gets worse.",
        "Turn `op` round, or correct the metric's `direction`.",
    ),
    "not-finite": (
        "A value, an end of an interval or a threshold is no finite number.",
        "Look at the run: an empty slice, a division by zero or a diverged model gives one.",
    ),
    "not-produced": (
        "No report has this metric on this dataset and slice, against this baseline.",
        "Name the report that has it too, or let the eval produce it; a gate that nothing measures "
        "fails.",
    ),
    "dataset-unproven": (
        "The report does not give the digest of the dataset that the gate names.",
        "Let the eval write the digest of what it read into `datasets` of its report.",
    ),
    "stale": (
        "What the report was made from has changed since, or it does not say what that was.",
        "Run the eval again. Inputs are the code, the data and the config blocks that "
        "the eval reads; the thresholds of gates are not.",
    ),
    "digest-differs": (
        "The report ran on other data than the document names.",
        "If the data changed on purpose, write the new digest into `datasets` and look at the "
        "gates again; if not, find out who changed it.",
    ),
    "rows-differ": (
        "The report ran on another number of rows than the document names.",
        "Find out which rows were dropped or added before the number is believed.",
    ),
    "too-few": (
        "Fewer rows were measured than the gate or its slice asks for.",
        "Collect more, or join the slice with another; do not lower `min_n` to pass.",
    ),
    "too-many": (
        "More rows were measured than the slice or the dataset has.",
        "Find out what was counted twice, or which other data was taken in.",
    ),
    "no-interval": (
        "The report has no interval, and the metric is not exact.",
        "Let the eval write a 95 % interval by the method that `metrics` names.",
    ),
    "zero-width": (
        "The interval has no width: nothing varied, so nothing was estimated.",
        "Look for one row that was repeated, a constant, or a resampling that never ran.",
    ),
    "reversed-interval": (
        "The interval runs from its larger end to its smaller.",
        "Mend the eval that writes it.",
    ),
    "value-outside": (
        "The value lies outside its own interval.",
        "The two were computed on different rows or by different code; mend the eval.",
    ),
    "level-differs": (
        "The interval is not one of 95 %.",
        "Write intervals at 0.95; gates are decided on those.",
    ),
    "method-differs": (
        "The interval was made by another method than the document says.",
        "Change `method` in `metrics` if the other is right, else the eval.",
    ),
    "unit-differs": (
        "The interval was resampled over another unit than the document says.",
        "Rows of one patient, session or episode are not independent; resample the unit that is.",
    ),
    "no-release": (
        "The gate compares with the last release, and there is no frozen report of one.",
        "Keep a copy of the released run as reports/released/<month>-<track>.json.",
    ),
    "not-released": (
        "The newest frozen report does not have this metric on this slice.",
        "Measure it for the release that is live, and freeze that report.",
    ),
    "release-dirty": (
        "The newest frozen report was made from a tree with uncommitted changes.",
        "Run it again from the commit that was released, and freeze that report.",
    ),
    "release-differs": (
        "The newest frozen report ran on other data than the document names.",
        "Measure the live release again on today's data, so that the two can be compared.",
    ),
    "expired": (
        "The golden questions are trusted until a day that has passed.",
        "Have people look at every question again, then move `expires`.",
    ),
    "one-order": (
        "A judge may decide having seen the two answers in one order only.",
        "Set `both_orders: true` and let the eval ask twice; judges favour a place.",
    ),
    "insufficient-support": (
        "The log is too thin to say what the new policy would do, so the answer is no go.",
        "Collect more of what the new policy would choose, or stay nearer to what was logged.",
    ),
}
