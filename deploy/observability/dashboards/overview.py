"""Is anything lost, is anything late, does it run: one look."""

from __future__ import annotations

from contracts.problems.text import Text
from deploy.observability.dashboards.queries import quantiles, rate
from deploy.observability.panels import Dashboard, Panel, Query, Row

OVERVIEW = Dashboard(
    "truc-overview",
    Text("Tổng quan", "Overview"),
    [
        Row(Text("Có mất gì không?", "Is anything lost?")),
        Panel(
            "stat",
            Text("Sai khác khi đối soát", "Differences found by reconciliation"),
            [Query("sum(truc_reconciliation_differences) or vector(0)")],
            width=6,
            height=5,
            thresholds=(1, 1),
        ),
        Panel(
            "stat",
            Text("Sự kiện không xử lý được", "Dead letters"),
            [Query('sum(truc_axis_held_events{state="dead"}) + sum(truc_sync_open_letters)')],
            width=6,
            height=5,
            thresholds=(1, 10),
        ),
        Panel(
            "stat",
            Text("Đối tượng bị dừng", "Parked keys"),
            [Query('sum(truc_axis_parked_keys) + sum(truc_sync_lanes{state="parked"})')],
            width=6,
            height=5,
            thresholds=(1, 10),
        ),
        Panel(
            "stat",
            Text("Tiến trình không trả lời", "Processes that do not answer"),
            [Query('count(up{job="truc"} == 0) or vector(0)')],
            width=6,
            height=5,
            thresholds=(1, 1),
        ),
        Row(Text("Có chậm không?", "Is anything late?")),
        Panel(
            "timeseries",
            Text("Sự kiện cũ nhất chưa được xác nhận, theo kênh", "Oldest event not acknowledged, by link"),
            [Query("topk(10, truc_link_oldest_seconds)", "{{link}}")],
            unit="s",
            thresholds=(30, 60),
        ),
        Panel(
            "timeseries",
            Text("Từ lúc ghi ở tỉnh đến khi Cổng xác nhận", "From the province's commit to the portal's answer"),
            quantiles("truc_sync_hop_seconds", '{hop="total"}'),
            unit="s",
            thresholds=(30, 60),
        ),
        Panel(
            "bargauge",
            Text("Ngân sách lỗi còn lại", "Error budget left"),
            [Query("truc_service_level_budget_left", "{{level}}")],
            unit="percentunit",
            width=8,
            thresholds=(0.5, 0.1),
        ),
        Panel(
            "timeseries",
            Text("Phần trễ hẹn trong một giờ", "Share that is late, over an hour"),
            [
                Query(
                    "truc:service_level_late:increase1h / (truc:service_level_events:increase1h > 0)",
                    "{{level}}",
                )
            ],
            unit="percentunit",
            width=8,
        ),
        Panel(
            "timeseries",
            Text("Trạng thái đã lên Cổng mỗi giây", "Statuses on the portal per second"),
            [
                Query(
                    rate("truc_sync_statuses_acknowledged_total"),
                    "đã xác nhận · acknowledged",
                ),
                Query("sum(truc_sync_backlog_statuses)", "đang chờ · waiting"),
            ],
            width=8,
        ),
        Row(Text("Có chạy không?", "Does it run?")),
        Panel(
            "timeseries",
            Text("Yêu cầu mỗi giây", "Requests per second"),
            [Query(rate("truc_http_request_seconds_count", "process"), "{{process}}")],
            unit="reqps",
            width=8,
        ),
        Panel(
            "timeseries",
            Text("CPU", "CPU"),
            [Query('rate(process_cpu_seconds_total{job="truc"}[$__rate_interval])', "{{process}}")],
            unit="percentunit",
            width=8,
        ),
        Panel(
            "bargauge",
            Text("Đĩa còn trống", "Disk free"),
            [Query("truc_disk_free_bytes / truc_disk_size_bytes", "{{process}}")],
            unit="percentunit",
            width=8,
            thresholds=(0.2, 0.1),
        ),
    ],
)
