"""What the dashboards ask again and again, and what numbers are called."""

from __future__ import annotations

from typing import Final

from contracts.problems.text import Text
from deploy.observability.panels import Query

STATES: Final = {0: Text("đóng", "closed"), 1: Text("thử lại", "half open"), 2: Text("mở", "open")}
TRENDS: Final = {
    0: Text("đang khá lên", "improving"),
    1: Text("ổn định", "steady"),
    2: Text("đang xấu đi", "worsening"),
    3: Text("đứng lại", "stalled"),
}
YES_NO: Final = {0: Text("không", "no"), 1: Text("có", "yes")}

OF_PROCESS: Final = '{process=~"$process"}'
SPAN: Final = "[$__rate_interval]"


def rate(counter: str, by: str = "", chosen: str = "") -> str:
    """How often a second, by these labels."""
    return f"sum {f'by ({by}) ' if by else ''}(rate({counter}{chosen}{SPAN}))"


def tail(histogram: str, by: str, chosen: str = "", *, share: float = 0.99) -> str:
    """A quantile of a histogram, by these labels."""
    groups = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({groups}) (rate({histogram}_bucket{chosen}{SPAN})))"


def quantiles(histogram: str, chosen: str = "", by: str = "") -> list[Query]:
    """Median and tail of a histogram, with the traces behind the tail."""
    name = f"{{{{{by}}}}} " if by else ""
    return [
        Query(tail(histogram, by, chosen, share=share), f"{name}p{round(share * 100)}", exemplars=share == 0.99)
        for share in (0.5, 0.95, 0.99)
    ]
