"""One process: its requests, its database, what it needs, what it does."""

from __future__ import annotations

from contracts.problems.text import Text
from deploy.observability.dashboards.queries import OF_PROCESS, STATES, YES_NO, quantiles, rate, tail
from deploy.observability.panels import Choice, Dashboard, Panel, Query, Row

PROCESS = Dashboard(
    "truc-process",
    Text("Một tiến trình", "A process"),
    [
        Row(Text("Yêu cầu", "Requests")),
        Panel(
            "timeseries",
            Text("Thời gian trả lời", "Time to answer"),
            quantiles("truc_http_request_seconds", OF_PROCESS, "process"),
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Yêu cầu theo kết quả", "Requests by status"),
            [
                Query(
                    rate("truc_http_request_seconds_count", "process, status", OF_PROCESS),
                    "{{process}} {{status}}",
                )
            ],
            unit="reqps",
        ),
        Panel(
            "table",
            Text("Địa chỉ chậm nhất (p99, 15 phút)", "Slowest routes (p99, 15 minutes)"),
            [
                Query(
                    "topk(15, histogram_quantile(0.99, sum by (process, route, method, le) "
                    '(rate(truc_http_request_seconds_bucket{process=~"$process"}[15m]))) > 0)',
                    instant=True,
                )
            ],
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Gọi tiến trình khác (p99)", "Calls to other processes (p99)"),
            [
                Query(
                    tail("truc_call_seconds", "process, destination", OF_PROCESS),
                    "{{process}} → {{destination}}",
                    exemplars=True,
                )
            ],
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Cầu dao", "Circuit breakers"),
            [Query('truc_breaker_state{process=~"$process"}', "{{process}} → {{destination}}")],
            unit="none",
            values=STATES,
            thresholds=(1, 2),
        ),
        Panel(
            "timeseries",
            Text("Cầu dao đổi trạng thái", "Breakers changed"),
            [
                Query(
                    'increase(truc_breaker_changes_total{process=~"$process"}[5m])',
                    "{{process}} → {{destination}} {{to}}",
                )
            ],
        ),
        Row(Text("Cơ sở dữ liệu", "Database")),
        Panel(
            "timeseries",
            Text("Thời gian một lần ghi", "One commit"),
            quantiles("truc_commit_seconds", OF_PROCESS, "process"),
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Lệnh mỗi lần ghi", "Commands per commit"),
            quantiles("truc_commit_commands", OF_PROCESS, "process")[:2],
        ),
        Panel(
            "timeseries",
            Text("Lệnh đang chờ, lô phải làm lại", "Commands waiting, batches spoiled"),
            [
                Query('truc_commands_waiting{process=~"$process"}', "{{process}} chờ · waiting"),
                Query(
                    'increase(truc_commit_spoiled_total{process=~"$process"}[5m])', "{{process}} làm lại · spoiled"
                ),
            ],
        ),
        Panel(
            "timeseries",
            Text("Kích thước SQLite", "SQLite on disk"),
            [Query('truc_database_bytes{process=~"$process"}', "{{process}} {{part}}")],
            unit="bytes",
        ),
        Row(Text("Tài nguyên", "Resources")),
        Panel(
            "timeseries",
            Text("CPU", "CPU"),
            [Query('rate(process_cpu_seconds_total{process=~"$process"}[$__rate_interval])', "{{process}}")],
            unit="percentunit",
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Bộ nhớ", "Memory"),
            [Query('process_resident_memory_bytes{process=~"$process"}', "{{process}}")],
            unit="bytes",
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Tệp đang mở", "Open files"),
            [Query('process_open_fds{process=~"$process"}', "{{process}}")],
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Khởi động lại", "Restarts"),
            [Query('changes(process_start_time_seconds{process=~"$process"}[15m])', "{{process}}")],
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Biết khóa của hub", "Knows the hub's keys"),
            [Query('truc_keys_known{process=~"$process"}', "{{process}}")],
            unit="none",
            width=8,
            values=YES_NO,
        ),
        Panel(
            "timeseries",
            Text("Không trả lời được số liệu", "Failed look-ups for metrics"),
            [Query('increase(truc_scrape_failures_total{process=~"$process"}[15m])', "{{process}} {{what}}")],
            width=8,
        ),
        Row(Text("Nghiệp vụ", "What it does")),
        Panel(
            "timeseries",
            Text("Mã truy cập", "Tokens"),
            [Query(rate("truc_hub_tokens_total", "outcome"), "{{outcome}}")],
            unit="ops",
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Nhiệm vụ: trả lời và quá hạn", "Tasks: answers, and overdue"),
            [
                Query(rate("truc_dossier_task_answers_total", "effect"), "{{effect}}"),
                Query("increase(truc_dossier_tasks_overdue_total[1h])", "quá hạn · overdue / 1h"),
            ],
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Giấy tờ: nhận và từ chối", "Papers: taken and refused"),
            [
                Query(
                    rate("truc_dossier_papers_total", "purpose, how"),
                    "{{purpose}} {{how}}",
                ),
                Query(rate("truc_dossier_uploads_refused_total", "rule"), "{{rule}}"),
            ],
            unit="ops",
            width=8,
        ),
    ],
    [Choice("process", Text("Tiến trình", "Process"), 'up{job="truc"}', "process")],
)
