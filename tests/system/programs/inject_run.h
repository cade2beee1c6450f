/* inject.c: the run, from the filter and the first process to what is told at the end. */
#ifndef INJECT_RUN_H
#define INJECT_RUN_H

#include "inject_calls.h"

/* ---- starting ---- */

/* What cannot fail, and tgkill: where /proc hides something, it probes four million numbers. */
static void install_filter(volatile int *told)
{
    static const int passing[] = {
        SYS_rt_sigreturn,   SYS_munmap,          SYS_close,           SYS_brk,
        SYS_getpid,         SYS_gettid,          SYS_getppid,         SYS_getuid,
        SYS_geteuid,        SYS_getgid,          SYS_getegid,         SYS_sched_yield,
        SYS_rt_sigprocmask, SYS_rt_sigaction,    SYS_set_robust_list, SYS_rseq,
        SYS_futex,          SYS_set_tid_address, SYS_clock_gettime,   SYS_restart_syscall,
        SYS_tgkill,
    };
    struct sock_filter filter[64] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short used = 1;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        filter[used++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)passing[i], 0, 1);
        filter[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    filter[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = {used, filter};
    /* Not as root: it would keep root's programs from what they may. */
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        die("no new privileges");
    *told = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                         SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                         &program);
}

static void be_ward_side(void)
{
    dup2(ward_in[0], 0);
    dup2(ward_out[1], 1);
}

static void start_target(void)
{
    volatile int *told =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *told = -1;
    target = fork();
    if (target == 0) {
        be_ward_side();
        if (asked.ward)
            dup2(open("stdout", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), 1);
        install_filter(told);
        execv(asked.command[0], asked.command);
        _exit(98);
    }
    int pidfd = (int)syscall(SYS_pidfd_open, target, 0);
    while (*told < 0 && waitpid(target, NULL, WNOHANG) == 0)
        usleep(200);
    /* It is held at its execve until we answer. */
    listener = (int)syscall(SYS_pidfd_getfd, pidfd, *told, 0);
    close(pidfd);
    if (listener < 0)
        die("the filter");
}

static pid_t start_plain(char **words)
{
    pid_t pid = fork();
    if (pid == 0) {
        be_ward_side();
        execv(words[0], words);
        _exit(98);
    }
    return pid;
}

/* An innocent: of the same user, session, group and name as a member. */
static void start_canary(void)
{
    canary = fork();
    if (canary == 0) {
        prctl(PR_SET_NAME, "plain");
        for (;;)
            pause();
    }
    canary_fd = (int)syscall(SYS_pidfd_open, canary, 0);
}

/* ---- the run ---- */

static void hear_ward(void)
{
    static char heard[400];
    static size_t used;
    ssize_t got = read(ward_out[0], heard + used, sizeof heard - 1 - used);
    used += got > 0 ? (size_t)got : 0;
    heard[used] = '\0';
    const char *alive = strstr(heard, "alive ");
    if (alive && !ward && strchr(alive, '\n'))
        ward_fd = (int)syscall(SYS_pidfd_open, ward = atoi(alive + 6), 0);
    is_ready |= strstr(heard, "ready\n") != NULL;
    has_run |= alive != NULL;
}

static void kill_actor(struct actor *actor)
{
    actor->is_killed = true;
    kill(actor->pid, SIGKILL);
}

/* The one that lives: there may have been others of that name. */
static void kill_role(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < actor_count; i++)
        if (strncmp(actors[i].role, name, length) == 0 && strchr("#", actors[i].role[length]) &&
            !has_ended(actors[i].pidfd)) {
            kill_actor(&actors[i]);
            return;
        }
}

static void order_ward(const char *order)
{
    if (write(ward_in[1], order, strlen(order)) < 0)
        die("the ward's orders");
}

static void act_exit(void)
{
    order_ward("exit 3\n");
}

static void act_term(void)
{
    kill(target, SIGTERM);
}

static void act_wrapper(void)
{
    kill_role("treefall");
}

static void act_sentinel(void)
{
    kill_role("treefall-sentin");
}

static void act_guards(void)
{
    act_wrapper();
    act_sentinel();
}

static void act_ward(void)
{
    struct actor *actor = find_actor(ward);
    if (actor)
        actor->is_killed = true;
    kill(ward, SIGKILL);
}

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {
    {"exit", act_exit},         {"term", act_term},     {"wrapper", act_wrapper},
    {"sentinel", act_sentinel}, {"guards", act_guards}, {"ward", act_ward},
};

static void act_when_quiet(void)
{
    if (has_acted || !is_ready || now_ms() - last_call_ms < QUIET_MS)
        return;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, asked.act) == 0) {
            has_acted = true;
            acts[i].act();
        }
}

static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == target) {
            target_status = status;
            /* The one that detaches has left: the members come now. */
            if (status == 0 && asked.ward && strcmp(asked.act, "ward") == 0)
                order_ward("start\n");
        }
}

static bool is_guard_alive(void)
{
    if (target_status < 0)
        return true;
    for (size_t i = 0; i < actor_count; i++)
        if (actors[i].ours && actors[i].pidfd >= 0 && !has_ended(actors[i].pidfd))
            return true;
    return false;
}

/* Processes of the namespace that are not the test's; each is printed when `told`. */
static size_t count_left(bool told)
{
    size_t count = 0;
    char state[TEXT_BYTES], name[TEXT_BYTES];
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 1 || pid == self || pid == canary || read_status(pid, "Pid", NULL, 0) != pid)
            continue;
        read_status(pid, "State", state, sizeof state);
        read_status(pid, "Name", name, sizeof name);
        if (*state == '\0' || *name == '\0')
            continue; /* it has ended meanwhile */
        if (*state == 'Z' && read_status(pid, "Threads", NULL, 0) <= 1)
            continue;
        count++;
        if (told)
            printf("left %d %s\n", pid, name);
    }
    if (folder)
        closedir(folder);
    return count;
}

/* The guards have ended, and so have the members, or they had their time. */
static bool is_over(void)
{
    if (is_guard_alive()) {
        ours_ended_ms = 0;
        return false;
    }
    if (ours_ended_ms == 0)
        ours_ended_ms = now_ms();
    return count_left(false) == 0 || now_ms() - ours_ended_ms >= LINGER_MS;
}

/* The init of --isolate is a member of the tree, which is killed with the rest, in ways that are
 * not seen here: by its cgroup, or with its namespace. */
static bool has_crashed(const struct actor *actor)
{
    return actor->ours && actor->pidfd >= 0 && has_ended(actor->pidfd) && !actor->exits &&
           !actor->is_killed && !actor->is_held && actor->pid != target &&
           strcmp(actor->role, "treefall-init") != 0;
}

static void tell_end(bool hangs)
{
    if (hangs)
        printf("hang\n");
    if (has_run)
        printf("ran\n");
    if (is_ready)
        printf("ready\n");
    if (has_acted)
        printf("acted\n");
    printf("status %d\n", target_status);
    for (size_t i = 0; i < actor_count; i++) {
        const struct actor *actor = &actors[i];
        if (actor->ours && actor->pidfd >= 0 && hangs && !has_ended(actor->pidfd))
            printf("hanging %s\n", actor->role);
        if (has_crashed(actor))
            printf("crash %s\n", actor->role);
    }
    count_left(true);
    if (has_ended(canary_fd))
        printf("innocent\n");
    fflush(stdout);
}

static void supervise(void)
{
    struct pollfd polled[] = {{.fd = listener, .events = POLLIN},
                              {.fd = ward_out[0], .events = POLLIN}};
    int64_t until_ms = now_ms() + BOUND_MS;
    while (!is_over() && now_ms() < until_ms) {
        if (poll(polled, 2, TICK_MS) > 0) {
            if (polled[0].revents & POLLIN)
                answer();
            if (polled[1].revents & POLLIN)
                hear_ward();
        }
        reap();
        act_when_quiet();
    }
    tell_end(now_ms() >= until_ms);
}

#endif
