"""Verify a ledger: `python -m <package>.rag.tools FILE [ROW DIGEST]`, one kept elsewhere."""

import sys
from pathlib import Path

from .ledger import Ledger, TamperedError, verify


def main() -> None:
    """Verify a file, and print its last row and the calls without a known outcome."""
    path, kept = Path(sys.argv[1]), sys.argv[2:4]
    try:
        n, digest = verify(path, (int(kept[0]), kept[1]) if kept else None)
    except TamperedError as error:
        sys.exit(f"error: {error}")
    print(f"{n} rows, the last is {digest}")
    for call in Ledger(path).dead_letters():
        print(f"{call['state']}: {call['key']} {call['tool']} for {call['caller']}")


if __name__ == "__main__":
    main()
