/* The kernel's process events. Only the requested kinds are delivered, so that the exits of the
 * whole machine wake no guard, nor its forks unless they are needed. From Linux 6.6 on the kernel
 * filters itself; before, a BPF program on the socket does. */
#include "base/text.h"
#include "os/linux/proc.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* A little more than a queue holds: on a machine that forks all the time, one call still ends. */
#define EVENTS_AT_MOST 8192
#define PROOFS_AT_MOST 4

/* struct cn_msg without its flexible array, which no field may follow. */
struct connector_head {
    struct cb_id id;
    uint32_t seq;
    uint32_t ack;
    uint16_t len;
    uint16_t flags;
};
_Static_assert(sizeof(struct connector_head) == sizeof(struct cn_msg), "the kernel's layout");

struct listen_request {
    struct nlmsghdr header;
    struct __attribute__((packed)) {
        struct connector_head message;
        uint32_t operation;
        uint32_t wanted; /* since Linux 6.6; older kernels ignore a request that has this field */
    };
};

/* Offset of proc_event.what after the two headers. BPF loads in network order. */
#define WHAT_OFFSET (sizeof(struct nlmsghdr) + sizeof(struct cn_msg))

static bool kernel_filters(void)
{
    struct utsname system;
    const char *at = system.release;
    if (uname(&system) < 0)
        return false;
    uint64_t major = text_number(&at);
    uint64_t minor = *at == '.' ? (at++, text_number(&at)) : 0;
    return major > 6 || (major == 6 && minor >= 6);
}

static int filter(int fd, uint32_t wanted)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHAT_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, __builtin_bswap32(wanted), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    program[1].k = wanted;
#endif
    struct sock_fprog whole = {sizeof program / sizeof *program, program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole);
}

static int subscribe(int fd, uint32_t wanted)
{
    bool filters = kernel_filters();
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    struct listen_request request = {0};
    size_t size = sizeof request - (filters ? 0 : sizeof request.wanted);
    request.header.nlmsg_len = (uint32_t)size;
    request.header.nlmsg_type = NLMSG_DONE;
    request.message.id.idx = CN_IDX_PROC;
    request.message.id.val = CN_VAL_PROC;
    request.message.len = sizeof request.operation + (filters ? sizeof request.wanted : 0);
    request.operation = PROC_CN_MCAST_LISTEN;
    request.wanted = wanted;
    if (!filters && filter(fd, wanted) < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return send(fd, &request, size, 0) == (ssize_t)size ? 0 : -1;
}

/* Forks anywhere on the machine come in large bursts: the more room, the fewer are lost. */
static void make_room(int fd)
{
    const int bytes = 4 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* The kernel names processes by their numbers in the first pid namespace, whichever process
 * listens. It accepts no subscription from another pid namespace, and does not report that. If a
 * process outside has subscribed, events arrive all the same, with numbers that mean strangers
 * here. The time stamps are of the first time namespace (since 5.6), but start times in /proc are
 * of our own: a child would seem younger than its birth. The inodes of the first namespaces are
 * fixed. */
static bool is_in_first_namespaces(void)
{
    static const char *const links[][2] = {{"/proc/self/ns/pid", "pid:[4026531836]"},
                                           {"/proc/self/ns/user", "user:[4026531837]"},
                                           {"/proc/self/ns/time", "time:[4026531834]"}};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char text[32] = {0};
        bool told = readlink(links[i][0], text, sizeof text - 1) > 0;
        bool absent = !told && errno == ENOENT && access("/proc/self/ns/pid", F_OK) == 0;
        if (!absent && (!told || strcmp(text, links[i][1]) != 0))
            return false;
    }
    return true;
}

static struct error watch_failed(int os_code, const char *advice)
{
    return error_make(ERROR_UNSUPPORTED, os_code, "subscribe to the kernel's process events",
                      advice);
}

static const char *refusal(int os_code)
{
    switch (os_code) {
    case EPERM:
        return "the kernel reports them only to root: run as root, or use Linux 6.6 or later";
    case ECONNREFUSED:
        return "they are not reported in this network namespace: run treefall outside it";
    default:
        return "this kernel does not report them (CONFIG_PROC_EVENTS), or a seccomp filter denies "
               "the socket";
    }
}

/* Only root's processes become another user without a set-uid program. */
static uint32_t user_events(void)
{
    return geteuid() == 0 ? PROC_EVENT_UID : 0;
}

static struct error join(enum os_event_kind kind, os_handle *out)
{
    uint32_t wanted = kind == OS_EVENT_FORK ? PROC_EVENT_FORK : PROC_EVENT_SID | user_events();
    if (!is_in_first_namespaces())
        return watch_failed(0, "the kernel reports them only in the initial pid, user and time "
                               "namespaces: run treefall outside the container");
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
    if (fd < 0 || subscribe(fd, wanted) < 0) {
        int os_code = errno;
        if (fd >= 0)
            close(fd);
        return watch_failed(os_code, refusal(os_code));
    }
    if (kind == OS_EVENT_FORK)
        make_room(fd);
    *out = fd;
    return ERROR_OK;
}

/* The sender must be the kernel: any process may send to a netlink socket of its own user. What
 * another sent has no bytes for us.
 * NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes to them */
static ssize_t receive(int fd, char *bytes, size_t capacity)
{
    struct sockaddr_nl sender = {0};
    struct iovec part = {bytes, capacity};
    struct msghdr message = {
        .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t got;
    do
        got = recvmsg(fd, &message, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got > 0 && sender.nl_pid != 0 ? 0 : got;
}

/* The time stamp does not count suspend, but start times do: add the present difference. One tick
 * more, for rounding. */
static uint64_t start_ticks(uint64_t stamp_ns)
{
    struct clock_reading now;
    os_clock(&now);
    uint64_t boot_ms = stamp_ns / 1000000 + (uint64_t)(now.boot_ms - now.now_ms);
    return boot_ms * (uint64_t)sysconf(_SC_CLK_TCK) / 1000 + 2;
}

static void tell(const struct proc_event *event, os_event_told *told, void *context)
{
    struct os_event seen = {.latest_start = start_ticks(event->timestamp_ns)};
    if (event->what == PROC_EVENT_SID) {
        seen.pid = event->event_data.sid.process_tgid;
        told(context, &seen);
    } else if (event->what == PROC_EVENT_UID) {
        seen.kind = OS_EVENT_USER;
        seen.pid = event->event_data.id.process_tgid;
        told(context, &seen);
    } else if (event->what == PROC_EVENT_FORK &&
               event->event_data.fork.child_pid == event->event_data.fork.child_tgid) {
        seen.pid = event->event_data.fork.child_tgid;
        seen.kind = OS_EVENT_FORK;
        seen.parent = event->event_data.fork.parent_tgid;
        told(context, &seen);
    }
}

enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context)
{
    _Alignas(struct nlmsghdr) char bytes[1024];
    const size_t whole = WHAT_OFFSET + sizeof(struct proc_event);
    for (int i = 0; i < EVENTS_AT_MOST; i++) {
        struct proc_event event;
        ssize_t got = receive((int)handle, bytes, sizeof bytes);
        if (got < 0)
            return errno == ENOBUFS ? OS_EVENTS_LOST : OS_EVENTS_NONE;
        if ((size_t)got < whole)
            continue;
        memcpy(&event, bytes + WHAT_OFFSET, sizeof event);
        tell(&event, told, context);
    }
    return OS_EVENTS_MORE;
}

/* ---- the proof ---- */

struct proof {
    enum os_event_kind kind;
    int32_t child;
    bool came;
};

static void look_for_own(void *context, const struct os_event *event)
{
    struct proof *proof = context;
    proof->came |= event->pid == proof->child &&
                   (proof->kind == OS_EVENT_SESSION || event->parent == getpid());
}

/* A child that makes a session and exits. Without an exit signal, only __WALL sees it. */
static int32_t make_event(void)
{
    struct sys_clone_args args = {.exit_signal = 0};
    pid_t child = sys_clone(&args);
    if (child == 0) {
        setsid();
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
        ;
    return child;
}

/* The kernel queues an event before the system call that causes it returns, so there is nothing to
 * wait for. A burst may have pushed our event out: then try once more. */
static struct error prove(os_handle handle, enum os_event_kind kind)
{
    struct proof proof = {.kind = kind};
    for (int i = 0; i < PROOFS_AT_MOST && !proof.came; i++) {
        proof.child = make_event();
        if (proof.child < 0)
            break;
        os_events_read(handle, look_for_own, &proof);
    }
    return proof.came ? ERROR_OK
                      : error_make(ERROR_UNSUPPORTED, 0, "test the kernel's process events",
                                   "the kernel does not report treefall's own child, or not by its "
                                   "pid in this namespace");
}

/* A fork event is trusted, so it is proven first. The number of a new session is a hint, which the
 * brand confirms, so os_events_prove may come later. */
struct error os_events_watch(enum os_event_kind kind, os_handle *out)
{
    os_handle handle = OS_NO_HANDLE;
    struct error error = join(kind, &handle);
    if (!error.code && kind == OS_EVENT_FORK)
        error = prove(handle, kind);
    if (error.code)
        os_handle_close(&handle);
    else
        *out = handle;
    return error;
}

struct error os_events_prove(void)
{
    os_handle handle = OS_NO_HANDLE;
    struct error error = join(OS_EVENT_SESSION, &handle);
    if (!error.code)
        error = prove(handle, OS_EVENT_SESSION);
    os_handle_close(&handle);
    return error;
}
