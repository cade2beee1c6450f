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
 * ward and what it starts pass untouched: their program is no treefall of COMMAND's folder. So does
 * the loader: none of its calls is treefall's. An answer does not execute the call, so close(2) and
 * munmap(2), which release what they get even when they fail, are left alone.
 *
 * `--ward` is started first, outside of the filter, and its pid stands where COMMAND says WARD. ACT
 * is what pulls the trigger, once the ward is ready and treefall is quiet. What was seen is
 * printed, one thing a line; when this ends the namespace ends, with all that was left. */
#include "inject_run.h"

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
