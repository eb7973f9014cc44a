"""The hub as OpenID provider for operators: authorization code with PKCE, from accounts of its own.

    browser ──GET /authorize──► a form ──POST──► 303 back with a code ──► client ──POST /token──► id token

Read in the order: clients, asking, tokens, texts, pages, api.
"""
