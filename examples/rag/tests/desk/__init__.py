"""Quotes to test with."""

from harbour_answers.desk import Quote

FEE = Quote("A pilotage costs €310.", "pilot-fees.md", 118, 141, "2026-04-01")
FOG = Quote("Below 500 m nothing moves.", "fog.md", 120, 147, "2026-01-12")
