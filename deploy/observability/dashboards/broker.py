"""The broker: the stream, who is fed, who is behind, what has not reached it."""

from __future__ import annotations

from contracts.problems.text import Text
from deploy.observability.dashboards.queries import YES_NO, rate
from deploy.observability.panels import Dashboard, Panel, Query

BROKER = Dashboard(
    "truc-broker",
    Text("Trục sự kiện (NATS JetStream)", "The broker (NATS JetStream)"),
    [
        Panel(
            "stat",
            Text("NATS trả lời", "The broker answers"),
            [Query("min(truc_broker_up)")],
            unit="none",
            width=6,
            height=5,
            thresholds=(1, 0.5),
            values=YES_NO,
        ),
        Panel(
            "stat",
            Text("Tiến trình mất kết nối", "Processes not connected"),
            [Query("count(truc_axis_connected == 0) or vector(0)")],
            width=6,
            height=5,
            thresholds=(1, 1),
        ),
        Panel(
            "stat",
            Text("Luồng AXIS trên đĩa", "The stream AXIS on disk"),
            [Query("max(truc_broker_stream_bytes)")],
            unit="bytes",
            width=6,
            height=5,
        ),
        Panel(
            "stat",
            Text("Sự kiện cũ nhất còn giữ", "Oldest event kept"),
            [Query("max(truc_broker_stream_oldest_seconds)")],
            unit="s",
            width=6,
            height=5,
        ),
        Panel(
            "timeseries",
            Text("Sự kiện đã phát mỗi giây", "Events published per second"),
            [Query(rate("truc_axis_published_total", "subject"), "{{subject}}")],
            unit="ops",
        ),
        Panel(
            "timeseries",
            Text("Sự kiện lưu trong luồng", "Events the stream keeps"),
            [Query("max(truc_broker_stream_messages)", "AXIS")],
        ),
        Panel(
            "timeseries",
            Text("Chờ xác nhận, theo bên nhận", "Not acknowledged, by consumer"),
            [Query("truc_broker_consumer_pending", "{{consumer}}")],
        ),
        Panel(
            "timeseries",
            Text("Đã phát lại", "Redelivered"),
            [Query("truc_broker_consumer_redelivered", "{{consumer}}")],
        ),
        Panel(
            "timeseries",
            Text("Chưa gửi lên NATS, theo tiến trình", "Not published yet, by process"),
            [Query("truc_axis_outbox_waiting", "{{process}}")],
        ),
        Panel(
            "timeseries",
            Text("Tuổi sự kiện chưa gửi", "Age of the oldest of them"),
            [Query("truc_axis_outbox_oldest_seconds", "{{process}}")],
            unit="s",
            thresholds=(10, 30),
        ),
        Panel(
            "timeseries",
            Text("Bị giữ và bị dừng", "Held and parked"),
            [
                Query("truc_axis_held_events > 0", "{{consumer}} {{state}}"),
                Query("truc_axis_parked_keys > 0", "{{consumer}} bị dừng · parked"),
            ],
        ),
        Panel(
            "timeseries",
            Text("Bên nhận được cấp sự kiện", "Consumers that are fed"),
            [Query("truc_axis_consumer_subscribed", "{{consumer}}")],
            unit="none",
            values=YES_NO,
        ),
        Panel(
            "timeseries",
            Text("Sổ độ trễ nghe các tiến trình", "When the ledger last heard each process"),
            [Query("truc_ledger_heard_seconds", "{{of}}")],
            unit="s",
            thresholds=(30, 60),
        ),
        Panel(
            "timeseries",
            Text("Đĩa còn trống", "Disk free"),
            [Query("truc_disk_free_bytes", "{{process}}")],
            unit="bytes",
        ),
    ],
)
