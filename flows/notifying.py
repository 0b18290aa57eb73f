"""Telling people what a run has found, through Prefect's notification blocks and Apprise.

Nothing here fails a run: a channel that does not take the message is one warning, which names the
channel and the kind of its error and never an address, for addresses hold secrets.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from threading import Thread

from prefect.logging import get_run_logger
from pydantic import SecretStr

from flows.progress import tell
from sdtmflow.errors import SdtmflowError
from sdtmflow.pipeline.following import register_of
from sdtmflow.pipeline.notice import Notice, notice_of
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Run
from sdtmflow.settings import NOTIFY_URLS, Settings

PATIENCE = 20.0
"""Seconds that all channels have together."""
_TALKATIVE = ("apprise", "httpx", "httpcore", "urllib3")
"""Loggers of libraries that name the addresses they send to."""
_STEP = "notify"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to people: its name as everybody may see it, and what sends (or raises)."""

    name: str
    send: Callable[[Notice], None]


class RefusedError(Exception):
    """A channel did not take the message; the text says why and may be shown."""


def notify(run: Run, outcome: Outcome) -> None:
    """Tell the study's channels once what the run has found, where there is something to tell."""
    channels = channels_of(run.study.notify.blocks, Settings.read().notify_urls)
    if not channels:
        return
    try:
        _tell_once(run, outcome, channels)
    except SdtmflowError as error:
        _warn("", f"the register could not be asked what is new: {error}")


def _tell_once(run: Run, outcome: Outcome, channels: Sequence[Channel]) -> None:
    register = register_of(run.folder)
    if register.was_told(outcome.run_id, outcome.limits):
        return
    notice = notice_of(run.study, outcome, register.news(outcome.run_id))
    if notice is None:
        return
    for channel in channels:
        tell(_STEP, channel.name, "started")
    refused = send(notice, channels)
    for channel in channels:
        if channel.name in refused:
            _warn(channel.name, refused[channel.name])
        else:
            tell(_STEP, channel.name, "done")
    if len(refused) < len(channels):
        register.note_told(outcome.run_id, outcome.limits)


def channels_of(blocks: Sequence[str], urls: Sequence[SecretStr]) -> tuple[Channel, ...]:
    """The channels of study.yaml and of the environment; none of them is tried yet."""
    return (
        *(Channel(block, _by_block(block)) for block in dict.fromkeys(blocks)),
        *(
            Channel(f"address {number} of {NOTIFY_URLS}", _by_url(url))
            for number, url in enumerate(urls, 1)
        ),
    )


def send(
    notice: Notice, channels: Sequence[Channel], patience: float = PATIENCE
) -> Mapping[str, str]:
    """Send to all channels at once, and give the names of those that failed, each with the reason.

    Whoever has not answered after ``patience`` seconds in all is not waited for.
    """
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    answers: dict[str, str] = {}
    threads = [_thread(channel, notice, answers) for channel in channels]
    end = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    late = f"no answer within {patience:g} seconds"
    reasons = {channel.name: answers.get(channel.name, late) for channel in channels}
    return {name: reason for name, reason in reasons.items() if reason}


def _thread(channel: Channel, notice: Notice, answers: dict[str, str]) -> Thread:
    """A running thread that notes the reason of a failure, or ""; no exit of ours waits for it."""

    def attempt() -> None:
        try:
            channel.send(notice)
        except RefusedError as refused:
            answers[channel.name] = str(refused)
        except Exception as error:  # noqa: BLE001 — whatever a channel's library raises
            answers[channel.name] = f"it failed with {type(error).__name__}"
        else:
            answers[channel.name] = ""

    # Prefect's settings are context variables, and a block is loaded from the server they name.
    thread = Thread(target=copy_context().run, args=(attempt,), daemon=True)
    thread.start()
    return thread


def _by_block(name: str) -> Callable[[Notice], None]:
    def by_block(notice: Notice) -> None:
        import prefect.blocks.notifications  # noqa: F401 — makes its kinds of blocks known
        from prefect.blocks.abstract import NotificationBlock
        from prefect.blocks.core import Block

        try:
            block = Block.load(name)
        except ValueError:  # its text may quote what the block holds
            raise RefusedError("the Prefect server has no such block, or a damaged one") from None
        if not isinstance(block, NotificationBlock):
            raise RefusedError("this is no notification block")
        with block.raise_on_failure():
            _finish(block.notify(notice.body, notice.title))

    return by_block


def _finish(sent: Awaitable[None] | None) -> None:
    """Prefect's own blocks have sent by now; those of others may be coroutines."""

    async def finished(awaited: Awaitable[None]) -> None:
        await awaited

    if sent is not None:
        asyncio.run(finished(sent))


def _by_url(url: SecretStr) -> Callable[[Notice], None]:
    def by_url(notice: Notice) -> None:
        from apprise import Apprise, AppriseAsset, NotifyFormat

        apprise = Apprise(asset=AppriseAsset(app_id="sdtmflow", app_desc="sdtmflow"))
        if not apprise.add(url.get_secret_value()):
            raise RefusedError("this is no address that Apprise knows")
        if not apprise.notify(notice.body, notice.title, body_format=NotifyFormat.TEXT):
            raise RefusedError("the message was not taken")

    return by_url


def _warn(channel: str, reason: str) -> None:
    """One line on the screen and in the run's log."""
    tell(_STEP, channel, "failed", reason)
    get_run_logger().warning("%s failed: %s", f"{_STEP} {channel}".strip(), reason)
