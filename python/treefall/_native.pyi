from typing import Final, Optional

RUNNING: Final[int]
SUSPENDED: Final[int]
ABANDONED: Final[int]
OK: Final[int]
EINVAL: Final[int]
ENOSENTINEL: Final[int]
ENOTARMED: Final[int]
ESYSTEM: Final[int]
EFORKED: Final[int]
EREFUSED: Final[int]
EVERSION: Final[int]
EREPORT: Final[int]
ETIMEDOUT: Final[int]
ESENTINEL: Final[int]
ESCRATCH: Final[int]
version: Final[str]

def error_text(os_code: int, /) -> str: ...
def ignore_interrupts(deaf: bool, /) -> None: ...
def interrupts() -> int: ...
def renew_stops() -> None: ...
def strerror(code: int, /) -> str: ...

class Handle:
    def beat(self) -> None: ...
    def _start(
        self,
        kill_delay_ms: int,
        startup_grace_ms: int,
        stop_budget_ms: int,
        exit_grace_ms: int,
        fall_when_stopped: bool,
        sentinel: Optional[str],
        report: Optional[str],
        scratch: Optional[str],
        /,
    ) -> tuple[int, int]: ...
    def _hold(self, budget_ms: int, /) -> None: ...
    def _release(self) -> None: ...
    def _closing(self, budget_ms: int, /) -> None: ...
    def _suspended(self, suspension: int, /) -> None: ...
    def _end(self) -> int: ...
    def _describe(self) -> str: ...
