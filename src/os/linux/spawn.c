/* Starting the command. It is cloned into its cgroup (and pid namespace: isolation.c), then branded
 * and put into its own group while it waits at a gate. So it is guarded before its first
 * instruction. */
#include "base/sink.h"
#include "base/status.h"
#include "os/linux/bytes.h"
#include "os/linux/cap.h"
#include "os/linux/isolation.h"
#include "os/linux/limits.h"
#include "os/linux/proc.h"
#include "os/linux/signals.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define WARD_BYTES (BRAND_TEXT_BYTES + 48) /* "PID:START:BRAND" */

struct pipes {
    int gate[2];  /* the child waits here for its identity; end of file means that the guard died */
    int fault[2]; /* no process waits here; the child writes a struct fault when it cannot go on */
};

enum fault_stage { FAULT_EXEC, FAULT_LIMITS, FAULT_NAMESPACE, FAULT_GATE, FAULT_STAGES };

struct fault {
    int stage;
    int os_code;
};

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static bool pipes_open(struct pipes *pipes)
{
    memset(pipes, -1, sizeof *pipes);
    if (pipe2(pipes->gate, O_CLOEXEC) == 0 && pipe2(pipes->fault, O_CLOEXEC | O_NONBLOCK) == 0)
        return true;
    close_pair(pipes->gate);
    close_pair(pipes->fault);
    return false;
}

static _Noreturn void child_fail(int pipe, enum fault_stage stage)
{
    struct fault fault = {stage, errno};
    ssize_t ignored = write(pipe, &fault, sizeof fault);
    (void)ignored;
    _exit(STATUS_FAILURE);
}

/* "NAME=PID" and what follows. Only the child knows its pid. */
static void put_own_pid(const char *name, const char *after)
{
    char value[WARD_BYTES];
    struct sink sink = {.buffer = value, .capacity = sizeof value - 1};
    sink_number(&sink, getpid());
    sink_text(&sink, after);
    value[sink.used] = '\0';
    setenv(name, value, 1);
}

/* The guard may have picked another step while the child waited at the gate. */
static void put_ward(const struct os_spawn *spawn, uint64_t start)
{
    char text[WARD_BYTES];
    char tag[BRAND_TEXT_BYTES] = "";
    struct sink sink = {.buffer = text, .capacity = sizeof text - 1};
    struct brand brand;
    struct brand_pair pair;
    if (spawn->brand && !os_brand_get(getpid(), &pair).code &&
        brand_read(pair, &brand) == BRAND_PRESENT)
        brand_to_text(&brand, tag);
    sink_text(&sink, ":");
    sink_number(&sink, (int64_t)start);
    sink_text(&sink, ":");
    sink_text(&sink, tag);
    text[sink.used] = '\0';
    put_own_pid("TREEFALL_WARD", text);
}

static void child_environment(const struct os_spawn *spawn, uint64_t start)
{
    for (const char *const *at = spawn->environment; at && *at; at++)
        putenv((char *)*at);
    /* Inside a pid namespace, our number means nothing to processes outside. */
    if (!spawn->isolate)
        put_ward(spawn, start);
    if (spawn->notify)
        put_own_pid("WATCHDOG_PID", "");
}

static bool child_limits(const struct os_spawn *spawn)
{
    if (spawn->container && spawn->container->cap_path[0] != '\0')
        return cap_join(spawn->container) == 0;
    return spawn->max_processes == 0 || cap_by_limit(spawn->max_processes) == 0;
}

static struct process_identity await_gate(int gate, int fault)
{
    struct process_identity own = {0};
    ssize_t got;
    while ((got = read(gate, &own, sizeof own)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        child_fail(fault, FAULT_GATE);
    if (got != sizeof own)
        _exit(STATUS_FAILURE);
    return own;
}

static _Noreturn void child_run(const struct os_spawn *spawn, const struct pipes *pipes)
{
    int fault = pipes->fault[1];
    close(pipes->gate[1]);
    if (spawn->own_group)
        setpgid(0, 0);
    if (!child_limits(spawn))
        child_fail(fault, FAULT_LIMITS);
    if (spawn->isolate && isolate_prepare() < 0)
        child_fail(fault, FAULT_NAMESPACE);
    struct process_identity own = await_gate(pipes->gate[0], fault);
    if (spawn->isolate && isolate_init(spawn, fault) < 0)
        child_fail(fault, FAULT_NAMESPACE);
    child_environment(spawn, own.start);
    signals_give_back();
    limits_give_back();
    execvp(spawn->argv[0], spawn->argv);
    child_fail(fault, FAULT_EXEC);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes to it */
static pid_t clone_command(const struct os_spawn *spawn, int *pidfd)
{
    struct sys_clone_args args = {.flags = CLONE_PIDFD, .exit_signal = SIGCHLD};
    args.pidfd = (uint64_t)(uintptr_t)pidfd;
    if (spawn->container && spawn->container->handle != OS_NO_HANDLE) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)spawn->container->handle;
    }
    if (spawn->isolate)
        args.flags |= isolate_flags();
    return sys_clone(&args);
}

static struct error clone_failed(const struct os_spawn *spawn, int os_code)
{
    if (spawn->isolate)
        return error_make(ERROR_UNSUPPORTED, os_code, "create a pid namespace",
                          "run as root, or allow user namespaces (sysctl user.max_user_namespaces, "
                          "kernel.unprivileged_userns_clone), or leave out --isolate");
    return error_make(ERROR_SYSTEM, os_code, "start the command's process", sys_advice(os_code));
}

/* Closing the gate ends the child. */
static void abandon(struct os_child *child)
{
    os_handle_close(&child->gate);
    os_handle_close(&child->fault);
    while (waitpid(child->process.id.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    os_process_close(&child->process);
}

struct error os_spawn_held(const struct os_spawn *spawn, struct os_child *out)
{
    struct pipes pipes;
    int pidfd = -1;
    if (!pipes_open(&pipes))
        return error_make(ERROR_SYSTEM, errno, "create a pipe", sys_advice(errno));
    bool is_ours = proc_is_ours();
    pid_t pid = clone_command(spawn, &pidfd);
    if (pid == 0) {
        proc_inherit(is_ours && !spawn->isolate);
        child_run(spawn, &pipes);
    }
    int os_code = errno;
    close(pipes.gate[0]);
    close(pipes.fault[1]);
    if (pid < 0) {
        close(pipes.gate[1]);
        close(pipes.fault[0]);
        return clone_failed(spawn, os_code);
    }
    if (spawn->own_group)
        setpgid(pid, pid);
    struct os_child child = {{{pid, 0}, pidfd}, pipes.gate[1], pipes.fault[0], false};
    /* The parent sets the brand, not the child. A guard that looks for a clash after this call sees
     * the brand, and nothing resets it if another step is picked. */
    struct error error =
        spawn->brand ? os_brand_set(&child.process, spawn->brand->value) : ERROR_OK;
    /* A command that was killed at its gate is reaped as such. */
    if (!error.code || error.code == ERROR_GONE) {
        *out = child;
        return ERROR_OK;
    }
    abandon(&child);
    return error;
}

static struct error fault_error(const struct fault *fault)
{
    switch ((enum fault_stage)fault->stage) {
    case FAULT_EXEC:
        return error_make(fault->os_code == ENOENT ? ERROR_NOT_FOUND : ERROR_DENIED, fault->os_code,
                          "execute the command", NULL);
    case FAULT_LIMITS:
        return error_make(ERROR_SYSTEM, fault->os_code, "set the command's limits", NULL);
    case FAULT_GATE:
        return error_make(ERROR_SYSTEM, fault->os_code, "start the command",
                          sys_advice(fault->os_code));
    case FAULT_NAMESPACE:
    case FAULT_STAGES:
        break;
    }
    return error_make(
        ERROR_UNSUPPORTED, fault->os_code, "set up the pid namespace",
        "a container may forbid user mappings or mounting /proc: leave out --isolate");
}

struct error os_spawn_release(struct os_child *child)
{
    int os_code = bytes_put((int)child->gate, &child->process.id, sizeof child->process.id);
    os_handle_close(&child->gate);
    if (os_code && os_code != EPIPE) /* if the child is gone, that shows at the other pipe */
        return error_make(ERROR_SYSTEM, os_code, "start the command", sys_advice(os_code));
    return ERROR_OK;
}

struct error os_spawn_fault(struct os_child *child)
{
    struct fault fault;
    ssize_t got;
    if (child->fault == OS_NO_HANDLE)
        return ERROR_OK;
    do
        got = read((int)child->fault, &fault, sizeof fault);
    while (got < 0 && errno == EINTR);
    os_handle_close(&child->fault);
    if (got != sizeof fault)
        return ERROR_OK;
    child->failed = fault.stage == FAULT_EXEC;
    return fault_error(&fault);
}
