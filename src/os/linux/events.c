/* The kernel's process events. Only what was asked for comes through, so that the exits (and, but
 * where they are needed, the forks) of the whole machine wake nobody: the kernel filters by itself
 * from Linux 6.6 on, before that a program in the socket does. */
#include "os/linux/proc.h"
#include "os/os.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

struct listen_request {
    struct nlmsghdr header;
    __extension__ struct __attribute__((packed)) { /* cn_msg ends in a flexible array */
        struct cn_msg message;
        uint32_t operation;
        uint32_t wanted; /* from Linux 6.6 on; older kernels ignore a request that has it */
    };
};

/* Offset of proc_event.what behind the two headers; BPF loads in network order. */
#define WHAT_OFFSET (sizeof(struct nlmsghdr) + sizeof(struct cn_msg))

static bool kernel_filters(void)
{
    struct utsname system;
    const char *at = system.release;
    if (uname(&system) < 0)
        return false;
    uint64_t major = proc_number(&at);
    uint64_t minor = *at == '.' ? (at++, proc_number(&at)) : 0;
    return major > 6 || (major == 6 && minor >= 6);
}

static int filter(int fd, uint32_t wanted)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHAT_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap32(wanted), 0, 1),
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

/* Of every fork on the machine a burst is many: the more room, the fewer are lost. */
static void make_room(int fd)
{
    const int bytes = 4 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

struct error os_events_watch(enum os_event_kind kind, os_handle *out)
{
    uint32_t wanted = kind == OS_EVENT_FORK ? PROC_EVENT_FORK : PROC_EVENT_SID;
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
    if (fd < 0 || subscribe(fd, wanted) < 0) {
        int os_code = errno;
        if (fd >= 0)
            close(fd);
        return error_make(ERROR_UNSUPPORTED, os_code, "join the kernel's process events",
                          "needs CONFIG_PROC_EVENTS, the initial namespaces, and Linux 6.6 when "
                          "not root");
    }
    if (kind == OS_EVENT_FORK)
        make_room(fd);
    *out = fd;
    return ERROR_OK;
}

/* The sender must be the kernel: any process may send to a netlink socket of its own user.
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
    while ((got < 0 && errno == EINTR) || (got >= 0 && sender.nl_pid != 0));
    return got;
}

/* The time stamp counts no suspend, start times do: the difference is taken as of now. A tick more,
 * for rounding. */
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
    } else if (event->what == PROC_EVENT_FORK &&
               event->event_data.fork.child_pid == event->event_data.fork.child_tgid) {
        seen.pid = event->event_data.fork.child_tgid;
        seen.parent = event->event_data.fork.parent_tgid;
        told(context, &seen);
    }
}

bool os_events_read(os_handle handle, os_event_told *told, void *context)
{
    _Alignas(struct nlmsghdr) char bytes[1024];
    const size_t whole = WHAT_OFFSET + sizeof(struct proc_event);
    ssize_t got;
    while ((got = receive((int)handle, bytes, sizeof bytes)) > 0) {
        struct proc_event event;
        if ((size_t)got < whole)
            continue;
        memcpy(&event, bytes + WHAT_OFFSET, sizeof event);
        tell(&event, told, context);
    }
    return !(got < 0 && errno == ENOBUFS);
}
