/* The wire: the kernel kills the tree when the last guard dies.
 *
 * Only the guards hold the write end of a pipe. Each target owns (F_SETOWN_EX) an extra open
 * description of the read end, with O_ASYNC and F_SETSIG(SIGKILL). When the last write end closes,
 * the kernel sends SIGKILL to the owners.
 *
 * This requires that, when a process exits, the write end is closed before those descriptions. The
 * kernel closes in ascending order but finishes the closes last in, first out, which no document
 * promises. The guards share one table of descriptors and the page that lists the targets, so what
 * one guard arms or releases counts for both. There are two pipes: one has its write end above all
 * its targets' descriptors, the other below them. os_wire_prove kills no process, and shows that
 * one of the two orders works.
 *
 * Guards change the lines one at a time. A guard that is killed or stopped during a change must not
 * block the others, and may wake up later. So the targets' descriptors have numbers that no other
 * file gets: a descriptor that is closed by mistake is always the wire's own, and the next look
 * makes it anew. */
#include "os/linux/anchor.h"
#include "os/linux/sys.h"
#include "os/linux/wire_line.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WIRE_BYTES 8192
#define LINES      ((WIRE_BYTES - offsetof(struct os_wire, lines)) / sizeof(struct wire_line))

/* A process starts with a descriptor table of this size, and every fork copies the table up to the
 * highest descriptor. */
#define FIRST_TABLE 64
/* Numbers below those of the lines, for all other files that the guards open. A file gets the
 * lowest free number. */
#define NUMBERS_LEFT 40
/* Changing the lines takes some microseconds. */
#define TURN_US     50
#define TURNS_GIVEN 1000

/* A holder that was killed or stopped is ignored. */
static void take(struct os_wire *wire)
{
    const struct timespec turn = {0, TURN_US * 1000L};
    int32_t holder = 0;
    int turns = 0;
    while (!atomic_compare_exchange_strong(&wire->holder, &holder, getpid())) {
        if (turns++ < TURNS_GIVEN) {
            holder = 0;
            nanosleep(&turn, NULL);
        }
    }
}

static void give(struct os_wire *wire)
{
    int32_t self = getpid();
    atomic_compare_exchange_strong(&wire->holder, &self, 0);
}

/* The first number that has NUMBERS_LEFT free numbers below it. Below `last`, which was opened
 * last, no number is free. */
static int find_first(int last)
{
    int number = last + 1;
    for (int left = NUMBERS_LEFT; left > 0; number++)
        left -= fcntl(number, F_GETFD) < 0;
    return number;
}

static void find_room(struct os_wire *wire, int last)
{
    wire->first = find_first(last);
    int numbers = anchor_numbers() - wire->first;
    wire->room = numbers < PIPES ? 0 : (size_t)numbers / PIPES;
    if (wire->room > LINES)
        wire->room = LINES;
}

static bool open_pipes(struct os_wire *wire)
{
    int ends[2];
    for (int i = 0; i < PIPES; i++) {
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
            return false;
        wire->read[i] = ends[0];
        wire->write[i] = ends[1];
        wire->inode[i] = anchor_inode(ends[0]);
    }
    find_room(wire, ends[1]);
    if (wire->room == 0) {
        errno = EMFILE;
        return false;
    }
    int least = wire->first + PIPES;
    int above = FIRST_TABLE - 1 > least ? FIRST_TABLE - 1 : least;
    above = anchor_move_up(wire->write[ABOVE], above);
    if (above >= 0)
        wire->write[ABOVE] = above;
    return above >= 0;
}

struct error os_wire_open(struct os_wire **out)
{
    struct os_wire *wire =
        mmap(NULL, WIRE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (wire == MAP_FAILED)
        return error_make(ERROR_NO_MEMORY, errno, "create the wire", NULL);
    memset(wire->read, -1, sizeof wire->read);
    memset(wire->write, -1, sizeof wire->write);
    if (!open_pipes(wire)) {
        struct error error = wire_failed("create the wire's pipes");
        os_wire_close(wire);
        return error;
    }
    *out = wire;
    return ERROR_OK;
}

static struct error arm(struct os_wire *wire, const struct process_row *witness, bool is_group)
{
    int32_t number = is_group ? witness->group : witness->id.pid;
    struct error error = ERROR_OK;
    if (number <= 1 || wire->over)
        return error_make(ERROR_REFUSED, 0, "arm the wire", NULL);
    size_t line = line_find(wire, number, is_group);
    if (line >= wire->room) {
        wire->missing++;
        return error_make(ERROR_UNSUPPORTED, 0, "arm the wire", "the tree has too many sessions");
    }
    bool held = wire->lines[line].number == number && line_is_whole(wire, line);
    wire->lines[line].number = number;
    wire->lines[line].is_group = is_group;
    if (!held)
        error = line_make(wire, line, witness);
    wire->missing += error.code == ERROR_UNSUPPORTED;
    wire->lines[line].look = wire->looks;
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

uint32_t os_wire_look(struct os_wire *wire)
{
    take(wire);
    uint32_t look = ++wire->looks;
    give(wire);
    return look;
}

/* Two guards may look at once: neither releases what the other has just armed. */
void os_wire_sweep(struct os_wire *wire, uint32_t look)
{
    take(wire);
    for (size_t i = 0; i < wire->used; i++)
        if (wire->lines[i].number > 0 && wire->lines[i].look < look)
            line_drop(wire, i);
    wire->missed = wire->missing;
    wire->missing = 0;
    give(wire);
}

size_t os_wire_armed(const struct os_wire *wire)
{
    size_t count = 0;
    for (size_t i = 0; i < wire->used; i++)
        count += wire->lines[i].number > 0;
    return count;
}

size_t os_wire_missed(const struct os_wire *wire)
{
    return wire->missed;
}

size_t os_wire_room(const struct os_wire *wire)
{
    return wire->room;
}

void os_wire_disarm(struct os_wire *wire)
{
    take(wire);
    wire->over = true;
    for (size_t i = 0; i < wire->used; i++)
        line_drop(wire, i);
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

/* A guard in miniature: it has a wire of its own to its parent, with a harmless signal, and dies.
 * If the parent was killed meanwhile, we have another parent, which must not get that signal. */
static void die_on_a_wire(int number, pid_t parent)
{
    struct os_wire *wire;
    struct f_owner_ex owner = {F_OWNER_PID, parent};
    if (os_wire_open(&wire).code)
        _exit(1);
    for (int i = 0; i < PIPES; i++) {
        int anchor = line_anchor(wire, 0, i);
        bool made = anchor_place(anchor_make(wire->read[i], &owner, number), anchor);
        if (made && getppid() == parent)
            anchor_wake(anchor);
    }
    _exit(0);
}

/* Whether one of the two orders delivered the signal. The signal is blocked, so it stays
 * pending. */
static bool take_arrived(const sigset_t *expected)
{
    const struct timespec none = {0};
    bool arrived = false;
    while (sigtimedwait(expected, NULL, &none) > 0)
        arrived = true;
    return arrived;
}

/* A signal that was not counted would kill us once it is unblocked. */
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
    /* Not a real-time signal: if RLIMIT_SIGPENDING is used up, the kernel sends SIGIO instead. */
    int number = SIGURG;
    sigemptyset(&expected);
    sigaddset(&expected, number);
    sigprocmask(SIG_BLOCK, &expected, &before);
    struct sys_clone_args args = {.flags = 0, .exit_signal = 0};
    pid_t parent = getpid();
    take_arrived(&expected);
    pid_t child = sys_clone(&args);
    if (child == 0)
        die_on_a_wire(number, parent);
    bool arrived = false;
    if (child > 0) {
        while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
            ;
        arrived = take_arrived(&expected);
    }
    discard(number);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!arrived)
        return error_make(ERROR_UNSUPPORTED, 0, "test the wire",
                          "this kernel closes descriptors in an order that the wire cannot use");
    return ERROR_OK;
}
