#define _GNU_SOURCE
#include "roster.h"

#include "../member.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

void die(const char *what)
{
    fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
    exit(125);
}

int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

void pidfd_signal(int pidfd, int signal_number)
{
    syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
}

/* poll() until the deadline; a deadline that has passed still looks once. */
static int poll_until(struct pollfd *fds, int count, int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns - now_ns();
    int left_ms = left_ns <= 0 ? 0 : (int)(left_ns / 1000000 + 1);
    return poll(fds, (nfds_t)count, left_ms);
}

bool pidfd_wait(int pidfd, int64_t deadline_ns)
{
    struct pollfd one = {.fd = pidfd, .events = POLLIN};
    return poll_until(&one, 1, deadline_ns) == 1;
}

static int socket_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int on = 1;
    int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (made < 0 || bind(made, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(made, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        die(path);
    return made;
}

static int pipe_at(const char *path)
{
    unlink(path);
    if (mkfifo(path, 0600) != 0)
        die(path);
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static const volatile int64_t *exit_time_at(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(int64_t)) != 0)
        die(path);
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        die(path);
    close(file);
    return mapped;
}

void roster_init(struct roster *roster, const char *folder, int capacity)
{
    char path[128];

    memset(roster, 0, sizeof *roster);
    snprintf(roster->path, sizeof roster->path, "%s/roster", folder);
    roster->socket = socket_at(roster->path);
    snprintf(path, sizeof path, "%s.alive", roster->path);
    roster->alive = pipe_at(path);
    snprintf(path, sizeof path, "%s.exit", roster->path);
    roster->exit_ns = exit_time_at(path);
    roster->capacity = capacity;
    roster->members = calloc((size_t)capacity, sizeof *roster->members);
    if (roster->members == NULL)
        die("calloc");
}

/* Only after the pidfd is open: the process it holds names our socket, so it is a member. */
static bool names_roster(const struct roster *roster, pid_t pid)
{
    char path[64];
    char words[4096] = {0};

    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, words, sizeof words - 1);
    if (file >= 0)
        close(file);
    return got > 0 && memmem(words, (size_t)got, roster->path, strlen(roster->path)) != NULL;
}

static void roster_add(struct roster *roster, struct roster_member *member)
{
    for (int i = 0; i < roster->count; i++)
        if (roster->members[i].pid == member->pid)
            return;
    if (roster->count == roster->capacity)
        return;
    member->pidfd = pidfd_of(member->pid);
    if (member->pidfd >= 0 && names_roster(roster, member->pid))
        roster->members[roster->count++] = *member;
}

static bool receive(int socket, struct roster_member *member)
{
    struct member_report report;
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec body = {&report, sizeof report};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};

    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof report)
        return false;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_CREDENTIALS)
        return false;
    member->pid = ((struct ucred *)CMSG_DATA(head))->pid;
    member->at_ns = report.at_ns;
    memcpy(member->role, report.role, sizeof member->role);
    return member->pid > 0;
}

bool roster_take(struct roster *roster, int64_t deadline_ns, struct roster_member *taken)
{
    struct pollfd in = {.fd = roster->socket, .events = POLLIN};
    if (poll_until(&in, 1, deadline_ns) != 1 || !receive(roster->socket, taken))
        return false;
    roster_add(roster, taken);
    return true;
}

bool roster_gather(struct roster *roster, int count, int64_t deadline_ns)
{
    struct roster_member taken;
    while (roster->count < count)
        if (!roster_take(roster, deadline_ns, &taken))
            return false;
    return true;
}

struct roster_member *roster_find(struct roster *roster, const char *role)
{
    for (int i = 0; i < roster->count; i++)
        if (strcmp(roster->members[i].role, role) == 0)
            return &roster->members[i];
    return NULL;
}

int roster_living(const struct roster *roster)
{
    int living = 0;
    for (int i = 0; i < roster->count; i++)
        living += !pidfd_wait(roster->members[i].pidfd, 0);
    return living;
}

/* The pipe first: one wake-up, whereas each pidfd would wake us in the middle of the fall. */
int64_t roster_wait_gone(struct roster *roster, int64_t deadline_ns)
{
    struct pollfd pipe = {.fd = roster->alive, .events = POLLIN};
    if (poll_until(&pipe, 1, deadline_ns) != 1)
        return 0;
    for (int i = roster->count; i-- > 0;)
        if (!pidfd_wait(roster->members[i].pidfd, deadline_ns))
            return 0;
    return now_ns();
}

int64_t roster_wait_first(struct roster *roster, const struct roster_member *except,
                          int64_t deadline_ns)
{
    struct pollfd *fds = calloc((size_t)roster->count, sizeof *fds);
    if (fds == NULL)
        die("calloc");
    for (int i = 0; i < roster->count; i++) {
        fds[i].fd = &roster->members[i] == except ? -1 : roster->members[i].pidfd;
        fds[i].events = POLLIN;
    }
    int ready = poll_until(fds, roster->count, deadline_ns);
    int64_t at_ns = now_ns();
    free(fds);
    return ready > 0 ? at_ns : 0;
}

void roster_done(struct roster *roster)
{
    const int64_t deadline_ns = now_ns() + INT64_C(20000000000);
    for (int i = 0; i < roster->count; i++)
        pidfd_signal(roster->members[i].pidfd, SIGKILL);
    for (int i = 0; i < roster->count; i++) {
        if (!pidfd_wait(roster->members[i].pidfd, deadline_ns))
            fprintf(stderr, "harness: pid %d does not die\n", roster->members[i].pid);
        close(roster->members[i].pidfd);
    }
    close(roster->socket);
    close(roster->alive);
    munmap((void *)roster->exit_ns, sizeof *roster->exit_ns);
    free(roster->members);
    memset(roster, 0, sizeof *roster);
}
