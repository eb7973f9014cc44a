"""The latency ledger (sổ độ trễ): for every link how long each hop takes, from stored times alone.

    receipts of every process ─┐
    portal.status-* events ────┴─► records (a week) ─► roll-ups by second, minute and hour
    broker, outboxes, backlogs ──► standing: the oldest thing not acknowledged, per link, now

Read in the order: names, histogram, models, entries, recording, rolling; then standing, watching, sources, trend;
then windows, queries, sentences, levels.
"""
