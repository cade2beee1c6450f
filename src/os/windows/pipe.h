/* A named pipe of whole messages between a ward and its sentinel: nobody else may open it, and each
 * side proves who the other is before it says anything. */
#ifndef TREEFALL_OS_WINDOWS_PIPE_H
#define TREEFALL_OS_WINDOWS_PIPE_H

#include "os/windows/win.h"

#define PIPE_NAME_CHARS 64

struct pipe;

/* The end that waits for the other, of an unguessable name. */
struct error pipe_make(struct pipe **out);
const wchar_t *pipe_name(const struct pipe *pipe);
/* Waits until `process`, of number `pid`, has opened the other end. */
struct error pipe_await(struct pipe *pipe, HANDLE process, DWORD pid, DWORD limit_ms);
/* The other end, if `pid` made this pipe; NULL = not. */
struct pipe *pipe_open(const wchar_t *name, DWORD pid);
bool pipe_write(struct pipe *pipe, const void *message, size_t size);
/* Signalled when pipe_read has something to say. */
HANDLE pipe_signal(struct pipe *pipe);
/* False when there is no message of that size now; `*closed`: nor will there be. */
bool pipe_read(struct pipe *pipe, void *message, size_t size, bool *closed);
void pipe_close(struct pipe *pipe);

#endif
