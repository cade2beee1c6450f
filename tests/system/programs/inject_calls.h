/* inject.c: what was asked, who makes a call, and what the answer is. */
#ifndef INJECT_CALLS_H
#define INJECT_CALLS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define MARK       0x7472 /* see hostile.c */
#define CALLS      512
#define ACTORS     256
#define QUIET_MS   40
#define BOUND_MS   30000 /* KILL_BUDGET_MS is a third of it */
#define LINGER_MS  1000
#define TICK_MS    5
#define NAME_BYTES 40
#define TEXT_BYTES 200

/* Who makes system calls. A role's process is one of treefall's; the others are only let pass. */
struct actor {
    pid_t pid;
    int pidfd; /* -1 of a thread */
    char role[NAME_BYTES];
    bool ours;
    bool marked;    /* in a call of the library's */
    bool executes;  /* its program may be another one at its next call */
    bool exits;     /* said so: what ends without it was killed */
    bool is_killed; /* by us */
    bool is_held;   /* the command's process before the command: killed by right */
    uint64_t loader[2];
    unsigned counts[CALLS];
};

static struct {
    uid_t uid;
    const char *cgroup;
    bool records;
    const char *role;
    int call;
    unsigned nth;
    int error;
    char **ward;
    const char *act;
    char **command;
} asked;

static struct actor actors[ACTORS];
static size_t actor_count;
static int listener = -1;
static int ward_in[2], ward_out[2];
static pid_t self, target, ward, canary;
static int canary_fd, ward_fd = -1, target_status = -1;
static bool is_ready, has_acted, has_run;
static int64_t last_call_ms, ours_ended_ms;
static char ours_folder[TEXT_BYTES];

static void die(const char *what)
{
    printf("inject %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(99);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- who calls ---- */

static bool read_link(pid_t pid, const char *name, char *out)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    ssize_t got = readlink(path, out, TEXT_BYTES - 1);
    out[got > 0 ? got : 0] = '\0';
    return got > 0;
}

static long read_status(pid_t pid, const char *field, char *text, size_t capacity)
{
    char path[64];
    char line[TEXT_BYTES];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    size_t length = strlen(field);
    if (text)
        *text = '\0';
    long number = -1;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, field, length) == 0 && line[length] == ':') {
            number = atol(line + length + 1);
            if (text)
                snprintf(text, capacity, "%.*s", (int)strcspn(line + length + 2, "\n"),
                         line + length + 2);
        }
    if (file)
        fclose(file);
    return number;
}

static void find_loader(struct actor *actor)
{
    char path[64];
    char line[TEXT_BYTES + 300];
    uint64_t low, high;
    snprintf(path, sizeof path, "/proc/%d/maps", actor->pid);
    FILE *file = fopen(path, "re");
    actor->loader[0] = actor->loader[1] = 0;
    while (file && fgets(line, sizeof line, file))
        if (strstr(line, "/ld-") && sscanf(line, "%lx-%lx", &low, &high) == 2) {
            actor->loader[0] = actor->loader[0] ? actor->loader[0] : low;
            actor->loader[1] = high;
        }
    if (file)
        fclose(file);
}

static void learn_program(struct actor *actor)
{
    char program[TEXT_BYTES];
    bool was_held = actor->is_held;
    actor->executes = false;
    if (!read_link(actor->pid, "exe", program))
        return;
    size_t length = strlen(ours_folder);
    actor->ours = strncmp(program, ours_folder, length) == 0 && program[length] == '/' &&
                  strncmp(program + length + 1, "treefall", 8) == 0;
    has_run |= !actor->ours && was_held;
    actor->is_held = was_held && actor->ours;
    actor->marked &= !strstr(program, "treefall");
    find_loader(actor);
}

static struct actor *find_actor(pid_t pid)
{
    for (size_t i = actor_count; i-- > 0;)
        if (actors[i].pid == pid)
            return &actors[i];
    return NULL;
}

static void read_text(pid_t pid, uint64_t address, char *text)
{
    struct iovec ours = {text, TEXT_BYTES - 1};
    struct iovec theirs = {(void *)(uintptr_t)address, TEXT_BYTES - 1};
    ssize_t got = process_vm_readv(pid, &ours, 1, &theirs, 1, 0);
    if (got < 0) { /* the end of its page */
        theirs.iov_len = ours.iov_len = 4096 - address % 4096;
        if (ours.iov_len < TEXT_BYTES)
            got = process_vm_readv(pid, &ours, 1, &theirs, 1, 0);
    }
    text[got > 0 ? got : 0] = '\0';
    for (char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~')
            *at = '_';
}

static void name_actor(struct actor *actor, const struct seccomp_notif *call)
{
    char name[TEXT_BYTES];
    int same = 1;
    if (actor->pid == target) /* not executed yet */
        strcpy(name, strrchr(asked.command[0], '/') + 1);
    else if (call->data.nr == SYS_prctl && call->data.args[0] == PR_SET_NAME)
        read_text(actor->pid, call->data.args[1], name);
    else
        read_status(actor->pid, "Name", name, sizeof name);
    name[15] = '\0';
    for (size_t i = 0; i + 1 < actor_count; i++)
        same += strncmp(actors[i].role, name, strlen(name)) == 0 &&
                strchr("#", actors[i].role[strlen(name)]) != NULL;
    snprintf(actor->role, sizeof actor->role, same > 1 ? "%.15s#%d" : "%.15s", name, same);
}

static struct actor *meet_actor(const struct seccomp_notif *call)
{
    pid_t pid = (pid_t)call->pid;
    struct actor *actor = find_actor(pid);
    if (actor)
        return actor;
    if (actor_count == ACTORS)
        return NULL;
    actor = &actors[actor_count++];
    pid_t leader = (pid_t)read_status(pid, "Tgid", NULL, 0);
    pid_t parent = leader == pid ? (pid_t)read_status(pid, "PPid", NULL, 0) : leader;
    const struct actor *from = find_actor(parent);
    *actor = (struct actor){.pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0)};
    actor->marked = from && from->marked;
    learn_program(actor);
    name_actor(actor, call);
    /* A guard gives itself a name first. */
    actor->is_held = actor->ours && pid != target && strncmp(actor->role, "treefall#", 9) == 0;
    return actor;
}

/* ---- a call ---- */

static bool has_ended(int pidfd)
{
    struct pollfd ready = {.fd = pidfd, .events = POLLIN};
    return pidfd >= 0 && poll(&ready, 1, 0) == 1;
}

/* Of those that the filter sees: none of a ward that was started before. */
static bool is_tree_gone(void)
{
    bool seen = false;
    for (size_t i = 0; i < actor_count; i++) {
        if (actors[i].ours || actors[i].pidfd < 0)
            continue;
        if (!has_ended(actors[i].pidfd))
            return false;
        seen = true;
    }
    return seen;
}

static const char *phase(void)
{
    if (has_acted || has_ended(ward_fd))
        return is_tree_gone() ? "reporting" : "falling";
    return is_ready ? "watching" : "arming";
}

static void describe(const struct seccomp_notif *call, char *text)
{
    static const int paths[] = {SYS_openat,     SYS_newfstatat, SYS_statx,     SYS_faccessat,
                                SYS_unlinkat,   SYS_mkdirat,    SYS_renameat,  SYS_faccessat2,
                                SYS_readlinkat, SYS_openat2,    SYS_renameat2, SYS_fchownat};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (call->data.nr == paths[i]) {
            read_text((pid_t)call->pid, call->data.args[1], text);
            return;
        }
    snprintf(text, TEXT_BYTES, "%lx,%lx,%lx", (unsigned long)call->data.args[0],
             (unsigned long)call->data.args[1], (unsigned long)call->data.args[2]);
}

static void tell_call(const char *word, const struct actor *actor, const struct seccomp_notif *call)
{
    char text[TEXT_BYTES];
    describe(call, text);
    printf("%s %s %s %d %u %s\n", word, actor->role, phase(), call->data.nr,
           actor->counts[call->data.nr], text);
}

/* A guard that another of ours kills has not crashed. */
static void note_kill(const struct actor *killer, const struct seccomp_notif *call)
{
    char path[64];
    char line[TEXT_BYTES];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", killer->pid, (int)call->data.args[0]);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        struct actor *killed = strncmp(line, "Pid:", 4) == 0 ? find_actor(atoi(line + 4)) : NULL;
        if (killed)
            killed->is_killed = true;
    }
    if (file)
        fclose(file);
}

/* The errno that this call is to have; 0 lets it pass. */
static int judge(struct actor *actor, const struct seccomp_notif *call)
{
    uint64_t at = call->data.instruction_pointer;
    int number = call->data.nr;
    if (actor->executes)
        learn_program(actor);
    if (number == SYS_prctl && call->data.args[0] == MARK)
        actor->marked = call->data.args[1] != 0;
    else if ((actor->ours || actor->marked) && number >= 0 && number < CALLS &&
             !(at >= actor->loader[0] && at < actor->loader[1])) {
        last_call_ms = now_ms();
        if (number == SYS_pidfd_send_signal && call->data.args[1] == SIGKILL)
            note_kill(actor, call);
        actor->exits |= number == SYS_exit_group || number == SYS_exit;
        actor->counts[number]++;
        if (asked.records)
            tell_call("call", actor, call);
        if (asked.role && number == asked.call && actor->counts[number] == asked.nth &&
            strcmp(actor->role, asked.role) == 0) {
            tell_call("fault", actor, call);
            return asked.error;
        }
    }
    actor->executes |= number == SYS_execve || number == SYS_execveat;
    return 0;
}

static void answer(void)
{
    struct seccomp_notif call = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
        return; /* who called was killed meanwhile */
    struct actor *actor = meet_actor(&call);
    int error = actor ? judge(actor, &call) : 0;
    struct seccomp_notif_resp reply = {.id = call.id, .error = -error};
    if (error == 0)
        reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

#endif
