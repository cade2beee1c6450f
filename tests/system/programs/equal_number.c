/* Pid 2 of a pid namespace guards itself, and has a grandchild that is pid 2 of another one, below
 * it, which guards itself, too, beside a pid 3 that neither guard of the inner namespace may touch.
 * Pid 2 is killed; its pid 1 waits for its sentinel to end, and prints what has become of pid 3. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <treefall.h>
#include <unistd.h>

#define NEVER_MS 3600000

static struct treefall *start(void)
{
    const struct treefall_options options = {.kill_delay_ms = NEVER_MS,
                                             .startup_grace_ms = NEVER_MS};
    struct treefall *guard = NULL;
    int status = treefall_start(&options, &guard);
    if (status != TREEFALL_OK) {
        printf("%d: %s\n", getpid(), treefall_strerror(status));
        exit(1);
    }
    return guard;
}

/* Once the one beside it is there. */
static void run_ward(int gate)
{
    char byte;
    if (read(gate, &byte, 1) != 1)
        exit(1);
    start();
    kill(getpid(), SIGKILL);
}

static pid_t start_child(int gate)
{
    pid_t child = fork();
    if (child == 0 && gate >= 0)
        run_ward(gate);
    while (child == 0)
        pause();
    return child;
}

static int init(void)
{
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", 0, NULL) < 0)
        return 1;
    int gate[2];
    if (pipe(gate) < 0)
        return 1;
    pid_t ward = start_child(gate[0]);
    pid_t beside = start_child(-1);
    pid_t ended;
    if (write(gate[1], "", 1) != 1)
        return 1;
    int left = 2; /* the ward, and its sentinel, which becomes ours */
    int status = 0;
    while (left > 0 && (ended = waitpid(-1, &status, 0)) > 0) {
        if (ended == beside)
            break;
        left--;
    }
    printf("%s\n",
           left == 0 && ward == 2 && waitpid(beside, NULL, WNOHANG) == 0 ? "alive" : "dead");
    return 0;
}

int main(void)
{
    if (getpid() != 2)
        return 2;
    struct treefall *guard = start();
    fflush(stdout);
    pid_t between = fork();
    if (between == 0) {
        if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
            exit(3);
        pid_t inner = fork();
        if (inner == 0)
            exit(init());
        waitpid(inner, NULL, 0);
        exit(0);
    }
    waitpid(between, NULL, 0);
    return treefall_stop(guard) == TREEFALL_OK ? 0 : 4;
}
