"""The operators' console (bảng điều khiển): who is logged in, the pages, and what they may do.

    browser ─► gate ─► session? ─► NiceGUI ─► a page: reads with the store, draws, is pushed what changes
                          │
                          └─no─► login ─► OpenID provider ─► callback ─► session

Read in the order: oidc, sessions, doors (login and logout), gate, desk (what is done), snapshot, then the pages.
"""
