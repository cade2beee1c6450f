/* Writing to a descriptor, whatever it is. */
#ifndef TREEFALL_OS_LINUX_BYTES_H
#define TREEFALL_OS_LINUX_BYTES_H

#include "base/sink.h"

#include <stdbool.h>
#include <sys/types.h>

typedef void bytes_writer(void *context, struct sink *sink);

/* Writes what `write` produces. Returns 0 or an errno: ETIMEDOUT when a reader does not read. A
 * reader that went away and a limit of file sizes are errors, and end no process by a signal. */
int bytes_write(int fd, bytes_writer *write, void *context);
/* One write(2), the same way, but it waits for a reader as long as it takes. */
ssize_t bytes_pass(int fd, const void *bytes, size_t count);
/* The same, of which no signal takes a part. Returns 0 or an errno. */
int bytes_put(int fd, const void *bytes, size_t count);
/* Not more than PIPE_BUF, whole or not at all. False where no reader takes it in time. */
bool bytes_offer(int fd, const char *bytes, size_t count, int patience_ms);
/* ftruncate(2), of which a limit of file sizes is an error. */
int bytes_extend(int fd, off_t size);

#endif
