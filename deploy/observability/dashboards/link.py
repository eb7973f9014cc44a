"""One link: how old, how fast, hop by hop, and the way to the national portal."""

from __future__ import annotations

from contracts.problems.text import Text
from deploy.observability.dashboards.queries import TRENDS, quantiles, rate, tail
from deploy.observability.panels import Choice, Dashboard, Panel, Query, Row

LINK = Dashboard(
    "truc-link",
    Text("Một kênh", "A link"),
    [
        Panel(
            "timeseries",
            Text("Sự kiện cũ nhất chưa được xác nhận", "Oldest event not acknowledged"),
            [Query('truc_link_oldest_seconds{link=~"$link"}', "{{link}}")],
            unit="s",
            thresholds=(30, 60),
        ),
        Panel(
            "timeseries",
            Text("Sự kiện đang chờ", "Events waiting"),
            [
                Query('truc_link_backlog_events{link=~"$link"}', "{{link}}"),
                Query('truc_link_held_events{link=~"$link"} > 0', "{{link}} bị giữ · held"),
                Query('truc_link_dead_events{link=~"$link"} > 0', "{{link}} lỗi · dead"),
            ],
        ),
        Panel(
            "timeseries",
            Text("Xu hướng", "Trend"),
            [Query('truc_link_trend{link=~"$link"}', "{{link}}")],
            unit="none",
            values=TRENDS,
            thresholds=(2, 3),
        ),
        Panel(
            "timeseries",
            Text("Từ lúc xảy ra đến khi bên nhận ghi xong", "From the event to its reaction committed"),
            quantiles("truc_axis_hop_seconds", '{consumer=~"$consumer"}', "consumer"),
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Sự kiện đã nhận mỗi giây", "Events taken per second"),
            [
                Query(
                    rate("truc_axis_consumed_total", "consumer, outcome", '{consumer=~"$consumer"}'),
                    "{{consumer}} {{outcome}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            "timeseries",
            Text("Sự kiện mỗi lần ghi", "Events per commit"),
            quantiles("truc_axis_batch_events", '{consumer=~"$consumer"}', "consumer")[:2],
        ),
        Row(Text("Lên Cổng Dịch vụ công quốc gia", "To the national portal")),
        Panel(
            "heatmap",
            Text("Thời gian đến khi Cổng xác nhận", "Time until the portal acknowledges"),
            [
                Query(
                    'sum by (le) (increase(truc_sync_hop_seconds_bucket{hop="total"}[$__rate_interval]))',
                    "{{le}}",
                    True,
                )
            ],
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Từng chặng (p95)", "Hop by hop (p95)"),
            [
                Query(
                    tail("truc_sync_hop_seconds", "hop", share=0.95),
                    "{{hop}}",
                )
            ],
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Cuộc gọi tới Cổng theo kết quả", "Calls to the portal by outcome"),
            [
                Query(
                    rate("truc_sync_calls_total", "verb, outcome"),
                    "{{verb}} {{outcome}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            "timeseries",
            Text("Hồ sơ theo tình trạng gửi", "Dossiers by what their lane does"),
            [Query("truc_sync_lanes", "{{state}}")],
        ),
        Panel(
            "timeseries",
            Text("Thời gian một cuộc gọi (p99)", "One call (p99)"),
            [
                Query(
                    tail("truc_sync_call_seconds", "verb", share=0.99),
                    "{{verb}}",
                    exemplars=True,
                )
            ],
            unit="s",
        ),
        Panel(
            "timeseries",
            Text("Thư chết và yêu cầu của công dân", "Dead letters and citizens' requests"),
            [
                Query("truc_sync_open_letters", "thư chết · dead letters"),
                Query("sum by (kind) (increase(truc_sync_citizen_requests_total[1h]))", "{{kind}} / 1h"),
            ],
        ),
    ],
    [
        Choice("link", Text("Kênh", "Link"), "truc_link_oldest_seconds", "link"),
        Choice("consumer", Text("Bên nhận", "Consumer"), "truc_axis_consumer_subscribed", "consumer"),
    ],
)
