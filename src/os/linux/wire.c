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
 * shows that one of them works.
 *
 * Guards change the lines one at a time: a descriptor that two of them close may be a third file's
 * by then. One that is killed, or stopped, as it does so must not stop the others. */
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
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

/* A change of the lines takes some microseconds. */
#define TURN_US     50
#define TURNS_GIVEN 1000

enum { ABOVE, BELOW, PIPES };

struct line {
    int32_t number; /* of the process group or process; 0 = free */
    bool is_group;
    bool marked;
    int anchors[PIPES];
};

struct os_wire {
    _Atomic int taken;
    bool over; /* disarmed: nothing is armed any more */
    int read[PIPES];
    int write[PIPES];
    size_t used;
    struct line lines[];
};

static void take(struct os_wire *wire)
{
    const struct timespec turn = {0, TURN_US * 1000L};
    for (int i = 0; atomic_exchange(&wire->taken, 1) && i < TURNS_GIVEN; i++)
        nanosleep(&turn, NULL);
}

static void give(struct os_wire *wire)
{
    atomic_store(&wire->taken, 0);
}

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

/* Dead as yet. It holds whoever has the owner's number now, and never the number's next owner. */
static int anchor_make(int read_end, const struct f_owner_ex *owner, int number)
{
    int anchor = reopen(read_end);
    if (anchor < 0)
        return -1;
    if (fcntl(anchor, F_SETSIG, number) < 0 || fcntl(anchor, F_SETOWN_EX, owner) < 0) {
        int os_code = errno;
        close(anchor);
        errno = os_code;
        return -1;
    }
    return anchor;
}

static void anchor_wake(int anchor)
{
    if (anchor >= 0)
        fcntl(anchor, F_SETFL, O_ASYNC | O_NONBLOCK);
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

/* Still the member that was seen: then the anchors, made since, hold it or its group. */
static bool is_there(const struct process_row *witness)
{
    struct process_row now = {0};
    if (witness->id.start == 0)
        return true;
    return !os_process_row(witness->id.pid, &now).code && process_is_same(now.id, witness->id) &&
           now.group == witness->group;
}

static struct error line_make(struct os_wire *wire, const struct process_row *witness,
                              struct line *out)
{
    struct f_owner_ex owner = {out->is_group ? F_OWNER_PGRP : F_OWNER_PID, out->number};
    for (int i = 0; i < PIPES; i++)
        out->anchors[i] = anchor_make(wire->read[i], &owner, SIGKILL);
    stay_above(wire, out->anchors[ABOVE]);
    if (out->anchors[ABOVE] < 0 && out->anchors[BELOW] < 0)
        return errno == ESRCH ? error_make(ERROR_GONE, errno, "arm the wire", NULL)
                              : wire_failed("arm the wire");
    if (!is_there(witness)) {
        line_drop(out);
        return error_make(ERROR_GONE, 0, "arm the wire", NULL);
    }
    for (int i = 0; i < PIPES; i++)
        anchor_wake(out->anchors[i]);
    return ERROR_OK;
}

static struct error arm(struct os_wire *wire, const struct process_row *witness, bool is_group)
{
    int32_t number = is_group ? witness->group : witness->id.pid;
    struct line fresh = {.number = number, .is_group = is_group};
    struct error error = ERROR_OK;
    if (number <= 1 || wire->over)
        return error_make(ERROR_REFUSED, 0, "arm the wire", NULL);
    struct line *line = line_find(wire, number, is_group);
    if (!line)
        return error_make(ERROR_UNSUPPORTED, 0, "arm the wire", "the tree has too many sessions");
    if (line->number == 0) {
        error = line_make(wire, witness, &fresh);
        if (!error.code)
            *line = fresh;
    }
    line->marked = !error.code;
    return error;
}

struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness)
{
    take(wire);
    struct error error = arm(wire, witness, true);
    give(wire);
    return error;
}

struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness)
{
    take(wire);
    struct error error = arm(wire, witness, false);
    give(wire);
    return error;
}

void os_wire_sweep(struct os_wire *wire)
{
    take(wire);
    for (size_t i = 0; i < wire->used; i++) {
        if (wire->lines[i].number != 0 && !wire->lines[i].marked)
            line_drop(&wire->lines[i]);
        wire->lines[i].marked = false;
    }
    give(wire);
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
    take(wire);
    wire->over = true;
    for (size_t i = 0; i < wire->used; i++)
        if (wire->lines[i].number != 0)
            line_drop(&wire->lines[i]);
    wire->used = 0;
    give(wire);
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
        if (getppid() == parent)
            anchor_wake(anchor);
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

/* One that was not counted would kill us once it is let through. */
static void discard(int number)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    if (sigaction(number, &ignore, &before) == 0)
        sigaction(number, &before, NULL);
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
    discard(number);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (arrived == 0)
        return error_make(ERROR_UNSUPPORTED, 0, "prove the wire",
                          "this kernel closes descriptors in an order that the wire cannot use");
    return ERROR_OK;
}
