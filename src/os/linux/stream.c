#include "os/linux/bytes.h"
#include "os/linux/handle.h"
#include "os/linux/ready.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PATIENCE_MS 100 /* for a reader that does not read: nothing else happens meanwhile */

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

/* The first variable that is set counts, as in setlocale(3). */
static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = "";
    for (size_t i = 0; i < sizeof names / sizeof *names && *value == '\0'; i++)
        value = environment(names[i]);
    const char *charset = strchr(value, '.');
    return charset &&
           (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

/* This needs no device, and reading or writing fails as with a closed descriptor. */
static bool hold(int fd)
{
    return fcntl(fd, F_GETFD) >= 0 || open("/", O_PATH | O_CLOEXEC) == fd;
}

struct error os_streams_hold(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (!hold(fd))
            return error_make(ERROR_SYSTEM, errno, "replace a closed standard stream",
                              sys_advice(errno));
    return ERROR_OK;
}

void os_stream_look(enum os_stream stream, struct os_stream_kind *out)
{
    const char *kind = environment("TERM");
    *out = (struct os_stream_kind){
        .terminal = isatty((int)stream) == 1,
        .colours = *kind != '\0' && strcmp(kind, "dumb") != 0,
        .utf8 = locale_is_utf8(),
    };
}

/* A pipe that another process has set to O_NONBLOCK is full only for a moment: no failure. */
static bool is_passing(int fd)
{
    return errno == EINTR || (errno == EAGAIN && ready_within(fd, POLLOUT, -1) > 0);
}

struct error os_stream_write(enum os_stream stream, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = bytes_pass((int)stream, bytes, count);
        if (written < 0 && is_passing((int)stream))
            continue;
        if (written < 0)
            return error_make(errno == EPIPE ? ERROR_GONE : ERROR_SYSTEM, errno,
                              "write to standard output", NULL);
        bytes += written;
        count -= (size_t)written;
    }
    return ERROR_OK;
}

/* If a reader does not read, wait once and not once per line. */
bool os_stream_offer(enum os_stream stream, const char *bytes, size_t count)
{
    static bool is_unread[STREAM_ERROR + 1];
    bool taken = bytes_offer((int)stream, bytes, count, is_unread[stream] ? 0 : PATIENCE_MS);
    is_unread[stream] = !taken;
    return taken;
}

void os_print(os_handle handle, const char *text)
{
    bytes_offer((int)handle, text, strlen(text), PATIENCE_MS);
}
