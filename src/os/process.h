/* Processes: a bare number is kept only as long as it takes to open it. */
#ifndef TREEFALL_OS_PROCESS_H
#define TREEFALL_OS_PROCESS_H

#include "base/error.h"
#include "core/process.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A process held by a handle. The handle never refers to the next owner of the number. */
struct os_process {
    struct process_identity id;
    os_handle handle;
};

/* Opens `pid`. If the start time is known (`start` not 0), the identity is proven after opening.
 * ERROR_GONE if the process is dead or its number belongs to another process. */
struct error os_process_open(struct process_identity id, struct os_process *out);
/* Only to wait for its exit: no identity is read. */
struct error os_process_watch(int32_t pid, struct os_process *out);
/* Opens this process. Fails if no process can be signalled here. */
struct error os_process_self_open(struct os_process *out);
struct error os_can_signal(void);
/* Whether a process can be looked up by its number here: its state, parent and start time. */
struct error os_can_look_up(void);
void os_process_close(struct os_process *process);
/* True once it has exited; a zombie has. */
bool os_process_ended(const struct os_process *process);
/* Its present state, parent, group and name. */
struct error os_process_row(int32_t pid, struct process_row *out);
/* The command line, with the arguments separated by spaces; "" = none. A command line that does not
 * fit is an error. */
struct error os_process_command(int32_t pid, char *out, size_t capacity);
/* Whether this process still has its number, even as a zombie. */
bool os_process_is_there(struct process_identity id);
/* The pid of the debugger that traces it; 0 = none. */
int32_t os_process_tracer(int32_t pid);
int32_t os_process_self(void);
int32_t os_process_parent(void);
/* The number that was last given to a process or a thread here; 0 = not known. */
int32_t os_process_newest(void);
int32_t os_process_session(void);
/* Reports this process and all its ancestors, up to the first. */
typedef void os_process_told(void *context, struct process_identity id);
void os_process_ancestry(os_process_told *told, void *context);

#endif
