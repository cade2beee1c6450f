/* A process: never a bare number for longer than it takes to open it. */
#ifndef TREEFALL_OS_PROCESS_H
#define TREEFALL_OS_PROCESS_H

#include "base/error.h"
#include "core/process.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A process held by a handle that its number's next owner can never answer to. */
struct os_process {
    struct process_identity id;
    os_handle handle;
};

/* Opens `pid`. With a known start time (`start` not 0) the identity is proven after opening.
 * ERROR_GONE when it is dead or its number belongs to another. */
struct error os_process_open(struct process_identity id, struct os_process *out);
/* Only to be told of its end: no identity is read. */
struct error os_process_watch(int32_t pid, struct os_process *out);
/* Ourselves; an error if no process can be signalled here. */
struct error os_process_self_open(struct os_process *out);
struct error os_can_signal(void);
/* Whether a process can be looked up by its number here: its state, parent and start time. */
struct error os_can_look_up(void);
void os_process_close(struct os_process *process);
/* True once it has ended; a zombie has. */
bool os_process_ended(const struct os_process *process);
/* State, parent, group and name as of now. */
struct error os_process_row(int32_t pid, struct process_row *out);
/* Its command line, the arguments separated by spaces; "" = it has none. One that does not fit is
 * an error. */
struct error os_process_command(int32_t pid, char *out, size_t capacity);
/* Whether that very one still has its number, be it as a zombie. */
bool os_process_is_there(struct process_identity id);
/* The pid of the debugger that holds it, 0 = none. */
int32_t os_process_tracer(int32_t pid);
int32_t os_process_self(void);
int32_t os_process_parent(void);
/* The number that was given out last here, to a process or a thread; 0 = not known. */
int32_t os_process_newest(void);
int32_t os_process_session(void);
/* Ourselves and all our ancestors, up to the first. */
typedef void os_process_told(void *context, struct process_identity id);
void os_process_ancestry(os_process_told *told, void *context);

#endif
