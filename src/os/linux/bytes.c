#include "os/linux/bytes.h"

#include "os/linux/path.h"
#include "os/linux/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES 4096 /* PIPE_BUF: a pipe that is ready accepts a write of this size whole */
#define PATIENCE_MS  2000 /* for a reader that does not read */
#define OFFER_TRIES  2    /* when other processes fill the pipe as well */

#define NO_WAIT 8 /* RWF_NOWAIT, since Linux 4.14; for pipes since 6.4 */

struct output {
    int fd;
    int os_code;
};

static int wait_writable(int fd, int patience_ms)
{
    int ready = ready_within(fd, POLLOUT, patience_ms);
    if (ready <= 0)
        return ready < 0 ? errno : ETIMEDOUT;
    return ready & POLLOUT ? 0 : EPIPE;
}

static bool flush(void *context, const char *bytes, size_t count)
{
    struct output *output = context;
    while (count > 0) {
        output->os_code = wait_writable(output->fd, PATIENCE_MS);
        if (output->os_code)
            return false;
        ssize_t wrote = write(output->fd, bytes, count);
        if (wrote < 0 && errno != EINTR && errno != EAGAIN) {
            output->os_code = errno;
            return false;
        }
        bytes += wrote > 0 ? wrote : 0;
        count -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static int produce(int fd, bytes_writer *write, void *context)
{
    char buffer[BUFFER_BYTES];
    struct output output = {fd, 0};
    struct sink sink = {
        .flush = flush, .context = &output, .buffer = buffer, .capacity = sizeof buffer};
    write(context, &sink);
    if (sink_finish(&sink))
        return 0;
    return output.os_code ? output.os_code : EIO;
}

/* ---- without a signal ---- */

static const int raised[] = {SIGXFSZ, SIGPIPE};

enum quiet_for { LIMITS = 1, LIMITS_AND_PIPES = 2 };

/* A signal that was already pending is not ours to consume. */
static void take_raised(sigset_t *signals, const sigset_t *pending)
{
    const struct timespec at_once = {0, 0};
    for (size_t i = 0; i < sizeof raised / sizeof *raised; i++)
        if (sigismember(pending, raised[i]))
            sigdelset(signals, raised[i]);
    while (sigtimedwait(signals, NULL, &at_once) > 0)
        ;
}

struct quiet {
    sigset_t signals, before, pending;
};

static void begin_quiet(struct quiet *quiet, enum quiet_for count)
{
    sigemptyset(&quiet->signals);
    for (size_t i = 0; i < (size_t)count; i++)
        sigaddset(&quiet->signals, raised[i]);
    sigpending(&quiet->pending);
    sigprocmask(SIG_BLOCK, &quiet->signals, &quiet->before);
}

static void end_quiet(struct quiet *quiet, int failed)
{
    if (failed == EPIPE || failed == EFBIG)
        take_raised(&quiet->signals, &quiet->pending);
    sigprocmask(SIG_SETMASK, &quiet->before, NULL);
}

int bytes_write(int fd, bytes_writer *write, void *context)
{
    struct quiet quiet;
    begin_quiet(&quiet, LIMITS_AND_PIPES);
    int failed = produce(fd, write, context);
    end_quiet(&quiet, failed);
    return failed;
}

ssize_t bytes_pass(int fd, const void *bytes, size_t count)
{
    struct quiet quiet;
    begin_quiet(&quiet, LIMITS_AND_PIPES);
    ssize_t wrote = write(fd, bytes, count);
    int failed = wrote < 0 ? errno : 0;
    end_quiet(&quiet, failed);
    errno = failed;
    return wrote;
}

int bytes_put(int fd, const void *bytes, size_t count)
{
    ssize_t wrote;
    do
        wrote = bytes_pass(fd, bytes, count);
    while (wrote < 0 && errno == EINTR);
    return wrote < 0 ? errno : 0;
}

int bytes_extend(int fd, off_t size)
{
    struct quiet quiet;
    begin_quiet(&quiet, LIMITS);
    int failed = ftruncate(fd, size) < 0 ? errno : 0;
    end_quiet(&quiet, failed);
    errno = failed;
    return failed ? -1 : 0;
}

/* ---- without waiting ----
 *
 * Between a look at the descriptor and the write, the command may fill the pipe. So the kernel is
 * told not to wait. O_NONBLOCK would also apply to the command, which has the same open file. */

/* The master side of a terminal, when reopened, is a different terminal. */
static bool is_alike_when_reopened(int fd, const struct stat *about)
{
    return S_ISFIFO(about->st_mode) || (isatty(fd) && about->st_rdev != makedev(5, 2));
}

static ssize_t write_reopened(int fd, const char *bytes, size_t count)
{
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, fd);
    int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0)
        return write(fd, bytes, count);
    ssize_t wrote = write(own, bytes, count);
    int os_code = errno;
    close(own);
    errno = os_code;
    return wrote;
}

static ssize_t write_at_once(int fd, const char *bytes, size_t count)
{
    const struct iovec whole = {(void *)(uintptr_t)bytes, count};
    struct stat about;
    if (fstat(fd, &about) < 0)
        return -1;
    if (S_ISSOCK(about.st_mode))
        return send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!is_alike_when_reopened(fd, &about))
        return write(fd, bytes, count);
    ssize_t wrote = syscall(SYS_pwritev2, fd, &whole, 1, -1L, -1L, NO_WAIT);
    if (wrote >= 0 || errno == EAGAIN || errno == EPIPE || errno == EINTR)
        return wrote;
    return write_reopened(fd, bytes, count);
}

bool bytes_offer(int fd, const char *bytes, size_t count, int patience_ms)
{
    struct quiet quiet;
    int failed = EAGAIN;
    begin_quiet(&quiet, LIMITS_AND_PIPES);
    for (int tries = 0; tries < OFFER_TRIES && (failed == EAGAIN || failed == EINTR); tries++)
        if (wait_writable(fd, patience_ms / OFFER_TRIES) != ETIMEDOUT)
            failed = write_at_once(fd, bytes, count) < 0 ? errno : 0;
    end_quiet(&quiet, failed);
    return failed == 0;
}
