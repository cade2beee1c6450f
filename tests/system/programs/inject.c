/* Runs treefall in a pid namespace and makes one system call of its processes fail.
 *
 *   inject [--uid N] [--cgroup FOLDER] [--record] [--fault ROLE CALL NTH ERRNO] [--ward WORDS...]
 *          --act ACT -- COMMAND...
 *
 * A seccomp filter sends each system call of COMMAND and of all that it starts to this process,
 * which lets it pass or answers with ERRNO (numbers, CALL too). Why not ptrace: treefall holds a
 * traced ward, a tracer changes who is told of a death, and each call would stop twice. A filter
 * changes nothing that treefall looks at; what it costs is two switches a call.
 *
 * ROLE is a process's name when it was first seen, `#2` behind it for the second of that name. The
 * ward and what it starts pass untouched: they are known by their program, which is not COMMAND's
 * and not in its folder. So does the loader: none of its calls is treefall's. An answer does not
 * execute the call, so close(2) and munmap(2), which release what they get even when they fail,
 * are left alone.
 *
 * `--ward` is started first, outside of the filter, and its pid stands where COMMAND says WARD. ACT
 * is what pulls the trigger, once the ward is ready and treefall is quiet. What was seen is printed,
 * one thing a line; when this ends the namespace ends, with all that was left. */
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

#define MARK        0x7472 /* see hostile.c */
#define CALLS       512
#define ACTORS      256
#define QUIET_MS    40
#define BOUND_MS    30000 /* FALL_BUDGET_MS is a third of it */
#define LINGER_MS   1000
#define TICK_MS     5
#define NAME_BYTES  40
#define TEXT_BYTES  200

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
    static const int paths[] = {SYS_openat,    SYS_newfstatat, SYS_statx,     SYS_faccessat,
                                SYS_unlinkat,  SYS_mkdirat,    SYS_renameat,  SYS_faccessat2,
                                SYS_readlinkat, SYS_openat2,   SYS_renameat2, SYS_fchownat};
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

/* ---- starting ---- */

/* What cannot fail, and tgkill: where /proc hides something, it probes four million numbers. */
static void install_filter(volatile int *told)
{
    static const int passing[] = {
        SYS_rt_sigreturn, SYS_munmap, SYS_close,   SYS_brk,     SYS_getpid, SYS_gettid,
        SYS_getppid,      SYS_getuid, SYS_geteuid, SYS_getgid,  SYS_getegid, SYS_sched_yield,
        SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_set_robust_list, SYS_rseq, SYS_futex,
        SYS_set_tid_address, SYS_clock_gettime, SYS_restart_syscall, SYS_tgkill,
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
    volatile int *told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
        if (actor->ours && actor->pidfd >= 0 && has_ended(actor->pidfd) && !actor->exits &&
            !actor->is_killed && !actor->is_held && actor->pid != target)
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

static char *number_text(int number)
{
    char *text = malloc(16);
    snprintf(text, 16, "%d", number);
    return text;
}

static void await_ward(void)
{
    const char *wanted = strcmp(asked.act, "ward") == 0 ? "alive" : "ready";
    while (!ward || (wanted[0] == 'r' && !is_ready))
        hear_ward();
    has_acted = wanted[0] == 'r'; /* COMMAND is what kills it */
    for (char **word = asked.command; *word; word++)
        if (strcmp(*word, "WARD") == 0)
            *word = number_text(ward);
}

static void become_user(void)
{
    if (asked.uid == geteuid())
        return;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || setresgid(asked.uid, asked.uid, asked.uid) < 0 ||
        setresuid(asked.uid, asked.uid, asked.uid) < 0)
        die("the user");
    prctl(PR_SET_DUMPABLE, 1);
}

static int run(void)
{
    char *slash;
    self = getpid();
    become_user();
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    if (pipe2(ward_in, O_CLOEXEC) < 0 || pipe2(ward_out, O_CLOEXEC) < 0)
        die("a pipe");
    strncpy(ours_folder, asked.command[0], sizeof ours_folder - 1);
    if ((slash = strrchr(ours_folder, '/')))
        *slash = '\0';
    start_canary();
    if (asked.ward) {
        start_plain(asked.ward);
        await_ward();
    }
    start_target();
    supervise();
    return 0;
}

/* The namespace's init: it reaps whoever is left to it, and all ends with it. */
static int be_init(void)
{
    pid_t child, runner = fork();
    int status = 0;
    if (runner == 0)
        _exit(run());
    while ((child = wait(&status)) > 0 && child != runner)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void enter_cgroup(void)
{
    char path[400];
    snprintf(path, sizeof path, "%s/cgroup.procs", asked.cgroup);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
        die(path);
    close(fd);
}

static void read_words(char **word)
{
    asked.uid = geteuid();
    asked.act = "none";
    for (; *word && strcmp(*word, "--") != 0; word++) {
        if (strcmp(*word, "--uid") == 0)
            asked.uid = (uid_t)atoi(*++word);
        else if (strcmp(*word, "--cgroup") == 0)
            asked.cgroup = *++word;
        else if (strcmp(*word, "--record") == 0)
            asked.records = true;
        else if (strcmp(*word, "--act") == 0)
            asked.act = *++word;
        else if (strcmp(*word, "--fault") == 0) {
            asked.role = *++word;
            asked.call = atoi(*++word);
            asked.nth = (unsigned)atoi(*++word);
            asked.error = atoi(*++word);
        } else if (strcmp(*word, "--ward") == 0) {
            asked.ward = word + 1;
            while (strcmp(*word, ";") != 0)
                word++;
            *word = NULL;
        }
    }
    asked.command = *word ? word + 1 : word;
}

/* Maps a number to itself; UINT_MAX stands for a refusal of other groups. */
static void write_number(const char *path, unsigned number)
{
    FILE *file = fopen(path, "we");
    if (file && number == UINT_MAX)
        fputs("deny", file);
    else if (file)
        fprintf(file, "%u %u 1", number, number);
    if (!file || fclose(file) != 0)
        die(path);
}

static void enter_namespaces(void)
{
    int flags = CLONE_NEWPID | CLONE_NEWNS;
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(uid == 0 ? flags : flags | CLONE_NEWUSER) < 0)
        die("a pid namespace");
    if (uid == 0)
        return;
    write_number("/proc/self/uid_map", uid);
    write_number("/proc/self/setgroups", UINT_MAX);
    write_number("/proc/self/gid_map", gid);
}

int main(int argc, char **argv)
{
    int status;
    if (argc < 2)
        return 99;
    read_words(argv + 1);
    if (asked.cgroup)
        enter_cgroup();
    enter_namespaces();
    pid_t init = fork();
    if (init == 0) {
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0)
            die("a proc of the namespace");
        _exit(be_init());
    }
    waitpid(init, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
