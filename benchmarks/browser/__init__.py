"""A headless Chromium that is driven by its own protocol (DevTools), as a person would.

Used by the benchmark of the report and by the tests of its page.
"""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_START, _ANSWER = 60, 60
"""Seconds that a busy machine may need."""
_KEYS = {
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "Tab": (9, "\t"),
    "Home": (36, ""),
    "End": (35, ""),
}
_KEYS |= {"PageUp": (33, ""), "PageDown": (34, ""), "ArrowLeft": (37, ""), "ArrowUp": (38, "")}
_KEYS |= {"ArrowRight": (39, ""), "ArrowDown": (40, "")}


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        """Everything that the browser has told, such as ``Network.requestWillBeSent``."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """A command of the protocol and its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told: dict[str, Any] = json.loads(self._socket.recv(timeout=_ANSWER))
            if told.get("id") != number:
                self.events.append(told)
                continue
            if "error" in told:
                raise RuntimeError(f"{method}: {told['error']['message']}")
            result: dict[str, Any] = told["result"]
            return result

    def open(self, url: str) -> None:
        """Go there, and wait until its list is ready."""
        self.do("Page.navigate", url="about:blank")
        self.events.clear()
        self.do("Page.navigate", url=url)
        self.until("document.documentElement?.dataset.ready === 'yes'")

    def run(self, script: str) -> Any:
        """The value of a script's last expression; a promise is waited for."""
        result = self.do(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until the JavaScript expression is true."""
        end = time.monotonic() + _ANSWER
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def press(self, key: str, times: int = 1) -> None:
        """A key of the keyboard; a character writes itself."""
        code, text = _KEYS.get(key, (0, key))
        for kind in ("keyDown", "keyUp") * times:
            said = {"text": text} if text and kind == "keyDown" else {}
            self.do(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **said
            )

    def requests(self) -> list[str]:
        """The addresses that the page has asked for."""
        sent = (each for each in self.events if each.get("method") == "Network.requestWillBeSent")
        return [each["params"]["request"]["url"] for each in sent]

    def screenshot(self, path: Path, width: int, height: int, scale: float = 1) -> None:
        """The page as an image, so many pixels wide and high."""
        self.size(width, height, scale)
        shot = self.do("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """The window's size in pixels."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def pdf(self, path: Path) -> None:
        """The page as it prints."""
        printed = self.do("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(printed["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A browser of our own, with its files in the folder ``profile``; it ends with the block."""
    profile.mkdir(parents=True, exist_ok=True)
    command = [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_tab(profile), max_size=None) as socket:
                yield Page(socket)
        finally:
            process.terminate()


def _tab(profile: Path) -> str:
    """The address of the first tab, as soon as the browser says where it listens."""
    from urllib.request import urlopen

    told = profile / "DevToolsActivePort"
    end = time.monotonic() + _START
    while time.monotonic() < end:
        if told.is_file() and len(told.read_text().split()) == 2:  # noqa: PLR2004 — port and path
            port = told.read_text().split()[0]
            with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_ANSWER) as answer:
                pages = [tab for tab in json.load(answer) if tab["type"] == "page"]
            if pages:
                address: str = pages[0]["webSocketDebuggerUrl"]
                return address
        time.sleep(0.05)
    raise TimeoutError("Chromium did not start")
