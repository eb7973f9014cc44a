"""What somebody is woken for, or told of, as data. Each alert has a page in `docs/runbooks` of its name.

`page` means now, whoever is on duty; `ticket` means in working hours. The service levels' alerts are made from the
levels themselves, see `objectives`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from contracts.problems.text import Text

RUNBOOKS: Final = "docs/runbooks"
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Alert:
    """When `query` holds for so long. Its texts may use `{{ $labels.x }}` and `{{ $value }}`."""

    name: str
    query: str
    holds: str
    severity: Literal["page", "ticket"]
    summary: Text
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def runbook(self) -> str:
        """The page about it, from the root of the repository."""
        return f"{RUNBOOKS}/{_CAPITAL.sub('-', self.name.removeprefix('Truc')).lower()}.md"


ALERTS: Final = (
    # -- is anything lost ------------------------------------------------------------------------------------
    Alert(
        "TrucReconciliationDifference",
        "sum by (process, kind) (truc_reconciliation_differences) > 0",
        "1m",
        "page",
        Text(
            "Đối soát thấy {{ $value }} sai khác loại {{ $labels.kind }}",
            "The last reconciliation found {{ $value }} differences of kind {{ $labels.kind }}",
        ),
    ),
    Alert(
        "TrucDeadLetters",
        'sum by (process, consumer) (truc_axis_held_events{state="dead"}) > 0'
        " or sum by (process) (truc_sync_open_letters) > 0",
        "1m",
        "ticket",
        Text(
            "{{ $value }} sự kiện không xử lý được ở {{ $labels.process }} {{ $labels.consumer }}",
            "{{ $value }} dead letters at {{ $labels.process }} {{ $labels.consumer }}",
        ),
    ),
    Alert(
        "TrucKeysParked",
        "sum by (process, consumer) (truc_axis_parked_keys) > 0"
        ' or sum by (process) (truc_sync_lanes{state="parked"}) > 0',
        "15m",
        "ticket",
        Text(
            "{{ $value }} hồ sơ hoặc đối tượng đang bị dừng sau một sự kiện lỗi ở {{ $labels.process }}",
            "{{ $value }} keys are parked behind a dead letter at {{ $labels.process }}",
        ),
    ),
    Alert(
        "TrucEventsHeld",
        'sum by (process, consumer) (truc_axis_held_events{state="waiting"}) > 0',
        "10m",
        "ticket",
        Text(
            "{{ $value }} sự kiện chờ một phiên bản chưa đến ở {{ $labels.consumer }}",
            "{{ $value }} events wait for an earlier version at {{ $labels.consumer }}",
        ),
    ),
    # -- is anything late ------------------------------------------------------------------------------------
    Alert(
        "TrucLinkStuck",
        "truc_link_oldest_seconds > 900",
        "5m",
        "page",
        Text(
            "Kênh {{ $labels.link }}: sự kiện cũ nhất đã chờ {{ $value | humanizeDuration }}",
            "Link {{ $labels.link }}: the oldest event has waited {{ $value | humanizeDuration }}",
        ),
    ),
    Alert(
        "TrucOutboxStuck",
        "truc_axis_outbox_oldest_seconds > 30",
        "1m",
        "page",
        Text(
            "{{ $labels.process }} còn sự kiện chưa gửi được từ {{ $value | humanizeDuration }} trước",
            "{{ $labels.process }} has not been able to publish for {{ $value | humanizeDuration }}",
        ),
    ),
    Alert(
        "TrucBreakerOpen",
        "truc_breaker_state == 2",
        "2m",
        "page",
        Text(
            "{{ $labels.process }} đã ngừng gọi {{ $labels.destination }} vì lỗi liên tục",
            "{{ $labels.process }} has stopped calling {{ $labels.destination }}, which keeps failing",
        ),
    ),
    # -- the broker ------------------------------------------------------------------------------------------
    Alert(
        "TrucBrokerDown",
        "min by (process) (truc_broker_up) == 0 or min by (process) (truc_axis_connected) == 0",
        "1m",
        "page",
        Text(
            "{{ $labels.process }} không kết nối được với NATS JetStream",
            "{{ $labels.process }} cannot reach the broker (NATS JetStream)",
        ),
    ),
    Alert(
        "TrucConsumerNotFed",
        "truc_axis_consumer_subscribed == 0",
        "2m",
        "page",
        Text(
            "{{ $labels.consumer }} không nhận được sự kiện từ NATS",
            "{{ $labels.consumer }} is not fed by the broker",
        ),
    ),
    Alert(
        "TrucBrokerStorage",
        "truc_broker_stream_bytes > on (process) truc_disk_free_bytes",
        "15m",
        "ticket",
        Text(
            "Luồng AXIS chiếm {{ $value | humanize1024 }}B, nhiều hơn phần đĩa còn trống",
            "The stream AXIS takes {{ $value | humanize1024 }}B, more than is free on the disk",
        ),
    ),
    # -- the machine -----------------------------------------------------------------------------------------
    Alert(
        "TrucDiskLow",
        "truc_disk_free_bytes / truc_disk_size_bytes < 0.1",
        "5m",
        "ticket",
        Text(
            "Đĩa của {{ $labels.process }} chỉ còn trống {{ $value | humanizePercentage }}",
            "The disk of {{ $labels.process }} has only {{ $value | humanizePercentage }} left",
        ),
    ),
    Alert(
        "TrucDiskFull",
        "truc_disk_free_bytes / truc_disk_size_bytes < 0.03"
        " or (predict_linear(truc_disk_free_bytes[6h], 86400) < 0"
        " and truc_disk_free_bytes / truc_disk_size_bytes < 0.3)",
        "10m",
        "page",
        Text(
            "Đĩa của {{ $labels.process }} đầy hoặc sẽ đầy trong một ngày",
            "The disk of {{ $labels.process }} is full, or will be within a day",
        ),
    ),
    Alert(
        "TrucProcessDown",
        'up{job="truc"} == 0',
        "1m",
        "page",
        Text("Tiến trình {{ $labels.process }} không chạy", "The process {{ $labels.process }} does not answer"),
    ),
    Alert(
        "TrucProcessRestarts",
        'changes(process_start_time_seconds{job="truc"}[15m]) > 2',
        "0m",
        "ticket",
        Text(
            "Tiến trình {{ $labels.process }} khởi động lại {{ $value }} lần trong 15 phút",
            "The process {{ $labels.process }} was started again {{ $value }} times within 15 minutes",
        ),
    ),
    # -- the services ----------------------------------------------------------------------------------------
    Alert(
        "TrucCommitsSlow",
        "histogram_quantile(0.99, sum by (process, le) (rate(truc_commit_seconds_bucket[5m]))) > 1",
        "10m",
        "ticket",
        Text(
            "Ghi cơ sở dữ liệu của {{ $labels.process }} chậm: p99 {{ $value | humanizeDuration }}",
            "Commits of {{ $labels.process }} are slow: p99 is {{ $value | humanizeDuration }}",
        ),
    ),
    Alert(
        "TrucWriterBehind",
        "truc_commands_waiting > 5000",
        "1m",
        "ticket",
        Text(
            "{{ $value }} lệnh ghi đang chờ ở {{ $labels.process }}",
            "{{ $value }} commands wait for the writer of {{ $labels.process }}",
        ),
    ),
    Alert(
        "TrucRequestsFail",
        'sum by (process) (rate(truc_http_request_seconds_count{status="5xx",route!~"/readyz|/healthz"}[5m]))'
        " / sum by (process) (rate(truc_http_request_seconds_count[5m])) > 0.01",
        "5m",
        "page",
        Text(
            "{{ $value | humanizePercentage }} yêu cầu tới {{ $labels.process }} bị lỗi máy chủ",
            "{{ $value | humanizePercentage }} of the requests to {{ $labels.process }} fail",
        ),
    ),
    Alert(
        "TrucKeysUnknown",
        "truc_keys_known == 0",
        "2m",
        "page",
        Text(
            "{{ $labels.process }} chưa có khóa của hub, mọi mã truy cập đều bị từ chối",
            "{{ $labels.process }} does not know the hub's keys and takes no token",
        ),
    ),
    Alert(
        "TrucTokensRefused",
        'sum by (outcome) (increase(truc_hub_tokens_total{outcome!="issued"}[10m])) > 20',
        "0m",
        "ticket",
        Text(
            "Hub từ chối {{ $value | humanize }} yêu cầu cấp mã trong 10 phút: {{ $labels.outcome }}",
            "The hub refused {{ $value | humanize }} requests for tokens within 10 minutes: {{ $labels.outcome }}",
        ),
    ),
    Alert(
        "TrucLedgerDeaf",
        "truc_ledger_heard_seconds > 60",
        "2m",
        "ticket",
        Text(
            "Sổ độ trễ không nghe được {{ $labels.of }} từ {{ $value | humanizeDuration }}",
            "The latency ledger has not heard {{ $labels.of }} for {{ $value | humanizeDuration }}",
        ),
    ),
    Alert(
        "TrucScrapeFails",
        "sum by (process, what) (increase(truc_scrape_failures_total[10m])) > 2",
        "0m",
        "ticket",
        Text(
            "{{ $labels.process }} không trả lời được số liệu: {{ $labels.what }}",
            "{{ $labels.process }} cannot look up figures for its metrics: {{ $labels.what }}",
        ),
    ),
)
