"""The results of an eval in a table with one row a case, which `mlcharter gate` reads.

The table is CSV, JSON Lines or Parquet, and any language can write it. mlcharter computes value and
95 % interval of each metric that a gate names, by `method` and `resample` of the config block
`metrics`, and compares the bound with the threshold.

    scores/support.csv
    id,language,user,correct,correct.old,claims.hits,claims.total
    q-1,de,u7,1,0,3,3
    q-2,en,u7,0,0,1,2

- `id` names the case; it is unique, and stays the same from run to run.
- A metric has the name of its entry in `metrics`: a number in each row, or `true` and `false`. For
  hits of a total, such as supported claims, use two columns, `METRIC.hits` and `METRIC.total`.
- `METRIC.BASELINE` has the scores of a baseline, which a gate names with `against`. The interval is
  that of the paired difference.
- A slice is a condition in its `where`, such as `language = de`, or a column with its id and 1 for
  its cases. The slice `all` needs neither.
- `resample: user` resamples whole users, by the column `user`; `resample: row` needs no column.
- `dataset` names the dataset of a row. Without it, the file is named after the dataset, or the eval
  pack has only one.

`method: wilson` and `method: clopper-pearson` are for 0 and 1 in independent rows,
`method: bootstrap` for means, hits of a total and rows that belong together, and `method: exact`
for a sum, which has no interval.

`mlcharter gate --pin` writes digest and number of the cases into `datasets`. The digest covers ids,
slices and clusters, not the scores: it changes if cases are dropped or exchanged. A failed case
must stay in the table, with a 0.

Scores list no inputs, so nothing says which code they measured. Write them in the CI job that
decides on them, and do not commit them. `mlcharter prove` breaks them to show that a gate can fail.

The outputs of JUnit, promptfoo, lm-evaluation-harness, DeepEval, MLflow and OpenTelemetry are read
as they are. Averages without cases decide only a metric with `method: exact` and `bound: point`.
"""

ALSO = ("importers",)
