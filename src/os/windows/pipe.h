/* A named pipe of whole messages between a ward and its sentinel. No other process may open it, and
 * each side proves the identity of the other before it sends anything. */
#ifndef TREEFALL_OS_WINDOWS_PIPE_H
#define TREEFALL_OS_WINDOWS_PIPE_H

#include "os/windows/win.h"

#define PIPE_NAME_CHARS 64

struct pipe;

/* Makes the end that waits for the other, with an unguessable name. */
struct error pipe_make(struct pipe **out);
const wchar_t *pipe_name(const struct pipe *pipe);
/* Waits until `process`, with the number `pid`, has opened the other end. */
struct error pipe_await(struct pipe *pipe, HANDLE process, DWORD pid, DWORD limit_ms);
/* Opens the other end, if `pid` made this pipe; else NULL. */
struct pipe *pipe_open(const wchar_t *name, DWORD pid);
bool pipe_write(struct pipe *pipe, const void *message, size_t size);
/* Signalled when pipe_read has a result. */
HANDLE pipe_signal(struct pipe *pipe);
/* False if no message of that size is waiting. `*closed` is set if none will come any more. */
bool pipe_read(struct pipe *pipe, void *message, size_t size, bool *closed);
void pipe_close(struct pipe *pipe);

#endif
