"""The processes that do the work of a fleet end with the one that began them."""

import subprocess
import sys
import time

PROGRAM = """
import os, time
from pathlib import Path
from mlcharter.fleet import members, running

def work(member):
    if member.name > "1":
        time.sleep(1)
    return os.getpid()

whole = [members.Member(str(n), Path("."), members.Listed(path=".")) for n in range(9)]
for row in running.each(whole, work, lambda member, error: error, 2):
    print(row, flush=True)
"""


def test_no_worker_outlives_a_check_that_was_killed() -> None:
    """Each would hold the memory of a check for ever."""
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = {parent.stdout.readline().strip() for _ in range(2)}
    parent.kill()
    parent.wait()

    last = time.monotonic() + 60
    while alive := [worker for worker in workers if runs(worker)]:
        assert time.monotonic() < last, alive
        time.sleep(0.2)


def runs(process: str) -> bool:
    words = ["ps", "-o", "stat=", "-p", process]
    state = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")
