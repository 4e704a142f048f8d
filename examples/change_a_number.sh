#!/bin/sh
# Change one number in a document, and see the gate decide otherwise.
#
# Needs mlcharter and git; works in a temporary folder, which is deleted at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Replace a config block of the eval pack by the lines of the standard input.
fill() {
  awk -v name="$1" -v lines="$(cat)" '
    inside && $0 == "```" { inside = 0 }
    !inside { print }
    $0 == "<!-- config: " name " -->" { getline; print; print lines; inside = 1 }
  ' docs/eval_pack.md > new.md
  mv new.md docs/eval_pack.md
}

# Show a command, and run it; a gate may fail here.
run() {
  shown='$'
  for word in "$@"; do
    case $word in *' '*) shown="$shown '$word'" ;; *) shown="$shown $word" ;; esac
  done
  echo "$shown"
  "$@" || echo "exit code $?"
  echo
}

mlcharter new bot --defaults --track rag --data layout=documents --data starter=false \
  --data owner=@acme/bots --data author=Acme > new.txt 2>&1 || { cat new.txt; exit 1; }
cd bot
fill datasets <<END
- {id: questions, uri: scores/questions.csv, sha256: null, rows: null, licence: CC0-1.0, card: README.md, split: {kind: none, key: null, sha256: null}, synthetic: 0}
END
fill metrics <<END
- {id: right, unit: share, direction: up, method: wilson, resample: row, produced_by: README.md}
END
fill slices <<END
[]
END
fill gates <<END
- id: answers-right
  metric: right
  dataset: questions
  slice: all
  against: null
  op: ">="
  threshold: 0.90
  bound: lower95
  min_n: 400
  on_fail: block
  decided_on: 2026-11-02
  rationale: Below nine of ten right answers, people phone instead, and the bot saves nothing.
END
mkdir -p scores
awk 'BEGIN { print "id,right"; for (i = 1; i <= 600; i++) print "q-" i "," (i % 15 != 0) }' > scores/questions.csv
mlcharter gate --pin scores/questions.csv > pin.txt 2>&1 || { cat pin.txt; exit 1; }
git add docs && git commit -qm "Gate the answers" --no-verify

run mlcharter check
run mlcharter gate scores/questions.csv
run sed -i.bak 's/threshold: 0.90/threshold: 0.93/' docs/eval_pack.md
run mlcharter gate scores/questions.csv
run git restore docs/eval_pack.md
run sed -i.bak 's/threshold: 0.90/threshold: 0.85/' docs/eval_pack.md
run mlcharter diff
run git restore docs/eval_pack.md
