/* The wire: the kernel pulls the trigger when the last guard dies.
 *
 * Both guards alone hold the write end of a pipe. Each target owns (F_SETOWN_EX) an extra open
 * description of the read end that has O_ASYNC and F_SETSIG(SIGKILL): when the last write end
 * closes, the kernel sends SIGKILL to the owners.
 *
 * It depends on the write end being closed before those descriptions when a process exits. The
 * kernel closes in ascending order but finishes the closes last in, first out, which no document
 * promises. The guards share one table of descriptors and the page that lists the targets, so what
 * one arms or lets go is so for both. And there are two pipes: one with its write end above all
 * descriptors, one with its write end below those of its targets. os_wire_prove kills nobody and
 * shows that one of them works. */
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#ifndef F_SETSIG
#define F_SETSIG 10
#endif
#ifndef F_SETOWN_EX
#define F_SETOWN_EX  15
#define F_OWNER_PID  1
#define F_OWNER_PGRP 2
struct f_owner_ex {
    int type;
    pid_t pid;
};
#endif

#define WIRE_BYTES 16384
#define LINES      ((WIRE_BYTES - 64) / sizeof(struct line))

/* Few enough for the table that a process is born with: every fork copies it up to the highest. */
#define FIRST_ABOVE 60

enum { ABOVE, BELOW, PIPES };

struct line {
    int32_t number; /* of the process group or process; 0 = free */
    bool is_group;
    bool marked;
    int anchors[PIPES];
};

struct os_wire {
    int read[PIPES];
    int write[PIPES];
    size_t used;
    struct line lines[];
};

static struct error wire_failed(const char *what)
{
    return error_make(ERROR_UNSUPPORTED, errno, what,
                      "the kernel will not kill the tree if both guards die at once; use --isolate "
                      "for that");
}

/* The same end under a number of at least `wanted`, or near the limit. It is there before the old
 * one goes, so there is a writer all the time. -1 and the old one stays if there is none. */
static int move_up(int fd, int wanted)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    int most = limit.rlim_cur > INT32_MAX ? INT32_MAX : (int)limit.rlim_cur - 8;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, wanted < most ? wanted : most);
    if (moved >= 0)
        close(fd);
    return moved;
}

static bool open_pipes(struct os_wire *wire)
{
    int ends[2];
    for (int i = 0; i < PIPES; i++) {
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
            return false;
        wire->read[i] = ends[0];
        wire->write[i] = ends[1];
    }
    int above = move_up(wire->write[ABOVE], FIRST_ABOVE);
    if (above >= 0)
        wire->write[ABOVE] = above;
    return above >= 0;
}

struct error os_wire_open(struct os_wire **out)
{
    struct os_wire *wire =
        mmap(NULL, WIRE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (wire == MAP_FAILED)
        return error_make(ERROR_NO_MEMORY, errno, "make the wire", NULL);
    memset(wire->read, -1, sizeof wire->read);
    memset(wire->write, -1, sizeof wire->write);
    if (!open_pipes(wire)) {
        struct error error = wire_failed("make the wire's pipes");
        os_wire_close(wire);
        return error;
    }
    *out = wire;
    return ERROR_OK;
}

/* Another open description of the same pipe: O_ASYNC and its owner belong to a description. */
static int reopen(int fd)
{
    char path[32] = "/proc/self/fd/";
    char digits[12];
    size_t used = strlen(path);
    size_t count = 0;
    do
        digits[count++] = (char)('0' + fd % 10);
    while ((fd /= 10) > 0);
    while (count > 0)
        path[used++] = digits[--count];
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int anchor_make(int read_end, const struct f_owner_ex *owner, int number)
{
    int anchor = reopen(read_end);
    if (anchor < 0)
        return -1;
    if (fcntl(anchor, F_SETSIG, number) < 0 || fcntl(anchor, F_SETOWN_EX, owner) < 0 ||
        fcntl(anchor, F_SETFL, O_ASYNC | O_NONBLOCK) < 0) {
        int os_code = errno;
        close(anchor);
        errno = os_code;
        return -1;
    }
    return anchor;
}

/* An anchor came above it: it goes twice as high. */
static void stay_above(struct os_wire *wire, int anchor)
{
    if (anchor < wire->write[ABOVE])
        return;
    int moved = move_up(wire->write[ABOVE], anchor < INT32_MAX / 2 ? 2 * anchor : anchor);
    if (moved >= 0)
        wire->write[ABOVE] = moved;
}

static void line_drop(struct line *line)
{
    for (int i = 0; i < PIPES; i++) {
        if (line->anchors[i] < 0)
            continue;
        close(line->anchors[i]);
    }
    *line = (struct line){.number = 0};
}

static struct line *line_find(struct os_wire *wire, int32_t number, bool is_group)
{
    struct line *free_line = NULL;
    for (size_t i = 0; i < wire->used; i++) {
        struct line *line = &wire->lines[i];
        if (line->number == number && line->is_group == is_group)
            return line;
        if (line->number == 0)
            free_line = line;
    }
    if (!free_line && wire->used < LINES)
        free_line = &wire->lines[wire->used++];
    return free_line;
}

static struct error arm(struct os_wire *wire, int32_t number, bool is_group)
{
    struct f_owner_ex owner = {is_group ? F_OWNER_PGRP : F_OWNER_PID, number};
    struct line *line = line_find(wire, number, is_group);
    if (!line)
        return error_make(ERROR_UNSUPPORTED, 0, "arm the wire", "the tree has too many sessions");
    if (line->number == 0) {
        struct line fresh = {.number = number, .is_group = is_group};
        for (int i = 0; i < PIPES; i++)
            fresh.anchors[i] = anchor_make(wire->read[i], &owner, SIGKILL);
        stay_above(wire, fresh.anchors[ABOVE]);
        if (fresh.anchors[ABOVE] < 0 && fresh.anchors[BELOW] < 0)
            return errno == ESRCH ? error_make(ERROR_GONE, errno, "arm the wire", NULL)
                                  : wire_failed("arm the wire");
        *line = fresh;
    }
    line->marked = true;
    return ERROR_OK;
}

struct error os_wire_arm_group(struct os_wire *wire, int32_t group)
{
    return group <= 1 ? error_make(ERROR_REFUSED, 0, "arm the wire", NULL) : arm(wire, group, true);
}

struct error os_wire_arm_process(struct os_wire *wire, int32_t pid)
{
    return pid <= 1 ? error_make(ERROR_REFUSED, 0, "arm the wire", NULL) : arm(wire, pid, false);
}

void os_wire_sweep(struct os_wire *wire)
{
    for (size_t i = 0; i < wire->used; i++) {
        if (wire->lines[i].number != 0 && !wire->lines[i].marked)
            line_drop(&wire->lines[i]);
        wire->lines[i].marked = false;
    }
}

size_t os_wire_armed(const struct os_wire *wire)
{
    size_t count = 0;
    for (size_t i = 0; i < wire->used; i++)
        count += wire->lines[i].number != 0;
    return count;
}

void os_wire_disarm(struct os_wire *wire)
{
    for (size_t i = 0; i < wire->used; i++)
        if (wire->lines[i].number != 0)
            line_drop(&wire->lines[i]);
    wire->used = 0;
}

void os_wire_close(struct os_wire *wire)
{
    if (!wire)
        return;
    os_wire_disarm(wire);
    for (int i = 0; i < PIPES; i++) {
        if (wire->read[i] >= 0)
            close(wire->read[i]);
        if (wire->write[i] >= 0)
            close(wire->write[i]);
    }
    munmap(wire, WIRE_BYTES);
}

/* A guard in small: has a wire of its own to its parent, with a harmless signal, and dies. A parent
 * that was killed meanwhile has left us to another, who must not get that signal. */
static void die_on_a_wire(int number, pid_t parent)
{
    struct os_wire *wire;
    struct f_owner_ex owner = {F_OWNER_PID, parent};
    if (os_wire_open(&wire).code)
        _exit(1);
    for (int i = 0; i < PIPES; i++) {
        int anchor = anchor_make(wire->read[i], &owner, number);
        if (anchor >= 0 && getppid() != parent)
            close(anchor);
    }
    _exit(0);
}

/* How many of the two orders reached us. The signal is blocked, so it waits to be counted. */
static int count_arrived(const sigset_t *expected)
{
    const struct timespec none = {0};
    int arrived = 0;
    while (sigtimedwait(expected, NULL, &none) > 0)
        arrived++;
    return arrived;
}

struct error os_wire_prove(struct os_wire *wire)
{
    (void)wire;
    sigset_t expected;
    sigset_t before;
    int number = SIGRTMAX;
    sigemptyset(&expected);
    sigaddset(&expected, number);
    sigprocmask(SIG_BLOCK, &expected, &before);
    struct sys_clone_args args = {.flags = 0, .exit_signal = 0};
    pid_t parent = getpid();
    pid_t child = sys_clone(&args);
    if (child == 0)
        die_on_a_wire(number, parent);
    int arrived = 0;
    if (child > 0) {
        while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
            ;
        arrived = count_arrived(&expected);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (arrived == 0)
        return error_make(ERROR_UNSUPPORTED, 0, "prove the wire",
                          "this kernel closes descriptors in an order that the wire cannot use");
    return ERROR_OK;
}
