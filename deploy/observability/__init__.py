"""How the axis is watched: Prometheus rules, Grafana dashboards and their files, made from data and code.

`python -m deploy.documents` writes the files; a test compares them with what the code says now.
"""
