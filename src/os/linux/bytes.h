/* Writing to any kind of descriptor. */
#ifndef TREEFALL_OS_LINUX_BYTES_H
#define TREEFALL_OS_LINUX_BYTES_H

#include "base/sink.h"

#include <stdbool.h>
#include <sys/types.h>

typedef void bytes_writer(void *context, struct sink *sink);

/* Writes what `write` produces. Returns 0 or an errno: ETIMEDOUT if a reader does not read. If the
 * reader is gone, or a file-size limit is reached, that is an error and not a signal that kills the
 * process. */
int bytes_write(int fd, bytes_writer *write, void *context);
/* One write(2) in the same way, but without a timeout for the reader. */
ssize_t bytes_pass(int fd, const void *bytes, size_t count);
/* The same, retried if a signal interrupts it. Returns 0 or an errno. */
int bytes_put(int fd, const void *bytes, size_t count);
/* At most PIPE_BUF bytes, whole or not at all. False if no reader takes them in time. */
bool bytes_offer(int fd, const char *bytes, size_t count, int patience_ms);
/* ftruncate(2) for which a file-size limit is an error and not a signal. */
int bytes_extend(int fd, off_t size);

#endif
