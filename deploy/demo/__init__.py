"""The rehearsal behind `truc demo`: Bình Định's first half of 2023, replayed over the public interfaces.

    figures.py     what the province reported, and what is assumed beside it
    applicants.py  who asks: generated citizens, some stated wrongly, some unknown
    procedures.py  what is asked for, where, with which form
    courses.py     how dossiers go: from the counter to the result, or elsewhere
    plan.py        all of it put together: a stream of planned dossiers from a seed
    wire.py        a lean HTTP client, so that the load does not starve what it measures
    hands.py       carries one planned step out, and insists until it is taken
    replay.py      many dossiers at a time, in step with the portal
    acks.py        hears on the axis what the portal acknowledged, with the times of every hop
    exports.py     what province, axis and portal hold, read back
    accounting.py  what differs between them: a pure function
    report.py      the figures at the end, as one document
    progress.py    bars on a terminal, lines elsewhere
    run.py         the whole rehearsal on an axis that runs

It knows nothing but addresses, a member's token and the operator's key: what it does, anybody with these can.
"""
