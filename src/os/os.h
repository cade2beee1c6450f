/* Every primitive that treefall needs of an operating system, one noun per file. The build selects
 * one implementation: src/os/linux, src/os/windows, or the scripted one of the unit tests. There
 * `x.c` implements all of `x.h`. What a system does not have is implemented by src/os/none/x.c.
 * Nothing outside these folders names an OS; differences are queried as capabilities (os_has_...).
 *
 * All calls return an error by value (code ERROR_NONE = success) and leave their outputs untouched
 * on failure. Times are milliseconds. The code that opens a handle owns it. No call is thread-safe
 * unless its comment says so, and none prints. */
#ifndef TREEFALL_OS_OS_H
#define TREEFALL_OS_OS_H

#include "os/alarm.h"
#include "os/beat_file.h"
#include "os/beat_page.h"
#include "os/brand.h"
#include "os/caller.h"
#include "os/cap.h"
#include "os/channel.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/container.h"
#include "os/enclosure.h"
#include "os/environ.h"
#include "os/error.h"
#include "os/events.h"
#include "os/file.h"
#include "os/fork.h"
#include "os/guard.h"
#include "os/handle.h"
#include "os/inherited.h"
#include "os/input.h"
#include "os/interrupts.h"
#include "os/isolation.h"
#include "os/leftovers.h"
#include "os/limits.h"
#include "os/notify.h"
#include "os/orphan.h"
#include "os/pages.h"
#include "os/path.h"
#include "os/pid_file.h"
#include "os/pin.h"
#include "os/process.h"
#include "os/route.h"
#include "os/scan.h"
#include "os/scratch.h"
#include "os/signals.h"
#include "os/spawn.h"
#include "os/stop_notice.h"
#include "os/stream.h"
#include "os/strike.h"
#include "os/subreaper.h"
#include "os/terminal.h"
#include "os/thread.h"
#include "os/user.h"
#include "os/wait.h"
#include "os/wire.h"
#include "os/words.h"

#endif
