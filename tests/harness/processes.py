"""Child processes that are always stopped, and that do not outlive the tests."""

import ctypes
import signal
import subprocess

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """For preexec_fn: the kernel ends the child when the tests end in whatever way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop(process: subprocess.Popen, signum: int = signal.SIGTERM, grace: float = 10.0) -> int:
    """Asks a process to end, insists after the grace, and returns its exit code."""
    if process.poll() is None:
        process.send_signal(signum)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(grace)
