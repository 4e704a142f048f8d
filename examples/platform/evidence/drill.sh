#!/bin/sh
# Drill releases on a copy: sign, restore, roll back, tamper, rotate keys, work without a network.
#
#   sh evidence/drill.sh > reports/released/2026-11-drill.log
#
# Run it at the top of the whole repository, after `make setup EXTRAS=release`; it needs git, openssl and unshare.
# The copy and its keys are deleted at the end; nothing here is changed.
set -eu
bin=$PWD/.venv/bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
copy=$folder/copy
mkdir "$copy"
tar --exclude=./.venv --exclude=./build --exclude=./.git -c . | tar -x -C "$copy"
cd "$copy"
ln -s "$(dirname "$bin")" .venv
rm -f versioning/live.json versioning/releases/*.dsse.json

step() { printf '\n## %s\n' "$*"; }

# Show a command, and its output without the path of the copy; a refusal is shown with its code.
run() {
  echo "\$ $*" | sed "s|$bin/||g; s|$folder|COPY|g"
  code=0
  "$@" > "$folder/out" 2>&1 || code=$?
  sed "s|$folder|COPY|g" "$folder/out"
  test "$code" -eq 0 || echo "exit code $code"
}

commit() { git add --all && git commit -qm "$*"; }

make_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/$1.pem" 2> /dev/null
  openssl pkey -in "$folder/$1.pem" -pubout -out "versioning/keys/$1.pub"
}

sign() {
  keys=
  for name in "$@"; do keys="$keys --key $name=$folder/$name.pem"; done
  # shellcheck disable=SC2086
  "$bin/mlcharter" release create $keys > "$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
  echo "\$ mlcharter release create --key $(echo "$@" | sed 's/ / --key /g')"
  sed "s|$folder|COPY|g" "$folder/out"
}

first=hollin-2026-platform second=hollin-2026-security
date -u '+%Y-%m-%d, mlcharter release on a copy of this repository, with keys of the drill'

step 'Forward: a release, and the next one with the same members'
git init -q
git config user.name drill && git config user.email drill@hollin.example
make_key $first && make_key $second
"$bin/mlcharter" export trust > "$folder/out"
commit 'The release'
sign $first $second
commit 'Live'
"$bin/mlcharter" release pin release-2026-12 --approved-by @hollin/operations > "$folder/out"
commit 'The next release'
sign $first $second
commit 'Live'
find releases -type f -exec shasum -a 256 {} + | sort > "$folder/before"
echo "$(wc -l < "$folder/before" | tr -d ' ') files in the store"

step 'Lose the store, restore it, roll back'
run "$bin/mlcharter" release drill

step 'Roll back here, and compare bytes'
run "$bin/mlcharter" release rollback
run "$bin/mlcharter" release verify
find releases -type f -exec shasum -a 256 {} + | sort > "$folder/after"
cmp "$folder/before" "$folder/after" && echo 'every byte of the store is as before'
mkdir -p build
image=registry.hollin.example/slip-reader@sha256:$(printf 'an image that does not exist' | shasum -a 256 | cut -d' ' -f1)
run make --no-print-directory manifests "IMAGE=$image"
grep -E 'image:|RELEASE' build/kubernetes.yaml
git checkout -q -- versioning/live.json

# Start what versioning/live.json names, ask the smoke question, and stop.
cat > "$folder/serve.sh" <<'END'
bin=$1 folder=$2
live=$("$bin/python" -c 'import json
live = json.load(open("versioning/live.json"))
print(live["id"], live["manifest"], sep="@")')
"$bin/python" -m slip_reader.serving releases --release "$live" --port 8098 > "$folder/served" 2>&1 &
pid=$!
answer=
for _ in $(seq 200); do
  answer=$("$bin/python" -c 'import json, urllib.request as u
asked = json.dumps({"pixels": [0.0] * 64}).encode()
print(u.urlopen(u.Request("http://127.0.0.1:8098/v1/scorer", asked), timeout=2).status)' 2> /dev/null) && break
  kill -0 $pid 2> /dev/null || break
  sleep 0.5
done
kill $pid 2> /dev/null
wait $pid 2> /dev/null
code=$?
if test -n "$answer"; then echo "start: the smoke question is answered with $answer"; else
  echo "start: $(sed "s|$folder|COPY|g" "$folder/served" | grep -v '^{' | tail -n 1) (exit code $code)"; fi
END
serve() { sh "$folder/serve.sh" "$bin" "$folder" 2> /dev/null; }

step 'Tampered: a changed byte, a wrong key, a stripped signature; at deploy and at start-up'
serve
blob=$(find releases/blobs -type f -size +4k | sort | head -n 1)
cp "$blob" "$folder/kept"
printf 'x' | dd of="$blob" bs=1 seek=20 conv=notrunc 2> /dev/null
echo "changed one byte of $blob"
run "$bin/mlcharter" release verify
serve
cp "$folder/kept" "$blob"
cp versioning/trust.json "$folder/trust.json"
cp versioning/keys/$second.pub "$folder/kept.pub"
cp "$folder/$second.pem" "$folder/kept.pem"
make_key $second
"$bin/mlcharter" export trust > "$folder/out"
echo "a wrong key: $second is another one"
run "$bin/mlcharter" release verify
serve
cp "$folder/kept.pub" versioning/keys/$second.pub && cp "$folder/kept.pem" "$folder/$second.pem"
cp "$folder/trust.json" versioning/trust.json
for envelope in $(grep -rl '"payloadType"' releases/blobs); do cp "$envelope" "$folder/$(basename "$envelope")"; rm "$envelope"; done
echo 'stripped: the envelopes are gone'
run "$bin/mlcharter" release verify
serve
for envelope in $(cd "$folder" && grep -l '"payloadType"' ./* 2> /dev/null | grep -E '/[0-9a-f]{64}$'); do
  cp "$folder/$envelope" "releases/blobs/sha256/$(basename "$envelope")"; done
serve

step 'Rotate a key: trust both, sign with the new one, end the old one'
third=hollin-2027-platform
make_key $third
line="  - {id: $third, owner: \"@hollin/platform\", purpose: release, not_before: 2026-11-01, not_after: 2027-12-31}"
sed -i.bak "/- {id: $first,/a\\
$line" versioning/registries.md
"$bin/mlcharter" export trust > "$folder/out"
commit 'Trust a third key'
"$bin/mlcharter" release pin release-2026-12b --approved-by @hollin/operations > "$folder/out"
commit 'A release for the new key'
sign $third $second
run "$bin/mlcharter" release verify
commit 'Live'
sed -i.bak "s/\\({id: $first, .*not_after: \\)[0-9-]*/\\12026-11-02/" versioning/registries.md
"$bin/mlcharter" export trust > "$folder/out"
echo "$first ended on 2026-11-02"
run "$bin/mlcharter" release verify
echo 'and what only the old one and the other have signed:'
run "$bin/mlcharter" release verify release-2026-12

step 'Without a network: verify, start, roll back'
git checkout -q HEAD -- versioning
"$bin/mlcharter" export trust > "$folder/out"
cat > "$folder/apart.sh" <<'END'
ip link set lo up 2> /dev/null || true
python3 -c 'import socket; socket.create_connection(("192.0.2.1", 443), 2)' 2>&1 | tail -n 1
END
echo '$ unshare --net, in which nothing outside can be reached'
unshare --user --map-root-user --net sh "$folder/apart.sh"
run unshare --user --map-root-user --net "$bin/mlcharter" release verify
cat > "$folder/start.sh" <<'END'
ip link set lo up 2> /dev/null || python3 -c 'import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))'
sh "$@" 2> /dev/null
END
unshare --user --map-root-user --net sh "$folder/start.sh" "$folder/serve.sh" "$bin" "$folder"
run unshare --user --map-root-user --net "$bin/mlcharter" release rollback
unshare --user --map-root-user --net sh "$folder/start.sh" "$folder/serve.sh" "$bin" "$folder"
