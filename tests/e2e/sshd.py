"""A private SSH server on the loopback address, with keys and configuration in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.e2e.terminal import wait_until


class Server:
    """One sshd that lets only the test's own key in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        # The folder exists where sshd was installed by a package; a server that nobody started may lack it.
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        (folder / "config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {folder}/authorized\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
            "PermitRootLogin yes\nPrintMotd no\nPrintLastLog no\n"
        )
        self._log = (folder / "log").open("w")
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        self._process = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "config")], stderr=self._log)
        wait_until(self._answers, complaint=(folder / "log").read_text)

    def _answers(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0

    def command(self, remote: str) -> list[str]:
        """Give the command line that runs something on the other end, with a terminal."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "Compression=yes"]
        return [
            "ssh", "-tt", "-F", "/dev/null", "-i", str(self._folder / "user"), "-p", str(self.port),
            *(word for option in options for word in ("-o", option)), "127.0.0.1", remote,
        ]  # fmt: skip

    def close(self) -> None:
        """End the server; sessions that are open end with their clients."""
        self._process.terminate()
        self._process.wait(10)
        self._log.close()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
